# SPDX-License-Identifier: Apache-2.0
"""Which windows have lasted over the one in front: each once, and nothing from before a hole."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from agent.sensor import Beside
from agent.x11.overlay import LATE_US, LEAST_PX, LONG_US, LOOK_US, Area, Lasting

BOX = {7: "unmanaged"}


def seen(lasting: Lasting, looks: list[tuple[int, dict[int, str]]]) -> list[Beside]:
    return [told for at_us, above in looks for told in lasting.see(above, at_us)]


def test_what_stays_for_two_minutes_is_told_once_with_its_beginning() -> None:
    lasting = Lasting()
    before = [(at_us, BOX) for at_us in range(LOOK_US, LONG_US + LOOK_US, LOOK_US)]
    assert seen(lasting, before) == []
    told = seen(lasting, [(at_us, BOX) for at_us in range(LONG_US + LOOK_US, 3 * LONG_US, LOOK_US)])
    assert told == [Beside(LOOK_US, scope="window", kind="overlay", what="unmanaged", number=1)]


def test_one_look_without_it_begins_anew_and_it_is_told_again() -> None:
    looks = [(at_us, {} if at_us == 10 * LOOK_US else BOX) for at_us in range(0, LONG_US + LOOK_US, LOOK_US)]
    assert seen(Lasting(), looks) == []
    twice = [(at_us, {} if at_us == LONG_US + LOOK_US else BOX) for at_us in range(0, 3 * LONG_US, LOOK_US)]
    assert [one.mono_us for one in seen(Lasting(), twice)] == [0, LONG_US + 2 * LOOK_US]


def test_nothing_is_said_of_a_time_without_looks() -> None:
    late = LONG_US // 2 + LATE_US
    looks = [(at_us, BOX) for at_us in range(0, LONG_US // 2 + 1, LOOK_US)]
    assert seen(Lasting(), [*looks, *((late + at_us, BOX) for at_us in range(0, LONG_US, LOOK_US))]) == []
    early = [(at_us - LOOK_US, above) for at_us, above in [(late + one, BOX) for one in range(0, LONG_US, LOOK_US)]]
    assert [one.mono_us for one in seen(Lasting(), [*looks, *early])] == [0]


moments = st.lists(st.tuples(st.integers(1, 20_000_000), st.sets(st.sampled_from([1, 2, 3]))), max_size=80)


@given(moments)
def test_what_is_told_was_there_at_every_look_since(steps: list[tuple[int, set[int]]]) -> None:
    lasting, at_us, looks = Lasting(), 0, []
    for after_us, windows in steps:
        at_us += after_us
        looks.append((at_us, after_us, windows))
        for told in lasting.see(dict.fromkeys(windows, "unmanaged"), at_us):
            since = [one for one in looks if one[0] >= told.mono_us]
            assert at_us - told.mono_us >= LONG_US
            assert set.intersection(*(windows for _, _, windows in since))
            assert all(gap_us < LATE_US for _, gap_us, _ in since[1:])


def test_areas_overlap_where_something_could_be_read() -> None:
    front = Area(100, 100, 400, 300)
    assert front.overlaps(Area(200, 200, LEAST_PX, LEAST_PX))
    assert not front.overlaps(Area(200, 200, LEAST_PX - 1, 300))
    assert not front.overlaps(Area(500, 100, 400, 300))
    assert front.overlaps(Area(500 - LEAST_PX, 100, 400, 300))
    assert front.overlaps(Area(0, 0, 2000, 2000))
