# SPDX-License-Identifier: Apache-2.0
"""A reviewer's desk and a replay that answer as the test says, for windows that need neither platform nor keys.

desk = ListedDesk(forty())                 # sessions; the first asks twice, as replay_desks makes it
desk.away = "The platform cannot be reached."
with desk.held(): ...                      # long answers wait until the block ends
"""

from __future__ import annotations

import itertools
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC
from pathlib import Path

import msgspec
from PySide6.QtWidgets import QLabel, QScrollArea, QVBoxLayout, QWidget
from replay_desks import Desk, ListReader, long_day, verification
from replay_sessions import DIGEST

from session import EnvironmentFault, PlatformFault, StoppedFault
from session.desks import Owner, ReviewRow, Ruling, SessionCase, Watch
from session.events import FindingRecord, Kind
from session.policy import default_policy_toml, parse_policy
from session.trust.lifetime import Due
from session.verify.said import Decided, Replied, Said
from ui.desk.session import FindingPart, Replay
from ui.replay.model import ReplayModel

ZONE = UTC
NOW_US = 1_795_500_000_000_000
HOUR_US = 3_600_000_000
_NAMES = (
    "Ada Lovelace", "Bruno Conti", "Chiara Moretti", "Dmitri Volkov", "Elif Aydin", "Fatou Diop",
    "Giovanni Battista Esposito", "Hana Sato",
)  # fmt: skip
_PROJECTS = ("Cardiology answers", "Legal drafting, second round", "Chemistry")


def listed(number: int, **changes: object) -> ReviewRow:
    """The row of that number: 0 is the newest."""
    name = _NAMES[number % len(_NAMES)]
    plain = ReviewRow(
        session_id=f"{number:032x}",
        person=name.split()[0].lower(),
        name=name,
        project=f"project-{number % 3}",
        project_name=_PROJECTS[number % 3],
        started_us=1_795_422_600_000_000 - number * 7 * HOUR_US,
        worked_us=(55 + 37 * number % 400) * 60_000_000,
        sealed_us=1_795_460_000_000_000 - number * 7 * HOUR_US,
    )
    return msgspec.structs.replace(plain, **changes)


