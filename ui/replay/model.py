# SPDX-License-Identifier: Apache-2.0
"""A session as lanes over time, ready to be drawn. No Qt, no clock, no file: records in, values out.

Rules:

1. What was not observed is a `GapSpan`, never an empty lane; what is withheld or off says so in `absent`.
2. No share of activity exists here: a tick had keys, pointer or scrolling, or it had none, which is reading as well.
3. Times are UTC in µs. A record whose content is not ours to open counts, and takes the time of the one before it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Final

import msgspec
import numpy as np

from session.account import Account, AccountRules, account, rules_of
from session.events import (
    Answer,
    Capture,
    Checkpoint,
    ClockPair,
    Cosign,
    Event,
    FindingRecord,
    Focus,
    Kind,
    Start,
    Stats,
)
from session.policy import Policy, default_policy_toml, parse_policy
from session.ports import SessionReader
from ui.replay.gaps import EVERYTHING, GapSpan, gap_spans
from ui.replay.nearby import NearbySeen, evidence_us, nearby_seen
from ui.replay.opened import opened_spans
from ui.replay.pyramid import Coverage, Floats, Ints, Pyramid

TOP_APPLICATIONS: Final = 5
"""Applications with a row of their own; the rest share one."""
TIGHT_US: Final = 90_000_000
"""Two cosigned checkpoints at most this far apart bound a moment closely: three steps of the 30 s grid."""
_LEAST_TICK_MS: Final = 5_000
_LEAST_SPAN_US: Final = 1_000_000


class AppRow(msgspec.Struct, frozen=True):
    """When one application was in front. `name` "" is all the others together, `count` of them."""

    name: str
    coverage: Coverage
    count: int = 1


class Ticks(msgspec.Struct, frozen=True):
    """The readable STATS, shape (n,) each, by time: bounds of each tick, text keystrokes a minute, and what was there.

    `sums`, shape (n + 1,), is the running sum of `per_minute`.
    """

    starts: Ints
    stops: Ints
    per_minute: Floats
    sums: Floats
    pyramid: Pyramid
    keyboard: Coverage
    pointer: Coverage
    scrolling: Coverage
    observed: Coverage


class Shot(msgspec.Struct, frozen=True):
    """One screenshot. `removed`: its content is gone or not ours to open, its time that of the record before.

    `shape` is width over height, between 1:3 and 3:1.
    """

    seq: int
    t_us: int
    monitor: int
    removed: bool
    same: bool
    shape: float = 16 / 9


class FindingMark(msgspec.Struct, frozen=True):
    """One finding, at the stretch of its evidence; without evidence `from_us` is -1 and it has no place in time."""

    seq: int
    detector: str
    state: str
    explanation: str
    alternatives: tuple[str, ...]
    from_us: int
    to_us: int
    shadow: bool
    answered: bool


class Confirmed(msgspec.Struct, frozen=True):
    """A stretch that the platform's time bounds. `tight`: within TIGHT_US."""

    from_us: int
    to_us: int
    tight: bool


