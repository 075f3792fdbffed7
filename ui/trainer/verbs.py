# SPDX-License-Identifier: Apache-2.0
"""What the trainer can do, in one place for tray and window: which verbs are offered in which state."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Final

import msgspec

from session.desks import CodeState, ProjectChoice, Stage, TrainerState, TrainerStatus
from ui.strings import Words
from ui.trainer.telling import HELD, RUNNING


class Verb(StrEnum):
    """One thing to do. Each is also the end of its sentence's key, `do.<verb>`."""

    START = "start"
    PAUSE = "pause"
    PRIVATE = "private"
    RESUME = "resume"
    STOP = "stop"
    DECLARE = "declare"
    NOTE = "note"
    ASSISTANCE = "assistance"
    JOIN = "join"
    CODE = "code"
    DEVICE = "device"
    RATES = "rates"


OWN: Final = (Verb.CODE, Verb.DEVICE)
"""About the person's own keys."""
SELDOM: Final = (*OWN, Verb.ASSISTANCE)
"""What is done once or twice a year stands in the window alone: the tray's menu is for every day. (What is done once in four
weeks is in the menu while it waits.)"""


class Offer(msgspec.Struct, frozen=True):
    """A verb with its words; `about` is a project's id for START."""

    verb: Verb
    words: str
    about: str = ""


def offers(status: TrainerStatus, projects: Sequence[ProjectChoice], words: Words) -> tuple[Offer, ...]:
    """What can be done now, the likeliest first."""
    if status.state is TrainerState.IDLE:
        own = Offer(Verb.ASSISTANCE, words("do.assistance"))
        sums = (Offer(Verb.RATES, words("do.rates")),) if status.report_until_us else ()
        return (*_starts(status, projects, words), *sums, *_join(status, words), own)
    verbs: tuple[Verb, ...] = ()
    if status.state is TrainerState.RECORDING:
        verbs = (Verb.PAUSE, Verb.PRIVATE, Verb.STOP, Verb.DECLARE, Verb.NOTE, Verb.ASSISTANCE)
    elif status.state is TrainerState.PAUSED:
        verbs = (Verb.RESUME, Verb.PRIVATE, Verb.STOP, Verb.DECLARE, Verb.NOTE, Verb.ASSISTANCE)
    elif status.state is TrainerState.PRIVATE:
        verbs = (Verb.RESUME, Verb.STOP)
    return tuple(Offer(verb, words(f"do.{verb}")) for verb in verbs)


def named(project: str, projects: Sequence[ProjectChoice]) -> str:
    """The name of a project, its id where it is not among them any more."""
    return next((one.name for one in projects if one.id == project), project)


def waits_for_admission(status: TrainerStatus, projects: Sequence[ProjectChoice]) -> bool:
    """Whether this computer is enrolled and its person cannot start yet."""
    return bool(status.organisation) and not projects and status.state is TrainerState.IDLE


def runs(status: TrainerStatus) -> bool:
    """Whether a session is there that would have to be stopped."""
    return status.state in RUNNING or (status.state is TrainerState.STARTING and bool(status.session_id))


def is_held(status: TrainerStatus) -> bool:
    """Whether the session rests because the person wants it to."""
    return status.state in HELD


def waiting(status: TrainerStatus) -> tuple[str, ...]:
    """Sessions that wait for their trainer's review, the newest first."""
    return tuple(card.session_id for card in status.sessions if card.stage is Stage.REVIEW)


def _starts(status: TrainerStatus, projects: Sequence[ProjectChoice], words: Words) -> tuple[Offer, ...]:
    recent = [card.project for card in status.sessions]
    ordered = sorted(projects, key=lambda one: recent.index(one.id) if one.id in recent else len(recent))
    if [one.id for one in ordered] == [""]:
        return (Offer(Verb.START, words("do.start.personal")),)
    return tuple(Offer(Verb.START, words("do.start.project", project=one.name), one.id) for one in ordered)


def _join(status: TrainerStatus, words: Words) -> tuple[Offer, ...]:
    if not status.organisation:
        return (Offer(Verb.JOIN, words("do.join")),)
    return tuple(Offer(verb, words(f"do.{verb}")) for verb in OWN if status.code is not CodeState.UNKNOWN)
