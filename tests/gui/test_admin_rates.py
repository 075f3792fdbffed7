# SPDX-License-Identifier: Apache-2.0
"""The sums of questions on trial in the office: read when looked at, sorted, and with words where no number may stand."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from admin_fakes import EN, NEWEST, PATIENCE_MS, FakeOffice, office_window, pressed, rated_rows, rates_table, said
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QTableView
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from session.rates.shown import Sums
from ui.admin.rates import Column, RatesModel, RatesPage
from ui.admin.window import OfficeWindow
from ui.strings import Words

AWAY = "The platform cannot be reached."
VERSION = "1, unmeasured-1"
FEW = "fewer than ten people,\nor all"


@pytest.fixture
def office() -> FakeOffice:
    made = FakeOffice()
    made.tables[NEWEST] = Sums(rates_table(NEWEST, *rated_rows(), left_out=7), NEWEST)
    return made


@pytest.fixture
def window(qtbot: QtBot, office: FakeOffice) -> Iterator[OfficeWindow]:
    with office_window(qtbot, office, []) as made:
        yield made


def looked(window: OfficeWindow, qtbot: QtBot) -> RatesPage:
    window._tabs.setCurrentWidget(window.rates)
    read(window.rates, qtbot)
    return window.rates


def read(page: RatesPage, qtbot: QtBot) -> None:
    qtbot.waitUntil(page._busy.isHidden, timeout=PATIENCE_MS)


def cells(page: RatesPage, column: Column) -> list[str]:
    table = page.table.model()
    return [str(table.index(number, column).data()) for number in range(table.rowCount())]


def test_the_table_is_asked_for_when_it_is_looked_at_and_again_when_that_is_wanted(
    qtbot: QtBot, window: OfficeWindow, office: FakeOffice
) -> None:
    assert ("sums", None) not in office.calls
    page = looked(window, qtbot)
    window._tabs.setCurrentWidget(window.people)
    window._tabs.setCurrentWidget(page)
    assert office.calls.count(("sums", None)) == 1
    pressed(window, EN("admin.refresh"))
    qtbot.waitUntil(lambda: office.calls.count(("sums", None)) == 2, timeout=PATIENCE_MS)
    read(page, qtbot)


def test_each_question_of_each_row_stands_with_its_sums(qtbot: QtBot, window: OfficeWindow) -> None:
    page = looked(window, qtbot)
    table = page.table.model()
    whole = [[table.index(number, column).data() for column in Column] for number in range(table.rowCount())]
    where = ["One", "Linux (X11)\nItalian", "10"]
    paste = ["1 of 632\n0.158 %", "1 of 10\n0.25 % to 44.5 %", "46"]
    assert [*where, f"Long text from elsewhere\n{VERSION}", *paste] in whole
    chain = ["2 of 120\nfewer than 600 sessions", "2 of 11\n0.25 % to 44.5 %", "3"]
    assert [*where, f"Copied from an AI tool\n{VERSION}", *chain] in whole
    assert whole[-1] == ["other projects", "other systems\nother languages", "10", "given up", "", "", ""]
    assert ["Two", "other systems\nother languages", "12 and 2 others"] in [one[:3] for one in whole]


@pytest.mark.parametrize("language", ["en", "it"])
def test_all_of_a_row_is_seen_in_a_small_window(qtbot: QtBot, office: FakeOffice, language: str) -> None:
    with office_window(qtbot, office, [], Words(language)) as window:
        window.resize(1240, 760)
        table = looked(window, qtbot).table
        assert table.horizontalHeader().length() <= table.viewport().width()


def test_of_what_may_not_be_said_no_number_stands_there_and_the_page_says_why(qtbot: QtBot, window: OfficeWindow) -> None:
    page = looked(window, qtbot)
    (number,) = [at for at, title in enumerate(cells(page, Column.QUESTION)) if title.startswith("AI tool in front\n")]
    table = page.table.model()
    told = [table.index(number, column).data() for column in Column if column > Column.QUESTION]
    assert told == [FEW, "not said", "not said"]
    for words in (EN("rates.few.why"), EN("rates.others.why"), "7 people sent a report and are in no row: fewer than ten"):
        assert words in said(page)
    assert "nothing of it is read: the platform counts somebody twice in a table of rates." in said(page)


def test_columns_sort_by_their_numbers_and_not_by_their_words(qtbot: QtBot, window: OfficeWindow) -> None:
    page = looked(window, qtbot)
    page.table.sortByColumn(Column.SESSIONS, Qt.SortOrder.DescendingOrder)
    rates = ["4 %", "fewer than 600 sessions", "0.158 %", "or all", ""]
    assert [told.rpartition("\n")[2] for told in cells(page, Column.SESSIONS)] == rates
    page.table.sortByColumn(Column.UNANSWERED, Qt.SortOrder.AscendingOrder)
    assert cells(page, Column.UNANSWERED) == ["", "not said", "1", "3", "46"]
    page.table.sortByColumn(Column.PEOPLE, Qt.SortOrder.DescendingOrder)
    assert cells(page, Column.PEOPLE)[0] == "12 and 2 others"
    page.table.sortByColumn(Column.WITH, Qt.SortOrder.DescendingOrder)
    assert cells(page, Column.WITH)[0].startswith("9 of 14")


def test_a_filter_finds_rows_by_what_is_read(qtbot: QtBot, window: OfficeWindow) -> None:
    page = looked(window, qtbot)
    qtbot.keyClicks(page._filter, "linux")
    assert cells(page, Column.PROJECT) == ["One"] * 3
    qtbot.keyClicks(page._filter, " no such")
    assert cells(page, Column.PROJECT) == []


def test_earlier_periods_are_one_press_away_and_none_is_newer_than_the_newest(
    qtbot: QtBot, window: OfficeWindow, office: FakeOffice
) -> None:
    page = looked(window, qtbot)
    assert "24 September 2026 to 21 October 2026 (UTC)" in said(page)
    assert (page._earlier.isEnabled(), page._later.isEnabled()) == (True, False)
    pressed(page, EN("rates.earlier"))
    qtbot.waitUntil(lambda: "27 August 2026 to 23 September 2026 (UTC)" in said(page), timeout=PATIENCE_MS)
    assert office.calls[-1] == ("sums", NEWEST - 1)
    assert page._later.isEnabled()
    pressed(page, EN("rates.later.period"))
    qtbot.waitUntil(lambda: "24 September 2026" in said(page), timeout=PATIENCE_MS)
    assert not page._later.isEnabled()


def test_an_empty_table_says_why_and_what_would_fill_it(qtbot: QtBot, window: OfficeWindow, office: FakeOffice) -> None:
    office.tables[NEWEST] = Sums(rates_table(NEWEST, left_out=1), NEWEST)
    page = looked(window, qtbot)
    assert EN("rates.none") in said(page)
    assert EN("rates.none.off") in said(page)
    assert EN("field.findings.rates") in EN("rates.none.off"), "it names the field as the policy's page does"
    assert EN("choice.findings.rates.sums") in EN("rates.none.off")
    assert EN("admin.policies") in EN("rates.none.off")
    assert "1 person sent a report and is in no row" in said(page)
    assert not page._filter.isEnabled()
    office.tables[NEWEST] = Sums(rates_table(NEWEST), NEWEST, ("Heart", "Law"))
    pressed(window, EN("admin.refresh"))
    qtbot.waitUntil(lambda: EN("rates.none.on", projects="Heart, Law") in said(page), timeout=PATIENCE_MS)


def test_a_platform_that_is_away_is_said_and_asked_again_for_the_same(
    qtbot: QtBot, window: OfficeWindow, office: FakeOffice
) -> None:
    page = looked(window, qtbot)
    office.away = AWAY
    pressed(page, EN("rates.earlier"))
    qtbot.waitUntil(lambda: AWAY in said(page), timeout=PATIENCE_MS)
    assert cells(page, Column.PROJECT), "what was read stays"
    office.away = ""
    pressed(page, EN("do.retry"))
    qtbot.waitUntil(lambda: office.calls[-1] == ("sums", NEWEST - 1), timeout=PATIENCE_MS)
    read(page, qtbot)
    assert AWAY not in said(page)


def test_the_model_keeps_qts_rules_and_speaks_the_language(qtmodeltester: ModelTester) -> None:
    model = RatesModel(Words("it"))
    model.set_table(rates_table(NEWEST, *rated_rows()), {"one": "Uno"})
    qtmodeltester.check(model)
    heads = [model.headerData(column, Qt.Orientation.Horizontal) for column in Column]
    assert heads[:4] == ["Progetto", "Sistema, lingua", "Persone", "Domanda"]
    assert model.headerData(0, Qt.Orientation.Vertical) is None
    assert model.index(0, Column.PROJECT).data() == "Uno"
    assert model.index(1, Column.SESSIONS).data() == "meno di dieci persone,\no tutte"


def test_what_is_read_and_pressed_has_a_name(qtbot: QtBot, window: OfficeWindow) -> None:
    page = looked(window, qtbot)
    (table,) = page.findChildren(QTableView)
    assert table.accessibleName() == EN("rates.table")
    assert not table.tabKeyNavigation()
    assert page._filter.accessibleName() == EN("rates.filter")
