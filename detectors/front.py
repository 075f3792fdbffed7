# SPDX-License-Identifier: Apache-2.0
"""Which window was in front, how long, and whether the catalogue knows it: a fold over FOCUS and the gaps between.

Rules:

1. A window is in front until another is told, until the record goes dark, or until the last tick that was seen.
2. What nobody saw counts for nothing: a stretch ends where a gap begins, and the next begins where a window is told again,
   and not before the gap is over, however late it is told.
3. No title outlives the step that reads it; a stretch keeps what the catalogue made of it.
"""

from __future__ import annotations

from typing import Final

import msgspec

from detectors.catalogue.match import Ask, Match
from session.events import TICK_US, Edge, Event, Focus, FocusChange, Gap, Kind, Reason

SCOPE: Final = "window"
"""The sensor's name in GAP. Source: agent/x11/windows.py."""

_STANDS_STILL: Final = frozenset((Reason.SUSPEND, Reason.CLOCK, Reason.OFFLINE, Reason.WITNESS))
"""Gaps of the session in which no window can change unseen: the monotonic clock stands, or only the network is missing."""


class Stretch(msgspec.Struct, frozen=True):
    """One window in front without a break, on the monotonic clock; pages of one tool after the other are one stretch.

    Args:
        seq: of the FOCUS record that told it. last_seq: of the one that told its end, or that saw it last.
    """

    seq: int
    last_seq: int
    from_us: int
    until_us: int
    app: str
    match: Match | None

    @property
    def length_us(self) -> int:
        """How long, >= 0."""
        return max(0, self.until_us - self.from_us)


class Front(msgspec.Struct, frozen=True):
    """The window in front now, as far as it was seen.

    Args:
        told: whether any window ever was.
        since_us: before this time nothing that is told from now on counts: it was dark then, or counted already.
    """

    now: Stretch | None = None
    told: bool = False
    since_us: int | None = None


def blinds(gap: Gap, *scopes: str) -> bool:
    """Whether something of these sensors may have happened unseen."""
    return gap.scope in scopes or (gap.scope == "session" and gap.reason not in _STANDS_STILL)


def advance(front: Front, event: Event, ask: Ask) -> tuple[Front, tuple[Stretch, ...]]:
    """`front` after one more record, and the stretches that ended with it. Total: any record is taken.

    `ask`: the catalogue.
    """
    body = event.body
    if event.kind == Kind.FOCUS:
        return _told(front, event.seq, body, ask) if isinstance(body, Focus) else _dark(front)
    if isinstance(body, Gap) and blinds(body, SCOPE):
        dark_us = body.mono_us - (max(0, body.t_us - body.from_us) if body.edge is Edge.POINT else 0)
        after, ended = _dark(front, dark_us)
        if after.since_us is None or after.since_us < body.mono_us:
            after = msgspec.structs.replace(after, since_us=body.mono_us)
        return after, ended
    return front, ()


def _dark(front: Front, from_us: int | None = None) -> tuple[Front, tuple[Stretch, ...]]:
    """What is in front is not known from here on."""
    now = front.now
    if now is None:
        return front, ()
    until_us = now.until_us if from_us is None else min(now.until_us, from_us)
    # What came in front in the last tick may have been told by the next one, which is not to come.
    until_us = max(now.from_us, until_us - TICK_US)
    return Front(told=front.told, since_us=now.until_us), (msgspec.structs.replace(now, until_us=until_us),)


def _told(front: Front, seq: int, focus: Focus, ask: Ask) -> tuple[Front, tuple[Stretch, ...]]:
    ended: list[Stretch] = []
    now = front.now
    if now is not None and focus.mono_us < now.until_us:  # the monotonic clock began anew: another boot
        ended.append(now)
        now = None
    since_us = front.since_us
    if since_us is not None and focus.mono_us < since_us:  # the same
        since_us = None
    for change in focus.changes:
        begun = _begun(change, seq, since_us, focus.mono_us, ask)
        if now is not None:
            if now.match is not None and (now.match, now.app) == (begun.match, begun.app):
                continue
            until_us = min(max(now.from_us, change.mono_us), max(now.until_us, focus.mono_us))
            ended.append(msgspec.structs.replace(now, until_us=until_us, last_seq=seq))
        now = begun
    if now is not None:
        now = msgspec.structs.replace(now, until_us=max(now.from_us, focus.mono_us), last_seq=seq)
    if now == front.now and front.told and since_us == front.since_us:
        return front, tuple(ended)
    return Front(now=now, told=front.told or bool(focus.changes), since_us=since_us), tuple(ended)


def _begun(change: FocusChange, seq: int, since_us: int | None, latest_us: int, ask: Ask) -> Stretch:
    from_us = min(change.mono_us if since_us is None else max(change.mono_us, since_us), latest_us)
    known = ask(change.app, change.title)
    return Stretch(seq=seq, last_seq=seq, from_us=from_us, until_us=from_us, app=change.app, match=known)
