# SPDX-License-Identifier: Apache-2.0
"""Boxes that are ticked, chosen from and counted in: what stands in them can be seen in both looks, without colour."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QApplication, QLineEdit, QPlainTextEdit, QRadioButton, QSlider, QWidget
from pytestqt.qtbot import QtBot

import ui
from ui.look import dress
from ui.marks import Choice, Number, Tick
from ui.style import DARK, LIGHT, TEXT_CONTRAST, Palette, contrast

OFF, PARTLY, ON = Qt.CheckState.Unchecked, Qt.CheckState.PartiallyChecked, Qt.CheckState.Checked


@pytest.fixture(params=[LIGHT, DARK], ids=["light", "dark"])
def palette(qapp: QApplication, request: pytest.FixtureRequest) -> Iterator[Palette]:
    sheet, colours, font = qapp.styleSheet(), qapp.palette(), qapp.font()
    worn: Palette = request.param
    dress(qapp, worn)
    yield worn
    qapp.setStyleSheet(sheet)
    qapp.setPalette(colours)
    qapp.setFont(font)


def shown(qtbot: QtBot, widget: QWidget) -> QImage:
    """What is drawn, without the keyboard's frame around it."""
    qtbot.addWidget(widget)
    widget.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    widget.ensurePolished()
    widget.resize(widget.sizeHint())
    return widget.grab().toImage()


def colours(image: QImage, box: QRectF) -> set[str]:
    """Those that stand in `box`."""
    part = image.copy(box.toRect())
    return {QColor(part.pixel(x, y)).name() for x in range(part.width()) for y in range(part.height())}


def rows(image: QImage, box: QRectF, colour: str) -> int:
    """In how many lines of `box` that colour stands."""
    part = image.copy(box.toRect())
    return sum(any(QColor(part.pixel(x, y)).name() == colour for x in range(part.width())) for y in range(part.height()))


def ticked(qtbot: QtBot, state: Qt.CheckState, *, enabled: bool = True) -> tuple[QImage, QRectF]:
    made = Tick("Trainer")
    made.setTristate(True)
    made.setCheckState(state)
    made.setEnabled(enabled)
    return shown(qtbot, made), made.box.adjusted(2, 2, -2, -2)


@pytest.mark.parametrize("enabled", [True, False])
def test_a_box_that_is_on_holds_a_check_mark(qtbot: QtBot, palette: Palette, enabled: bool) -> None:
    image, box = ticked(qtbot, ON, enabled=enabled)
    ground = palette.work if enabled else palette.quiet
    assert {ground, palette.card} <= colours(image, box)
    assert contrast(palette.card, ground) >= TEXT_CONTRAST
    assert rows(image, box, palette.card) > 3  # a mark that goes down and up, no dash


@pytest.mark.parametrize("enabled", [True, False])
def test_a_box_that_is_partly_on_holds_a_dash(qtbot: QtBot, palette: Palette, enabled: bool) -> None:
    image, box = ticked(qtbot, PARTLY, enabled=enabled)
    assert {palette.work if enabled else palette.quiet, palette.card} <= colours(image, box)
    assert 1 <= rows(image, box, palette.card) <= 3


def test_a_box_that_is_off_is_empty(qtbot: QtBot, palette: Palette) -> None:
    assert colours(*ticked(qtbot, OFF)) == {palette.card}
    assert colours(*ticked(qtbot, OFF, enabled=False)) == {palette.window}


def test_a_tick_is_called_what_stands_beside_it(qtbot: QtBot) -> None:
    made = Tick("As of now", on=True)
    qtbot.addWidget(made)
    assert (made.accessibleName(), made.isChecked()) == ("As of now", True)


def test_what_can_be_chosen_from_and_counted_in_has_its_arrows(qtbot: QtBot, palette: Palette) -> None:
    choice, number = Choice(), Number()
    choice.addItem("")
    for made, arrows in ((choice, (0.5,)), (number, (0.32, 0.68))):
        image = shown(qtbot, made)
        for at in arrows:
            box = QRectF(made.width() - 18, made.height() * at - 4, 8, 8)
            assert palette.text in colours(image, box), (made, at)
    choice.setEnabled(False)
    assert palette.text not in colours(choice.grab().toImage(), QRectF(choice.rect()))


def test_words_that_can_be_read_only_while_a_field_is_empty_have_the_contrast_of_words(
    qtbot: QtBot, palette: Palette
) -> None:
    for field in (QLineEdit(), QPlainTextEdit()):
        shown(qtbot, field)
        assert field.palette().placeholderText().color().name() == palette.quiet
    off = QRadioButton("Off")
    off.setEnabled(False)
    shown(qtbot, off)
    assert off.palette().windowText().color().name() == palette.quiet


def test_the_moment_on_its_line_can_be_seen(qtbot: QtBot, palette: Palette) -> None:
    slider = QSlider(Qt.Orientation.Horizontal)
    image = shown(qtbot, slider)
    assert {palette.work, palette.quiet} <= colours(image, QRectF(slider.rect()))
    assert contrast(palette.quiet, palette.window) >= 3.0  # WCAG 2.2, 1.4.11


def test_every_box_of_ours_is_one_that_has_its_mark() -> None:
    """A plain one would be filled, and empty."""
    folder = Path(next(iter(ui.__path__)))
    plain = {"QCheckBox", "QComboBox", "QSpinBox", "QDoubleSpinBox"}
    calls = [
        (path.name, getattr(node.func, "id", "") or getattr(node.func, "attr", ""))
        for path in folder.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
    ]
    assert len(calls) > 1000
    assert not [one for one in calls if one[1] in plain]
