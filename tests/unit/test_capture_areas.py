# SPDX-License-Identifier: Apache-2.0
"""Masks against a pixel-by-pixel account of what lies over what."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from hypothesis import given
from hypothesis import strategies as st

from agent.capture.areas import EVERYWHERE, Area, Layer, Stack, hidden, hidden_between
from agent.capture.mask import GREY, paint

SIZE = 24
AREAS = st.builds(Area, st.integers(-6, SIZE), st.integers(-6, SIZE), st.integers(0, 16), st.integers(0, 16))


@st.composite
def stacks(draw: st.DrawFn) -> Stack:
    layers = []
    for number in range(draw(st.integers(0, 6))):
        area = draw(AREAS)
        masked = draw(st.booleans())
        opaque = () if masked else tuple(cover.within(area) for cover in draw(st.lists(AREAS, max_size=2)))
        layers.append(Layer(number=number, area=area, masked=masked, opaque=opaque))
    return tuple(layers)


def grid(area: Area) -> npt.NDArray[np.bool_]:
    pixels = np.zeros((SIZE, SIZE), dtype=bool)
    part = area.within(Area(0, 0, SIZE, SIZE))
    if not part.empty:
        pixels[part.y : part.bottom, part.x : part.right] = True
    return pixels


def secret_pixels(stack: Stack) -> npt.NDArray[np.bool_]:
    """Pixels where something of a masked window can be seen, painted from the lowest window to the topmost."""
    pixels = np.zeros((SIZE, SIZE), dtype=bool)
    for layer in stack:
        if layer.masked:
            pixels |= grid(layer.area)
        for cover in layer.opaque:
            pixels &= ~grid(cover)
    return pixels


def painted(areas: tuple[Area, ...]) -> npt.NDArray[np.bool_]:
    frame = np.zeros((SIZE, SIZE), dtype=np.uint32)
    paint(frame, areas, (0, 0))
    return frame == GREY


@given(stacks())
def test_a_stack_at_rest_is_masked_exactly(stack: Stack) -> None:
    assert np.array_equal(painted(hidden(stack)), secret_pixels(stack))
    assert np.array_equal(painted(hidden_between([stack, stack, stack])), secret_pixels(stack))


@given(st.lists(stacks(), min_size=1, max_size=4))
def test_a_stack_that_changes_is_masked_in_every_state(seen: list[Stack]) -> None:
    mask = painted(hidden_between(seen))
    for stack in seen:
        assert not (secret_pixels(stack) & ~mask).any()


@given(AREAS, AREAS)
def test_what_is_left_and_what_is_covered_are_the_whole(area: Area, cover: Area) -> None:
    parts = area.without(cover)
    assert np.array_equal(painted(parts), grid(area) & ~grid(cover))
    assert sum(p.width * p.height for p in parts) == max(0, area.width) * max(0, area.height) - (
        0 if (hole := area.within(cover)).empty else hole.width * hole.height
    )


def test_a_masked_window_that_moved_masks_everything() -> None:
    def at(x: int) -> Stack:
        return (Layer(number=7, area=Area(x, 0, 4, 4), masked=True),)

    assert hidden_between([at(0), at(10)]) == (EVERYWHERE,)
    assert painted(hidden_between([at(0), at(10)])).all()


def test_a_masked_window_that_came_or_went_is_masked_where_it_was() -> None:
    layer = Layer(number=7, area=Area(2, 2, 4, 4), masked=True)
    for seen in ([(), (layer,)], [(layer,), ()]):
        assert hidden_between(seen) == (layer.area,)


def test_no_stack_and_empty_stacks_mask_nothing() -> None:
    assert hidden_between([]) == hidden_between([(), ()]) == ()


@given(st.lists(AREAS, max_size=5), st.integers(-8, 8), st.integers(-8, 8))
def test_painting_moves_to_the_monitor_and_counts_what_fell_on_it(areas: list[Area], x: int, y: int) -> None:
    frame = np.zeros((SIZE, SIZE), dtype=np.uint32)
    count = paint(frame, tuple(areas), (x, y))
    moved = [Area(a.x - x, a.y - y, a.width, a.height) for a in areas]
    assert np.array_equal(frame == GREY, painted(tuple(moved)))
    assert count == sum(bool(grid(area).any()) for area in moved)
