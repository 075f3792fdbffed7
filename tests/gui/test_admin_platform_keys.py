# SPDX-License-Identifier: Apache-2.0
"""The platform's keys, renewed from the office: nothing is signed before the words are compared, no page is an end."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from admin_fakes import EN, PATIENCE_MS, RENEWAL, FakeOffice, office_window, pressed, said
from PySide6.QtWidgets import QLineEdit, QPushButton, QRadioButton
from pytestqt.qtbot import QtBot
from shiboken6 import isValid

from ui.admin.platform_keys import COMMAND, PlatformKeysDialog
from ui.admin.window import OfficeWindow

AWAY = "The platform cannot be reached. Try again later."
REFUSED = "keys: the platform has other keys now."


@pytest.fixture
def office() -> FakeOffice:
    return FakeOffice()


@pytest.fixture
def window(qtbot: QtBot, office: FakeOffice) -> Iterator[OfficeWindow]:
    with office_window(qtbot, office, []) as made:
        yield made


@pytest.fixture
def opened(qtbot: QtBot, window: OfficeWindow) -> Callable[[str], PlatformKeysDialog]:
    """The dialog, as soon as it says that."""

    def made(heading: str) -> PlatformKeysDialog:
        pressed(window.review_keys, EN("platform.renew"))
        dialog = window.findChildren(PlatformKeysDialog)[-1]
        waits(qtbot, dialog, heading)
        return dialog

    return made


def waits(qtbot: QtBot, dialog: PlatformKeysDialog, heading: str) -> None:
    qtbot.waitUntil(lambda: EN(heading) in said(dialog) and dialog._busy.isHidden(), timeout=PATIENCE_MS)


def test_where_none_wait_it_says_how_they_are_made_and_looks_again(
    qtbot: QtBot, office: FakeOffice, opened: Callable[[str], PlatformKeysDialog]
) -> None:
    dialog = opened("platform.none")
    assert [one.text() for one in dialog.findChildren(QLineEdit)] == [COMMAND]
    office.prepared = RENEWAL
    pressed(dialog, EN("platform.again"))
    waits(qtbot, dialog, "platform.compare")
    names = f"{EN('platform.key.receipt')}, {EN('platform.key.log')}"
    assert EN("platform.names", names=names) in said(dialog)
    assert all(word in said(dialog) for word in RENEWAL.words)
    assert office.calls == []


def test_they_are_signed_in_once_the_words_are_the_same_and_the_office_shows_the_new_directory(
    qtbot: QtBot, office: FakeOffice, window: OfficeWindow, opened: Callable[[str], PlatformKeysDialog]
) -> None:
    office.prepared = RENEWAL
    dialog = opened("platform.compare")
    pressed(dialog, EN("join.same"))
    assert office.calls == []  # first why, and what it does
    assert EN("platform.stolen.means") in said(dialog)
    pressed(dialog, EN("sign.do"))
    qtbot.waitUntil(lambda: EN("platform.done", version=4) in said(dialog), timeout=PATIENCE_MS)
    assert office.calls == [("platform", ("receipt", "log"), False)]
    qtbot.waitUntil(lambda: " 4 " in window._strip.text(), timeout=PATIENCE_MS)
    pressed(dialog, EN("do.close"))
    assert not isValid(dialog) or not dialog.isVisible()


def test_stolen_ones_end_at_once_where_the_admin_says_so(
    qtbot: QtBot, office: FakeOffice, opened: Callable[[str], PlatformKeysDialog]
) -> None:
    office.prepared = RENEWAL
    dialog = opened("platform.compare")
    pressed(dialog, EN("join.same"))
    next(one for one in dialog.findChildren(QRadioButton) if one.text() == EN("platform.stolen")).click()
    pressed(dialog, EN("sign.do"))
    qtbot.waitUntil(lambda: EN("platform.done", version=4) in said(dialog), timeout=PATIENCE_MS)
    assert office.calls == [("platform", ("receipt", "log"), True)]


def test_words_that_differ_sign_nothing_and_lead_on(
    qtbot: QtBot, office: FakeOffice, opened: Callable[[str], PlatformKeysDialog]
) -> None:
    office.prepared = RENEWAL
    dialog = opened("platform.compare")
    pressed(dialog, EN("join.differ"))
    assert EN("platform.differ") in said(dialog)
    assert EN("platform.how") in said(dialog)
    pressed(dialog, EN("platform.again"))
    waits(qtbot, dialog, "platform.compare")
    assert office.calls == []


def test_a_platform_that_cannot_be_reached_is_said_and_asked_again(
    qtbot: QtBot, office: FakeOffice, opened: Callable[[str], PlatformKeysDialog]
) -> None:
    office.away, office.prepared = AWAY, RENEWAL
    dialog = opened("platform.unknown")
    assert AWAY in said(dialog)
    office.away = ""
    pressed(dialog, EN("platform.again"))
    waits(qtbot, dialog, "platform.compare")


def test_what_could_not_be_signed_can_be_tried_again_or_looked_at_anew(
    qtbot: QtBot, office: FakeOffice, opened: Callable[[str], PlatformKeysDialog]
) -> None:
    office.prepared, office.refuses = RENEWAL, REFUSED
    dialog = opened("platform.compare")
    pressed(dialog, EN("join.same"))
    sign = next(one for one in dialog.findChildren(QPushButton) if one.text() == EN("sign.do"))
    sign.click()
    assert not sign.isEnabled()
    qtbot.waitUntil(lambda: REFUSED in said(dialog), timeout=PATIENCE_MS)
    assert sign.isEnabled()
    office.refuses = ""
    sign.click()
    qtbot.waitUntil(lambda: EN("platform.done", version=4) in said(dialog), timeout=PATIENCE_MS)
    assert len(office.calls) == 2


def test_an_answer_that_comes_after_the_dialog_was_closed_is_shown_by_the_office(
    qtbot: QtBot, office: FakeOffice, window: OfficeWindow, opened: Callable[[str], PlatformKeysDialog]
) -> None:
    office.prepared = RENEWAL
    dialog = opened("platform.compare")
    pressed(dialog, EN("join.same"))
    pressed(dialog, EN("sign.do"))
    dialog.reject()
    qtbot.waitUntil(lambda: " 4 " in window._strip.text(), timeout=PATIENCE_MS)
