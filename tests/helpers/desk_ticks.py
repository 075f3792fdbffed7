# SPDX-License-Identifier: Apache-2.0
"""Some seconds of a real sensor as one tick, and that tick laid end to end: a long time that nobody waits for."""

from __future__ import annotations

import msgspec
from desk_watch import Watch
from pointer_generators import without_timing

from agent.gate import monotonic_us
from agent.minimise import Minimiser
from agent.sensor import Observation
from session.events import TICK_US, Event, Focus, Kind, Stats
from session.ports import ClockReading

T_US = 1_790_000_000_000_000


def tick(watch: Watch, since_us: int, *kinds: type[Observation]) -> Stats:
    """The statistics of the tick in which all of those kinds happened, by the agent's own code."""
    begin = ClockReading(T_US, since_us, since_us)
    minimiser = Minimiser(without_timing(), begin)
    for observation in list(watch.seen):
        if isinstance(observation, kinds):
            minimiser.take(observation)
    end_us = max(since_us + TICK_US, monotonic_us())  # later where the machine is busy
    stats = minimiser.tick(ClockReading(begin.t_us + end_us - since_us, end_us, end_us)).stats
    assert stats is not None
    return stats


def laid_end_to_end(body: Stats, until_us: int, *, after: Event | None = None) -> list[Event]:
    """Nothing but this tick under one window, as often as it takes to fill so much time.

    A session of its own, or what follows the record `after`, a STATS.
    """
    events: list[Event] = []
    span_us, first, t_us, mono_us = body.span_ms * 1000, 1, body.t_us, body.mono_us
    if after is not None:
        assert isinstance(after.body, Stats)
        first, t_us, mono_us = after.seq + 1, after.body.t_us + span_us, after.body.mono_us + span_us
    for passed_us in range(0, until_us, span_us):
        at = (t_us + passed_us, mono_us + passed_us)
        events.append(Event(seq=first + len(events), kind=Kind.FOCUS, body=Focus(*at)))
        again = msgspec.structs.replace(body, t_us=at[0], mono_us=at[1])
        events.append(Event(seq=first + len(events), kind=Kind.STATS, body=again))
    return events
