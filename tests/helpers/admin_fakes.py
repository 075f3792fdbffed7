# SPDX-License-Identifier: Apache-2.0
"""An organisation in memory for the admin's window, and what a person reads and presses there.

office = FakeOffice()
office.away = "The platform cannot be reached."   # what every question meets
office.refuses = "roles: without an admin …"      # what the next signature meets
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC

import msgspec
from PySide6.QtWidgets import QLabel, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from session import EnvironmentFault, InputFault
from session.desks import Owner
from session.offices import Invited, MemberDevice, Newcomer, Renewal, Standing
from session.policy import default_policy_toml, parse_policy, policy_digest
from session.rates.counts import Count, Question, begins_us
from session.rates.rows import Cell
from session.rates.shown import Rated, RatedRow, Rates, Sums
from session.trust.directory import Directory, EpochWrap, Person, PlatformKeys, Project, ReviewKey, Revocation
from session.trust.lifetime import DAY_US, Due
from ui.admin.window import OfficeWindow
from ui.background import Background
from ui.bridge import EventBridge
from ui.strings import Words

EN = Words("en")
DEFAULT = parse_policy(default_policy_toml())
PATIENCE_MS = 10_000
KEY = "ab" * 32
NEWEST = 740
"""The newest period whose table is there."""
NOW_US = 1_795_500_000_000_000
RENEWAL = Renewal(
    ("receipt", "log"), ("game", "habit", "ice", "jazz", "kite", "lamp"), NOW_US, "cd" * 32, "cd" * 32, "cd" * 32
)
SIX = ("acid", "amber", "brisk", "cedar", "lunar", "tidal")


def key_of(name: str) -> str:
    """A public key of that person's own."""
    return hashlib.sha256(name.encode()).hexdigest()


def person(name: str, *roles: str, projects: Sequence[str] = ("one",)) -> Person:
    key = key_of(name)
    return Person(id=name, name=name.title(), roles=roles, projects=tuple(projects), person_key=key, reading_key=KEY)


def review_key(epoch: int, from_day: int, until_day: int, *people: str) -> ReviewKey:
    """Days from now."""
    wraps = tuple(EpochWrap(person=one, wrapped="") for one in people)
    from_us, until_us = (NOW_US + day * DAY_US for day in (from_day, until_day))
    return ReviewKey(epoch=epoch, public_key=KEY, from_us=from_us, until_us=until_us, wraps=wraps)


def rates_table(period: int, *rows: RatedRow, left_out: int = 0) -> Rates:
    return Rates(period, begins_us(period), begins_us(period + 1), rows, left_out)


def rated(detector: str, count: Count | None, rate: float | None = None) -> Rated:
    """Of version 1."""
    return Rated(Question(detector, 1, "unmeasured-1"), count, rate, (0.0025, 0.445) if count is not None else None)


def rated_rows() -> tuple[RatedRow, ...]:
    """A row that can be read, one that joins others, and one that is given up."""
    much = rated("large-paste", Count(632, 1, 46, 10, 1), 1 / 632)
    few = rated("paste-chain", Count(120, 2, 3, 11, 2))
    return (
        RatedRow(Cell("one", "linux-x11", "it"), 10, 0, (much, rated("ai-tool", None), few), ""),
        RatedRow(Cell("two", None, None), 12, 2, (rated("large-paste", Count(1000, 40, 1, 14, 9), 0.04),), ""),
        RatedRow(Cell(), 10, 0, (), "the platform counts somebody twice in a table of rates"),
    )


