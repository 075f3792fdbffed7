# SPDX-License-Identifier: Apache-2.0
"""The admin's people: who waits, invitations, and what a change of roles means before it is signed."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
import pytest
from admin_fakes import EN, PATIENCE_MS, FakeOffice, key_of, office_window, pressed, said
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from session.crypto.signing import fingerprint, six_words
from session.trust.directory import Project
from ui.admin.changes import membership
from ui.admin.devices import KeysCard
from ui.admin.member import MemberCard
from ui.admin.people import PeopleModel
from ui.admin.window import OfficeWindow


@pytest.fixture
def office() -> FakeOffice:
    return FakeOffice()


@pytest.fixture
def window(qtbot: QtBot, office: FakeOffice) -> Iterator[OfficeWindow]:
    with office_window(qtbot, office, []) as made:
        yield made


def test_a_newcomer_is_shown_with_six_words_and_signed_in(qtbot: QtBot, window: OfficeWindow, office: FakeOffice) -> None:
    assert "Chen (chen) · Trainer · One" in said(window.people)
    assert "a b c d e f" in said(window.people)
    shown = office.newcomer
    pressed(window.people, "Sign in Chen")
    qtbot.waitUntil(lambda: ("admit", *shown) in office.calls, timeout=PATIENCE_MS)
    qtbot.waitUntil(lambda: "Nobody waits." in said(window.people), timeout=PATIENCE_MS)


def test_an_invitation_becomes_a_link_that_is_shown(qtbot: QtBot, window: OfficeWindow, office: FakeOffice) -> None:
    form = window.people._invitation
    form.person.setText("dora")
    form.name.setText("Dora")
    assert form.projects is not None
    form.projects.boxes["two"].setChecked(True)
    pressed(window.people, "Make a link")
    qtbot.waitUntil(lambda: form.link.text() == "fairwitness:enrol?dora", timeout=PATIENCE_MS)
    assert office.calls[-1] == ("invite", "dora", "Dora", ("trainer",), ("two",))
    assert "to Dora and to nobody else" in form.why.text()
    pressed(window.people, "Copy the link")
    assert QGuiApplication.clipboard().text() == "fairwitness:enrol?dora"
    pressed(window.people, "Make a link")  # for nobody yet: the link of the one before is not there to be copied
    qtbot.waitUntil(lambda: "has an identifier" in window.people._banner.text, timeout=PATIENCE_MS)
    assert form.link.isHidden()
    assert not form.link.text()


def test_what_is_half_written_stays_while_the_directory_is_asked_for_anew(
    qtbot: QtBot, window: OfficeWindow, office: FakeOffice
) -> None:
    form = window.people._invitation
    form.person.setText("dora")
    assert form.projects is not None
    form.projects.boxes["two"].setChecked(True)
    window.people.table.selectRow(0)
    chosen = window.people._picked
    put = Project(id="three", name="Three", policy_sha256=office.held.policies[0], review_keys=())
    office.held = msgspec.structs.replace(office.held, version=4, projects=(*office.held.projects, put))
    window.refresh()
    qtbot.waitUntil(lambda: "version 4" in said(window), timeout=PATIENCE_MS)
    assert form.wish() == ("dora", "", ("trainer",), ("two",))
    assert set(form.projects.boxes) == {"one", "two", "three"}
    assert window.people._picked == chosen


def test_a_refusal_is_said_in_its_place(qtbot: QtBot, window: OfficeWindow) -> None:
    pressed(window.people, "Make a link")
    qtbot.waitUntil(lambda: "has an identifier" in window.people._banner.text, timeout=PATIENCE_MS)


def test_roles_of_a_member_are_changed_after_a_look_at_what_it_means(
    qtbot: QtBot, window: OfficeWindow, office: FakeOffice
) -> None:
    people = window.people
    people._filter.setText("bo")
    assert people._proxy.rowCount() == 1
    people.table.selectRow(0)
    assert "Roles and projects of Bo" in said(people)
    assert "Nothing differs from the directory in force." in said(people)
    (member,) = people.findChildren(MemberCard)
    assert not member._sign.isEnabled()
    member.projects.boxes["two"].setChecked(True)
    member.projects.boxes["one"].setChecked(False)
    assert "Bo can read what is sealed from now on for: Two." in said(people)
    assert "Bo cannot read what is sealed from now on for One" in said(people)
    pressed(people, "Sign this change")
    qtbot.waitUntil(lambda: ("change", "bo", ("reviewer",), ("two",)) in office.calls, timeout=PATIENCE_MS)


def test_the_six_words_of_a_members_key_are_there_on_demand(window: OfficeWindow) -> None:
    window.people.table.selectRow(0)
    (member,) = window.people.findChildren(KeysCard)
    words = " ".join(six_words(fingerprint(bytes.fromhex(key_of("ada")))))
    assert words not in said(member)
    pressed(member, "Six words of the key")
    assert words in said(member)


def test_what_a_change_means_is_said_for_each_role(office: FakeOffice) -> None:
    (ada,) = (one for one in office.held.people if one.id == "ada")
    assert membership(office.held, ada, ("trainer",), ("one",), EN) == []
    assert membership(office.held, ada, ("reviewer",), ("one", "two"), EN) == [
        "Becomes: Reviewer.",
        "Is no longer: Trainer.",
        "Joins: Two.",
        "Ada can read what is sealed from now on for: One, Two.",
        "Ada begins no new session for: One.",
    ]
    assert membership(office.held, ada, ("trainer",), ("two",), EN) == [
        "Joins: Two.",
        "Leaves: One.",
        "Ada can begin sessions for: Two.",
        "Ada begins no new session for: One.",
    ]


def test_the_members_are_a_sound_read_only_model(qtbot: QtBot, qtmodeltester: ModelTester, office: FakeOffice) -> None:
    model = PeopleModel(EN)
    assert model.data(model.index(0, 0)) is None
    model.set_people(office.held, office.machines)
    qtmodeltester.check(model)
    assert model.data(model.index(1, 2)) == "Trainer"
    assert model.data(model.index(1, 3)) == "One"
    assert model.headerData(1, Qt.Orientation.Horizontal) == "Name"
    assert not model.flags(model.index(0, 0)) & Qt.ItemFlag.ItemIsEditable


def test_a_platform_that_is_away_is_said_and_asked_again(qtbot: QtBot, window: OfficeWindow, office: FakeOffice) -> None:
    office.away = "The platform cannot be reached."
    window.refresh()
    qtbot.waitUntil(lambda: window.banner.text == "The platform cannot be reached.", timeout=PATIENCE_MS)
    assert "not reachable" in said(window)
    office.away = ""
    pressed(window.banner, "Try again")
    qtbot.waitUntil(lambda: not window.banner.text, timeout=PATIENCE_MS)
