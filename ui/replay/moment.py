# SPDX-License-Identifier: Apache-2.0
"""What a session was like at one moment: what was in front, how much was typed, which screenshot is nearest. No Qt."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Sequence

import msgspec
import numpy as np

from session.events import Capture, Event, FindingRecord, Focus, Raw, Stats
from ui.replay.model import ReplayModel, Shot
from ui.replay.nearby import NearbyMark, evidence_us, mark_words
from ui.replay.opened import kind_words, tick_of
from ui.replay.view import clock_words
from ui.strings import Words


class Moment(msgspec.Struct, frozen=True):
    """One moment.

    Args:
        app, title: what was in front, "" where it is not known.
        per_minute: text keystrokes a minute in this tick; None where nothing was counted.
        gaps: keys and scopes of what was not observed then, as (reason, scope).
        shots: the last screenshot of each monitor at or before the moment, by monitor.
        opened: type bytes of the withheld records of that moment that the trainer opened.
        keystrokes: how many the opened timing of that moment has, None without such.
        nearby: what came, went or stayed beside the window in front then.
    """

    t_us: int
    app: str
    title: str
    per_minute: float | None
    gaps: tuple[tuple[str, str], ...]
    shots: tuple[Shot, ...]
    opened: tuple[int, ...] = ()
    keystrokes: int | None = None
    nearby: tuple[NearbyMark, ...] = ()


class Moments:
    """Answers for one session.

    Args:
        model: of it. events: its records. opened: seqs of withheld ones that the trainer opened.
    """

    def __init__(self, model: ReplayModel, events: Sequence[Event], opened: Collection[int] = ()) -> None:
        self._model = model
        self._opened = [(*tick_of(one), one) for one in events if one.seq in opened and one.body is not None]
        fronts = sorted(
            (body.t_us - (body.mono_us - change.mono_us), change.app if change.window else "", change.title)
            for body in (event.body for event in events)
            if isinstance(body, Focus)
            for change in body.changes
        )
        self._fronts = fronts
        self._front_times = [one[0] for one in fronts]
        self._masked = {e.seq: e.body.masked for e in events if isinstance(e.body, Capture)}
        self._shots = sorted(model.shots, key=lambda shot: (shot.t_us, shot.seq))

    def at(self, t_us: int) -> Moment:
        """The moment `t_us`."""
        place = bisect_right(self._front_times, t_us) - 1
        app, title = self._fronts[place][1:] if place >= 0 else ("", "")
        gaps = tuple(
            (gap.reason.value if gap.reason is not None else "", gap.scope)
            for gap in self._model.gaps
            if gap.from_us <= t_us < gap.to_us and not gap.of_platform
        )
        if any(scope in ("session", "window") for _, scope in gaps):
            app, title = "", ""
        opened = [event for begin, end, event in self._opened if begin <= t_us <= end]
        timing = [len(event.body.keys) for event in opened if isinstance(event.body, Raw)]
        return Moment(
            t_us,
            app,
            title,
            self._per_minute(t_us),
            gaps,
            self._last_shots(t_us),
            tuple(sorted({event.kind for event in opened})),
            sum(timing) if timing else None,
            self._model.nearby.at(t_us),
        )

    def masked(self, seq: int) -> int:
        """How many areas of a screenshot were painted over before it was kept."""
        return self._masked.get(seq, 0)

    def next_shot(self, t_us: int, step: int) -> int | None:
        """When the next (1) or previous (-1) screenshot was, None where there is none."""
        return _neighbour([shot.t_us for shot in self._shots], t_us, step)

    def _per_minute(self, t_us: int) -> float | None:
        ticks = self._model.ticks
        place = int(np.searchsorted(ticks.stops, t_us, side="left"))
        if place < len(ticks.stops) and ticks.starts[place] <= t_us:
            return float(ticks.per_minute[place])
        return None

    def _last_shots(self, t_us: int) -> tuple[Shot, ...]:
        last: dict[int, Shot] = {}
        for shot in self._shots:
            if shot.t_us > t_us:
                break
            last[shot.monitor] = shot
        if any(not shot.removed for shot in last.values()):
            last = {monitor: shot for monitor, shot in last.items() if monitor or not shot.removed}
        return tuple(last[monitor] for monitor in sorted(last))


class FindingDetail(msgspec.Struct, frozen=True):
    """What a finding rests on: its numbers, and the moments of its evidence (UTC µs), each once, in order."""

    seq: int
    statistic: float
    threshold: float
    calibration: str
    weight: str
    moments: tuple[int, ...]


def finding_details(events: Sequence[Event]) -> dict[int, FindingDetail]:
    """The readable findings by seq."""
    by_seq = {event.seq: event for event in events if event.body is not None}
    details = {}
    for event in events:
        body = event.body
        if isinstance(body, FindingRecord):
            told = (_moments_of(by_seq[seq], body.detector) for seq in body.evidence if seq in by_seq)
            moments = tuple(sorted({t_us for one in told for t_us in one if t_us}))
            numbers = body.statistic_ppm / 1_000_000, body.threshold_ppm / 1_000_000
            details[event.seq] = FindingDetail(event.seq, *numbers, body.calibration, body.weight, moments)
    return details


def _moments_of(event: Event, detector: str) -> tuple[int, ...]:
    """Where a finding of `detector` leads to for this record of its evidence."""
    if isinstance(event.body, Stats):
        return (event.body.t_us - event.body.span_ms * 1000,)
    return evidence_us(event, detector) or (int(getattr(event.body, "t_us", 0)),)


def told(moment: Moment, words: Words) -> tuple[str, ...]:
    """The moment in sentences: what was in front, how much was typed, what was nearby or not observed."""
    lines = []
    if moment.app:
        front = words("moment.front.title", app=moment.app, title=moment.title) if moment.title else moment.app
        lines.append(words("moment.front", front=front))
    if moment.per_minute is not None:
        number = round(moment.per_minute)
        lines.append(words.count("moment.typed", number) if number else words("moment.typed.none"))
    lines += [mark_words(mark, words) for mark in moment.nearby]
    for reason, scope in moment.gaps:
        why = words.of(f"gap.{reason}", "gap.unknown") if reason else words("removed")
        lines.append(words("moment.gap", reason=why, scope=words.of(f"scope.{scope}", "scope.unknown")))
    if moment.opened:
        lines.append(words("moment.opened", what="; ".join(kind_words(kind, words) for kind in moment.opened)))
    if moment.keystrokes is not None:
        lines.append(words.count("moment.timing", moment.keystrokes))
    return tuple(lines) or (words("moment.nothing"),)


def age_words(shot: Shot, t_us: int, words: Words) -> str:
    """How long before the moment a screenshot was taken."""
    return words("moment.shot.age", length=clock_words(t_us - shot.t_us))


def _neighbour(times: Sequence[int], t_us: int, step: int) -> int | None:
    beyond = [one for one in times if (one > t_us if step > 0 else one < t_us)]
    if not beyond:
        return None
    return min(beyond) if step > 0 else max(beyond)