def forty(count: int = 40) -> list[ReviewRow]:
    """As the desk orders them: new ones, then opened, decided and answered ones."""
    rows = []
    for number in range(count):
        share = number / count
        if share < 0.3:
            rows.append(listed(number))
        elif share < 0.5:
            rows.append(listed(number, read=True, here=True))
        elif share < 0.8:
            rows.append(listed(number, read=True, here=number % 2 == 0, decisions=1 + number % 2))
        else:
            rows.append(listed(number, read=True, here=True, decisions=1 + number % 2, replies=1 + number % 3 // 2))
    return rows


def asking_day() -> Desk:
    """The long day of the replay's tests with a second question of class B."""
    desk = long_day(pictures=False)
    second = desk.finding(28_800, "raised")
    at = next(place for place, event in enumerate(desk.tape.events) if event.seq == second)
    body = desk.tape.events[at].body
    assert isinstance(body, FindingRecord)
    desk.tape.events[at] = msgspec.structs.replace(desk.tape.events[at], body=msgspec.structs.replace(body, weight="B"))
    desk.finding(28_800, "not evaluated")
    return desk


def asking(desk: Desk) -> list[int]:
    """Seqs of its raised findings."""
    bodies = ((event.seq, event.body) for event in desk.tape.events if event.kind == Kind.FINDING)
    return [seq for seq, body in bodies if isinstance(body, FindingRecord) and body.state == "raised"]


class ListedDesk:
    """`session.desks.ReviewDesk` over rows and one made-up session.

    `away`: words of the fault that every question meets, "" for none. `asked`: what was asked, in order.
    """

    def __init__(self, rows: Sequence[ReviewRow], session: Desk | None = None) -> None:
        self.rows = list(rows)
        self.session = session or asking_day()
        self.away = ""
        self.verified = True
        self.reads_as = "reviewer"
        self.faults: tuple[str, ...] = ()
        self.asked: list[tuple[object, ...]] = []
        self.decisions: dict[str, list[Decided]] = {}
        self.replies: dict[str, list[Replied]] = {}
        self.steps = 4
        self.begun: dict[str, Mapping[str, str]] = {}
        self.ends: tuple[Due, ...] = ()
        self.lied, self.lies = "", True  # in what the platform contradicted itself, and whether it goes on
        self._free = threading.Event()
        self._free.set()

    @contextmanager
    def held(self) -> Iterator[None]:
        """Long answers wait until the block ends."""
        self._free.clear()
        try:
            yield
        finally:
            self._free.set()

    def owner(self) -> Owner:
        words = ("acid", "amber", "brisk", "cedar", "lunar", "tidal")
        return Owner("ben", "Benedetta Rossi", "Example Labs", words)

    def queue(self) -> Sequence[ReviewRow]:
        self._answer("queue")
        return list(self.rows)

    def case(self, session_id: str, watch: Watch | None = None) -> SessionCase:
        steps = itertools.chain(range(self.steps), itertools.repeat(self.steps))
        for done in steps:
            if watch is not None and not watch(done, self.steps):
                self.asked.append(("stopped", session_id))
                raise StoppedFault("Stopped.")
            if done == self.steps and self._free.wait(0.005):
                break
        self._answer("case", session_id)
        return self._case(session_id)

    def due(self) -> Sequence[Due]:
        return self.ends

    def contradicted(self) -> str:
        return self.lied

    def prove(self, session_id: str, seq: int, file: Path) -> None:
        self._answer("prove", session_id, seq, file)

    def keep(self, session_id: str, words: Mapping[str, str]) -> None:
        self.begun[session_id] = {about: text for about, text in words.items() if text}

    def kept(self, session_id: str) -> Mapping[str, str]:
        return self.begun.get(session_id, {})

    def decide(self, session_id: str, finding: int, outcome: Ruling, reason: str) -> SessionCase:
        self._free.wait(20)
        self._answer("decide", session_id, finding, outcome, reason)
        made = self.decisions.setdefault(session_id, [])
        at_us = NOW_US + len(made) * 60_000_000
        digest = f"{len(made):064x}"
        made.append(Decided(finding, outcome, reason, "ben", self.owner().name, at_us, digest))
        return self._case(session_id)

    def _answer(self, *asked: object) -> None:
        self._free.wait(20)
        self.asked.append(asked)
        if self.lied and self.lies:
            raise PlatformFault(self.lied, "what it gave is not what it gave before")
        if self.away:
            raise EnvironmentFault(self.away)

    def _case(self, session_id: str) -> SessionCase:
        said = Said(tuple(self.decisions.get(session_id, ())), tuple(self.replies.get(session_id, ())), self.faults)
        return SessionCase(
            session_id=session_id,
            folder=Path("/nowhere"),
            reader=ListReader(self.session.tape.events, self.session.images),
            verification=verification(verified=self.verified, organisation=DIGEST),
            policy=parse_policy(default_policy_toml()),
            reads_as=self.reads_as,
            said=said,
        )


class BareReplay(QWidget):
    """A replay that shows its findings' parts one under the other, and no more."""

    def __init__(self, case: SessionCase, part: FindingPart) -> None:
        super().__init__()
        self._part = part
        self.cases: list[SessionCase] = []
        self._column = QVBoxLayout(self)
        self._scroll = QScrollArea()
        self._scroll.setWidgetResizable(True)
        self._column.addWidget(self._scroll)
        self.show_case(case)

    def show_case(self, case: SessionCase) -> None:
        self.cases.append(case)
        inside = QWidget()
        column = QVBoxLayout(inside)
        for mark in ReplayModel.from_reader(case.reader).findings:
            column.addWidget(QLabel(f"finding {mark.seq}"))
            part = self._part(mark)
            if part is not None:
                column.addWidget(part)
        column.addStretch(1)
        self._scroll.setWidget(inside)


def bare_replay(case: SessionCase, part: FindingPart) -> Replay:
    """`ui.desk.session.MakeReplay` with a `BareReplay`."""
    made = BareReplay(case, part)
    return Replay(made, made.show_case)
