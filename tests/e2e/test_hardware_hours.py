# SPDX-License-Identifier: Apache-2.0
"""Ten hours of five people on a keyboard and a mouse, through a real X server and the whole way of a record.

Ten hours of time, not of waiting: see tests/helpers/desk_hours.py.
"""

from __future__ import annotations

import pytest
from desk_hours import by_hardware, by_xtest, deeds_of, recorded
from desk_server import xorg_hardware
from guessing_people import live
from pointer_generators import statistics, without_timing

import detectors
from detectors.composite import opens_review
from session.events import Injected
from session.findings import State, Weight

pytestmark = pytest.mark.ci

HOURS = 10
PEOPLE = (1, 2, 3, 4, 5)
EACH_S = HOURS * 3600 // len(PEOPLE)


def test_ten_hours_of_hands_on_hardware_raise_nothing_that_opens_a_review() -> None:
    policy = without_timing()
    typed = 0
    with xorg_hardware() as (desk, hardware):
        for person in PEOPLE:
            life = live(person, EACH_S)
            events = recorded(desk, by_hardware(hardware), life, policy)
            sources = [one for body in statistics(events) for one in body.sources]
            keys = sum(one.text_keys + one.other_keys for one in sources)
            assert keys == sum(deed.down for deed in deeds_of(life))
            assert {one.injected for one in sources} == {Injected.NO}
            typed += sum(one.text_keys for one in sources)
            found = detectors.run(detectors.ALL, policy, events)
            assert [one.detector for one in found if one.state is State.RAISED and one.weight is Weight.A] == []
            assert not opens_review(found)
            answered = {one.detector for one in found if one.state is not State.NOT_EVALUATED}
            assert {"injected-input", "pointer-alone"} <= answered  # where they abstained, nothing would have been shown
    assert typed > 60_000


def test_the_same_hands_out_of_a_program_are_asked_about() -> None:
    policy = without_timing()
    with xorg_hardware() as (desk, _):
        events = recorded(desk, by_xtest(desk), live(PEOPLE[0], 1200), policy, keys_alone=True)
    found = {one.detector: one for one in detectors.run(detectors.ALL, policy, events)}
    assert (found["injected-input"].state, found["injected-input"].weight) == (State.RAISED, Weight.A)
