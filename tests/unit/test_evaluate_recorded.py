# SPDX-License-Identifier: Apache-2.0
"""A corpus session becomes the records that a recorder would have written of the same observations."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from evaluate_corpora import Row, assisted, keys, pointing, typing, write
from recorder_desk import Desk
from recorder_parts import MONO0_US, T0_US

from agent.sensor import Keystroke, Press, SensorChange, Stroke
from agent.x11 import input as x11_input
from agent.x11 import keyboard as x11_keyboard
from fairwitness.evaluation import recorded
from fairwitness.evaluation.corpus import CorpusSession, read
from fairwitness.evaluation.measuring import evaluation_policy
from fairwitness.evaluation.recorded import Recorded, record, recordable
from session.events import TICK_US, Clipboard, Edge, Event, Focus, Gap, KeyClass, Kind, Payload, Reason, Stats
from session.policy import default_policy_toml
from session.ports import ClockReading

TOLD = (Kind.GAP, Kind.FOCUS, Kind.STATS, Kind.CLIPBOARD, Kind.RAW)


def sitting(tmp_path: Path, fields: dict[str, np.ndarray], number: int = 0) -> CorpusSession:
    source = read(write(tmp_path / "a.npz", fields))
    assert source is not None
    return source.session(number)


def recorded_of(tmp_path: Path, rows: Sequence[Row], pastes: Sequence[int] | None = None) -> Recorded:
    fields = typing([("ada", rows)], None if pastes is None else [pastes])
    return record(sitting(tmp_path, fields), evaluation_policy())


def bodies(events: Sequence[Event], kind: Kind) -> list[Payload]:
    return [event.body for event in events if event.kind == kind and event.body is not None]


def stats(events: Sequence[Event]) -> list[Stats]:
    return [body for body in bodies(events, Kind.STATS) if isinstance(body, Stats)]


def pastes(events: Sequence[Event]) -> list[Clipboard]:
    return [b for b in bodies(events, Kind.CLIPBOARD) if isinstance(b, Clipboard) and b.action != "none"]


def gaps(events: Sequence[Event]) -> list[tuple[Edge, str]]:
    return [(body.edge, body.scope) for body in bodies(events, Kind.GAP) if isinstance(body, Gap)]


def test_the_records_are_those_of_a_recorder_that_hears_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recorded, "_BEGIN", ClockReading(T0_US, MONO0_US, MONO0_US))
    # idle for some ticks, and then typing again; three pastes in one tick, so that two wait for later ones; one key that
    # is told in the very moment of a tick
    rows = [*keys(4, 90, classes=(0, 0, 1, 2, 3, 4, 6)), (31_000, 90, 5), (31_400, 90, 5), (31_900, 90, 5), (34_900, 90, 0)]
    rows += [(48_000 + at, dwell, key_class) for at, dwell, key_class in keys(5, 60)]
    session = sitting(tmp_path, typing([("ada", rows)]))
    made = record(session, evaluation_policy())

    policy = default_policy_toml().replace(b'clipboard = "off"', b'clipboard = "sent"')
    desk = Desk(tmp_path / "home", policy_toml=policy.replace(b'timing = "withheld"', b'timing = "off"'))
    blind = [
        SensorChange(MONO0_US, scope, observing=False, reason=Reason.ABSENT) for scope in ("pointer", "window", "clipboard")
    ]
    desk.keyboard.greeting = tuple(blind)
    desk.start()
    told_ms, observations = recorded._OBSERVED[session.schema](session)
    stop_ms = told_ms[-1]
    waiting = list(zip(told_ms, observations, strict=True))
    for tick_ms in range(5000, stop_ms, 5000):
        while waiting[0][0] <= tick_ms:
            desk.keyboard.play(waiting.pop(0)[1])
        desk.pass_time(5)
    for _, observation in waiting:
        desk.keyboard.play(observation)
    desk.clock.advance(stop_ms % 5000 / 1000)
    desk.stop()
    written = [(event.kind, event.body) for event in desk.read_back() if event.kind in TOLD]
    assert [(event.kind, event.body) for event in made.events if event.kind in TOLD] == written
    desk.journal.close()
    assert len(written) > 50


def test_seqs_rise_from_start_and_times_with_them(tmp_path: Path) -> None:
    made = recorded_of(tmp_path, keys(1, 100))
    assert [event.kind for event in made.events[:2]] == [Kind.START, Kind.CLOCK]
    assert [event.seq for event in made.events] == list(range(1, len(made.events) + 1))
    ticks = stats(made.events)
    assert [tick.span_ms for tick in ticks[:-1]] == [TICK_US // 1000] * (len(ticks) - 1)
    assert 0 < ticks[-1].span_ms <= 5000


def test_every_keystroke_is_counted_once_with_its_class_and_nothing_is_added(tmp_path: Path) -> None:
    rows = keys(2, 400, classes=(0, 1, 2, 3, 4, 6))
    ticks = stats(recorded_of(tmp_path, rows).events)
    expected = np.bincount([row[2] for row in rows], minlength=8).tolist()
    assert np.sum([tick.keys for tick in ticks if tick.keys], axis=0).tolist() == expected
    assert sum(tick.repeats for tick in ticks) == 0
    assert sum(tick.distance_px + tick.strokes for tick in ticks) == 0
    assert {source.source for tick in ticks for source in tick.sources} == {1}


def test_no_window_is_told_and_no_copy(tmp_path: Path) -> None:
    made = recorded_of(tmp_path, [*keys(2, 20), (9000, 80, 5)], [300])
    assert all(isinstance(body, Focus) and not body.changes for body in bodies(made.events, Kind.FOCUS))
    assert [paste.action for paste in pastes(made.events)] == ["paste"]


def test_a_paste_has_its_own_size_also_where_it_waited(tmp_path: Path) -> None:
    rows = [(1000, 80, 5), (1500, 80, 5), (1900, 80, 5), (12_000, 80, 0), (21_000, 80, 5)]
    made = recorded_of(tmp_path, rows, [700, 20, 900, 5])
    assert [(paste.size_bytes, paste.app) for paste in pastes(made.events)] == [(700, ""), (20, ""), (900, ""), (5, "")]
    unknown = recorded_of(tmp_path, rows)
    assert [paste.size_bytes for paste in pastes(unknown.events)] == [0, 0, 0, 0]


def test_what_the_corpus_cannot_know_is_a_gap_from_beginning_to_stop(tmp_path: Path) -> None:
    known = recorded_of(tmp_path, [(0, 80, 0), (900, 80, 5)], [30])
    unknown = recorded_of(tmp_path, [(0, 80, 0)])
    moved = record(sitting(tmp_path, pointing([("ada", [(0, 1, 1, 0), (100, 5, 1, 0)])])), evaluation_policy())
    for made, blind in (
        (known, ["pointer", "window"]),
        (unknown, ["pointer", "window", "clipboard"]),
        (moved, ["keyboard", "window", "clipboard"]),
    ):
        assert gaps(made.events) == [(edge, scope) for edge in (Edge.BEGIN, Edge.END) for scope in blind]


def test_pastes_that_find_no_room_are_a_gap_at_the_end(tmp_path: Path) -> None:
    rows = [(1000 + number * 3, 80, 5) for number in range(400)]
    made = recorded_of(tmp_path, rows, [7] * 400)
    last = made.events[-1].body
    assert isinstance(last, Gap)
    assert (last.edge, last.reason, last.scope) == (Edge.POINT, Reason.QUEUE_FULL, "clipboard")
    assert len(pastes(made.events)) == 256


def test_sensors_look_and_hold_as_those_of_x11_do() -> None:
    assert recorded.LOOK_MS == x11_input.PACE_MS
    assert recorded.HELD_MS * 1000 == x11_keyboard.HELD_US


def keystrokes(tmp_path: Path, rows: Sequence[Row]) -> list[tuple[int, int, int]]:
    told_ms, found = recorded._typed(sitting(tmp_path, typing([("ada", rows)])))
    begin_us = recorded._BEGIN.mono_us
    assert all(isinstance(one, Keystroke) for one in found)
    return [
        (at_ms, (one.mono_us - begin_us) // 1000, one.dwell_ms)
        for at_ms, one in zip(told_ms, found, strict=True)
        if isinstance(one, Keystroke)
    ]


def test_a_keystroke_is_told_by_the_look_after_its_release(tmp_path: Path) -> None:
    assert keystrokes(tmp_path, [(0, 0, 0), (100, 90, 0), (300, 700, 0)]) == [(0, 0, 0), (280, 100, 90), (1120, 300, 700)]


def test_a_held_key_is_told_after_a_second_without_its_dwell(tmp_path: Path) -> None:
    assert keystrokes(tmp_path, [(0, 999, 0), (10, 1000, 0), (20, 30_000, 0)]) == [
        (1120, 0, 999),
        (1120, 10, -1),
        (1120, 20, -1),
    ]


def test_rollover_is_in_the_order_of_presses_within_a_look_and_of_looks_beyond(tmp_path: Path) -> None:
    assert [one[1] for one in keystrokes(tmp_path, [(0, 130, 0), (50, 40, 0)])] == [0, 50]
    assert [one[1] for one in keystrokes(tmp_path, [(0, 500, 0), (50, 40, 0)])] == [50, 0]


def test_rows_out_of_order_are_put_in_the_order_of_their_times(tmp_path: Path) -> None:
    assert [one[1] for one in keystrokes(tmp_path, [(900, 80, 0), (0, 80, 0), (400, 80, 0)])] == [0, 400, 900]


def test_of_suggestions_only_what_the_hand_did_is_a_keystroke(tmp_path: Path) -> None:
    rows = [(0, 0, 1), (100, 0, 1), (300, 0, 25), (500, 1, 4), (900, 2, 0), (1000, 3, 0), (1100, 4, 0), (1200, 5, 0)]
    rows += [(1300, 7, 60), (1400, 8, 2), (1500, 6, 0), (7000, 0, 0)]
    made = record(sitting(tmp_path, assisted([("ada", rows)])), evaluation_policy())
    counted = np.sum([tick.keys for tick in stats(made.events) if tick.keys], axis=0).tolist()
    assert (counted[KeyClass.TEXT], counted[KeyClass.DELETE], sum(counted)) == (2, 1, 3)
    assert sum(tick.span_ms for tick in stats(made.events)) >= 7000, "it goes on until its last row"


def test_a_pointers_way_is_that_of_its_rows(tmp_path: Path) -> None:
    rows = [
        (0, 100, 100, 0),
        (50, 103, 104, 0),
        (100, 103, 104, 0),
        (130, 103, 116, 3),
        (600, 103, 116, 1),
        (660, 103, 116, 2),
    ]
    rows += [(700, 103, 116, 4), (710, 103, 116, 5), (900, 100, 112, 0)]
    session = sitting(tmp_path, pointing([("ada", rows)]))
    told_ms, found = recorded._pointed(session)
    strokes = [one for one in found if isinstance(one, Stroke)]
    presses = [one for one in found if isinstance(one, Press)]
    assert [(one.path_px, one.net_px, one.moves) for one in strokes] == [(17, 16, 2), (5, 5, 1)]
    assert [one.scroll for one in presses] == [False, True, True]
    assert told_ms == sorted(told_ms) == [140, 700, 700, 840, 980]
    ticks = stats(record(session, evaluation_policy()).events)
    assert (sum(tick.distance_px for tick in ticks), sum(tick.strokes for tick in ticks)) == (22, 2)
    assert [(one.buttons, one.scrolls, one.moves) for tick in ticks for one in tick.sources] == [(1, 2, 3)]


def test_a_session_is_cut_into_two_minutes_each_with_its_beginning(tmp_path: Path) -> None:
    rows = [*keys(1, 100), *((250_000 + at, dwell, key_class) for at, dwell, key_class in keys(2, 20))]
    made = recorded_of(tmp_path, rows)
    first, second = (window.events for window in made.windows)
    head = [event for event in made.events if event.kind in (Kind.START, Kind.CLOCK)] + [
        event for event in made.events if isinstance(event.body, Gap) and event.body.edge is Edge.BEGIN
    ]
    assert [*first[: len(head)]] == [*second[: len(head)]] == head
    assert len(stats(first)) == 24
    # four minutes and some seconds: what was quiet is no window, and what the stop adds is in none
    assert stats(second)[0].mono_us - stats(first)[0].mono_us == 240_000_000
    assert stats(second)[-1].mono_us == stats(made.events)[-1].mono_us
    assert len(bodies(second, Kind.CLIPBOARD)) == len(stats(second))
    assert {window.accepted for window in made.windows} == {None}


def test_two_minutes_know_whether_a_suggestion_was_accepted_in_them(tmp_path: Path) -> None:
    typed = [(at, 0, 1) for at in range(0, 360_000, 3000)]
    rows = sorted([*typed, (120_500, 5, 0)])
    made = record(sitting(tmp_path, assisted([("ada", rows)])), evaluation_policy())
    assert [window.accepted for window in made.windows] == [False, True, False]


def test_what_is_empty_or_longer_than_a_session_cannot_be_recorded(tmp_path: Path) -> None:
    empty, day, long = [], [(0, 80, 0), (recorded.LONGEST_MS, 80, 0)], [(recorded.LONGEST_MS + 1, 80, 0)]
    fields = typing([("ada", empty), ("ada", day), ("ada", long)])
    assert [recordable(sitting(tmp_path, fields, number)) for number in range(3)] == [False, True, False]
