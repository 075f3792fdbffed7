# SPDX-License-Identifier: Apache-2.0
"""The admin's office: the form that the schema makes, the notice beside it, what is asked before signing, and the people."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QComboBox, QLabel, QLineEdit, QPlainTextEdit, QPushButton, QSpinBox, QWidget
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from session import EnvironmentFault
from session.desks import Newcomer, Owner
from session.policy import default_policy_toml, parse_policy, policy_digest
from session.policy_text import fields, value_of, with_values
from session.trust.directory import Directory, Person, PlatformKeys, Project
from ui.admin.changes import changes, remarks, sentences
from ui.admin.form import PolicyForm, shown_value
from ui.admin.people import PeopleModel
from ui.admin.window import OfficeWindow
from ui.background import Background
from ui.bridge import EventBridge
from ui.strings import LANGUAGES, Words

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

    def policy(self, sha256: str) -> bytes:
        return self.policies[sha256]

    def publish(self, project: str, name: str, policy_toml: bytes) -> Directory:
        self.calls.append(("publish", project, name))
        digest = policy_digest(policy_toml)
        self.policies[digest] = policy_toml
        put = Project(id=project, name=name, policy_sha256=digest, review_keys=())
        others = tuple(one for one in self.held.projects if one.id != project)
        self.held = msgspec.structs.replace(self.held, version=self.held.version + 1, projects=(put, *others))
        return self.held


@pytest.fixture
def office() -> FakeOffice:
    return FakeOffice()


@pytest.fixture
def closed() -> list[int]:
    return []


@pytest.fixture
def window(qtbot: QtBot, office: FakeOffice, closed: list[int]) -> Iterator[OfficeWindow]:
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


def said(widget: QWidget) -> str:
    return "\n".join(one.text() for one in widget.findChildren(QLabel) if not one.isHidden())


def pressed(widget: QWidget, name: str) -> None:
    found = [one for one in widget.findChildren(QPushButton) if one.accessibleName() == name and not one.isHidden()]
    assert found, [one.accessibleName() for one in widget.findChildren(QPushButton)]
    found[-1].click()


# --- the schema, the words, the differences


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_every_field_of_the_schema_has_its_label_and_its_choices_have_words(language: str) -> None:
    words = Words(language)
    for field in fields():
        assert words(f"field.{field.path}")
        assert words(f"table.{field.table or 'top'}")
        assert all(words(f"choice.{choice or 'none'}") for choice in field.choices)


def test_what_is_filled_in_is_read_out_again(qtbot: QtBot) -> None:
    policy = with_values(
        DEFAULT,
        {
            "captures.mask": ["mail", "chat"],
            "captures.interval_s": 42,
            "ai_tools.kinds.chat": "forbidden",
            "time.private_counts": True,
        },
    )
    told: list[int] = []
    form = PolicyForm(EN, lambda: told.append(1))
    qtbot.addWidget(form)
    form.show_policy(policy)
    assert told == []  # filling in is no change of a person's
    assert with_values(DEFAULT, form.values()) == policy


def test_each_editor_tells_of_a_change_and_has_a_name(qtbot: QtBot) -> None:
    told: list[int] = []
    form = PolicyForm(EN, lambda: told.append(1))
    qtbot.addWidget(form)
    form.show_policy(DEFAULT)
    for field in fields():
        editor = form.editor(field.path)
        assert editor.accessibleName() == EN(f"field.{field.path}")
        before = len(told)
        if isinstance(editor, QComboBox):
            editor.setCurrentIndex((editor.currentIndex() + 1) % editor.count())
        elif isinstance(editor, QSpinBox):
            editor.setValue(editor.value() + 1)
        elif isinstance(editor, QCheckBox):
            editor.toggle()
        elif isinstance(editor, QLineEdit):
            editor.textEdited.emit("more")
        elif isinstance(editor, QPlainTextEdit):
            editor.setPlainText("more")
        assert len(told) > before, field.path


def test_differences_name_fields_and_the_notices_sentences() -> None:
    new = with_values(DEFAULT, {"disclosure.captures": "sent", "captures.interval_s": 30})
    assert [(one.path, one.old, one.new) for one in changes(DEFAULT, new)] == [
        ("disclosure.captures", "off", "sent"),
        ("captures.interval_s", 600, 30),
    ]
    told = sentences(DEFAULT, new, "Org", EN)
    assert ("-", "No screenshots are taken.") in told
    assert any(sign == "+" and "every 30 seconds" in sentence for sign, sentence in told)
    assert changes(DEFAULT, DEFAULT) == ()
    assert sentences(DEFAULT, DEFAULT, "Org", EN) == ()


def test_heavy_settings_are_remarked_and_light_ones_are_not() -> None:
    assert remarks(DEFAULT, EN) == ()
    heavy = {"legal_basis": "consent", "titles.detail": "full", "disclosure.timing": "sent", "disclosure.captures": "sent"}
    found = remarks(with_values(DEFAULT, heavy | {"captures.interval_s": 59, "captures.mask": []}), EN)
    assert len(found) == 5


def test_values_are_shown_as_people_read_them() -> None:
    assert shown_value("disclosure.captures", "off", EN) == "off: not recorded"
    assert shown_value("captures.mask", (), EN) == "nothing"
    assert shown_value("captures.mask", ("mail", "chat"), EN) == "mail, chat"
    assert shown_value("captures.interval_s", 30, EN) == "30"
    assert shown_value("ai_tools.kinds.chat", None, EN) == "as above"


# --- the policy's page


def test_the_notice_follows_the_form(qtbot: QtBot, window: OfficeWindow) -> None:
    form = window.policies.form
    assert "No screenshots are taken." in said(window.policies)
    editor = form.editor("disclosure.captures")
    assert isinstance(editor, QComboBox)
    editor.setCurrentIndex(editor.findData("sent"))
    qtbot.waitUntil(lambda: "one at a random moment in every 10 minutes" in said(window.policies), timeout=PATIENCE_MS)
    assert "1 field differs" in said(window.policies)


def test_a_value_that_cannot_be_taken_is_named_and_cannot_be_signed(qtbot: QtBot, window: OfficeWindow) -> None:
    name = window.policies.form.editor("name")
    assert isinstance(name, QLineEdit)
    name.setText("")
    name.textEdited.emit("")
    qtbot.waitUntil(lambda: "name" in window.policies._banner.text, timeout=PATIENCE_MS)
    assert not window.policies._publish.isEnabled()


def test_publishing_asks_once_says_for_how_many_and_is_in_force(
    qtbot: QtBot, window: OfficeWindow, office: FakeOffice
) -> None:
    editor = window.policies.form.editor("captures.interval_s")
    assert isinstance(editor, QSpinBox)
    editor.setValue(120)
    qtbot.waitUntil(window.policies._publish.isEnabled, timeout=PATIENCE_MS)
    window.policies._publish.click()
    assert "2 trainers read the new notice" in window.policies._banner.text
    assert not [one for one in office.calls if one[0] == "publish"]
    pressed(window.policies._banner, "Sign and publish")
    qtbot.waitUntil(lambda: "Published." in window.policies._banner.text, timeout=PATIENCE_MS)
    assert office.calls[-1] == ("publish", "one", "One")
    assert value_of(parse_policy(office.policies[office.held.projects[0].policy_sha256]), "captures.interval_s") == 120
    assert not window.policies.unsaved


def test_what_is_not_published_survives_a_look_at_another_project_and_is_asked_about(
    qtbot: QtBot, window: OfficeWindow, closed: list[int]
) -> None:
    page = window.policies
    editor = page.form.editor("captures.interval_s")
    assert isinstance(editor, QSpinBox)
    editor.setValue(77)
    page._projects.setCurrentIndex(page._projects.findData("two"))
    qtbot.waitUntil(lambda: editor.value() == 600, timeout=PATIENCE_MS)
    page._projects.setCurrentIndex(page._projects.findData("one"))
    qtbot.waitUntil(lambda: editor.value() == 77, timeout=PATIENCE_MS)
    window.close()
    assert closed == []
    assert "not published" in window.banner.text
    pressed(window.banner, "Close and lose them")
    assert closed == [1]


# --- people


def test_a_newcomer_is_shown_with_six_words_and_signed_in(qtbot: QtBot, window: OfficeWindow, office: FakeOffice) -> None:
    assert "Chen (Trainer): a b c d e f" in said(window.people)
    pressed(window.people, "Sign in Chen")
    qtbot.waitUntil(lambda: ("admit", "chen") in office.calls, timeout=PATIENCE_MS)
    qtbot.waitUntil(lambda: "Nobody waits." in said(window.people), timeout=PATIENCE_MS)


def test_an_invitation_becomes_a_link_that_is_shown(qtbot: QtBot, window: OfficeWindow, office: FakeOffice) -> None:
    people = window.people
    people._id.setText("dora")
    people._name.setText("Dora")
    people._projects.boxes["two"].setChecked(True)
    pressed(people, "Make a link")
    qtbot.waitUntil(lambda: people._link.text() == "fairwitness:enrol?dora", timeout=PATIENCE_MS)
    assert office.calls[-1] == ("invite", "dora", "Dora", ("trainer",), ("two",))
    assert "to Dora and to nobody else" in people._link_why.text()


def test_a_refusal_is_said_in_its_place(qtbot: QtBot, window: OfficeWindow) -> None:
    pressed(window.people, "Make a link")
    qtbot.waitUntil(lambda: "has an identifier" in window.people._banner.text, timeout=PATIENCE_MS)


def test_roles_of_a_member_are_changed_after_a_look_at_what_it_means(
    qtbot: QtBot, window: OfficeWindow, office: FakeOffice
) -> None:
    window.people._filter.setText("bo")
    assert window.people._proxy.rowCount() == 1
    window.people.table.selectRow(0)
    assert "Roles and projects of Bo" in said(window.people)
    assert "what is sealed from then on is for the new ones alone" in said(window.people)
    pressed(window.people, "Sign this change")
    qtbot.waitUntil(lambda: ("change", "bo", ("reviewer",), ("one",)) in office.calls, timeout=PATIENCE_MS)


def test_the_members_are_a_sound_read_only_model(qtbot: QtBot, qtmodeltester: ModelTester, office: FakeOffice) -> None:
    model = PeopleModel(EN)
    model.set_rows(office.held.people)
    qtmodeltester.check(model)
    assert model.data(model.index(1, 2)) == "Trainer"
    assert model.headerData(1, Qt.Orientation.Horizontal) == "Name"
    assert not model.flags(model.index(0, 0)) & Qt.ItemFlag.ItemIsEditable


def test_a_platform_that_is_away_is_said_and_asked_again(qtbot: QtBot, window: OfficeWindow, office: FakeOffice) -> None:
    office.away = "The platform cannot be reached."
    window.refresh()
    qtbot.waitUntil(lambda: window.banner.text == "The platform cannot be reached.", timeout=PATIENCE_MS)
    office.away = ""
    pressed(window.banner, "Try again")
    qtbot.waitUntil(lambda: not window.banner.text, timeout=PATIENCE_MS)
