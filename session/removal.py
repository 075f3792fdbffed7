# SPDX-License-Identifier: Apache-2.0
"""What is taken out of a session, before the seal or after: which records tell of a stretch, an app or a picture. Pure.

Rules:

1. A record of a tick goes whole: what a stretch touches goes with up to a tick before and after it.
2. A screenshot goes with its twins, the equal ones before and after: a digest that stayed would name what went.
   Source: docs/session-format.md, Captures.
3. Only what the format lets a REDACT name is chosen. Times, gaps, work time, findings and answers stay.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

import msgspec

from session.events import Capture, Event, Focus, FocusChange, Kind, Raw, Stats
from session.table import rule_of

Span = tuple[int, int]
"""From and to, UTC µs, to excluded."""
Box = tuple[int, int, int, int]
"""Left, top, width and height of a part of a screenshot, in px of the picture."""


class Chosen(msgspec.Struct, frozen=True):
    """What would go.

    Args:
        ranges: of seqs, first and last included, in order; none where nothing is left to go.
        screenshots: how many; twins: how many of them were not asked for and are equal to one that was.
        others: records of other types.
    """

    ranges: tuple[Span, ...]
    screenshots: int = 0
    twins: int = 0
    others: int = 0


def screenshots(events: Sequence[Event], seqs: Iterable[int]) -> Chosen:
    """These screenshots, with their twins."""
    return _chosen(events, set(), set(seqs))


def records(events: Sequence[Event], seqs: Iterable[int]) -> Chosen:
    """These records, and the twins of the screenshots among them."""
    wanted, shots = set(seqs), {event.seq for event in events if event.kind == Kind.CAPTURE}
    return _chosen(events, wanted - shots, wanted & shots)


def batches(pictures: Mapping[int, str], *, most: int) -> Iterator[tuple[tuple[Span, ...], tuple[str, ...]]]:
    """What is to go, in as few statements as hold it: ranges of seqs, and the digests of their pictures.

    Args:
        pictures: each seq, with the digest of its picture, "" for none.
        most: ranges and digests that one statement may name. Source: docs/session-format.md, 10.
    """
    ranges: list[Span] = []
    blobs: list[str] = []
    for seq in sorted(pictures):
        follows = bool(ranges) and ranges[-1][1] == seq - 1
        if (pictures[seq] and len(blobs) == most) or (not follows and len(ranges) == most):
            yield tuple(ranges), tuple(blobs)
            ranges, blobs, follows = [], [], False
        if follows:
            ranges[-1] = (ranges[-1][0], seq)
        else:
            ranges.append((seq, seq))
        blobs += [pictures[seq]] if pictures[seq] else []
    if ranges:
        yield tuple(ranges), tuple(blobs)


def twins(events: Sequence[Event], seq: int) -> tuple[Event, ...]:
    """This screenshot and the equal ones that are still there, in order; none where it is no screenshot that can be read."""
    families = _families(events)
    wanted = families.get(seq)
    return tuple(event for event in events if wanted is not None and families.get(event.seq) == wanted)


def of_one_moment(events: Sequence[Event], seqs: Iterable[int]) -> tuple[int, ...]:
    """The seqs of all screenshots of the same monitors and moments as these, which are among them.

    One that was covered afterwards has the moment of the one that it stands for. Two of one moment are there only where a
    covering broke off between the new one and the end of the old.
    """
    shots = {event.seq: event.body for event in events if isinstance(event.body, Capture)}
    moments = {(shots[seq].monitor, shots[seq].t_us, shots[seq].mono_us) for seq in seqs if seq in shots}
    return tuple(seq for seq, body in shots.items() if (body.monitor, body.t_us, body.mono_us) in moments)


def stretch(events: Sequence[Event], span: Span) -> Chosen:
    """Everything that tells of `span`."""
    return _of_spans(events, (span,))


def application(events: Sequence[Event], app: str) -> Chosen:
    """Everything that tells of the time while `app` was in front."""
    return _of_spans(events, tuple(in_front(events, app)))


def applications(events: Sequence[Event]) -> tuple[str, ...]:
    """What was in front, each once, the first first."""
    seen = {change.app: None for _, change in _changes(events) if change.window}
    return tuple(seen)


def in_front(events: Sequence[Event], app: str) -> Iterator[Span]:
    """When `app` was in front, as far as the record tells."""
    turns = sorted((at_us, change.app if change.window else "") for at_us, change in _changes(events))
    end_us = max((_times(event)[1] for event in events), default=0) + 1
    for place, (at_us, name) in enumerate(turns):
        if name == app:
            yield at_us, turns[place + 1][0] if place + 1 < len(turns) else end_us


def _changes(events: Sequence[Event]) -> Iterator[tuple[int, FocusChange]]:
    for event in events:
        if isinstance(event.body, Focus):
            for change in event.body.changes:
                yield event.body.t_us - (event.body.mono_us - change.mono_us), change


def _of_spans(events: Sequence[Event], spans: Sequence[Span]) -> Chosen:
    def tells(event: Event) -> bool:
        first_us, last_us = _times(event)
        return any(first_us < to_us and last_us >= from_us for from_us, to_us in spans)

    found = [event for event in events if event.body is not None and _removable(event) and tells(event)]
    shots = {event.seq for event in found if event.kind == Kind.CAPTURE}
    return _chosen(events, {event.seq for event in found} - shots, shots)


def _times(event: Event) -> Span:
    """The first and the last moment that a record tells of, UTC µs; both 0 where it has no time."""
    body = event.body
    t_us: int = getattr(body, "t_us", 0)
    if isinstance(body, Stats):
        return t_us - body.span_ms * 1000, t_us
    if isinstance(body, Focus):
        moments_us = (*(change.mono_us for change in body.changes), *(one.mono_us for one in body.nearby))
        told = [t_us - (body.mono_us - mono_us) for mono_us in moments_us]
        return min(told, default=t_us), max(told, default=t_us)
    if isinstance(body, Raw):
        told = [t_us + at_ms * 1000 for at_ms in (*(k.at_ms for k in body.keys), *(s.at_ms for s in body.strokes))]
        return min(told, default=t_us), max(told, default=t_us)
    return t_us, t_us


def _removable(event: Event) -> bool:
    rule = rule_of(event.kind)
    return rule is not None and rule.redactable


def _chosen(events: Sequence[Event], others: set[int], shots: set[int]) -> Chosen:
    families = _families(events)
    wanted = {families[seq] for seq in shots if seq in families}
    whole = {seq for seq, family in families.items() if family in wanted}
    asked = whole & shots
    return Chosen(_ranges(others | whole), len(whole), len(whole - asked), len(others))


def _families(events: Sequence[Event]) -> dict[int, int]:
    """Of each screenshot that is still there, the first of those that it equals."""
    families: dict[int, int] = {}
    for event in events:
        if isinstance(event.body, Capture):
            families[event.seq] = families.get(event.body.same_as, event.body.same_as) or event.seq
    return families


def _ranges(seqs: set[int]) -> tuple[Span, ...]:
    ranges: list[Span] = []
    for seq in sorted(seqs):
        if ranges and ranges[-1][1] == seq - 1:
            ranges[-1] = (ranges[-1][0], seq)
        else:
            ranges.append((seq, seq))
    return tuple(ranges)
