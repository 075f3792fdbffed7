# SPDX-License-Identifier: Apache-2.0
"""Copies and pastes in the order in which they happened, each with the window of its moment.

A busy tick hands changes of the window on to the next, and a copy is told when it has been measured, which may be after
its paste. So each moment waits until all around it is told.
"""

from __future__ import annotations

from typing import Final

import msgspec

from detectors.catalogue.match import Ask
from detectors.front import Front, Stretch, advance
from session.events import TICK_US, Clipboard, Event, Focus

CLIPBOARD: Final = "clipboard"
"""The sensor's name in GAP. Source: agent/x11/clipboard.py."""
MOST_STRETCHES: Final = 64
"""Windows that are remembered until the copies among them are known; a copy is told within seconds."""
MOST_WAITING: Final = 256
"""Copies and pastes that wait for the windows of their moment; one comes in a tick."""


class Moment(msgspec.Struct, frozen=True):
    """A copy or a paste: what record `seq` told, and the window in front just then, None where that is not known."""

    seq: int
    told: Clipboard
    window: Stretch | None


class Moments(msgspec.Struct, frozen=True):
    """What was in front lately, and the copies and pastes that are not judged yet.

    Args:
        ask: the catalogue.
        seen_us: until when windows, and copies and pastes, are told; None at first.
        waiting: seq and body of copies and pastes.
    """

    ask: Ask
    front: Front = Front()
    windows: tuple[Stretch, ...] = ()
    seen_us: tuple[int | None, int | None] = (None, None)
    waiting: tuple[tuple[int, Clipboard], ...] = ()

    def after(self, event: Event) -> tuple[Moments, tuple[Moment, ...]]:
        """With one more record, and what happened a tick before all that is told now. Total: any record is taken."""
        body = event.body
        front, ended = advance(self.front, event, self.ask)
        windows, waiting, seen_us = self.windows, self.waiting, self.seen_us
        if ended:
            windows = (*windows, *ended)[-MOST_STRETCHES:]
        if isinstance(body, Focus):
            seen_us = (body.mono_us, seen_us[1])
        elif isinstance(body, Clipboard):
            seen_us = (seen_us[0], body.mono_us)
            if body.action in ("copy", "paste"):
                waiting = (*waiting, (event.seq, body))[-MOST_WAITING:]
        elif front == self.front and not ended:
            return self, ()
        now = Moments(ask=self.ask, front=front, windows=windows, seen_us=seen_us, waiting=waiting)
        window_us, clipboard_us = seen_us
        if not waiting or window_us is None or clipboard_us is None or not isinstance(body, Focus | Clipboard):
            return now, ()
        return now._settled(min(window_us, clipboard_us) - TICK_US)

    def rest(self) -> tuple[Moment, ...]:
        """All that waits, for an answer now."""
        return self._settled(None)[1]

    def window_at(self, mono_us: int) -> Stretch | None:
        """What was in front at `mono_us`; None where that is not known."""
        known = self.windows if self.front.now is None else (*self.windows, self.front.now)
        return next((s for s in reversed(known) if s.from_us <= mono_us <= s.until_us), None)

    def _settled(self, until_us: int | None) -> tuple[Moments, tuple[Moment, ...]]:
        due = [one for one in self.waiting if until_us is None or one[1].mono_us <= until_us]
        if not due:
            return self, ()
        inorder = sorted(due, key=lambda one: (one[1].mono_us, one[0]))
        judged = tuple(Moment(seq, told, self.window_at(told.mono_us)) for seq, told in inorder)
        left = tuple(one for one in self.waiting if one not in due)
        return msgspec.structs.replace(self, waiting=left), judged
