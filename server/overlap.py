# SPDX-License-Identifier: Apache-2.0
"""Two sessions of one person at once: never refused; what both count is shown with the one that began later.

Rules:

1. Counted anew in the transaction that takes a seal, for it and for all that it meets: the order in which sessions arrive
   changes nothing.
2. Work time lies where the session's own computer says, moved onto the platform's clock as far as cosignatures prove that
   it was wrong: two sessions one after the other do not overlap because a clock was corrected in between.
3. It changes no work time. Who reads the list sees how much of it is counted in another session, of whatever project.
"""

from __future__ import annotations

from sqlalchemy import Connection

from server.store import worked
from session.account.overlap import Worked, counted_once, work_spans
from session.verify.result import Verification


def worked_of(outcome: Verification) -> Worked:
    """Where a verified session counts, by the platform's clock as far as that is proved.

    A clock that was set while the session ran, or was wrong both ways, is left as it was: nobody knows when it was right.
    """
    times, accounted = outcome.times, outcome.account
    steady = not times.clock.steps and not (times.ahead_us and times.behind_us)
    ahead_us = times.ahead_us - times.behind_us if steady else 0
    spans = work_spans(accounted, ahead_us=ahead_us) if accounted is not None else ()
    return Worked(outcome.session_id, (times.claimed_start_us or 0) - ahead_us, spans)


def enter(connection: Connection, person: str, one: Worked, beyond_us: int = 0) -> None:
    """Keeps where a session counts, and what of it cannot have passed, and counts it and all that it meets anew."""
    worked.put(connection, person, one, beyond_us)
    for session_id, counted in counted_once(worked.together(connection, person, one)).items():
        worked.set_overlap(connection, session_id, counted.overlap_us)
