# SPDX-License-Identifier: Apache-2.0
"""The admin's office: the form that the schema makes, the notice beside it, what is asked before signing, and the people."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QCheckBox, QComboBox, QLabel, QLineEdit, QPlainTextEdit, QPushButton, QSpinBox, QWidget
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from session import EnvironmentFault
from session.crypto.signing import fingerprint, six_words
from session.desks import Newcomer, Owner
from session.policy import default_policy_toml, parse_policy, policy_digest
from session.policy_text import fields, value_of, with_values
from session.trust.directory import Directory, Person, PlatformKeys, Project
from ui.admin.changes import changes, membership, remarks, sentences, shown_value
from ui.admin.form import PolicyForm
from ui.admin.member import MemberCard
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
    more = {"disclosure.clipboard": "sent", "sending.hold_s": 0, "findings.shadow": False}
    assert len(remarks(with_values(DEFAULT, more), EN)) == 3


def test_values_are_shown_as_people_read_them() -> None:
    assert shown_value("disclosure.captures", "off", EN) == "off: not recorded"
    assert shown_value("captures.mask", (), EN) == "nothing"
    assert shown_value("captures.mask", ("mail", "chat"), EN) == "mail, chat"
    assert shown_value("captures.interval_s", 30, EN) == "30 seconds"
    assert shown_value("retention.captures_days", 1, EN) == "1 day"
    assert shown_value("time.private_counts", False, EN) == "no"
    assert shown_value("name", "Observes little", EN) == "Observes little"
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


def test_a_value_that_cannot_be_taken_is_named_under_its_field_and_cannot_be_signed(
    qtbot: QtBot, window: OfficeWindow
) -> None:
    page = window.policies
    name = page.form.editor("name")
    assert isinstance(name, QLineEdit)
    name.setText("")
    name.textEdited.emit("")
    qtbot.waitUntil(lambda: "Please look at: Name" in page._banner.text, timeout=PATIENCE_MS)
    assert not page._publish.isEnabled()
    assert "characters, please." in said(page.form)
    assert "characters, please." in name.accessibleDescription()
    assert "once every field can be taken" in said(page._beside)
    name.setText("Another")
    name.textEdited.emit("Another")
    qtbot.waitUntil(page._publish.isEnabled, timeout=PATIENCE_MS)
    assert "characters, please." not in said(page.form)


def test_a_new_project_is_asked_for_an_identifier_that_nobody_has(
    qtbot: QtBot, window: OfficeWindow, office: FakeOffice
) -> None:
    page = window.policies
    page._projects.setCurrentIndex(page._projects.findData(""))
    qtbot.waitUntil(page._publish.isEnabled, timeout=PATIENCE_MS)
    page._publish.click()
    assert "has an identifier" in page._banner.text
    page._id.setText("two")
    page._publish.click()
    assert "There is a project “two” already" in page._banner.text
    assert not [one for one in office.calls if one[0] == "publish"]
    page._id.setText("three")
    page._title.setText("Three")
    page._publish.click()
    assert page._banner.text == "Nobody works on this project yet. Sign with the root key?"
    pressed(page._banner, "Sign and publish")
    qtbot.waitUntil(lambda: "Published." in page._banner.text, timeout=PATIENCE_MS)
    assert office.calls[-1] == ("publish", "three", "Three")
    assert page._projects.currentData() == "three"
    assert not page.unsaved


def test_a_policy_that_could_not_be_had_is_never_signed_and_is_asked_for_again(
    qtbot: QtBot, window: OfficeWindow, office: FakeOffice
) -> None:
    page = window.policies
    digest = "cd" * 32
    office.held = msgspec.structs.replace(
        office.held, projects=(*office.held.projects, Project(id="far", name="Far", policy_sha256=digest, review_keys=()))
    )
    window.refresh()
    qtbot.waitUntil(lambda: page._projects.findData("far") >= 0, timeout=PATIENCE_MS)
    page._projects.setCurrentIndex(page._projects.findData("far"))
    qtbot.waitUntil(lambda: "not here" in page._banner.text, timeout=PATIENCE_MS)
    assert page._left.isHidden()
    assert not page._publish.isEnabled()
    office.policies[digest] = default_policy_toml()
    pressed(page._banner, "Try again")
    qtbot.waitUntil(lambda: not page._left.isHidden(), timeout=PATIENCE_MS)


def test_a_publication_that_fails_keeps_what_was_written(qtbot: QtBot, window: OfficeWindow, office: FakeOffice) -> None:
    page = window.policies
    editor = page.form.editor("captures.interval_s")
    assert isinstance(editor, QSpinBox)
    editor.setValue(120)
    qtbot.waitUntil(page._publish.isEnabled, timeout=PATIENCE_MS)
    page._publish.click()
    office.away = "The platform cannot be reached."
    pressed(page._banner, "Sign and publish")
    qtbot.waitUntil(lambda: page._banner.text == office.away, timeout=PATIENCE_MS)
    assert editor.value() == 120
    assert page.unsaved
    assert page._publish.isEnabled()


def test_differences_are_shown_in_place_of_the_notice(qtbot: QtBot, window: OfficeWindow) -> None:
    page = window.policies
    editor = page.form.editor("captures.interval_s")
    assert isinstance(editor, QSpinBox)
    editor.setValue(120)
    pressed(page, "Differences")
    qtbot.waitUntil(lambda: "What changes in the policy" in said(page._beside), timeout=PATIENCE_MS)
    assert "One screenshot in every: 10 minutes → 2 minutes" in said(page._beside)
    pressed(page, "Notice")
    qtbot.waitUntil(lambda: "What changes in the policy" not in said(page._beside), timeout=PATIENCE_MS)


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
    assert "Chen (chen) · Trainer · One" in said(window.people)
    assert "a b c d e f" in said(window.people)
    pressed(window.people, "Sign in Chen")
    qtbot.waitUntil(lambda: ("admit", "chen") in office.calls, timeout=PATIENCE_MS)
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
    (member,) = window.people.findChildren(MemberCard)
    words = " ".join(six_words(fingerprint(bytes.fromhex(KEY))))
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
    model.set_people(office.held)
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
