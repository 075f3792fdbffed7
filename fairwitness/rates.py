# SPDX-License-Identifier: Apache-2.0
"""A trainer's own counts of questions on trial, and the report of them that the trainer sends or declines.

Rules:

1. Only sealed sessions in this computer's spool that the trainer's own key opens count, and only those whose own policy
   says that they may be counted: its notice told so. Nothing is written into a session.
2. Nothing sends itself. What is sent is what was shown; it is kept in `rates/` before it leaves, and sent again as it is.
3. A declined period is noted here alone.

Source: docs/adr/0020-rates-without-sessions.md.
"""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final, Literal

import msgspec

import detectors
from agent.finishing import is_sealed
from fairwitness.opening import open_here, policy_of
from fairwitness.places import Places
from fairwitness.wiring import Enrolment
from session import EnvironmentFault, FairWitnessError, InputFault, IntegrityFault
from session.crypto.signing import SigningKey
from session.disk import RealDisk, environment_fault, make_private, write_whole
from session.events import Ack, FindingRecord
from session.policy import default_policy_toml, parse_policy
from session.ports import Clock, Outcome
from session.rates.counts import LEAST_SESSIONS, REPORT_US, Question, begins_us, count, period_of
from session.rates.report import Posted, RatesReport, make_report
from session.rates.rows import Cell
from session.rates.shown import Own, Standing
from session.seal import SEAL_BYTES, SEAL_NAME, Seal
from session.segments import read_file
from session.trust.directory import Directory
from session.trust.dsse import read_envelope, strict_json
from uploader.client import PlatformClient, Request
from uploader.organisation import refresh

_KEPT_BYTES: Final = 256 * 1024
_NOT_NOW: Final = "Nothing can be sent or declined for this period now: only in the 14 days after its end."
_SENT: Final = "The report of this period is sent already; what was sent cannot be taken back."
_AWAY: Final = (
    "The platform cannot be reached just now: nothing was sent. Check the network and try again; no report sends itself."
)
_UNCONFIRMED: Final = (
    "The platform did not confirm your report. Check the network and send it again: it goes as it was, and never by itself."
)


class _Kept(msgspec.Struct, frozen=True):
    """What is remembered of a period, of one organisation."""

    organisation: str
    state: Literal["begun", "sent", "declined"]
    posted: Posted | None = None

    def cell(self) -> Cell | None:
        """What the report that was made says in the open; None where none was made. Raises `IntegrityFault`."""
        if self.posted is None:
            return None
        return strict_json(read_envelope(self.posted.report.encode())[1], RatesReport).cell


class _Counted(msgspec.Struct, frozen=True):
    """One session that counts."""

    project: str
    language: str
    findings: tuple[FindingRecord, ...]


def questions_asked() -> tuple[Question, ...]:
    """The questions of this program; they hang on no session."""
    found = detectors.run(detectors.ALL, parse_policy(default_policy_toml()), ())
    return tuple(Question(one.detector, one.version, one.calibration) for one in found)


def system_of(platform: str = sys.platform, environment: Mapping[str, str] = os.environ) -> str:
    """What this desktop is, in a word: questions go wrong by system first."""
    if platform == "linux":
        return "linux-wayland" if environment.get("WAYLAND_DISPLAY") else "linux-x11"
    return {"win32": "windows", "darwin": "macos"}.get(platform, platform)


def shown_period(now_us: int) -> int:
    """The period that a trainer is asked about: the one before, for as long as its reports are taken, else the present."""
    now = period_of(now_us)
    return now - 1 if now_us < begins_us(now) + REPORT_US else now


def own(enrolment: Enrolment, period: int, clock: Clock, *, language: bool = True) -> Own:
    """The trainer's own counts of a period. Nothing is sent.

    Args:
        enrolment: of this device.
        period: its number.
        clock: for what may be done now.
        language: False where the trainer would rather not say in which language they read.

    Raises:
        EnvironmentFault: the spool or the key store cannot be read.
    """
    places, organisation, now_us = enrolment.places, enrolment.organisation.org_fp, clock.read().t_us
    sessions, unread = [], 0
    for folder in sorted(path for path in places.spool.iterdir() if not path.name.startswith(".") and is_sealed(path)):
        try:
            sessions += _counted(folder, places, organisation, period)
        except FairWitnessError:
            unread += 1
    kept, questions = _kept(places, organisation, period), questions_asked()
    ends_us = begins_us(period + 1)
    made = kept.cell() if kept is not None else None
    return Own(
        period=period,
        begins_us=begins_us(period),
        ends_us=ends_us,
        until_us=ends_us + REPORT_US,
        sessions=len(sessions),
        unread=unread,
        cell=made
        or Cell(
            _most(one.project for one in sessions),
            system_of(),
            _most(one.language for one in sessions) if language else "",
        ),
        questions=questions,
        counts=count([one.findings for one in sessions], questions),
        state=_state(kept, len(sessions), now_us, ends_us),
    )


def standing(places: Places, organisation: str, period: int, sessions: int, now_us: int) -> Standing:
    """How a period stands, of which so many sessions count. Raises `EnvironmentFault`."""
    return _state(_kept(places, organisation, period), sessions, now_us, begins_us(period + 1))


def sessions_of(places: Places, organisation: str, period: int) -> int:
    """How many sealed sessions of that period may count, by what stands in the open: none is opened, and none is read whole.

    Those of them that turn out not to be the trainer's own, or cannot be read, count in `own` no more.
    """
    if not places.spool.is_dir():
        return 0
    number = 0
    for folder in places.spool.iterdir():
        if not folder.name.startswith(".") and is_sealed(folder):
            with suppress(FairWitnessError):
                number += _seal_of(folder, organisation, period) is not None
    return number


