# SPDX-License-Identifier: Apache-2.0
"""An organisation in memory for the admin's window, and what a person reads and presses there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import msgspec
from PySide6.QtWidgets import QLabel, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from session import EnvironmentFault
from session.desks import MemberDevice, Newcomer, Owner
from session.policy import default_policy_toml, parse_policy, policy_digest
from session.trust.directory import Directory, Person, PlatformKeys, Project
from ui.admin.window import OfficeWindow
from ui.background import Background
from ui.bridge import EventBridge
from ui.strings import Words

EN = Words("en")
DEFAULT = parse_policy(default_policy_toml())
PATIENCE_MS = 10_000
KEY = "ab" * 32


def person(name: str, *roles: str, projects: Sequence[str] = ("one",)) -> Person:
    return Person(id=name, name=name.title(), roles=roles, projects=tuple(projects), person_key=KEY, reading_key=KEY)


class FakeOffice:
    """`session.desks.AdminOffice` in memory: what is signed becomes the directory."""

    def __init__(self) -> None:
        self.away = ""
        self.policies = {policy_digest(default_policy_toml()): default_policy_toml()}
        self.calls: list[tuple[object, ...]] = []
        self.newcomer: tuple[Newcomer, ...] = (
            Newcomer("chen", "Chen", ("trainer",), ("one",), ("a", "b", "c", "d", "e", "f")),
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

    def directory(self) -> Directory:
        if self.away:
            raise EnvironmentFault(self.away)
        return self.held

    def newcomers(self) -> Sequence[Newcomer]:
        return self.newcomer

    def invite(self, who: str, name: str, roles: Sequence[str], projects: Sequence[str]) -> str:
        self.calls.append(("invite", who, name, tuple(roles), tuple(projects)))
        if not who:
            raise EnvironmentFault("person: somebody has an identifier.")
        return f"fairwitness:enrol?{who}"

    def admit(self, persons: Sequence[str]) -> Directory:
        self.calls.append(("admit", *persons))
        self.newcomer = ()
        return self.held

    def change(self, who: str, roles: Sequence[str], projects: Sequence[str]) -> Directory:
        self.calls.append(("change", who, tuple(roles), tuple(projects)))
        return self.held

    def remove(self, who: str) -> Directory:
        self.calls.append(("remove", who))
        return self.held

    def devices(self) -> Sequence[MemberDevice]:
        return ()

    def revoke_device(self, who: str, device: str, since_us: int | None = None) -> Directory:
        self.calls.append(("revoke device", who, device, since_us))
        return self.held

    def revoke_person(self, who: str, since_us: int | None = None) -> Directory:
        self.calls.append(("revoke person", who, since_us))
        return self.held

    def renew(self) -> bool:
        return False

    def grant_earlier(self, project: str, who: str) -> Sequence[int]:
        self.calls.append(("grant", project, who))
        return (1,)

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
def office_window(qtbot: QtBot, office: FakeOffice, closed: list[int]) -> Iterator[OfficeWindow]:
    """The window with the organisation in it; `closed` grows when it is closed for good."""
    bridge = EventBridge()
    background = Background(bridge)
    made = OfficeWindow(office, EN, background, lambda: closed.append(1))
    qtbot.addWidget(made, before_close_func=lambda _: made._leave())
    made.show()
    made.refresh()
    qtbot.waitUntil(lambda: "version 3" in said(made) and bool(made.policies._in_force), timeout=PATIENCE_MS)
    yield made
    assert background.close(10)
    bridge.close()
