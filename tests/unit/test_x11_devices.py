# SPDX-License-Identifier: Apache-2.0
"""What came and went between two readings of the devices."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from agent.x11.devices import Device, changed
from session.events import Injected

KEYBOARD = Device(7, Injected.NO, what="keyboard")
MOUSE = Device(8, Injected.NO, what="pointer")


def test_what_came_and_what_went_is_told_by_what_it_is() -> None:
    told = changed({7: KEYBOARD}, {8: MOUSE})
    assert (told.gone, told.came, told.went) == (frozenset({7}), ("pointer",), ("keyboard",))


def test_a_device_that_changes_its_master_is_the_same_one() -> None:
    floating = Device(7, Injected.NO, what="other")
    told = changed({7: KEYBOARD}, {7: floating})
    assert (told.gone, told.came, told.went) == (frozenset(), (), ())


devices = st.dictionaries(
    st.integers(2, 9), st.builds(Device, st.just(2), st.just(Injected.NO), what=st.sampled_from(["keyboard", "pointer"]))
)


@given(devices, devices)
def test_back_again_what_came_went(before: dict[int, Device], now: dict[int, Device]) -> None:
    there, back = changed(before, now), changed(now, before)
    assert (there.came, there.went) == (back.went, back.came)
    assert len(there.came) - len(there.went) == len(now) - len(before)
    assert len(there.gone) == len(there.went)
