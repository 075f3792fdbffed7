# SPDX-License-Identifier: Apache-2.0
"""The admin's keys: devices and persons that are revoked or removed after a look at what it does, and what ends soon."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC

import msgspec
import pytest
from admin_fakes import (
    EN,
    NOW_US,
    PATIENCE_MS,
    FakeOffice,
    key_of,
    office_window,
    person,
    pressed,
    review_key,
    said,
)
from PySide6.QtCore import QDateTime
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from session.offices import Invited
from session.trust.directory import Revocation
from session.trust.lifetime import DAY_US, Due, Term
from ui.admin.meaning import Wish, removal, revocation, state_words
from ui.admin.revoking import RemoveForm, RevokeForm
from ui.admin.window import OfficeWindow
from ui.strings import Words

YESTERDAY_US = NOW_US - DAY_US


@pytest.fixture
def office() -> FakeOffice:
    made = FakeOffice()
    one, two = made.held.projects
    one = msgspec.structs.replace(
        one, review_keys=(review_key(1, -110, -20, "eve"), review_key(2, -200, -110), review_key(3, -20, 70, "bo"))
    )
    made.held = msgspec.structs.replace(made.held, projects=(one, two))
    return made


@pytest.fixture
def window(qtbot: QtBot, office: FakeOffice) -> Iterator[OfficeWindow]:
    with office_window(qtbot, office, []) as made:
        yield made


def pick(window: OfficeWindow, name: str) -> None:
    people = window.people
    for number in range(people._proxy.rowCount()):
        if people._model.person(people._proxy.mapToSource(people._proxy.index(number, 0)).row()).id == name:
            people.table.selectRow(number)


def form(window: OfficeWindow) -> RevokeForm:
    return window.findChildren(RevokeForm)[-1]  # one that was answered goes a moment later


def test_a_members_devices_are_there_with_their_state_first(window: OfficeWindow) -> None:
    pick(window, "ada")
    told = said(window.people)
    assert "Keys and devices of Ada" in told
    assert "Key valid until revoked." in told
    assert told.index("ada-laptop") < told.index("Valid since 26 August 2026, until revoked")
    assert "Last countersigned: 23 November 2026, 06:00" in told
    assert "Nothing of it was countersigned yet." in told
    assert "bo-laptop" not in told


def test_a_lost_device_is_revoked_as_of_now_and_the_page_says_so_afterwards(
    qtbot: QtBot, window: OfficeWindow, office: FakeOffice
) -> None:
    pick(window, "ada")
    pressed(window.people, "Revoke ada-laptop of Ada …")
    told = said(form(window))
    assert "“ada-laptop” of Ada (acid amber brisk cedar lunar tidal) is revoked as of now." in told
    assert "All that was countersigned until now stands" in told
    assert "cannot be taken back" in told
    assert not office.calls  # nothing is signed before it is confirmed
    pressed(form(window), "Sign and publish")
    qtbot.waitUntil(lambda: "Revoked as of 24 November 2026, 06:00" in said(window.people), timeout=PATIENCE_MS)
    assert office.calls == [("revoke device", "ada", "ada-laptop", None)]
    assert window.people._banner.text == "Signed and published."
    names = [one.accessibleName() for one in window.findChildren(QPushButton)]
    assert "Revoke ada-desktop of Ada …" in names
    assert "Revoke ada-laptop of Ada …" not in names
    assert "Revoke ada-laptop of Ada as of an earlier time …" in names
    assert state_words(office.held, office.held.people[1], office.machines, EN) == "2 devices, 1 revoked"


def test_a_stolen_device_takes_every_key_as_of_a_time_that_is_asked_for(
    qtbot: QtBot, window: OfficeWindow, office: FakeOffice
) -> None:
    pick(window, "ada")
    pressed(window.people, "Revoke ada-laptop of Ada …")
    shown = form(window)
    assert EN("revoke.stolen.why", name="Ada") in said(shown)
    assert shown.stolen is not None
    shown.stolen.click()
    shown.now.click()
    shown.since.setDateTime(QDateTime.fromSecsSinceEpoch(YESTERDAY_US // 1_000_000))
    every = "is revoked as of 23 November 2026, 06:00, and with it every device."
    qtbot.waitUntil(lambda: every in said(shown), timeout=PATIENCE_MS)
    told = said(shown)
    assert "countersigned at or after 23 November 2026, 06:00, even once, do not verify any more" in told
    assert "Ada enrols anew" in told
    pressed(shown, "Sign and publish")
    qtbot.waitUntil(lambda: "Every key is revoked as of 23 November 2026" in said(window.people), timeout=PATIENCE_MS)
    assert office.calls == [("revoke person", "ada", YESTERDAY_US)]
    pressed(window.people, "Every key as of an earlier time …")
    assert form(window).wish() == Wish(office.held.people[1], None, YESTERDAY_US - 60_000_000)


def test_no_time_that_is_still_to_come_can_be_chosen(window: OfficeWindow) -> None:
    pick(window, "ada")
    pressed(window.people, "Revoke ada-laptop of Ada …")
    form(window).now.click()
    form(window).since.setDateTime(QDateTime.fromSecsSinceEpoch(NOW_US // 1_000_000 + 3600))
    assert form(window).wish().since_us == NOW_US


def test_to_a_revocation_only_an_earlier_time_is_added(qtbot: QtBot, window: OfficeWindow, office: FakeOffice) -> None:
    office.revoke_device("ada", "ada-laptop", YESTERDAY_US)
    window.refresh()
    qtbot.waitUntil(lambda: "version 4" in said(window), timeout=PATIENCE_MS)
    pick(window, "ada")
    pressed(window.people, "Revoke ada-laptop of Ada as of an earlier time …")
    shown = form(window)
    assert not shown.now.isChecked()
    shown.since.setDateTime(QDateTime.fromSecsSinceEpoch(NOW_US // 1_000_000))
    assert shown.wish().since_us == YESTERDAY_US - 60_000_000


def test_a_time_that_undoes_a_known_session_says_so(office: FakeOffice) -> None:
    ada, laptop = office.held.people[1], office.machines[0]
    for since_us, touched in ((YESTERDAY_US, True), (YESTERDAY_US + 1, False)):
        _, means = revocation(office.held, Wish(ada, laptop, since_us), EN, UTC)
        assert any("countersigned something of it on 23 November 2026, 06:00" in one for one in means) is touched


def test_what_was_asked_can_be_left_and_nothing_is_signed(window: OfficeWindow, office: FakeOffice) -> None:
    pick(window, "ada")
    pressed(window.people, "Revoke every key …")
    assert form(window).wish() == Wish(office.held.people[1], None, None)
    pressed(form(window), "Cancel")
    assert "Keys and devices of Ada" in said(window.people)
    assert not office.calls


def test_a_refusal_leaves_the_question_and_says_why(qtbot: QtBot, window: OfficeWindow, office: FakeOffice) -> None:
    office.refuses = "roles: without an admin nobody could ever change this directory again."
    pick(window, "eve")
    pressed(window.people, "Revoke every key …")
    pressed(form(window), "Sign and publish")
    qtbot.waitUntil(lambda: "without an admin" in window.people._banner.text, timeout=PATIENCE_MS)
    assert "Revoke every key of Eve" in said(form(window))
    assert office.calls == [("revoke person", "eve", None)]


def test_a_question_about_a_directory_that_has_moved_on_is_taken_away(
    qtbot: QtBot, window: OfficeWindow, office: FakeOffice
) -> None:
    pick(window, "ada")
    pressed(window.people, "Revoke every key …")
    office._next(people=(*office.held.people, person("dora", "reviewer")))
    window.refresh()
    qtbot.waitUntil(lambda: "Please look again before you sign." in window.people._banner.text, timeout=PATIENCE_MS)
    assert "Keys and devices of Ada" in said(window.people)
    assert not office.calls


def test_who_is_removed_must_have_sent_everything_and_who_reads_what_is_said(
    qtbot: QtBot, window: OfficeWindow, office: FakeOffice
) -> None:
    pick(window, "ada")
    pressed(window.people, "Remove Ada …")
    (shown,) = window.findChildren(RemoveForm)
    told = said(shown)
    assert "Sessions that Ada has not sent cannot be sent any more." in told
    assert "stay readable for the reviewers of One: Bo." in told
    pressed(shown, "Sign and publish")
    qtbot.waitUntil(lambda: "Choose a member" in said(window.people), timeout=PATIENCE_MS)
    assert office.calls == [("remove", "ada")]
    assert "Ada" not in [one.name for one in office.held.people]


@pytest.mark.parametrize("language", ["en", "it"])
def test_a_reviewer_who_goes_begins_a_new_review_key_and_keeps_what_was_fetched(office: FakeOffice, language: str) -> None:
    words, bo = Words(language), office.held.people[3]
    signs, means = removal(office.held, bo, words)
    assert signs[1:] == (words("leaving.signs.epoch", projects="One", name="Bo"),)
    assert words("leaving.reviewer", name="Bo") in means
    signs, _ = revocation(office.held, Wish(bo, None, None), words, UTC)
    assert signs[1:] == (words("revoke.signs.epoch", projects="One", name="Bo"),)
    gone = msgspec.structs.replace(office.held, revocations=(Revocation(revoked_key=key_of("bo"), revoked_us=1),))
    assert len(removal(gone, bo, words)[0]) == 1  # it began when the key was revoked
    ada = gone.people[1]
    assert words("leaving.stays.nobody", projects="One") in removal(gone, ada, words)[1]


class TestReviewKeys:
    def test_who_opens_which_key_and_which_are_empty(self, window: OfficeWindow) -> None:
        told = said(window.review_keys)
        assert "Key 3: in force since 4 November 2026, ends 2 February 2027" in told
        assert "Opened by: Bo" in told
        assert (
            "Key 2: 8 May 2026 to 6 August 2026. Made without a reviewer, or ended: it is handed to nobody any more" in told
        )
        assert "Key 1: 6 August 2026 to 4 November 2026. Opened by: Eve" in told
        assert EN("epochs.over") in told

    def test_a_new_one_is_signed_once_it_is_confirmed(self, qtbot: QtBot, window: OfficeWindow, office: FakeOffice) -> None:
        page = window.review_keys
        pressed(page, "Begin a new review key of One …")
        assert "opened by: Bo" in page.banner.text
        assert not office.calls
        pressed(page.banner, "Sign and publish")
        qtbot.waitUntil(lambda: page.banner.text == "Signed and published.", timeout=PATIENCE_MS)
        assert office.calls == [("epoch", "one")]

    def test_earlier_ones_are_handed_on_where_the_admin_opens_them(
        self, qtbot: QtBot, window: OfficeWindow, office: FakeOffice
    ) -> None:
        page = window.review_keys
        pressed(page, "Hand earlier review keys of One to Bo …")
        assert "that you can open: 1." in page.banner.text
        office.refuses = "project: there is no earlier review key of it that this computer can open and they cannot."
        pressed(page.banner, "Sign and publish")
        qtbot.waitUntil(lambda: "no earlier review key" in page.banner.text, timeout=PATIENCE_MS)
        assert office.calls == [("grant", "one", "bo")]

    def test_a_question_about_keys_that_have_moved_on_is_taken_away(
        self, qtbot: QtBot, window: OfficeWindow, office: FakeOffice
    ) -> None:
        page = window.review_keys
        pressed(page, "Begin a new review key of One …")
        office._next(projects=office.held.projects[:1])
        window.refresh()
        qtbot.waitUntil(lambda: "Two" not in said(page), timeout=PATIENCE_MS)
        assert not page.banner.text


class TestWhatEnds:
    def test_it_stands_on_top_with_its_one_button(self, qtbot: QtBot, window: OfficeWindow, office: FakeOffice) -> None:
        assert not window.due.text
        office.ends = (Due(Term.DIRECTORY, "", NOW_US + 9 * DAY_US, 9), Due(Term.REVIEW_KEY, "two", 0, 0))
        window.refresh()
        qtbot.waitUntil(lambda: bool(window.due.text), timeout=PATIENCE_MS)
        assert "directory ends in 9 days, on 3 December 2026." in window.due.text
        assert "Two has no review key." in window.due.text
        pressed(window.due, "Renew")
        qtbot.waitUntil(lambda: window.due.text == "Renewed: signed and published.", timeout=PATIENCE_MS)
        assert office.calls == [("renew",)]

    def test_a_renewal_that_fails_says_so_and_stays(self, qtbot: QtBot, window: OfficeWindow, office: FakeOffice) -> None:
        office.ends = (Due(Term.DIRECTORY, "", NOW_US, 0),)
        office.refuses = "The platform cannot be reached."
        window.refresh()
        qtbot.waitUntil(lambda: bool(window.due.text), timeout=PATIENCE_MS)
        pressed(window.due, "Renew")
        qtbot.waitUntil(lambda: "cannot be reached" in window.banner.text, timeout=PATIENCE_MS)
        assert "has ended" in window.due.text


class TestLinks:
    def test_a_link_that_was_made_waits_and_can_be_copied_again(self, qtbot: QtBot, window: OfficeWindow) -> None:
        window.people._invitation.person.setText("dora")
        pressed(window.people, "Make a link")
        qtbot.waitUntil(lambda: "Links that nobody used yet" in said(window.people), timeout=PATIENCE_MS)
        assert "Opens until 1 December 2026, 06:00" in said(window.people)
        QGuiApplication.clipboard().setText("")
        window.people._copy_again(window.people._standing.invited[0])  # type: ignore[union-attr] # it was shown
        assert QGuiApplication.clipboard().text() == "fairwitness:enrol?dora"

    def test_one_that_was_taken_back_is_gone_from_the_form_as_well(
        self, qtbot: QtBot, window: OfficeWindow, office: FakeOffice
    ) -> None:
        window.people._invitation.person.setText("dora")
        window.people._invitation.name.setText("Dora")
        pressed(window.people, "Make a link")
        qtbot.waitUntil(lambda: "Links that nobody used yet" in said(window.people), timeout=PATIENCE_MS)
        pressed(window.people, "Take the link of Dora back")
        qtbot.waitUntil(lambda: "Links that nobody used yet" not in said(window.people), timeout=PATIENCE_MS)
        assert office.calls[-1] == ("withdraw", key_of("dora"))
        assert not window.people._invitation.link.text()

    def test_one_of_another_computer_can_only_be_taken_back(
        self, qtbot: QtBot, window: OfficeWindow, office: FakeOffice
    ) -> None:
        office.links = (Invited(key_of("kim"), "kim", "Kim", ("reviewer",), (), NOW_US + DAY_US, ""),)
        window.refresh()
        qtbot.waitUntil(lambda: "made on another computer" in said(window.people), timeout=PATIENCE_MS)
        names = [one.accessibleName() for one in window.people.findChildren(QPushButton)]
        assert "Take the link of Kim back" in names
        assert "Copy the link of Kim again" not in names


def test_the_row_that_was_shown_is_signed_in_and_not_who_waits_meanwhile(
    qtbot: QtBot, window: OfficeWindow, office: FakeOffice
) -> None:
    shown = office.newcomer[0]
    office.newcomer = (msgspec.structs.replace(shown, person_key=key_of("mallory"), words=("m",) * 6),)
    pressed(window.people, "Sign in Chen")  # nobody has asked the platform since
    qtbot.waitUntil(lambda: bool(office.calls), timeout=PATIENCE_MS)
    assert office.calls == [("admit", shown)]
