# SPDX-License-Identifier: Apache-2.0
"""The queue between sensors and writer: bounded, never waiting, and closed when it is said to be."""

from __future__ import annotations

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st
from recorder_parts import ceased, front, keystroke, picture, press, stroke

from agent.queueing import Lost, ObservationQueue
from agent.sensor import Beside, ClockChange, Looks
from session.events import Reason


def queue(size: int = 3, most_bytes: int = 1000) -> tuple[ObservationQueue, list[bool]]:
    woken: list[bool] = []
    return ObservationQueue(size, lambda: woken.append(True), most_bytes=most_bytes), woken


def test_it_is_closed_until_it_is_opened() -> None:
    waiting, _ = queue()
    waiting.offer(0, keystroke(1))
    assert waiting.take().observations == ()
    turn = waiting.open()
    waiting.offer(turn, keystroke(1))
    waiting.close()
    waiting.offer(turn, keystroke(2))
    assert [one.mono_us for one in waiting.take().observations] == [1]


def test_what_is_beside_the_window_is_lost_to_whoever_saw_it_and_what_is_looked_for_never_is() -> None:
    waiting, _ = queue()
    turn = waiting.open()
    for _ in range(3):
        waiting.offer(turn, keystroke(1))
    waiting.offer(turn, Beside(2, "keyboard", "device-came", "keyboard", 1))
    waiting.offer(turn, Looks(3, 1))
    batch = waiting.take()
    assert batch.lost == (Lost("keyboard", 1, 2),)
    assert batch.observations[-1] == Looks(3, 1)


def test_a_sensor_of_an_earlier_turn_is_not_heard() -> None:
    waiting, _ = queue()
    old = waiting.open()
    waiting.close()
    new = waiting.open()
    waiting.offer(old, keystroke(1))
    waiting.offer(new, keystroke(2))
    assert [one.mono_us for one in waiting.take().observations] == [2]


def test_what_is_forbidden_is_not_taken_though_it_is_open() -> None:
    waiting, _ = queue()
    turn = waiting.open()
    waiting.permitted = False
    waiting.offer(turn, keystroke(1))
    waiting.permitted = True
    waiting.offer(turn, keystroke(2))
    batch = waiting.take()
    assert [one.mono_us for one in batch.observations] == [2]
    assert batch.lost == ()


@pytest.mark.parametrize(
    ("observation", "scope"),
    [
        (keystroke(9), "keyboard"),
        (stroke(9), "pointer"),
        (press(9), "pointer"),
        (front(9), "window"),
        (picture(9), "capture"),
        (ClockChange(9, Reason.CLOCK, 5), "clock"),
    ],
)
def test_losses_are_counted_by_what_was_lost(observation: object, scope: str) -> None:
    waiting, _ = queue()
    turn = waiting.open()
    for _ in range(3):
        waiting.offer(turn, keystroke(1))
    waiting.offer(turn, observation)  # type: ignore[arg-type] # one of the observations
    waiting.offer(turn, observation)  # type: ignore[arg-type] # one of the observations
    assert waiting.take().lost == (Lost(scope, 2, 9),)
    assert waiting.take().lost == ()


def test_a_flood_of_changes_is_bounded_too() -> None:
    waiting, _ = queue()
    turn = waiting.open()
    for number in range(1000):
        waiting.offer(turn, ceased(number, "window"))
    batch = waiting.take()
    assert len(batch.observations) < 300
    assert batch.lost[0].scope == "window"
    assert batch.lost[0].count + len(batch.observations) == 1000


def test_pictures_are_bounded_in_bytes() -> None:
    waiting, _ = queue(size=100)
    turn = waiting.open()
    for number in range(4):
        waiting.offer(turn, picture(number, bytes(300)))
    assert waiting.take().lost == (Lost("capture", 1, 3),)
    waiting.offer(turn, picture(5, bytes(1000)))
    assert len(waiting.take().observations) == 1


def test_half_full_wakes_once_a_batch() -> None:
    waiting, woken = queue(size=6)
    turn = waiting.open()
    for number in range(6):
        waiting.offer(turn, keystroke(number))
    assert woken == [True]
    waiting.take()
    for number in range(3):
        waiting.offer(turn, keystroke(number))
    assert woken == [True, True]


@given(counts=st.lists(st.integers(0, 40), max_size=12))
def test_nothing_is_ever_both_taken_and_lost_or_neither(counts: list[int]) -> None:
    waiting, _ = queue(size=25)
    turn = waiting.open()
    for count in counts:
        for number in range(count):
            waiting.offer(turn, keystroke(number))
        batch = waiting.take()
        assert len(batch.observations) + sum(one.count for one in batch.lost) == count
        assert [one.mono_us for one in batch.observations] == list(range(min(count, 25)))


def test_many_threads_lose_nothing_uncounted() -> None:
    waiting, _ = queue(size=500)
    turn = waiting.open()
    threads = [
        threading.Thread(target=lambda: [waiting.offer(turn, keystroke(number)) for number in range(400)]) for _ in range(5)
    ]
    for thread in threads:
        thread.start()
    taken = lost = 0
    while any(thread.is_alive() for thread in threads):
        batch = waiting.take()
        taken, lost = taken + len(batch.observations), lost + sum(one.count for one in batch.lost)
    for thread in threads:
        thread.join()
    batch = waiting.take()
    assert taken + len(batch.observations) + lost + sum(one.count for one in batch.lost) == 2000
