# SPDX-License-Identifier: Apache-2.0
"""Raw motion as bytes, and movements per device and batch."""

from __future__ import annotations

import struct
from math import hypot

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.x11.devices import Axis, Device
from agent.x11.pointer import Pointer, raw_motion
from session.events import Injected

MOUSE = Device(number=7, injected=Injected.NO)
TABLET = Device(number=9, injected=Injected.NO, axes=(Axis(least=0, greatest=32767), Axis(least=0, greatest=32767)))
AUTOMATION = Device(number=4, injected=Injected.YES)
STEPS = st.floats(-500, 500).map(lambda v: round(v, 3))


def raw_event(values: dict[int, float], words: int = 2) -> bytes:
    """An XI2 raw event with these valuators, accelerated values before raw ones (which are zero here)."""
    mask = [0] * words
    for axis in values:
        mask[axis // 32] |= 1 << (axis % 32)
    fixed = b"".join(struct.pack("=iI", int(v // 1), int((v % 1) * 2**32)) for _, v in sorted(values.items()))
    return bytes(32) + struct.pack(f"={words}I", *mask) + fixed + bytes(8 * len(values))


@given(STEPS, STEPS, st.integers(1, 4))
def test_valuators_are_read_as_the_protocol_has_them(x: float, y: float, words: int) -> None:
    found = raw_motion(raw_event({0: x, 1: y, 3: 120.0}, words), words)
    assert found == pytest.approx((x, y), abs=1e-6)


@given(STEPS)
def test_one_axis_alone_and_scrolling(value: float) -> None:
    assert raw_motion(raw_event({0: value}), 2) == (pytest.approx(value, abs=1e-6), None)
    assert raw_motion(raw_event({1: value}), 2) == (None, pytest.approx(value, abs=1e-6))
    assert raw_motion(raw_event({2: value, 3: 15.0}), 2) == (None, None)
    assert raw_motion(bytes(32), 0) == (None, None)


@given(st.lists(st.tuples(STEPS, STEPS), min_size=1, max_size=40), st.integers(1, 40))
def test_a_mouse_moves_by_its_steps_however_they_are_batched(steps: list[tuple[float, float]], size: int) -> None:
    pointer = Pointer(1920, 1080)
    path = moves = 0
    for begin in range(0, len(steps), size):
        for i, (x, y) in enumerate(steps[begin : begin + size], start=begin):
            pointer.motion(i * 1000, x, y, MOUSE)
        (stroke,) = pointer.strokes(None)
        batch = steps[begin : begin + size]
        assert stroke.mono_us == begin * 1000
        assert stroke.duration_ms == len(batch) - 1
        assert stroke.net_px == pytest.approx(hypot(sum(x for x, _ in batch), sum(y for _, y in batch)), abs=0.51)
        assert stroke.net_px <= stroke.path_px
        path += stroke.path_px
        moves += stroke.moves
    assert moves == len(steps)
    assert path == pytest.approx(sum(hypot(x, y) for x, y in steps), abs=0.51 * len(steps))
    assert pointer.strokes(None) == ()


def test_a_tablet_moves_between_its_positions() -> None:
    pointer = Pointer(1000, 500)
    pointer.motion(0, 32767 * 0.1, 32767 * 0.2, TABLET)
    pointer.motion(1000, 32767 * 0.4, None, TABLET)
    pointer.motion(2000, None, 32767 * 1.0, TABLET)
    (stroke,) = pointer.strokes(None)
    assert (stroke.path_px, stroke.net_px, stroke.moves) == (700, 500, 3)
    pointer.motion(3000, 32767 * 0.4, 32767 * 1.0, TABLET)
    assert pointer.strokes(None)[0].path_px == 0


def test_an_absolute_device_without_a_range_tells_pixels() -> None:
    pointer = Pointer(1000, 500)
    device = Device(number=9, injected=Injected.NO, axes=(Axis(least=-1, greatest=-1), Axis(least=-1, greatest=-1)))
    pointer.motion(0, 100, 100, device)
    pointer.motion(1, 130, 140, device)
    assert pointer.strokes(None)[0].path_px == 50


def test_automation_is_measured_where_the_pointer_is() -> None:
    pointer = Pointer(1920, 1080)
    pointer.motion(0, 900, 700, AUTOMATION)
    assert pointer.asks_position
    assert pointer.strokes((100, 100))[0].path_px == 0
    pointer.motion(0, 903, 704, AUTOMATION)
    assert [(s.path_px, s.net_px, s.injected) for s in pointer.strokes((103, 104))] == [(5, 5, Injected.YES)]


def test_devices_are_kept_apart() -> None:
    pointer = Pointer(1920, 1080)
    pointer.motion(0, 3, 4, MOUSE)
    assert not pointer.asks_position
    pointer.motion(500, 1, 1, AUTOMATION)
    pointer.motion(1000, 3, 4, MOUSE)
    mouse, automation = pointer.strokes((0, 0))
    assert (mouse.source, mouse.path_px, automation.source) == (7, 10, 4)


def test_scrolling_is_no_movement() -> None:
    pointer = Pointer(1920, 1080)
    pointer.motion(0, None, None, MOUSE)
    assert pointer.strokes(None) == ()


def test_a_rest_inside_a_batch_parts_two_movements() -> None:
    pointer = Pointer(1920, 1080)
    for at_ms in (0, 10, 20, 169, 320, 330):
        pointer.motion(at_ms * 1000, 3, 4, MOUSE)
    assert [(s.mono_us, s.moves, s.path_px, s.duration_ms) for s in pointer.strokes(None)] == [
        (0, 4, 20, 169),
        (320_000, 2, 10, 10),
    ]
    assert pointer.strokes(None) == ()
