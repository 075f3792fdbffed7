# SPDX-License-Identifier: Apache-2.0
"""Gaps as stretches of time: the two ends of a GAP joined, and how each kind is to look.

"Not observed" must never look like "did nothing", so every stretch carries a `Look` with a hatch of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Final

import msgspec

from session.events import Edge, Event, Gap, Reason, Redact


class Look(StrEnum):
    """How a stretch that was not observed is drawn; each has one hatch, in both palettes."""

    PAUSE = "pause"
    PRIVATE = "private"
    CRASH = "crash"
    SUSPEND = "suspend"
    DENIED = "denied"
    OTHER = "other"
    REMOVED = "removed"


LOOKS: Final = {
    Reason.PAUSE: Look.PAUSE,
    Reason.PRIVATE: Look.PRIVATE,
    Reason.CRASH: Look.CRASH,
    Reason.DIED: Look.CRASH,
    Reason.DAMAGED: Look.CRASH,
    Reason.DISK: Look.CRASH,
    Reason.SUSPEND: Look.SUSPEND,
    Reason.LOCKED: Look.SUSPEND,
    Reason.DENIED: Look.DENIED,
    Reason.ABSENT: Look.DENIED,
    Reason.NO_INDICATOR: Look.DENIED,
}
"""Reasons that share a look because they mean the same to a person; all others are OTHER."""

EVERYTHING: Final = "session"
PLATFORM_REASONS: Final = frozenset({Reason.OFFLINE, Reason.WITNESS})
"""Gaps of the platform's time: observation went on, so they hatch no lane but that of the confirmed time."""


class GapSpan(msgspec.Struct, frozen=True):
    """One stretch that was not observed, [from_us, to_us) in UTC.

    Args:
        seq: of the GAP or REDACT record that began it.
        scope: a sensor's name or "session". reason: None for what the trainer removed.
        lost: how many observations were dropped, where counted. ended: whether its end stands in the record.
    """

    seq: int
    from_us: int
    to_us: int
    scope: str
    reason: Reason | None
    look: Look
    lost: int
    ended: bool

    @property
    def of_platform(self) -> bool:
        """Whether only the platform's time was missing, and nothing went unobserved."""
        return self.reason in PLATFORM_REASONS


def gap_spans(events: Sequence[Event], times_us: Sequence[int], end_us: int) -> tuple[GapSpan, ...]:
    """All stretches, by beginning; a gap without an end reaches to `end_us`. An END without a BEGIN says nothing.

    Args:
        events: in order of seq.
        times_us: for each event the last time that the record knew by then.
        end_us: of the session.
    """
    spans: list[GapSpan] = []
    begun: dict[tuple[str, Reason], tuple[int, Gap]] = {}
    for event in events:
        body = event.body
        if isinstance(body, Redact):
            spans.extend(_removed(event.seq, body, events, times_us))
        if not isinstance(body, Gap):
            continue
        where = (body.scope, body.reason)
        if body.edge is Edge.BEGIN:
            begun.setdefault(where, (event.seq, body))
        elif body.edge is Edge.END and where in begun:
            seq, begin = begun.pop(where)
            spans.append(_span(seq, begin, begin.t_us, body.t_us, lost=begin.lost + body.lost))
        elif body.edge is Edge.POINT:
            spans.append(_span(event.seq, body, body.from_us or body.t_us, body.t_us, lost=body.lost))
            if body.scope == EVERYTHING and body.reason is Reason.CRASH:
                # A crash ends what was open: every sensor starts anew and says again what it cannot see.
                spans.extend(_span(seq, gap, gap.t_us, body.t_us, lost=gap.lost) for seq, gap in begun.values())
                begun.clear()
    spans.extend(_span(seq, gap, gap.t_us, end_us, lost=gap.lost, ended=False) for seq, gap in begun.values())
    return tuple(sorted(spans, key=lambda span: (span.from_us, span.seq)))


def _span(  # noqa: PLR0913 - both ends of a gap and what they say together
    seq: int, gap: Gap, from_us: int, to_us: int, *, lost: int, ended: bool = True
) -> GapSpan:
    look = LOOKS.get(gap.reason, Look.OTHER)
    return GapSpan(seq, from_us, max(from_us, to_us), gap.scope, gap.reason, look, lost, ended)


def _removed(seq: int, redact: Redact, events: Sequence[Event], times_us: Sequence[int]) -> list[GapSpan]:
    """Where the removed records lay: from the record before a range to the one after; what touches is one stretch."""
    spans: list[GapSpan] = []
    for first, last in redact.ranges:
        within = [at for at, event in enumerate(events) if first <= event.seq <= last]
        if within:
            from_us, to_us = times_us[max(0, within[0] - 1)], times_us[min(len(times_us) - 1, within[-1] + 1)]
            if spans and from_us <= spans[-1].to_us:
                from_us, _ = spans[-1].from_us, spans.pop()
            spans.append(GapSpan(seq, from_us, max(from_us, to_us), "removed", None, Look.REMOVED, 0, ended=True))
    return spans
