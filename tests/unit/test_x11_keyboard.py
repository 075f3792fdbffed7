# SPDX-License-Identifier: Apache-2.0
"""Keystrokes from presses and releases: class, dwell, once each; and no way for a key's identity to get out."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.sensor import Keystroke
from agent.x11.devices import Device
from agent.x11.keyboard import HELD_US, Chord, Keyboard, class_of, role_of
from session.events import Injected, KeyClass

HARDWARE = Device(number=6, injected=Injected.NO)
AUTOMATION = Device(number=5, injected=Injected.YES)
FIRST = 8
CONTROL, SHIFT, ALT, SUPER, ALTGR = 0xFFE3, 0xFFE1, 0xFFE9, 0xFFEB, 0xFE03
MAPPING = {
    10: (0x61, 0x41),  # a
    11: (0x76, 0x56),  # v
    12: (0x20, 0),
    13: (0xFF08, 0),
    14: (0xFF0D, 0),
    15: (CONTROL, 0),
    16: (SHIFT, 0),
    17: (ALT, 0),
    18: (0xFF63, 0),  # Insert
    19: (0x06CD, 0x76),  # a Cyrillic layout whose second group holds v
}


@pytest.fixture
def keyboard() -> Keyboard:
    return taught()


def taught() -> Keyboard:
    keyboard = Keyboard()
    keyboard.learn(FIRST, 2, [k for key in range(FIRST, 30) for k in MAPPING.get(key, (0, 0))])
    return keyboard


@pytest.mark.parametrize(
    ("keysym", "expected"),
    [
        (0x41, KeyClass.TEXT),
        (0x37, KeyClass.TEXT),
        (0x2E, KeyClass.TEXT),
        (0xE9, KeyClass.TEXT),
        (0x06C1, KeyClass.TEXT),
        (0x1000451, KeyClass.TEXT),
        (0xFE51, KeyClass.TEXT),
        (0xFFB7, KeyClass.TEXT),
        (0xFF95, KeyClass.TEXT),
        (0x20, KeyClass.SPACE),
        (0xFF80, KeyClass.SPACE),
        (0xFF08, KeyClass.DELETE),
        (0xFFFF, KeyClass.DELETE),
        (0xFF0D, KeyClass.ENTER),
        (0xFF8D, KeyClass.ENTER),
        (0xFF51, KeyClass.NAVIGATION),
        (0xFF55, KeyClass.NAVIGATION),
        (0xFF57, KeyClass.NAVIGATION),
        (0xFF09, KeyClass.NAVIGATION),
        (0xFE20, KeyClass.NAVIGATION),
        (0x1008FF6D, KeyClass.PASTE),
        (SHIFT, KeyClass.MODIFIER),
        (0xFFE5, KeyClass.MODIFIER),
        (ALTGR, KeyClass.MODIFIER),
        (0xFF7F, KeyClass.MODIFIER),
        (0xFF1B, KeyClass.OTHER),
        (0xFFBE, KeyClass.OTHER),
        (0x1008FF13, KeyClass.OTHER),
        (0xFF14, KeyClass.OTHER),
    ],
)
def test_a_key_alone_has_the_class_of_its_keysym(keysym: int, expected: KeyClass) -> None:
    assert class_of(role_of([keysym, 0]), Chord.NONE) is expected


def test_a_key_without_a_keysym_is_other() -> None:
    assert role_of([]).key_class is role_of([0, 0]).key_class is KeyClass.OTHER
    assert role_of([0, 0x61]).key_class is KeyClass.TEXT


@pytest.mark.parametrize(
    ("keysyms", "held", "expected"),
    [
        ((0x76,), Chord.CONTROL, KeyClass.PASTE),
        ((0x76,), Chord.CONTROL | Chord.SHIFT, KeyClass.PASTE),
        ((0x06CD, 0x76), Chord.CONTROL, KeyClass.PASTE),
        ((0x76,), Chord.CONTROL | Chord.COMMAND, KeyClass.OTHER),
        ((0x76,), Chord.SHIFT, KeyClass.TEXT),
        ((0xFF63,), Chord.SHIFT, KeyClass.PASTE),
        ((0xFF63,), Chord.NONE, KeyClass.OTHER),
        ((0xFF63,), Chord.SHIFT | Chord.CONTROL, KeyClass.OTHER),
        ((0x61,), Chord.CONTROL, KeyClass.OTHER),
        ((0x61,), Chord.COMMAND, KeyClass.OTHER),
        ((0xFF09,), Chord.COMMAND, KeyClass.OTHER),
        ((0xFF08,), Chord.CONTROL, KeyClass.OTHER),
        ((SHIFT,), Chord.CONTROL, KeyClass.MODIFIER),
        ((0x61,), Chord.SHIFT, KeyClass.TEXT),
    ],
)
def test_modifiers_change_the_class(keysyms: tuple[int, ...], held: Chord, expected: KeyClass) -> None:
    assert class_of(role_of(keysyms), held) is expected


def test_a_keystroke_is_told_at_its_release(keyboard: Keyboard) -> None:
    assert keyboard.press(1_000_000, 10, HARDWARE) is None
    assert keyboard.release(1_083_000, 10, HARDWARE) == Keystroke(
        mono_us=1_000_000, key_class=KeyClass.TEXT, dwell_ms=83, source=6, injected=Injected.NO
    )
    assert keyboard.due_us is None


def test_rollover_keeps_both(keyboard: Keyboard) -> None:
    keyboard.press(0, 10, HARDWARE)
    keyboard.press(50_000, 12, HARDWARE)
    first = keyboard.release(80_000, 10, HARDWARE)
    second = keyboard.release(140_000, 12, HARDWARE)
    assert first
    assert second
    assert (first.dwell_ms, second.dwell_ms) == (80, 90)
    assert (first.key_class, second.key_class) == (KeyClass.TEXT, KeyClass.SPACE)


def test_the_same_key_on_two_devices_is_two_keys(keyboard: Keyboard) -> None:
    keyboard.press(0, 10, HARDWARE)
    assert keyboard.press(1_000, 10, AUTOMATION) is None
    synthetic = keyboard.release(2_000, 10, AUTOMATION)
    real = keyboard.release(90_000, 10, HARDWARE)
    assert synthetic
    assert real
    assert (synthetic.injected, synthetic.dwell_ms, real.injected, real.dwell_ms) == (Injected.YES, 1, Injected.NO, 90)


def test_a_held_key_is_told_once_then_its_repeats(keyboard: Keyboard) -> None:
    keyboard.press(0, 10, HARDWARE)
    assert keyboard.due_us == HELD_US
    assert keyboard.overdue(HELD_US - 1) == []
    (held,) = keyboard.overdue(HELD_US)
    assert (held.mono_us, held.dwell_ms) == (0, -1)
    assert keyboard.overdue(9 * HELD_US) == []
    repeat = keyboard.press(2_000_000, 10, HARDWARE)
    assert repeat
    assert (repeat.repeat, repeat.dwell_ms, repeat.mono_us) == (True, -1, 2_000_000)
    assert keyboard.release(3_000_000, 10, HARDWARE) is None


def test_a_repeat_has_the_class_of_its_press(keyboard: Keyboard) -> None:
    keyboard.press(0, 15, HARDWARE)
    keyboard.press(1_000, 11, HARDWARE)
    keyboard.release(2_000, 15, HARDWARE)
    repeat = keyboard.press(500_000, 11, HARDWARE)
    assert repeat
    assert repeat.key_class is KeyClass.PASTE


def test_a_release_without_a_press_tells_nothing(keyboard: Keyboard) -> None:
    assert keyboard.release(0, 10, HARDWARE) is None


def test_keys_down_before_the_start_modify_and_are_never_told(keyboard: Keyboard) -> None:
    pressed = [0] * 32
    pressed[15 // 8] |= 1 << (15 % 8)
    keyboard.already_down(pressed, 0)
    assert keyboard.due_us is None
    keyboard.press(1_000, 11, HARDWARE)
    paste = keyboard.release(2_000, 11, HARDWARE)
    assert paste
    assert paste.key_class is KeyClass.PASTE
    assert keyboard.release(3_000, 15, HARDWARE) is None
    keyboard.press(4_000, 11, HARDWARE)
    text = keyboard.release(5_000, 11, HARDWARE)
    assert text
    assert text.key_class is KeyClass.TEXT
    assert keyboard.finish() == []


def test_the_mapping_that_comes_after_the_first_key_still_counts() -> None:
    keyboard = Keyboard()
    keyboard.press(0, 10, HARDWARE)
    keyboard.learn(FIRST, 2, [k for key in range(FIRST, 30) for k in MAPPING.get(key, (0, 0))])
    keystroke = keyboard.release(1_000, 10, HARDWARE)
    assert keystroke
    assert keystroke.key_class is KeyClass.TEXT


def test_unplugging_and_finishing_tell_what_is_held(keyboard: Keyboard) -> None:
    keyboard.press(0, 10, HARDWARE)
    keyboard.press(1_000, 12, AUTOMATION)
    assert [k.source for k in keyboard.unplugged(frozenset({6}))] == [6]
    assert [k.source for k in keyboard.finish()] == [5]
    assert keyboard.finish() == []
    assert keyboard.due_us is None


KEYS = st.sampled_from([*MAPPING, 9, 200])
EVENTS = st.lists(
    st.tuples(st.booleans(), KEYS, st.sampled_from([HARDWARE, AUTOMATION]), st.integers(0, 700_000)), max_size=80
)


@given(EVENTS)
def test_every_press_is_told_exactly_once(events: list[tuple[bool, int, Device, int]]) -> None:
    keyboard = taught()
    now_us = 0
    presses = 0
    told: list[Keystroke] = []
    for down, key, device, later_us in events:
        now_us += later_us
        told += keyboard.overdue(now_us)
        presses += down
        keystroke = (keyboard.press if down else keyboard.release)(now_us, key, device)
        if keystroke:
            told.append(keystroke)
        due_us = keyboard.due_us
        assert due_us is None or due_us > now_us
    told += keyboard.finish()
    assert len(told) == presses
    assert all(k.dwell_ms == -1 or 0 <= k.dwell_ms <= HELD_US // 1000 for k in told)
    assert len({(k.mono_us, k.source) for k in told}) <= len(told)


@given(st.permutations([10, 19, 11]), st.integers(0, 500_000))
def test_which_letter_it_was_cannot_be_told(keys: list[int], dwell_us: int) -> None:
    def told(key: int) -> bytes:
        keyboard = taught()
        keyboard.press(1_000, key, HARDWARE)
        return msgspec.json.encode(keyboard.release(1_000 + dwell_us, key, HARDWARE))

    assert len({told(key) for key in keys}) == 1