def decline(enrolment: Enrolment, shown: Own) -> None:
    """Notes here that nothing is sent for this period; nobody is told.

    Raises:
        InputFault: it was sent already, or cannot be sent now anyway.
        EnvironmentFault: it cannot be noted.
    """
    places, organisation = enrolment.places, enrolment.organisation.org_fp
    kept = _kept(places, organisation, shown.period)  # by the command, perhaps, while a window shows it
    if shown.state in {"sent", "begun"} or (kept is not None and kept.posted is not None):
        raise InputFault(_SENT)
    if shown.state not in {"open", "declined"}:
        raise InputFault(_NOT_NOW)
    _keep(places, shown.period, _Kept(organisation, "declined"))


def send(enrolment: Enrolment, shown: Own, client: PlatformClient) -> None:
    """Sends the report that `shown` shows; the one that was begun before goes again as it was.

    Raises:
        InputFault: nothing can be sent for this period now, or it was sent before.
        EnvironmentFault: the platform did not take it, there is no admin to read sums, or a key or the disk is in the way.
    """
    if shown.state == "sent":
        raise InputFault(_SENT)
    if not shown.may_be_sent:
        raise InputFault(_NOT_NOW)
    places, organisation = enrolment.places, enrolment.organisation
    answer = refresh(client, organisation)
    if not answer.done:
        raise EnvironmentFault(_AWAY if answer.outcome is Outcome.RETRY else answer.words)
    kept = _kept(places, organisation.org_fp, shown.period)
    posted = kept.posted if kept is not None else None
    if posted is None:
        posted = _made(enrolment, shown)
        _keep(places, shown.period, _Kept(organisation.org_fp, "begun", posted))
    answer = client.send(Request("rates", "PUT", f"/v1/rates/{shown.period}", msgspec.json.encode(posted)))
    if not answer.done:
        raise EnvironmentFault(_UNCONFIRMED if answer.outcome is Outcome.RETRY else answer.words)
    _keep(places, shown.period, _Kept(organisation.org_fp, "sent", posted))


def _made(enrolment: Enrolment, shown: Own) -> Posted:
    organisation, person = enrolment.organisation, enrolment.identity.person
    seed = enrolment.places.key_store().get(f"person/{organisation.org_fp}/signing")
    if seed is None:
        raise EnvironmentFault("The keys of this device are missing. Ask your organisation for a new enrolment link.")
    admins = _admins(organisation.directory())
    if not admins:
        raise EnvironmentFault("Your organisation's directory names no admin who could read sums: nothing was sent.")
    return make_report(
        SigningKey.from_seed(seed, "person"),
        organisation=organisation.org_fp,
        person=person,
        period=shown.period,
        cell=shown.cell,
        questions=shown.questions,
        counts=shown.counts,
        admins=admins,
    )


def _admins(directory: Directory) -> list[bytes]:
    admins = (one for one in directory.people if "admin" in one.roles)
    return [bytes.fromhex(one.reading_key) for one in admins if directory.revoked_us(one.person_key) is None]


def _counted(folder: Path, places: Places, organisation: str, period: int) -> list[_Counted]:
    """The session in `folder`, where it counts for that period."""
    seal = _seal_of(folder, organisation, period)
    if seal is None:
        return []
    opened = open_here(folder, places.home)
    if opened.reads_as != "trainer":
        return []
    bodies = [event.body for event in opened.reader.events()]
    languages = [one.language for one in bodies if isinstance(one, Ack)]
    findings = tuple(one for one in bodies if isinstance(one, FindingRecord))
    return [_Counted(seal.project, languages[-1] if languages else "", findings)]


def _seal_of(folder: Path, organisation: str, period: int) -> Seal | None:
    """The seal of a session of that period whose notice said that it may be counted. Raises as reading it does."""
    raw = read_file(folder / SEAL_NAME, SEAL_BYTES, "the seal")
    seal = strict_json(read_envelope(raw, max_bytes=SEAL_BYTES)[1], Seal)
    if (seal.organisation, period_of(seal.sealed_us)) != (organisation, period) or not policy_of(folder).findings.counted:
        return None
    return seal


def _most(names: Iterable[str]) -> str:
    """The name that stands there most often, the first in the alphabet of several; "" of none."""
    counted = Counter(names)
    return min(counted, key=lambda name: (-counted[name], name), default="")


def _state(kept: _Kept | None, sessions: int, now_us: int, ends_us: int) -> Standing:
    if kept is not None and kept.state == "sent":
        return "sent"
    if now_us < ends_us:
        return "running"
    if now_us >= ends_us + REPORT_US:
        return "over"
    if kept is not None:
        return kept.state
    return "few" if sessions < LEAST_SESSIONS else "open"


def _kept(places: Places, organisation: str, period: int) -> _Kept | None:
    """What is remembered of a period; None where nothing is, or of another organisation. Raises `EnvironmentFault`."""
    path = _folder(places) / f"{period}.json"
    if not path.is_file():
        return None
    try:
        kept = msgspec.json.decode(read_file(path, _KEPT_BYTES, "your report of rates"), type=_Kept)
        kept.cell()
    except (msgspec.MsgspecError, UnicodeDecodeError, IntegrityFault) as error:
        raise EnvironmentFault(
            f"What is kept of your report is damaged: {path}. Nothing of it is sent. Remove the file to begin anew."
        ) from error
    return kept if kept.organisation == organisation else None


def _keep(places: Places, period: int, kept: _Kept) -> None:
    folder = _folder(places)
    try:
        make_private(folder)
        write_whole(RealDisk(), folder, f"{period}.json", msgspec.json.encode(kept))
    except OSError as error:
        raise environment_fault(error, "keeping your report of rates") from error


def _folder(places: Places) -> Path:
    return places.folder / "rates"
