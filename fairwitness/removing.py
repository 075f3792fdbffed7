# SPDX-License-Identifier: Apache-2.0
"""`fairwitness remove`: says what would go, asks, takes it out of a sealed session here, and tells the platform."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import msgspec

from agent.clock import SystemClock
from fairwitness.opening import open_here
from fairwitness.places import Places
from fairwitness.removals import NOT_YOURS, Going, going, remove_sealed, send_removals
from fairwitness.telling import kinds_told
from fairwitness.wiring import enrolled
from session import EnvironmentFault
from session.events import Kind
from uploader.folders import RECEIPT

CANNOT_BE_UNSEEN: Final = "What a reviewer has opened or fetched before cannot be unseen."


class Done(msgspec.Struct, frozen=True):
    """What came of it. `waits`: why the platform has not taken it yet, "" where it has, or where it need not."""

    removed: bool
    records: int = 0
    screenshots: int = 0
    twins: int = 0
    sent: bool = False
    waits: str = ""


def remove(
    home: Path | None, folder: Path, ranges: Sequence[tuple[int, int]], reason: str, sure: Callable[[Sequence[str]], bool]
) -> Done:
    """Takes these records out of the sealed session in `folder`, once `sure` was told what would go and said so.

    Raises:
        InputFault: not sealed, not in the spool, or nothing of this may be removed; names the field.
        EnvironmentFault: not the person's own, or disk and keys are in the way; what was signed is finished later.
    """
    places, clock = Places(home), SystemClock()
    folder = folder.resolve()
    opened = open_here(folder, home)
    if opened.reads_as != "trainer":
        raise EnvironmentFault(NOT_YOURS)
    what = going(folder, opened.reader.events(), ranges)
    if not sure(told(what)):
        return Done(removed=False)
    store = places.key_store()
    enrolment = enrolled(places, store, clock)
    try:
        remove_sealed(places, store, enrolment, folder, what, reason, clock)
        done = Done(
            removed=True,
            records=len(what.pictures),
            screenshots=dict(what.kinds).get(Kind.CAPTURE, 0),
            twins=what.twins,
        )
        if enrolment is None or not (folder / RECEIPT).is_file():
            return done
        client = enrolment.client(clock)
        try:
            waits = send_removals(enrolment, client)
        finally:
            client.close()
        return msgspec.structs.replace(done, sent=not waits, waits=waits)
    finally:
        if enrolment is not None:
            enrolment.close()


def told(what: Going) -> list[str]:
    """What would go, in sentences."""
    lines = [f"This would go for good: {kinds_told(what.kinds)}."]
    if what.twins:
        lines.append(f"{what.twins} of the screenshots show the same picture at another moment, and go with it.")
    return [*lines, "The times, gaps and work time stay. " + CANNOT_BE_UNSEEN]


def outcome(done: Done) -> str:
    """What came of it, in a sentence or two."""
    if not done.removed:
        return "Nothing was removed."
    if done.waits:
        return f"It is gone here. The platform has not taken the removal yet: {done.waits} It is told again by itself."
    return "It is gone here and on the platform." if done.sent else "It is gone, and will not be sent."
