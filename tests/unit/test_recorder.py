# SPDX-License-Identifier: Apache-2.0
"""A session as the recorder records it: the grids, and pause, private time and stop."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest
from recorder_desk import Desk, quiet_end
from recorder_parts import SECOND_US, ceased, front, keystroke, picture, press, stroke

from agent.minimise import BACKLOG_RAW, CLOSING_FOCUS, CLOSING_RAW
from session.account import account, rules_of
from session.events import (
    Checkpoint,
    ClockPair,
    Focus,
    Gap,
    Kind,
    Moment,
    Raw,
    Reason,
    Stats,
)
from session.frames import SEALED, read_segment
from session.ports import RecorderState
from session.segments import segment_paths

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


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


# --- the grids


def test_every_tick_writes_three_records_whatever_happened(desk: Desk) -> None:
    desk.pass_time(10)
    type_some(desk, 30)
    desk.window.play(front(desk.clock.mono_us))
    desk.pass_time(10)
    after_start = [kind for kind in desk.kinds() if kind in (Kind.FOCUS, Kind.STATS, Kind.RAW)]
    assert after_start == [Kind.FOCUS, Kind.STATS, Kind.RAW] * 4


def test_sizes_of_ticks_on_disk_tell_nothing(desk: Desk) -> None:
    desk.pass_time(5)
    for round_number in range(3):
        type_some(desk, 40)
        desk.window.play(*(front(desk.clock.mono_us + n, window=n + 1, app=f"app {round_number}.{n}") for n in range(12)))
        desk.window.play(stroke(desk.clock.mono_us), press(desk.clock.mono_us))
        desk.pass_time(5)
    desk.pass_time(5)
    sizes: dict[int, set[int]] = {}
    for path in segment_paths(desk.folder):
        for frame, _ in read_segment(path.read_bytes()):
            if frame.flags == SEALED:
                sizes.setdefault(frame.kind, set()).add(len(frame.tail))
    assert {Kind.FOCUS, Kind.STATS, Kind.RAW} <= set(sizes)
    assert all(len(sizes[kind]) == 1 for kind in (Kind.FOCUS, Kind.STATS, Kind.RAW))


def test_what_was_observed_in_a_tick_is_on_disk_after_it(desk: Desk) -> None:
    type_some(desk, 7)
    desk.window.play(front(desk.clock.mono_us, app="editor"))
    desk.pass_time(5)
    on_disk = desk.read_back()
    assert on_disk == desk.events
    stats = next(event.body for event in on_disk if isinstance(event.body, Stats))
    raw = next(event.body for event in on_disk if isinstance(event.body, Raw))
    focus = next(event.body for event in on_disk if isinstance(event.body, Focus))
    assert (stats.keys[0], len(raw.keys), [one.app for one in focus.changes]) == (7, 7, ["editor"])


def test_nothing_is_written_between_two_ticks(desk: Desk) -> None:
    desk.pass_time(5)
    records = desk.recorder.status().records
    type_some(desk)
    desk.pass_time(4.9, step=0.7)
    assert desk.recorder.status().records == records
    assert [path.stat().st_size for path in segment_paths(desk.folder)] == [_durable(desk)]


def _durable(desk: Desk) -> int:
    return sum(path.stat().st_size for path in segment_paths(desk.folder))


def test_the_writer_waits_for_its_tick_and_no_longer(desk: Desk) -> None:
    assert desk.waiter.timeout_s == pytest.approx(5)
    desk.clock.advance(3)
    desk.turn()
    assert desk.waiter.timeout_s == pytest.approx(2)
    desk.clock.advance(4)
    desk.turn()
    assert desk.waiter.timeout_s == pytest.approx(3)


def test_a_late_tick_is_one_tick(desk: Desk) -> None:
    desk.clock.advance(23)
    desk.turn()
    spans = [body.span_ms for body in desk.bodies(Kind.STATS) if isinstance(body, Stats)]
    assert spans == [23_000]


def test_checkpoints_keep_their_grid_and_go_to_the_witness(desk: Desk) -> None:
    desk.pass_time(95)
    checkpoints = [event for event in desk.events if event.kind == Kind.CHECKPOINT]
    assert desk.moments() == [Moment.GRID] * 3
    assert [size for _, size in desk.uplink.submitted] == [event.seq for event in checkpoints]
    assert [note.decode() for note, _ in desk.uplink.submitted] == [event.body.note for event in checkpoints if event.body]  # type: ignore[attr-defined]


@pytest.mark.parametrize("late_us", [0, 37, 700, 210_000, 999_999])
def test_a_checkpoint_bears_the_moment_of_the_grid_however_late_the_writer_woke(desk: Desk, late_us: int) -> None:
    begun = desk.clock.read()
    desk.clock.advance(30 + late_us / SECOND_US)
    desk.turn()
    (told,) = desk.bodies(Kind.CHECKPOINT)
    assert isinstance(told, Checkpoint)
    assert (told.mono_us - begun.mono_us, told.t_us - begun.t_us) == (30 * SECOND_US, 30 * SECOND_US)


def test_a_checkpoint_of_a_machine_that_stood_still_says_when_it_came(desk: Desk) -> None:
    begun = desk.clock.read()
    desk.clock.advance(47)
    desk.turn()
    (told,) = desk.bodies(Kind.CHECKPOINT)
    assert isinstance(told, Checkpoint)
    assert told.mono_us - begun.mono_us == 47 * SECOND_US


def test_a_checkpoint_is_never_older_than_what_was_said_before_it(desk: Desk) -> None:
    desk.clock.advance(30.2)
    desk.keyboard.play(ceased(desk.clock.mono_us))
    desk.clock.advance(0.1)
    desk.turn()
    gap, told = desk.bodies(Kind.GAP)[0], desk.bodies(Kind.CHECKPOINT)[0]
    assert isinstance(gap, Gap)
    assert isinstance(told, Checkpoint)
    assert gap.mono_us <= told.mono_us == desk.clock.mono_us
    desk.pass_time(5)
    desk.stop()
    assert account(desk.events, rules_of(desk.policy)).worked_us == pytest.approx(35.3 * SECOND_US, abs=1)


def test_a_picture_moves_no_checkpoint_and_waits_for_the_tick(desk: Desk) -> None:
    desk.pass_time(5)
    desk.camera.play(picture(desk.clock.mono_us + 1_000_000))
    desk.clock.advance(2)
    desk.turn()
    assert desk.bodies(Kind.CAPTURE) == []
    desk.clock.advance(3)
    desk.turn()
    assert len(desk.bodies(Kind.CAPTURE)) == 1
    assert desk.moments() == []


def test_clocks_are_read_at_the_start_and_every_five_minutes(desk: Desk) -> None:
    desk.pass_time(600, step=20)
    pairs = [body for body in desk.bodies(Kind.CLOCK) if isinstance(body, ClockPair)]
    assert [(pair.mono_us - pairs[0].mono_us) // SECOND_US for pair in pairs] == [0, 300, 600]
    assert {pair.boot_id for pair in pairs} == {desk.clock.boot_id}


# --- pause, private time, stop


@pytest.mark.parametrize(("verb", "reason"), [("pause", Reason.PAUSE), ("private", Reason.PRIVATE)])
def test_nothing_is_observed_from_the_call_on(desk: Desk, verb: str, reason: Reason) -> None:
    type_some(desk, 3)
    desk.clock.advance(2)
    emit = desk.keyboard.emit
    assert emit is not None
    getattr(desk.recorder, verb)()
    emit(keystroke(desk.clock.mono_us))  # the writer has not looked yet, and the sensor still runs
    desk.turn()
    assert not desk.is_observed
    emit(keystroke(desk.clock.mono_us))  # a sensor that does not know when to stop
    desk.pass_time(60)
    desk.recorder.resume()
    desk.turn()
    emit(keystroke(desk.clock.mono_us))  # and one that outlived its turn
    desk.pass_time(5)
    assert desk.is_observed
    assert sum(sum(body.keys) for body in desk.bodies(Kind.STATS) if isinstance(body, Stats)) == 3
    assert desk.gaps() == [("BEGIN", reason, "session"), ("END", reason, "session")]


def test_no_tick_is_written_while_paused_but_the_grid_of_checkpoints_goes_on(desk: Desk) -> None:
    desk.pass_time(5)
    desk.recorder.pause()
    desk.turn()
    ticks = len(desk.bodies(Kind.STATS))
    desk.pass_time(60)
    assert len(desk.bodies(Kind.STATS)) == ticks
    assert desk.moments() == [Moment.PAUSE, Moment.GRID, Moment.GRID]
    assert desk.recorder.status().state is RecorderState.PAUSED


def test_a_pause_keeps_what_came_before_it(desk: Desk) -> None:
    desk.clock.advance(1)
    type_some(desk, 4)
    desk.clock.advance(1)
    desk.window.play(stroke(desk.clock.mono_us - 100_000, 100))  # the hand is still moving when the pause begins
    desk.recorder.pause()
    desk.turn()
    (stats,) = desk.bodies(Kind.STATS)
    (raw,) = desk.bodies(Kind.RAW)
    assert isinstance(stats, Stats)
    assert isinstance(raw, Raw)
    assert (stats.span_ms, stats.keys[0], len(raw.keys), len(raw.strokes)) == (2000, 4, 4, 1)
    order = [kind for kind in desk.kinds() if kind is not Kind.CLOCK]
    assert order[-5:] == [Kind.FOCUS, Kind.STATS, Kind.RAW, Kind.GAP, Kind.CHECKPOINT]


def test_after_a_pause_idle_and_span_count_from_the_return(desk: Desk) -> None:
    desk.pass_time(5)
    desk.recorder.pause()
    desk.turn()
    desk.pass_time(3600, step=300)
    desk.recorder.resume()
    desk.turn()
    desk.pass_time(5)
    last = desk.bodies(Kind.STATS)[-1]
    assert isinstance(last, Stats)
    assert (last.span_ms, last.keyboard_idle_ms) == (5000, 5000)


def test_paused_time_is_no_work_time_and_private_time_follows_the_policy(desk: Desk) -> None:
    desk.pass_time(10)
    desk.recorder.pause()
    desk.turn()
    desk.pass_time(100)
    desk.recorder.private()
    desk.turn()
    desk.pass_time(50)
    desk.recorder.resume()
    desk.turn()
    desk.pass_time(20)
    desk.stop()
    accounted = account(desk.events, rules_of(desk.policy))
    assert (accounted.worked_us, accounted.paused_us, accounted.private_us) == (
        30 * SECOND_US,
        100 * SECOND_US,
        50 * SECOND_US,
    )
    assert desk.shown[-1].worked_us == 30 * SECOND_US
    assert desk.gaps() == [
        ("BEGIN", "pause", "session"),
        ("END", "pause", "session"),
        ("BEGIN", "private", "session"),
        ("END", "private", "session"),
    ]


def test_asking_twice_changes_nothing(desk: Desk) -> None:
    desk.recorder.resume()
    desk.turn()
    desk.recorder.pause()
    desk.recorder.pause()
    desk.turn()
    desk.recorder.resume()
    desk.recorder.resume()
    desk.turn()
    assert desk.gaps() == [("BEGIN", "pause", "session"), ("END", "pause", "session")]
    assert [sensor.starts for sensor in desk.sensors] == [2, 2, 2]
    assert [sensor.stops for sensor in desk.sensors] == [1, 1, 1]


def test_who_resumes_and_pauses_at_once_is_not_observed_in_between(desk: Desk) -> None:
    desk.recorder.pause()
    desk.turn()
    desk.recorder.resume()
    desk.recorder.pause()
    desk.turn()
    assert [sensor.starts for sensor in desk.sensors] == [1, 1, 1]
    desk.recorder.resume()
    desk.turn()
    assert desk.is_observed


def test_the_stop_is_the_last_word(desk: Desk) -> None:
    type_some(desk, 2)
    desk.clock.advance(1)
    desk.stop()
    assert not desk.is_observed
    assert desk.moments() == [Moment.STOP]
    assert desk.kinds()[-1] is Kind.CHECKPOINT
    assert desk.shown[-1].state is RecorderState.STOPPED
    assert desk.read_back() == desk.events
    (stats,) = desk.bodies(Kind.STATS)
    assert isinstance(stats, Stats)
    assert (stats.span_ms, stats.keys[0]) == (1000, 2)


def test_time_after_the_call_to_stop_is_no_work_time(desk: Desk) -> None:
    desk.clock.advance(7)
    desk.recorder.stop()
    desk.clock.advance(4)
    desk.turn()
    assert account(desk.events, rules_of(desk.policy)).worked_us == 7 * SECOND_US


@pytest.mark.parametrize("keys", [0, 30, 400, 900])
def test_the_stop_writes_as_many_records_whether_much_was_typed_before_it_or_nothing(desk: Desk, keys: int) -> None:
    desk.pass_time(5)
    before = len(desk.events)
    type_some(desk, keys)
    desk.clock.advance(2)
    desk.stop()
    closing = {Kind.FOCUS: 1 + CLOSING_FOCUS, Kind.STATS: 1, Kind.RAW: 1 + CLOSING_RAW, Kind.CHECKPOINT: 1}
    assert Counter(desk.kinds()[before:]) == closing
    frames = [frame for path in segment_paths(desk.folder) for frame, _ in read_segment(path.read_bytes())]
    assert len({len(frame.tail) for frame in frames if frame.kind == Kind.RAW}) == 1
    assert sum(len(body.keys) for body in desk.bodies(Kind.RAW) if isinstance(body, Raw)) == keys


def test_a_stop_while_paused_ends_the_pause_and_writes_no_tick(desk: Desk) -> None:
    desk.pass_time(5)
    desk.recorder.private()
    desk.turn()
    desk.pass_time(30)
    desk.stop()
    assert len(desk.bodies(Kind.STATS)) == 2
    assert desk.gaps()[-1] == ("END", "private", "session")
    assert account(desk.events, rules_of(desk.policy)).private_us == 30 * SECOND_US


def test_after_the_stop_nothing_wakes_it(desk: Desk) -> None:
    desk.recorder.stop()
    desk.recorder.resume()
    type_some(desk)  # the sensors still run: the writer has not looked yet
    desk.recorder.pause()
    desk.turn()
    assert desk.recorder.join(5)
    assert not desk.is_observed
    assert desk.gaps() == []
    assert [sum(body.keys) for body in desk.bodies(Kind.STATS) if isinstance(body, Stats)] == [0]


def test_what_did_not_fit_into_its_tick_is_drained_by_the_stop(desk: Desk) -> None:
    type_some(desk, 400)
    desk.pass_time(5)
    desk.stop()
    raws = [body for body in desk.bodies(Kind.RAW) if isinstance(body, Raw)]
    assert len(raws) > 3
    assert sum(len(body.keys) for body in raws) == 400
    assert sum(body.keys[0] for body in desk.bodies(Kind.STATS) if isinstance(body, Stats)) == 400
    spans = [body.span_ms for body in desk.bodies(Kind.STATS) if isinstance(body, Stats)]
    assert sum(spans) == 5000


def test_timing_that_overflowed_is_said_inside_raw_and_nowhere_in_the_open(make_desk: Callable[..., Desk]) -> None:
    desk = make_desk(queue_size=10_000)
    type_some(desk, 5000)
    desk.pass_time(5)
    desk.stop()
    assert sum(body.dropped for body in desk.bodies(Kind.RAW) if isinstance(body, Raw)) == 5000 - BACKLOG_RAW
    assert desk.gaps() == []
