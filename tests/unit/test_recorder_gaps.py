# SPDX-License-Identifier: Apache-2.0
"""What a recorder says of what it could not see, and what it tells others: gaps, pictures, witness, listeners, faults."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from recorder_desk import Desk, quiet_end
from recorder_parts import MONO0_US, SECOND_US, began, ceased, front, keystroke, picture

from agent import writer
from agent.writer import LONGEST_MESSAGE, LOST_MESSAGE, NO_INDICATOR_MESSAGE
from session import InputFault
from session.account import account, rules_of
from session.events import (
    Ack,
    Capture,
    Cosign,
    Declare,
    Edge,
    Gap,
    Kind,
    Moment,
    Note,
    Reason,
    Stats,
    Task,
)
from session.findings import Finding, State, Weight
from session.ports import RecorderState
from ui.strings import Words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from session.events import Event


@pytest.fixture
def make_desk(tmp_path: Path) -> Iterator[Callable[..., Desk]]:
    desks: list[Desk] = []

    def make(**options: object) -> Desk:
        desk = Desk(tmp_path / str(len(desks)), **options)  # type: ignore[arg-type]
        desks.append(desk)
        return desk.start()

    yield make
    for desk in desks:
        quiet_end(desk)


@pytest.fixture
def desk(make_desk: Callable[..., Desk]) -> Desk:
    return make_desk()


def type_some(desk: Desk, count: int = 5) -> None:
    desk.keyboard.play(*(keystroke(desk.clock.mono_us + number * 1000) for number in range(count)))


# --- gaps


def test_a_full_queue_is_a_gap_with_a_count_and_blocks_nobody(make_desk: Callable[..., Desk]) -> None:
    desk = make_desk(queue_size=100)
    desk.clock.advance(1)
    type_some(desk, 130)
    desk.window.play(front(desk.clock.mono_us + 500_000))
    desk.clock.advance(4)
    desk.turn()
    gaps = [body for body in desk.bodies(Kind.GAP) if isinstance(body, Gap)]
    assert {(gap.reason, gap.scope, gap.lost, gap.t_us - gap.from_us) for gap in gaps} == {
        (Reason.QUEUE_FULL, "keyboard", 30, 4 * SECOND_US - 100_000),
        (Reason.QUEUE_FULL, "window", 1, 3_500_000),
    }
    (stats,) = desk.bodies(Kind.STATS)
    assert isinstance(stats, Stats)
    assert stats.keys[0] == 100


def test_a_full_queue_still_tells_that_a_sensor_died(make_desk: Callable[..., Desk]) -> None:
    desk = make_desk(queue_size=10)
    type_some(desk, 10)
    desk.keyboard.play(ceased(desk.clock.mono_us))
    desk.pass_time(5)
    assert ("BEGIN", "died", "keyboard") in desk.gaps()


def test_half_a_queue_wakes_the_writer(tmp_path: Path) -> None:
    desk = Desk(tmp_path, queue_size=20)
    woken: list[int] = []
    desk.waiter.wake = lambda: woken.append(len(woken))  # type: ignore[method-assign]
    desk.recorder._queue._wake = desk.waiter.wake
    desk.start()
    type_some(desk, 9)
    assert woken == []
    type_some(desk, 5)
    assert woken == [0]
    quiet_end(desk)


def test_pictures_beyond_the_memory_for_them_are_a_gap(desk: Desk) -> None:
    desk.recorder._queue._most_bytes = 1000
    desk.camera.play(*(picture(desk.clock.mono_us, bytes(400)) for _ in range(4)))
    desk.pass_time(5)
    assert len(desk.bodies(Kind.CAPTURE)) == 2
    (gap,) = desk.bodies(Kind.GAP)
    assert isinstance(gap, Gap)
    assert (gap.reason, gap.scope, gap.lost) == (Reason.QUEUE_FULL, "capture", 2)
    desk.camera.play(picture(desk.clock.mono_us, bytes(400)))
    desk.pass_time(5)
    assert len(desk.bodies(Kind.CAPTURE)) == 3


def test_a_sensor_that_dies_and_returns_is_a_gap_from_then_to_then(desk: Desk) -> None:
    desk.clock.advance(1)
    desk.keyboard.play(ceased(desk.clock.mono_us, lost=3))
    died_us = desk.clock.t_us
    desk.clock.advance(2)
    desk.keyboard.play(ceased(desk.clock.mono_us))
    desk.keyboard.play(ceased(desk.clock.mono_us, reason=Reason.DENIED))
    desk.clock.advance(2)
    desk.turn()
    assert desk.recorder.status().open_gaps == ("keyboard: denied",)
    desk.keyboard.play(began(desk.clock.mono_us))
    desk.pass_time(5)
    assert desk.recorder.status().open_gaps == ()
    assert desk.gaps() == [
        ("BEGIN", "died", "keyboard"),
        ("END", "died", "keyboard"),
        ("BEGIN", "denied", "keyboard"),
        ("END", "denied", "keyboard"),
    ]
    first = desk.bodies(Kind.GAP)[0]
    assert isinstance(first, Gap)
    assert (first.t_us, first.lost) == (died_us, 3)


def test_a_sensor_that_lost_something_without_ceasing_is_a_point(desk: Desk) -> None:
    desk.camera.play(began(desk.clock.mono_us, "capture"))
    desk.camera.play(began(desk.clock.mono_us, "capture", lost=2))
    desk.pass_time(5)
    assert desk.gaps() == [("POINT", "queue-full", "capture")]


def test_a_missing_sensor_takes_no_work_time(desk: Desk) -> None:
    desk.keyboard.play(ceased(desk.clock.mono_us, reason=Reason.ABSENT))
    desk.pass_time(60)
    desk.stop()
    assert account(desk.events, rules_of(desk.policy)).worked_us == 60 * SECOND_US


def test_a_sensors_gap_ends_with_a_pause_and_is_said_anew_after_it(make_desk: Callable[..., Desk]) -> None:
    desk = make_desk()
    desk.window.greeting = (ceased(desk.clock.mono_us, "window", Reason.DENIED),)
    desk.window.play(*desk.window.greeting)
    desk.pass_time(5)
    desk.recorder.pause()
    desk.turn()
    assert desk.recorder.status().open_gaps == ("session: pause",)
    desk.recorder.resume()
    desk.turn()
    desk.pass_time(5)
    assert desk.recorder.status().open_gaps == ("window: denied",)


def test_a_suspend_is_a_gap_of_its_length(desk: Desk) -> None:
    desk.pass_time(5)
    desk.clock.suspend(3600)
    desk.pass_time(5)
    assert desk.gaps() == [("POINT", "suspend", "session")]
    desk.stop()
    gap = next(body for body in desk.bodies(Kind.GAP) if isinstance(body, Gap))
    assert (gap.edge, gap.reason, gap.scope, gap.t_us - gap.from_us) == (
        Edge.POINT,
        Reason.SUSPEND,
        "session",
        3600 * SECOND_US,
    )
    assert len(desk.bodies(Kind.CLOCK)) == 2
    accounted = account(desk.events, rules_of(desk.policy))
    assert (accounted.worked_us, accounted.unobserved_us) == (10 * SECOND_US, 3600 * SECOND_US)


@pytest.mark.parametrize("verb", ["pause", "private", "stop", "enter"])
def test_a_suspend_stands_before_whatever_is_asked_for_after_it(desk: Desk, verb: str) -> None:
    desk.pass_time(5)
    desk.clock.suspend(3600)
    now = desk.clock.read()
    if verb == "enter":
        desk.recorder.enter(Task(now.t_us, now.mono_us, "wren"))
    else:
        getattr(desk.recorder, verb)()
    desk.turn()
    after = [body for body in desk.bodies(Kind.GAP) if isinstance(body, Gap)]
    assert (after[0].reason, after[0].t_us - after[0].from_us) == (Reason.SUSPEND, 3600 * SECOND_US)
    if verb != "stop":
        desk.clock.advance(2)
        desk.stop()
    accounted = account(desk.events, rules_of(desk.policy))
    assert accounted.unobserved_us == 3600 * SECOND_US
    assert accounted.worked_us == (7 if verb == "enter" else 5) * SECOND_US


def test_a_suspend_while_paused_is_paused_time(desk: Desk) -> None:
    desk.pass_time(5)
    desk.recorder.pause()
    desk.turn()
    desk.clock.suspend(3600)
    desk.recorder.resume()
    desk.turn()
    desk.pass_time(5)
    desk.stop()
    assert desk.gaps() == [("BEGIN", "pause", "session"), ("POINT", "suspend", "session"), ("END", "pause", "session")]
    accounted = account(desk.events, rules_of(desk.policy))
    assert (accounted.worked_us, accounted.paused_us) == (10 * SECOND_US, 3600 * SECOND_US)


@pytest.mark.parametrize("by_seconds", [7200, -7200])
def test_a_clock_that_was_set_makes_and_takes_no_time(desk: Desk, by_seconds: int) -> None:
    desk.pass_time(5)
    desk.clock.set_utc(by_seconds)
    desk.pass_time(5)
    desk.stop()
    assert desk.gaps() == [("POINT", "clock", "session")]
    assert account(desk.events, rules_of(desk.policy)).worked_us == 10 * SECOND_US


# --- the indicator


def test_without_a_visible_indicator_nothing_is_observed(make_desk: Callable[..., Desk]) -> None:
    visible = [False]
    desk = make_desk(indicator=lambda: visible[0])
    assert not desk.is_observed
    assert [sensor.starts for sensor in desk.sensors] == [0, 0, 0]
    assert (desk.shown[-1].state, desk.shown[-1].message) == (RecorderState.PAUSED, NO_INDICATOR_MESSAGE)
    desk.recorder.resume()
    desk.turn()
    assert not desk.is_observed
    visible[0] = True
    desk.pass_time(5)
    assert desk.is_observed
    visible[0] = False
    desk.pass_time(5)
    assert not desk.is_observed
    assert desk.gaps() == [
        ("BEGIN", "no-indicator", "session"),
        ("END", "no-indicator", "session"),
        ("BEGIN", "no-indicator", "session"),
    ]
    assert desk.shown[-1].worked_us == account(desk.events, rules_of(desk.policy)).worked_us == 10 * SECOND_US


def test_a_pause_that_a_person_asked_for_does_not_end_when_the_indicator_returns(make_desk: Callable[..., Desk]) -> None:
    visible = [False]
    desk = make_desk(indicator=lambda: visible[0])
    desk.recorder.pause()
    desk.turn()
    visible[0] = True
    desk.pass_time(10)
    assert not desk.is_observed
    visible[0] = False
    desk.recorder.resume()
    desk.turn()
    assert not desk.is_observed
    assert desk.gaps()[-2:] == [("END", "pause", "session"), ("BEGIN", "no-indicator", "session")]


# --- pictures


def test_a_picture_is_a_blob_and_a_record(desk: Desk) -> None:
    desk.clock.advance(1)
    desk.camera.play(picture(desk.clock.mono_us, b"first"))
    taken_us = desk.clock.t_us
    desk.clock.advance(4)
    desk.turn()
    event = next(event for event in desk.events if event.kind == Kind.CAPTURE)
    assert isinstance(event.body, Capture)
    assert (event.body.t_us, event.body.size_bytes, event.body.masked, event.body.same_as) == (taken_us, 5, 1, 0)
    assert (desk.folder / "blobs" / event.blob_sha256).is_file()


def test_an_unchanged_picture_names_the_first_of_its_monitor(desk: Desk) -> None:
    now_us = desk.clock.mono_us
    for number, (monitor, unchanged) in enumerate(
        [(1, True), (2, False), (1, True), (2, True), (1, False), (1, True), (1, True)]
    ):
        desk.camera.play(picture(now_us + number, monitor=monitor, unchanged=unchanged))
    desk.pass_time(5)
    captures = [event for event in desk.events if event.kind == Kind.CAPTURE]
    first, second, third, fourth, fifth, sixth, _ = captures
    same = [event.body.same_as for event in captures if isinstance(event.body, Capture)]
    assert same == [0, 0, first.seq, second.seq, 0, fifth.seq, fifth.seq]
    assert len({event.blob_sha256 for event in (first, third, fourth, sixth)}) == 4


def test_pictures_are_not_recorded_where_the_policy_turns_them_off(make_desk: Callable[..., Desk]) -> None:
    from session.policy import default_policy_toml  # noqa: PLC0415 - the one test that needs the policy as shipped

    desk = make_desk(policy_toml=default_policy_toml())
    desk.camera.play(picture(desk.clock.mono_us))
    desk.pass_time(5)
    assert desk.bodies(Kind.CAPTURE) == []
    assert list((desk.folder / "blobs").iterdir()) == []


# --- the witness


def test_a_cosignature_is_recorded_before_the_next_checkpoint(desk: Desk) -> None:
    desk.pass_time(30)
    _, size = desk.uplink.submitted[-1]
    desk.recorder.cosigned(size, "line")
    desk.pass_time(30)
    kinds = [kind for kind in desk.kinds() if kind in (Kind.CHECKPOINT, Kind.COSIGN)]
    assert kinds == [Kind.CHECKPOINT, Kind.COSIGN, Kind.CHECKPOINT]
    assert desk.bodies(Kind.COSIGN) == [Cosign(size, "line")]


def test_offline_is_a_gap_until_the_witness_answers_and_takes_no_work_time(desk: Desk) -> None:
    desk.pass_time(30)
    desk.recorder.offline()
    desk.recorder.offline()
    desk.recorder.witness_fault("another history")
    desk.pass_time(30)
    desk.recorder.pause()
    desk.turn()
    desk.recorder.resume()
    desk.recorder.cosigned(desk.uplink.submitted[0][1], "line")
    desk.pass_time(5)
    desk.stop()
    assert desk.gaps() == [
        ("BEGIN", "offline", "witness"),
        ("POINT", "witness", "witness"),
        ("BEGIN", "pause", "session"),
        ("END", "pause", "session"),
        ("END", "offline", "witness"),
    ]
    assert account(desk.events, rules_of(desk.policy)).worked_us == 65 * SECOND_US


def test_what_the_witness_says_after_the_end_is_kept_for_the_seal(desk: Desk) -> None:
    desk.stop()
    desk.recorder.cosigned(2, "late")
    assert desk.recorder.late_cosignatures() == [(2, "late")]
    assert desk.recorder.late_cosignatures() == []


# --- listeners, interim results, own records


def test_listeners_hear_every_record_once_and_in_order(desk: Desk) -> None:
    type_some(desk)
    desk.pass_time(35)
    desk.recorder.pause()
    desk.turn()
    desk.stop()
    assert [event.seq for event in desk.events] == list(range(desk.journal.size))
    assert desk.shown[-1].records == desk.journal.size
    assert {status.session_id for status in desk.shown} == {desk.journal.keys.session_id}


def test_interim_results_go_to_their_listeners_each_minute_and_into_no_record(make_desk: Callable[..., Desk]) -> None:
    asked: list[list[int]] = []
    finding = Finding("x", 1, State.CLEAR, Weight.C, 0.5, 1.0, "c", (), "e", (), "f")

    def detect(events: Sequence[Event]) -> Sequence[Finding]:
        asked.append([event.seq for event in events])
        return (finding,)

    desk = make_desk(detect=detect)
    desk.pass_time(125)
    assert desk.interim == [(finding,), (finding,)]
    assert asked[0][0] == 0
    assert asked[0] + asked[1] == list(range(asked[1][-1] + 1))
    assert Kind.FINDING not in desk.kinds()


def test_a_person_adds_records_of_their_own(desk: Desk) -> None:
    now = desk.clock.read()
    bodies = (
        Ack(now.t_us, "a" * 64, "b" * 64, "en"),
        Task(now.t_us, now.mono_us, "wren", "t1"),
        Declare(now.t_us, now.mono_us, "translator", "checked a word"),
        Note(now.t_us, "a call came in"),
    )
    for body in bodies:
        desk.recorder.enter(body)
    desk.turn()
    assert [
        event.body for event in desk.read_back() if event.kind in (Kind.ACK, Kind.TASK, Kind.DECLARE, Kind.NOTE)
    ] == list(bodies)


def test_words_that_the_record_cannot_take_are_refused_at_once(desk: Desk) -> None:
    with pytest.raises(InputFault, match="Note has a value"):
        desk.recorder.enter(Note(desk.clock.t_us, "x" * 5000))
    desk.turn()
    assert desk.bodies(Kind.NOTE) == []


def test_before_the_start_it_is_idle(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    assert desk.recorder.status().state is RecorderState.IDLE
    assert desk.recorder.join(0)
    assert not desk.is_observed
    desk.journal.close()


# --- a failing writer


def test_a_fault_of_ours_ends_the_sensors_and_is_told_without_quoting(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    def fail(_observation: object) -> None:
        raise KeyError(f"typed{len('words')}")

    type_some(desk)
    desk.recorder.listen(lambda _status, events: fail(events) if any(one.kind == Kind.STATS for one in events) else None)
    desk.clock.advance(5)
    desk.turn()
    assert desk.recorder.join(5)
    assert not desk.is_observed
    assert desk.recorder.status().state is RecorderState.PROBLEM
    assert "KeyError" in caplog.text
    assert "typed5" not in caplog.text
    assert [event.kind for event in desk.read_back()][-1] == Kind.RAW


# --- cosigned records that are not here


def test_a_recording_that_can_be_cosigned_no_more_ends_by_itself_at_that_moment_and_says_why(desk: Desk) -> None:
    desk.pass_time(30)
    desk.recorder.lost(500)
    desk.turn()
    assert desk.recorder.join(5)
    assert not desk.is_observed
    assert (desk.shown[-1].state, desk.shown[-1].message) == (RecorderState.STOPPED, LOST_MESSAGE)
    assert desk.moments()[-1] is Moment.STOP
    assert "al loro posto non ne controfirma" in Words("it").fault(LOST_MESSAGE)
    assert desk.gaps() == [], "recovery says what is lost, and no witness is blamed"


# --- as long as one can be


@pytest.mark.parametrize(("bound", "most"), [("LONGEST_US", 60 * SECOND_US), ("OPEN_MOST", 6)])
def test_a_session_that_is_as_long_as_one_can_be_ends_by_itself_and_loses_no_second(
    bound: str, most: int, make_desk: Callable[..., Desk], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer, bound, most)
    desk = make_desk()
    steps = 0
    while desk.shown[-1].state is RecorderState.RECORDING and steps < 100:
        desk.pass_time(5)
        steps += 1
    assert desk.recorder.join(5)
    assert steps >= 12
    assert (desk.shown[-1].state, desk.shown[-1].message) == (RecorderState.STOPPED, LONGEST_MESSAGE)
    assert desk.moments()[-1] is Moment.STOP
    assert not desk.is_observed
    counted_us = account(desk.events, rules_of(desk.policy)).worked_us
    assert counted_us == desk.clock.mono_us - MONO0_US