class FakeOffice:
    """`session.offices.AdminOffice` in memory: what is signed becomes the directory."""

    def __init__(self) -> None:
        self.away = ""
        self.refuses = ""
        self.ends: tuple[Due, ...] = ()
        self.prepared: Renewal | None = None
        self.links: tuple[Invited, ...] = ()
        self.tables: dict[int, Sums] = {}
        self.counted: tuple[str, ...] = ()
        self.machines = (
            MemberDevice("ada", "ada-laptop", SIX, NOW_US - 90 * DAY_US, cosigned_us=NOW_US - DAY_US),
            MemberDevice("ada", "ada-desktop", SIX[::-1], NOW_US - 30 * DAY_US),
            MemberDevice("bo", "bo-laptop", SIX, NOW_US - 60 * DAY_US),
        )
        self.policies = {policy_digest(default_policy_toml()): default_policy_toml()}
        self.calls: list[tuple[object, ...]] = []
        self.newcomer: tuple[Newcomer, ...] = (
            Newcomer("chen", "Chen", ("trainer",), ("one",), ("a", "b", "c", "d", "e", "f"), key_of("chen"), KEY),
        )
        keys = PlatformKeys(address="", grant_key=KEY, receipt_key=KEY, witness_key=KEY, witness_name="w")
        digest = next(iter(self.policies))
        self.held = Directory(
            organisation=KEY,
            name="Fair Comparisons",
            version=3,
            issued_us=1,
            expires_us=1_900_000_000_000_000,
            root_key=KEY,
            platform=keys,
            people=(person("eve", "admin"), person("ada", "trainer"), person("ugo", "trainer"), person("bo", "reviewer")),
            projects=tuple(
                Project(id=one, name=one.title(), policy_sha256=digest, review_keys=()) for one in ("one", "two")
            ),
            policies=(digest,),
            revocations=(),
        )

    def owner(self) -> Owner:
        return Owner("eve", "Eve", KEY, ("one", "two", "three", "four", "five", "six"))

    def standing(self) -> Standing:
        if self.away:
            raise EnvironmentFault(self.away)
        return Standing(self.held, self.newcomer, self.machines, self.links, self.ends, NOW_US)

    def invite(self, who: str, name: str, roles: Sequence[str], projects: Sequence[str]) -> str:
        self.calls.append(("invite", who, name, tuple(roles), tuple(projects)))
        if not who:
            raise EnvironmentFault("person: somebody has an identifier.")
        link = f"fairwitness:enrol?{who}"
        made = Invited(key_of(who), who, name, tuple(roles), tuple(projects), NOW_US + 7 * DAY_US, link)
        self.links = (*self.links, made)
        return link

    def withdraw(self, code_sha256: str) -> None:
        self._signed("withdraw", code_sha256)
        self.links = tuple(one for one in self.links if one.code_sha256 != code_sha256)

    def admit(self, newcomers: Sequence[Newcomer]) -> Directory:
        self._signed("admit", *newcomers)
        self.newcomer = ()
        return self.held

    def change(self, who: str, roles: Sequence[str], projects: Sequence[str]) -> Directory:
        return self._signed("change", who, tuple(roles), tuple(projects))

    def remove(self, who: str) -> Directory:
        self._signed("remove", who)
        self.machines = tuple(one for one in self.machines if one.person != who)
        return self._next(people=tuple(one for one in self.held.people if one.id != who))

    def revoke_device(self, who: str, device: str, since_us: int | None = None) -> Directory:
        self._signed("revoke device", who, device, since_us)
        since_us = NOW_US if since_us is None else since_us
        self.machines = tuple(
            msgspec.structs.replace(one, revoked_us=since_us) if one.device == device else one for one in self.machines
        )
        return self._next()

    def revoke_person(self, who: str, since_us: int | None = None) -> Directory:
        self._signed("revoke person", who, since_us)
        since_us = NOW_US if since_us is None else since_us
        self.machines = tuple(
            msgspec.structs.replace(one, revoked_us=since_us) if one.person == who else one for one in self.machines
        )
        return self._next(revocations=(Revocation(revoked_key=key_of(who), revoked_us=since_us),))

    def renew(self) -> bool:
        self._signed("renew")
        anything, self.ends = bool(self.ends), ()
        return anything

    def platform_renewal(self) -> Renewal:
        if self.away:
            raise EnvironmentFault(self.away)
        if self.prepared is None:
            raise InputFault("keys: no new keys wait on the platform.")
        return self.prepared

    def renew_platform(self, renewal: Renewal, *, stolen: bool) -> Directory:
        self._signed("platform", renewal.names, stolen)
        self.prepared = None
        return self._next()

    def sums(self, period: int | None = None) -> Sums:
        if self.away:
            raise EnvironmentFault(self.away)
        self.calls.append(("sums", period))
        return self.tables.get(period or NEWEST) or Sums(rates_table(period or NEWEST), NEWEST, self.counted)

    def begin_epoch(self, project: str) -> Directory:
        return self._signed("epoch", project)

    def grant_earlier(self, project: str, who: str) -> Sequence[int]:
        self._signed("grant", project, who)
        return (1,)

    def _signed(self, *call: object) -> Directory:
        self.calls.append(call)
        if self.refuses:
            raise InputFault(self.refuses)
        return self.held

    def _next(self, **changes: object) -> Directory:
        self.held = msgspec.structs.replace(self.held, version=self.held.version + 1, **changes)
        return self.held

    def policy(self, sha256: str) -> bytes:
        if sha256 not in self.policies:
            raise EnvironmentFault("This policy is not here.")
        return self.policies[sha256]

    def publish(self, project: str, name: str, policy_toml: bytes) -> Directory:
        if self.away:
            raise EnvironmentFault(self.away)
        self.calls.append(("publish", project, name))
        digest = policy_digest(policy_toml)
        self.policies[digest] = policy_toml
        put = Project(id=project, name=name, policy_sha256=digest, review_keys=())
        others = tuple(one for one in self.held.projects if one.id != project)
        self.held = msgspec.structs.replace(self.held, version=self.held.version + 1, projects=(put, *others))
        return self.held


def said(widget: QWidget) -> str:
    return "\n".join(one.text() for one in widget.findChildren(QLabel) if not one.isHidden())


def pressed(widget: QWidget, name: str) -> None:
    found = [one for one in widget.findChildren(QPushButton) if one.accessibleName() == name and not one.isHidden()]
    assert found, [one.accessibleName() for one in widget.findChildren(QPushButton)]
    found[-1].click()


@contextmanager
def office_window(qtbot: QtBot, office: FakeOffice, closed: list[int], words: Words = EN) -> Iterator[OfficeWindow]:
    """The window with the organisation in it; `closed` grows when it is closed for good."""
    bridge = EventBridge()
    background = Background(bridge)
    made = OfficeWindow(office, words, background, lambda: closed.append(1), UTC)
    qtbot.addWidget(made, before_close_func=lambda _: made._leave())
    made.show()
    made.refresh()
    qtbot.waitUntil(lambda: " 3 " in said(made) and bool(made.policies._in_force), timeout=PATIENCE_MS)
    yield made
    assert background.close(10)
    bridge.close()