class ReplayModel(msgspec.Struct, frozen=True):
    """One session, as drawn.

    Args:
        start_us, end_us: what the axis covers at least; `end_us` is later than `start_us`.
        zone: name of the time zone that the record states last, "" where none.
        absent: for "applications", "engagement" and "screenshots": "withheld" where records are there and
            closed, "none" where there are none, "" where there is something to draw.
        opened: stretches of withheld records that the trainer opened and that can be read here.
        nearby: what came, went or stayed beside the window in front, all of it inside [start_us, end_us).
    """

    session_id: str
    start_us: int
    end_us: int
    zone: str
    account: Account
    apps: tuple[AppRow, ...]
    ticks: Ticks
    shots: tuple[Shot, ...]
    findings: tuple[FindingMark, ...]
    gaps: tuple[GapSpan, ...]
    confirmed: tuple[Confirmed, ...]
    absent: Mapping[str, str]
    opened: tuple[tuple[int, int], ...] = ()
    nearby: NearbySeen = NearbySeen()

    @classmethod
    def from_reader(cls, reader: SessionReader, policy: Policy | None = None, opened: Collection[int] = ()) -> ReplayModel:
        """The session behind `reader`. `policy` says what time counts; without one, the default policy's rules do.

        `opened`: seqs of withheld records that the trainer opened.
        """
        policy = policy if policy is not None else parse_policy(default_policy_toml())
        events = reader.events()
        made = cls.from_events(reader.session_id, events, rules_of(policy), notes_runners=policy.notes_runners)
        if not opened:
            return made
        shown = tuple(msgspec.structs.replace(mark, shadow=mark.shadow and mark.seq not in opened) for mark in made.findings)
        return msgspec.structs.replace(made, opened=opened_spans(events, opened), findings=shown)

    @classmethod
    def from_events(
        cls, session_id: str, events: Sequence[Event], rules: AccountRules, *, notes_runners: bool = False
    ) -> ReplayModel:
        """The session of these records, in order of seq. Total: any records that a reader may hand over are drawn.

        `notes_runners`: as the policy has it, see `nearby_seen`.
        """
        accounted = account(events, rules)
        times_us = _times_us(events)
        start_us = accounted.started_us or (times_us[0] if times_us else 0)
        end_us = max(accounted.ended_us, start_us + _LEAST_SPAN_US, _last_tick_us(events))
        ticks = _ticks(events)
        gaps = gap_spans(events, times_us, end_us)
        apps = _applications(events, gaps, end_us)
        shots = _shots(events, times_us)
        return cls(
            session_id=session_id,
            start_us=start_us,
            end_us=end_us,
            zone=next((e.body.zone for e in reversed(events) if isinstance(e.body, ClockPair) and e.body.zone), ""),
            account=accounted,
            apps=apps,
            ticks=ticks,
            shots=shots,
            findings=_findings(events),
            gaps=gaps,
            confirmed=_confirmed(events, start_us),
            absent={
                "applications": _absence(events, Kind.FOCUS, drawn=bool(apps)),
                "engagement": _absence(events, Kind.STATS, drawn=len(ticks.starts) > 0),
                "screenshots": _absence(events, Kind.CAPTURE, drawn=bool(shots)),
            },
            nearby=nearby_seen(events, start_us, end_us, notes_runners=notes_runners),
        )


def _times_us(events: Iterable[Event]) -> list[int]:
    """For each record its own time, or that of the one before where it has none to read."""
    times, last_us = [], 0
    for event in events:
        last_us = getattr(event.body, "t_us", 0) or last_us
        times.append(last_us)
    first_us = next((t for t in times if t), 0)
    return [t or first_us for t in times]


def _last_tick_us(events: Sequence[Event]) -> int:
    return next((e.body.t_us for e in reversed(events) if isinstance(e.body, Stats | Focus)), 0)


def _absence(events: Iterable[Event], kind: Kind, *, drawn: bool) -> str:
    if drawn:
        return ""
    return "withheld" if any(e.kind == kind and e.body is None for e in events) else "none"


def _ticks(events: Iterable[Event]) -> Ticks:
    bodies = sorted((e.body for e in events if isinstance(e.body, Stats)), key=lambda body: body.t_us)
    stops = np.array([body.t_us for body in bodies], dtype=np.int64)
    starts = stops - np.array([body.span_ms * 1000 for body in bodies], dtype=np.int64)
    text = np.array([sum(s.text_keys for s in b.sources) for b in bodies], dtype=np.float64)
    # A short last tick would make three keystrokes look like a storm, so none counts as shorter than a whole one.
    per_minute = text * 60_000 / np.array([max(b.span_ms, _LEAST_TICK_MS) for b in bodies], dtype=np.float64)

    def where(present: list[bool]) -> Coverage:
        chosen = np.array(present, dtype=np.bool_)
        return Coverage(starts[chosen], stops[chosen])

    return Ticks(
        starts=starts,
        stops=stops,
        per_minute=per_minute,
        sums=np.concatenate(([0.0], np.cumsum(per_minute))),
        pyramid=Pyramid(per_minute),
        keyboard=where([any(s.text_keys or s.other_keys for s in b.sources) or b.repeats > 0 for b in bodies]),
        pointer=where([any(s.moves or s.buttons for s in b.sources) for b in bodies]),
        scrolling=where([any(s.scrolls for s in b.sources) for b in bodies]),
        observed=where([True] * len(bodies)),
    )


