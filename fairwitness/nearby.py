# SPDX-License-Identifier: Apache-2.0
"""What came, went or stayed beside the window in front, as `show` prints it: the replay's own words."""

from __future__ import annotations

from collections.abc import Sequence

from fairwitness.telling import utc
from session.events import Event
from ui.replay.nearby import looked_words, mark_words, nearby_seen
from ui.strings import Words


def nearby(events: Sequence[Event], *, notes_runners: bool = False) -> list[str]:
    """Each mark with its time, in order, then what of it was not observed. Total: any records give at least a line.

    `notes_runners`: whether the policy has programs that run models noted.
    """
    words = Words()
    times_us = [t_us for event in events if (t_us := getattr(event.body, "t_us", 0))]
    bounds_us = min(times_us, default=0), max(times_us, default=0) + 1
    seen = nearby_seen(events, *bounds_us, notes_runners=notes_runners)
    marks = [f"  {utc(mark.t_us)}: {mark_words(mark, words)}" for mark in seen.marks]
    return [*([f"{words('lane.nearby')}:"] if marks else []), *marks, *looked_words(seen, words)]
