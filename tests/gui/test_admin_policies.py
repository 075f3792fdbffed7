# SPDX-License-Identifier: Apache-2.0
"""The admin's policies: the form that the schema makes, the notice beside it, and what is asked before signing."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
import pytest
from admin_fakes import DEFAULT, EN, PATIENCE_MS, FakeOffice, office_window, pressed, said
from PySide6.QtWidgets import QCheckBox, QComboBox, QLineEdit, QPlainTextEdit, QSpinBox
from pytestqt.qtbot import QtBot

from session.policy import default_policy_toml, parse_policy
from session.policy_text import fields, value_of, with_values
from session.trust.directory import Project
from ui.admin.changes import changes, choice_key, remarks, sentences, shown_value
from ui.admin.form import PolicyForm
from ui.admin.window import OfficeWindow
from ui.strings import LANGUAGES, Words


@pytest.fixture
def office() -> FakeOffice:
    return FakeOffice()


@pytest.fixture
def closed() -> list[int]:
    return []


@pytest.fixture
def window(qtbot: QtBot, office: FakeOffice, closed: list[int]) -> Iterator[OfficeWindow]:
    with office_window(qtbot, office, closed) as made:
        yield made


# --- the schema, the words, the differences


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_every_field_of_the_schema_has_its_label_and_its_choices_have_words(language: str) -> None:
    words = Words(language)
    for field in fields():
        assert words(f"field.{field.path}")
        assert words(f"table.{field.table or 'top'}")
        assert all(words(choice_key(field.path, choice)) for choice in field.choices)


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
    (rates,) = remarks(with_values(DEFAULT, {"findings.rates": "sums"}), EN)
    assert "in which language each trainer reads" in rates
    assert len(remarks(with_values(DEFAULT, {"findings.rates": "sums", "findings.shadow": False}), EN)) == 1
    (programs,) = remarks(with_values(DEFAULT, {"ai_tools.local_models": "noted"}), EN)
    assert "mostly their own affair" in programs


def test_values_are_shown_as_people_read_them() -> None:
    assert shown_value("disclosure.captures", "off", EN) == "off: not recorded"
    assert shown_value("findings.rates", "off", EN).startswith("off: each trainer")
    assert shown_value("ai_tools.local_models", "off", EN) == "off: none is looked for"
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


def test_that_programs_are_looked_for_is_set_in_the_form_and_stands_in_the_notice_beside_it(
    qtbot: QtBot, window: OfficeWindow
) -> None:
    editor = window.policies.form.editor("ai_tools.local_models")
    assert isinstance(editor, QComboBox)
    assert [editor.itemText(at) for at in range(2)] == ["off: none is looked for", "noted while a session runs"]
    assert editor.currentData() == "off"
    assert "compared with the list of AI tools" not in said(window.policies)
    editor.setCurrentIndex(editor.findData("noted"))
    qtbot.waitUntil(lambda: "compared with the list of AI tools" in said(window.policies), timeout=PATIENCE_MS)


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


def test_the_first_project_is_shown_once_it_is_there_and_nothing_was_written_yet(
    qtbot: QtBot, window: OfficeWindow, office: FakeOffice
) -> None:
    page = window.policies
    projects = office.held.projects
    office.held = msgspec.structs.replace(office.held, version=4, projects=())
    window.refresh()
    qtbot.waitUntil(lambda: page._projects.currentData() == "", timeout=PATIENCE_MS)
    office.held = msgspec.structs.replace(office.held, version=5, projects=projects)
    window.refresh()
    qtbot.waitUntil(lambda: page._projects.currentData() == "one", timeout=PATIENCE_MS)
    office.held = msgspec.structs.replace(office.held, version=6, projects=())
    window.refresh()
    qtbot.waitUntil(lambda: page._projects.currentData() == "", timeout=PATIENCE_MS)
    name = page.form.editor("name")
    assert isinstance(name, QLineEdit)
    name.setText("Half written")
    office.held = msgspec.structs.replace(office.held, version=7, projects=projects)
    window.refresh()
    qtbot.waitUntil(lambda: page._projects.findData("one") >= 0, timeout=PATIENCE_MS)
    assert page._projects.currentData() == ""
    assert name.text() == "Half written"


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