def _applications(events: Iterable[Event], gaps: Sequence[GapSpan], end_us: int) -> tuple[AppRow, ...]:
    changes = sorted(
        (body.t_us - (body.mono_us - change.mono_us), change.app if change.window else "")
        for body in (e.body for e in events)
        if isinstance(body, Focus)
        for change in body.changes
    )
    # The window in front is not known past the beginning of a gap; afterwards the sensor says anew what is in front.
    stops = [(gap.from_us, "") for gap in gaps if gap.scope in (EVERYTHING, "window") and not gap.of_platform]
    turns = sorted([*changes, *stops, (end_us, "")], key=lambda turn: turn[0])
    spans: dict[str, list[tuple[int, int]]] = {}
    for (from_us, app), (to_us, _) in pairwise(turns):
        if app:
            spans.setdefault(app, []).append((from_us, to_us))
    rows = [AppRow(app, _coverage(listed)) for app, listed in spans.items()]
    rows.sort(key=lambda row: (-row.coverage.total, row.name))
    if len(rows) <= TOP_APPLICATIONS + 1:
        return tuple(rows)
    rest = rows[TOP_APPLICATIONS:]
    together = _coverage([span for row in rest for span in spans[row.name]])
    return (*rows[:TOP_APPLICATIONS], AppRow("", together, len(rest)))


def _coverage(spans: Sequence[tuple[int, int]]) -> Coverage:
    pairs = np.array(spans, dtype=np.int64).reshape(-1, 2)
    return Coverage(pairs[:, 0], pairs[:, 1])


def _shots(events: Sequence[Event], times_us: Sequence[int]) -> tuple[Shot, ...]:
    return tuple(
        Shot(
            seq=event.seq,
            t_us=t_us,
            monitor=event.body.monitor if isinstance(event.body, Capture) else 0,
            removed=not isinstance(event.body, Capture),
            same=isinstance(event.body, Capture) and event.body.same_as > 0,
            shape=_shape(event.body),
        )
        for event, t_us in zip(events, times_us, strict=True)
        if event.kind == Kind.CAPTURE
    )


def _shape(body: object) -> float:
    if not isinstance(body, Capture) or not body.height_px:
        return 16 / 9
    return min(max(body.width_px / body.height_px, 1 / 3), 3.0)


def _findings(events: Sequence[Event]) -> tuple[FindingMark, ...]:
    by_seq = {event.seq: event for event in events}
    answered = {e.body.finding for e in events if isinstance(e.body, Answer)}
    marks = []
    for event in events:
        body = event.body
        if not isinstance(body, FindingRecord):
            continue
        places = [_place(by_seq[seq], body.detector) for seq in body.evidence if seq in by_seq]
        places = [place for place in places if place[1]]
        marks.append(
            FindingMark(
                seq=event.seq,
                detector=body.detector,
                state=body.state,
                explanation=body.explanation,
                alternatives=body.alternatives,
                from_us=min((start for start, _ in places), default=-1),
                to_us=max((stop for _, stop in places), default=-1),
                shadow=bool(body.shadow),
                answered=event.seq in answered,
            )
        )
    return tuple(marks)


def _place(event: Event, detector: str) -> tuple[int, int]:
    """Which stretch of time a record is evidence of; (0, 0) for none."""
    beside = evidence_us(event, detector)
    if beside:
        return beside[0], beside[-1]
    t_us = int(getattr(event.body, "t_us", 0))
    return (t_us - event.body.span_ms * 1000 if isinstance(event.body, Stats) else t_us), t_us


def _confirmed(events: Iterable[Event], start_us: int) -> tuple[Confirmed, ...]:
    """What the cosignatures bound: each moment lies between two of them. Their signatures are the verifier's business."""
    taken_us: dict[int, int] = {}
    last_us = start_us
    spans = []
    for event in events:
        if isinstance(event.body, Start):
            last_us = event.body.t_us
        elif isinstance(event.body, Checkpoint):
            taken_us[event.seq] = event.body.t_us  # a checkpoint covers all records before it: its size is its seq
        elif isinstance(event.body, Cosign):
            to_us = taken_us.get(event.body.size, last_us)
            if to_us > last_us:
                spans.append(Confirmed(last_us, to_us, tight=to_us - last_us <= TIGHT_US))
                last_us = to_us
    return tuple(spans)
