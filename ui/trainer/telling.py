# SPDX-License-Identifier: Apache-2.0
"""What the trainer's desk says of a status, in words. No Qt."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, tzinfo
from typing import Final

from session.desks import ProjectChoice, SessionCard, Stage, TrainerState, TrainerStatus
from ui.ends import asking_words
from ui.strings import Words

RUNNING: Final = frozenset({TrainerState.RECORDING, TrainerState.PAUSED, TrainerState.PRIVATE})
"""States in which a session is there that can be stopped."""
HELD: Final = frozenset({TrainerState.PAUSED, TrainerState.PRIVATE})


def length(length_us: int) -> str:
    """Work time as h:mm:ss, whole seconds, rounded down."""
    seconds = max(0, length_us) // 1_000_000
    return f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"


def local(t_us: int, zone: tzinfo | None = None) -> datetime:
    """A moment on the clock of this computer, or of `zone`."""
    return datetime.fromtimestamp(t_us / 1_000_000, UTC).astimezone(zone)


def state_words(status: TrainerStatus, words: Words) -> str:
    """The state in a few words, with the network's where it is missing."""
    state = words(f"state.trainer.{status.state}")
    return words("state.trainer.offline", state=state) if status.offline else state


def contradiction_words(status: TrainerStatus, words: Words) -> list[str]:
    """In what the platform contradicts itself, where that is kept, what goes on and whom to tell; [] where it does not."""
    if not status.contradicted:
        return []
    kept = "contradicted.unkept" if status.unkept else "contradicted.kept"
    return [words.of(f"contradicted.{status.contradicted}", "contradicted.other"), words(kept)]


def ending_words(status: TrainerStatus, projects: Sequence[ProjectChoice], words: Words, zone: tzinfo | None = None) -> str:
    """What of the organisation runs out soon, what comes of it and whom to ask; "" where nothing does."""
    return asking_words(status.due, {one.id: one.name or one.id for one in projects}, words, zone)


def time_words(status: TrainerStatus, words: Words, named: str) -> str:
    """How long was worked, and on which project; "" while no session runs."""
    if status.state not in RUNNING:
        return ""
    if not named:
        return words("tray.time.personal", length=length(status.worked_us))
    return words("tray.time", project=named, length=length(status.worked_us))


def gap_words(open_gap: str, words: Words) -> str:
    """One thing that is not observed now, from "scope: reason"."""
    scope, _, reason = open_gap.partition(": ")
    told = words.of(f"scope.{scope}", "scope.unknown")
    return f"{told[:1].upper()}{told[1:]}: {words.of(f'gap.{reason}', 'gap.unknown')}"


def size_words(octets: int, words: Words) -> str:
    """A size as people read it."""
    if octets < 1_000_000:
        return words("size.kb", number=max(1, round(octets / 1000)) if octets else 0)
    return words("size.mb", number=f"{octets / 1_000_000:.1f}")


def none_words(status: TrainerStatus, projects: Sequence[ProjectChoice]) -> str:
    """Key of what stands in the place of the list while it is empty. It names Start only where there is one."""
    if status.session_id or status.state in RUNNING or status.state is TrainerState.STOPPING:
        return "today.sessions.running"
    return "today.sessions.none" if status.state is TrainerState.IDLE and projects else "today.sessions.yet"


def card_title(card: SessionCard, words: Words, zone: tzinfo | None = None) -> str:
    """When it was, and how long was worked."""
    date = f"{local(card.started_us, zone):%Y-%m-%d %H:%M}"
    return words("card.title", date=date, length=length(card.worked_us))


def overlap_words(card: SessionCard, words: Words) -> str:
    """What of its work time another session counts too, "" for nothing."""
    return words("card.overlap", length=length(card.overlap_us)) if card.overlap_us else ""


def stage_words(card: SessionCard, words: Words, zone: tzinfo | None = None) -> str:
    """Where the session is on its way."""
    key = f"stage.{card.stage}"
    if card.stage is Stage.HELD:
        return words(key, time=f"{local(card.send_at_us, zone):%H:%M}")
    if card.stage is Stage.SENDING:
        return words(key, done=size_words(card.sent_bytes, words), of=size_words(card.total_bytes, words))
    return words(key)
