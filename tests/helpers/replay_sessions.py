# SPDX-License-Identifier: Apache-2.0
"""Sessions made of records, for detectors and the replay: what a reader would hand over, without keys or files."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from session.events import (
    PAUSE_EDGES_MS,
    TICK_US,
    Declare,
    Edge,
    Event,
    Gap,
    Injected,
    Kind,
    Payload,
    Reason,
    SourceCount,
    Start,
    Stats,
)

ORIGIN_US = 1_790_000_000_000_000
MONO_US = 7_000_000_000
DIGEST = "0" * 64
SESSION_ID = "0123456789abcdef0123456789abcdef"


class Tape:
    """Appends records with rising seq; times are seconds since the session's start, on both clocks."""

    def __init__(self, *, origin_us: int = ORIGIN_US, mono_us: int = MONO_US, first_seq: int = 1) -> None:
        self.origin_us = origin_us
        self.mono_us = mono_us
        self.events: list[Event] = []
        self._next_seq = first_seq

    def at(self, second: float) -> tuple[int, int]:
        offset_us = round(second * 1_000_000)
        return self.origin_us + offset_us, self.mono_us + offset_us

    def add(self, kind: Kind, body: Payload | None, *, blob: str = "") -> int:
        seq = self._next_seq
        self.events.append(Event(seq=seq, kind=kind, body=body, blob_sha256=blob))
        self._next_seq += 1
        return seq

    def start(self) -> int:
        t_us, mono_us = self.at(0)
        body = Start(SESSION_ID, t_us, mono_us, "boot", "test", 1, *[DIGEST] * 5, "", "", "", "")
        return self.add(Kind.START, body)

    def tick(
        self,
        second: float,
        *sources: SourceCount,
        span_ms: int = 5000,
        pauses: Sequence[int] = (),
        pace: Sequence[int] = (),
        **more: object,
    ) -> int:
        """STATS of a tick; where no pauses are given, all text was typed evenly and without any."""
        t_us, mono_us = self.at(second)
        text = sum(s.text_keys for s in sources)
        other = sum(s.other_keys for s in sources)
        if not pauses:
            pauses, pace = (0, text, *(0,) * (len(PAUSE_EDGES_MS) - 1)), (text, 0)
        keys, counts = (text, 0, 0, 0, 0, 0, other, 0), {"pauses": tuple(pauses), "pace": tuple(pace)}
        body = Stats(t_us, mono_us, span_ms, keys, sources=sources, **counts, **more)  # type: ignore[arg-type]
        return self.add(Kind.STATS, body)

    def gap(self, second: float, edge: Edge, reason: Reason, scope: str = "session", *, since: float = 0) -> int:
        t_us, mono_us = self.at(second)
        from_us = self.at(since)[0] if edge is Edge.POINT else 0
        return self.add(Kind.GAP, Gap(t_us, mono_us, edge, reason, scope, from_us))

    def declare(self, second: float, tool: str) -> int:
        return self.add(Kind.DECLARE, Declare(*self.at(second), tool, "because"))


def source(
    text: int = 0, injected: Injected = Injected.NO, *, other: int = 0, moves: int = 0, scrolls: int = 0, number: int = 0
) -> SourceCount:
    return SourceCount(number or 1 + int(injected), injected, text, other, 0, scrolls, moves)


def injected(text: int, **more: int) -> SourceCount:
    return source(text, Injected.YES, **more)


def unknown(text: int, **more: int) -> SourceCount:
    return source(text, Injected.UNKNOWN, **more)


def typing(ticks: Iterable[Sequence[SourceCount]], **tape: int) -> Tape:
    """A session of STATS alone, one tick after the other."""
    made = Tape(**tape)
    for number, sources in enumerate(ticks):
        made.tick(number * TICK_US / 1e6, *sources)
    return made
