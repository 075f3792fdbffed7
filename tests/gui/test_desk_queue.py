# SPDX-License-Identifier: Apache-2.0
"""The reviewer's list: what a row says, the filter, five hundred of them, and words where there is nothing to show."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QLabel, QLineEdit, QPushButton, QWidget
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot
from review_fakes import ZONE, ListedDesk, forty, listed

from session.desks import ReviewRow
from ui.desk.queue import QueuePage
from ui.desk.rows import Chosen, Column, RowsModel, counted_words, is_new, overlap_words, state_words, worked_words
from ui.strings import LANGUAGES, Words

EN = Words("en")
PATIENCE_MS = 10_000
MINUTE_US = 60_000_000
Made = Callable[..., QueuePage]


@pytest.fixture
def opened() -> list[str]:
    """Sessions that the page wanted opened."""
    return []


@pytest.fixture
def made(qtbot: QtBot, opened: list[str]) -> Made:
    def make(rows: list[ReviewRow] | None, language: str = "en") -> QueuePage:
        page = QueuePage(
            ListedDesk([]).owner(),
            Words(language),
            open_session=lambda row: opened.append(row.session_id),
            refresh=lambda: opened.append("refresh"),
            zone=ZONE,
        )
        qtbot.addWidget(page)
        if rows is not None:
            page.show_rows(rows)
        page.resize(1366, 768)
        page.show()
        page.activateWindow()
        qtbot.waitUntil(page.isActiveWindow, timeout=PATIENCE_MS)
        return page

    return make


def shown(page: QueuePage) -> list[str]:
    return [row.session_id for row in page.chosen.shown()]


def words_on(page: QWidget) -> list[str]:
    return [one.text() for one in page.findChildren(QLabel) if one.isVisible() and one.text()]


def filter_box(page: QueuePage) -> QLineEdit:
    (found,) = page.findChildren(QLineEdit)
    return found


def only_new(page: QueuePage) -> QCheckBox:
    (found,) = page.findChildren(QCheckBox)
    return found


def pressed(page: QWidget, name: str) -> QPushButton:
    (found,) = [one for one in page.findChildren(QPushButton) if one.accessibleName() == name and one.isVisible()]
    return found


class TestRows:
    @pytest.mark.parametrize("filtered", [False, True])
    def test_the_models_keep_qts_rules(self, qtmodeltester: ModelTester, filtered: bool) -> None:
        model = RowsModel(EN, ZONE)
        chosen = Chosen(model)
        qtmodeltester.check(chosen if filtered else model, force_py=True)
        model.set_rows(forty())
        model.change(msgspec.structs.replace(model.rows[3], read=True))
        chosen.choose("ada", only_new=True)
        model.set_rows(forty(7))
        model.set_rows([])

    def test_a_row_says_who_what_when_how_long_and_how_it_stands(self) -> None:
        model = RowsModel(EN, ZONE)
        model.set_rows([listed(0, worked_us=125 * MINUTE_US, here=True)])
        assert [model.index(0, column).data() for column in Column] == [
            "Ada Lovelace",
            "Cardiology answers",
            "23 November 2026, 08:30",
            "2 h 05 min",
            "New",
            "On this computer",
        ]

    @pytest.mark.parametrize(
        ("changes", "said"),
        [
            ({}, "New"),
            ({"read": True}, "Opened"),
            ({"decisions": 1}, "1 question decided"),
            ({"decisions": 2, "read": True}, "2 questions decided"),
            ({"decisions": 1, "replies": 1}, "1 question decided, 1 reply"),
            ({"decisions": 3, "replies": 2}, "3 questions decided, 2 replies"),
        ],
    )
    def test_each_state_has_its_words(self, changes: dict[str, object], said: str) -> None:
        assert state_words(listed(0, **changes), EN) == said

    def test_what_somebody_decided_or_this_person_opened_does_not_wait(self) -> None:
        assert is_new(listed(0))
        assert not is_new(listed(0, read=True))
        assert not is_new(listed(0, decisions=1))

    @pytest.mark.parametrize(
        ("minutes", "said"),
        [
            (0, "0 min"),
            (0.01, "under 1 min"),
            (0.999, "under 1 min"),
            (1, "1 min"),
            (59, "59 min"),
            (60, "1 h 00 min"),
            (605, "10 h 05 min"),
            (59.99, "59 min"),
        ],
    )
    def test_work_time_counts_whole_minutes(self, minutes: float, said: str) -> None:
        assert worked_words(round(minutes * MINUTE_US), EN) == said

    def test_under_a_minute_is_short_in_brackets_and_in_words_in_the_sentence(self) -> None:
        row = listed(0, worked_us=125 * MINUTE_US, beyond_us=20_000_000)
        assert counted_words(row, EN) == "2 h 05 min (< 1 min too many)"
        assert "under 1 min cannot have passed" in overlap_words(row, EN)

    def test_what_another_session_counts_too_is_in_the_row_and_told_in_a_sentence(self) -> None:
        model = RowsModel(EN, ZONE)
        model.set_rows([listed(0, worked_us=125 * MINUTE_US, overlap_us=12 * MINUTE_US), listed(1, worked_us=MINUTE_US)])
        cell = model.index(0, Column.WORKED)
        assert cell.data() == "2 h 05 min (12 min twice)"
        assert "12 min are counted in another session" in str(cell.data(Qt.ItemDataRole.ToolTipRole))
        assert [model.index(1, Column.WORKED).data(role) for role in (0, Qt.ItemDataRole.ToolTipRole)] == ["1 min", "1 min"]

    def test_time_that_cannot_have_passed_is_in_the_row_and_told_in_a_sentence(self) -> None:
        model = RowsModel(EN, ZONE)
        model.set_rows([listed(0, worked_us=480 * MINUTE_US, overlap_us=12 * MINUTE_US, beyond_us=479 * MINUTE_US)])
        cell = model.index(0, Column.WORKED)
        assert cell.data() == "8 h 00 min (7 h 59 min too many)"
        told = str(cell.data(Qt.ItemDataRole.ToolTipRole))
        assert "7 h 59 min cannot have passed by the platform" in told
        assert "12 min are counted in another session" in told

    def test_new_rows_stand_out_by_weight_and_word_and_not_by_colour(self) -> None:
        model = RowsModel(EN, ZONE)
        model.set_rows([listed(0), listed(1, read=True)])
        assert model.index(0, 0).data(Qt.ItemDataRole.FontRole).bold()
        assert model.index(1, 0).data(Qt.ItemDataRole.FontRole) is None
        assert all(model.index(row, 0).data(Qt.ItemDataRole.ForegroundRole) is None for row in (0, 1))

    def test_nothing_in_the_list_can_be_written(self) -> None:
        model = RowsModel(EN, ZONE)
        model.set_rows(forty(3))
        assert not model.flags(model.index(0, 0)) & Qt.ItemFlag.ItemIsEditable

    @pytest.mark.parametrize("column", [Column.WORKED, Column.WHEN])
    def test_numbers_sort_as_numbers(self, column: Column) -> None:
        model = RowsModel(EN, ZONE)
        chosen = Chosen(model)
        model.set_rows(
            [listed(0, worked_us=9 * MINUTE_US), listed(3, worked_us=100 * MINUTE_US), listed(1, worked_us=60_000_000)]
        )
        chosen.sort(column, Qt.SortOrder.AscendingOrder)
        rows = chosen.shown()
        values = [row.worked_us if column is Column.WORKED else row.started_us for row in rows]
        assert values == sorted(values)


class TestPage:
    def test_the_order_is_the_desks_until_a_person_sorts(self, made: Made) -> None:
        rows = forty()
        assert shown(made(rows)) == [row.session_id for row in rows]

    def test_the_first_is_selected_and_enter_opens_it(self, made: Made, qtbot: QtBot, opened: list[str]) -> None:
        page = made(forty())
        page.focus_list()
        qtbot.keyClick(page.table, Qt.Key.Key_Down)
        qtbot.keyClick(page.table, Qt.Key.Key_Return)
        assert opened == [forty()[1].session_id]

    def test_the_button_opens_what_is_selected(self, made: Made, opened: list[str]) -> None:
        page = made(forty())
        page.select(forty()[5].session_id)
        pressed(page, "Open session").click()
        assert opened == [forty()[5].session_id]

    @pytest.mark.parametrize(
        ("text", "wanted"), [("ada", "Ada Lovelace"), ("LOVE card", "Ada Lovelace"), ("sato november", "Hana Sato")]
    )
    def test_the_filter_takes_each_word_anywhere_in_the_row(self, made: Made, text: str, wanted: str) -> None:
        page = made(forty())
        filter_box(page).setText(text)
        names = {row.name for row in page.chosen.shown()}
        assert names == {wanted}

    def test_only_new_leaves_those_that_wait(self, made: Made) -> None:
        page = made(forty())
        only_new(page).setChecked(True)
        assert shown(page) == [row.session_id for row in forty() if is_new(row)]
        only_new(page).setChecked(False)
        assert len(shown(page)) == 40

    def test_what_is_selected_stays_selected_through_filter_and_refresh(self, made: Made) -> None:
        page, rows = made(forty()), forty()
        page.select(rows[8].session_id)
        filter_box(page).setText(rows[8].name.split()[0])
        selected = page.selected()
        assert selected is not None
        assert selected.session_id == rows[8].session_id
        page.show_rows(list(reversed(rows)))
        selected = page.selected()
        assert selected is not None
        assert selected.session_id == rows[8].session_id

    def test_a_session_that_changed_is_shown_so_where_it_stands(self, made: Made) -> None:
        page, rows = made(forty()), forty()
        page.change(msgspec.structs.replace(rows[2], read=True, decisions=2))
        assert shown(page) == [row.session_id for row in rows]
        assert page.chosen.index(2, Column.STATE).data() == "2 questions decided"
        assert "11 new of 40 sessions" in words_on(page)

    def test_five_hundred_sessions_are_filtered_within_a_blink(self, made: Made) -> None:
        page = made(forty(500))
        for text in ("chiara", "chiara legal", "", "zzz"):
            filter_box(page).setText(text)
        assert shown(page) == []
        filter_box(page).clear()
        assert len(shown(page)) == 500

    def test_keys_reach_filter_and_refresh(self, made: Made, qtbot: QtBot, opened: list[str]) -> None:
        page = made(forty())
        page.focus_list()
        qtbot.keyClick(page.table, Qt.Key.Key_F5)
        assert opened == ["refresh"]
        qtbot.keyClick(page.table, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
        assert page.focusWidget() is filter_box(page)
        qtbot.keyClick(filter_box(page), Qt.Key.Key_Return)
        assert page.focusWidget() is page.table

    def test_tab_leaves_the_list(self, made: Made, qtbot: QtBot) -> None:
        page = made(forty())
        page.focus_list()
        qtbot.keyClick(page.table, Qt.Key.Key_Tab)
        assert page.focusWidget() is pressed(page, "Open session")

    def test_everything_that_can_be_worked_has_a_name(self, made: Made) -> None:
        page = made(forty())
        for kind in (QPushButton, QLineEdit, QCheckBox):
            assert all(one.accessibleName() for one in page.findChildren(kind) if one.isVisibleTo(page))
        assert page.table.accessibleName() == "Sessions"


class TestNothingToShow:
    def test_before_the_first_answer_nothing_is_claimed(self, made: Made) -> None:
        assert "The list is not here yet." in words_on(made(None))

    def test_an_empty_list_says_so_kindly(self, made: Made) -> None:
        page = made([])
        assert "Nothing waits for you." in words_on(page)
        assert not pressed(page, "Open session").isEnabled()

    def test_a_list_without_new_ones_says_so_when_only_new_ones_are_wanted(self, made: Made) -> None:
        page = made([listed(0, read=True)])
        assert "Nothing new of 1 session" in words_on(page)
        only_new(page).setChecked(True)
        assert "Nothing waits for you." in words_on(page)
        pressed(page, "Show all sessions").click()
        assert len(shown(page)) == 1
        assert not only_new(page).isChecked()

    def test_a_filter_that_leaves_nothing_can_be_taken_back(self, made: Made) -> None:
        page = made(forty())
        filter_box(page).setText("nobody of that name")
        assert "No session matches." in words_on(page)
        pressed(page, "Show all sessions").click()
        assert len(shown(page)) == 40
        assert page.focusWidget() is page.table


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_no_key_of_this_area_is_missing_or_unused_values_left(language: str) -> None:
    words = {key: text for key, text in LANGUAGES[language].items() if key.startswith(("desk.", "decide."))}
    english = {key: text for key, text in LANGUAGES["en"].items() if key.startswith(("desk.", "decide."))}
    assert words.keys() == english.keys()
    for key, text in words.items():
        assert _fields(text) == _fields(english[key]), key


def _fields(text: str) -> set[str]:
    return {part.split("}")[0].split(":")[0] for part in text.split("{")[1:]}


def test_the_list_is_sorted_by_keys_alone_and_put_back(qtbot: QtBot, made: Made) -> None:
    rows = forty()
    page = made(rows)
    given = shown(page)
    by_work = [one.session_id for one in sorted(rows, key=lambda one: one.worked_us)]
    worked = {one.session_id: one.worked_us for one in rows}

    def press(key: Qt.Key) -> list[str]:
        qtbot.keyClick(page.table, key, Qt.KeyboardModifier.ControlModifier)
        return shown(page)

    assert [worked[one] for one in press(Qt.Key.Key_4)] == [worked[one] for one in by_work]
    assert [worked[one] for one in press(Qt.Key.Key_4)] == [worked[one] for one in reversed(by_work)]
    names = {one.session_id: one.name for one in rows}
    assert [names[one] for one in press(Qt.Key.Key_1)] == sorted(names.values())
    assert press(Qt.Key.Key_0) == given
    assert press(Qt.Key.Key_0) == given
