# SPDX-License-Identifier: Apache-2.0
"""How every window of ours looks: one style sheet and one palette, made from `ui.style`.

Widgets say what they are by the property `role`: "title", "heading", "quiet", "card", "primary", "link", "ask", "problem",
"good", "state". Nothing else in `ui` names a colour.
"""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFont, QPalette
from PySide6.QtWidgets import QApplication

from ui.style import DARK, FAMILIES, LIGHT, Palette

BODY_PX: Final = 14
"""Size of ordinary text in logical pixels. Source: read comfortably at 1366x768 on 14 inches, looked at."""


def palette_of(app: QApplication, *, dark: bool | None = None) -> Palette:
    """The palette that the desktop asks for, or the one that is asked for here."""
    if dark is None:
        dark = app.styleHints().colorScheme() is Qt.ColorScheme.Dark
    return DARK if dark else LIGHT


def dress(app: QApplication, palette: Palette) -> None:
    """Gives the program our style: the same on every desktop, so that what was looked at is what people see."""
    app.setStyle("Fusion")
    app.setPalette(_qt_palette(palette))
    font = QFont()
    font.setFamilies(list(FAMILIES))
    font.setPixelSize(BODY_PX)
    app.setFont(font)
    app.setStyleSheet(_sheet(palette))


def _qt_palette(palette: Palette) -> QPalette:
    made = QPalette()
    roles = {
        QPalette.ColorRole.Window: palette.window,
        QPalette.ColorRole.Base: palette.card,
        QPalette.ColorRole.AlternateBase: palette.track,
        QPalette.ColorRole.Button: palette.card,
        QPalette.ColorRole.WindowText: palette.text,
        QPalette.ColorRole.Text: palette.text,
        QPalette.ColorRole.ButtonText: palette.text,
        QPalette.ColorRole.ToolTipBase: palette.card,
        QPalette.ColorRole.ToolTipText: palette.text,
        QPalette.ColorRole.PlaceholderText: palette.quiet,
        QPalette.ColorRole.Highlight: palette.work,
        QPalette.ColorRole.HighlightedText: palette.card,
        QPalette.ColorRole.Link: palette.work,
    }
    for role, colour in roles.items():
        made.setColor(role, QColor(colour))
    for role in (QPalette.ColorRole.WindowText, QPalette.ColorRole.Text, QPalette.ColorRole.ButtonText):
        made.setColor(QPalette.ColorGroup.Disabled, role, QColor(palette.quiet))
    return made


def _sheet(p: Palette) -> str:
    """Qt's style sheet. Sizes are logical pixels, so they follow the desktop's scale."""
    return f"""
    QWidget {{ color: {p.text}; }}
    QMainWindow, QDialog, QWidget[role="page"] {{ background: {p.window}; }}
    QLabel[role="title"] {{ font-size: 22px; font-weight: 600; }}
    QLabel[role="heading"] {{ font-size: 16px; font-weight: 600; }}
    QLabel[role="state"] {{ font-size: 28px; font-weight: 600; }}
    QLabel[role="quiet"] {{ color: {p.quiet}; }}
    QLabel[role="good"] {{ color: {p.good}; font-weight: 600; }}
    QLabel[role="problem"] {{ color: {p.bad}; font-weight: 600; }}
    QLabel[role="ask"] {{ color: {p.ask}; font-weight: 600; }}
    .QFrame[role="card"], Banner[role="card"], Busy[role="card"] {{
        background: {p.card}; border: 1px solid {p.line}; border-radius: 8px; }}
    .QFrame[role="ask"], Banner[role="ask"], Busy[role="ask"] {{
        background: {p.ask_fill}; border: 1px solid {p.ask}; border-radius: 8px; }}
    .QFrame[role="problem"], Banner[role="problem"], Busy[role="problem"] {{
        background: {p.card};
        border: 1px solid {p.bad}; border-left: 4px solid {p.bad}; border-radius: 8px; }}
    .QFrame[role="good"], Banner[role="good"], Busy[role="good"] {{
        background: {p.card};
        border: 1px solid {p.good}; border-left: 4px solid {p.good}; border-radius: 8px; }}
    QFrame[role="line"] {{ background: {p.line}; max-height: 1px; min-height: 1px; border: none; }}
    QPushButton {{ background: {p.card}; border: 1px solid {p.quiet}; border-radius: 6px;
        padding: 6px 14px; min-height: 20px; }}
    QPushButton:hover {{ background: {p.track}; }}
    QPushButton:pressed {{ background: {p.line}; }}
    QPushButton:focus {{ border: 2px solid {p.work}; padding: 5px 13px; }}
    QPushButton:disabled {{ color: {p.quiet}; border-color: {p.line}; background: {p.window}; }}
    QPushButton[role="primary"] {{ background: {p.work}; color: {p.card}; border: 1px solid {p.work}; font-weight: 600; }}
    QPushButton[role="primary"]:hover {{ background: {p.engaged}; }}
    QPushButton[role="primary"]:focus {{ border: 2px solid {p.text}; }}
    QPushButton[role="primary"]:disabled {{ background: {p.track}; color: {p.quiet}; border-color: {p.line}; }}
    QPushButton[role="link"] {{ background: transparent; border: 1px solid transparent; color: {p.work}; padding: 4px 6px;
        text-decoration: underline; }}
    QPushButton[role="link"]:focus {{ border: 2px solid {p.work}; padding: 3px 5px; }}
    QLineEdit, QPlainTextEdit, QTextEdit, QTextBrowser, QComboBox, QSpinBox, QDateTimeEdit, QListView,
    QTableView, QTreeView {{
        background: {p.card}; border: 1px solid {p.quiet}; border-radius: 6px; padding: 5px 7px;
        selection-background-color: {p.work}; selection-color: {p.card}; }}
    QLineEdit:focus, QPlainTextEdit:focus, QTextEdit:focus, QTextBrowser:focus, QComboBox:focus, QSpinBox:focus,
    QDateTimeEdit:focus, QListView:focus, QTableView:focus, QTreeView:focus {{
        border: 2px solid {p.work}; padding: 4px 6px; }}
    QLineEdit, QPlainTextEdit, QTextEdit {{ placeholder-text-color: {p.quiet}; }}
    QLineEdit:disabled, QPlainTextEdit:disabled, QTextEdit:disabled, QComboBox:disabled, QSpinBox:disabled,
    QDateTimeEdit:disabled {{ color: {p.quiet}; border-color: {p.line}; background: {p.window}; }}
    QComboBox::drop-down {{ width: 24px; border: none; }}
    QSpinBox::up-button, QSpinBox::down-button {{ width: 24px; border: none; background: transparent; }}
    QComboBox::down-arrow, QSpinBox::down-arrow, QSpinBox::up-arrow {{ image: none; width: 0; height: 0; }}
    QDateTimeEdit::up-button, QDateTimeEdit::down-button {{ width: 0; border: none; }}
    QCheckBox, QRadioButton {{ spacing: 8px; padding: 3px; border: 2px solid transparent; border-radius: 6px; }}
    QCheckBox:focus, QRadioButton:focus {{ border: 2px solid {p.work}; }}
    QCheckBox:disabled, QRadioButton:disabled {{ color: {p.quiet}; }}
    QCheckBox::indicator, QRadioButton::indicator {{ width: 14px; height: 14px; border: 1px solid {p.quiet};
        background: {p.card}; }}
    QCheckBox::indicator {{ border-radius: 4px; }}
    QRadioButton::indicator {{ border-radius: 8px; }}
    QCheckBox::indicator:checked, QCheckBox::indicator:indeterminate {{ border: 1px solid {p.work}; background: {p.work}; }}
    QCheckBox::indicator:disabled, QRadioButton::indicator:disabled {{ background: {p.window}; }}
    QCheckBox::indicator:checked:disabled, QCheckBox::indicator:indeterminate:disabled {{
        border: 1px solid {p.quiet}; background: {p.quiet}; }}
    QRadioButton::indicator:checked {{ border: 1px solid {p.work}; background: qradialgradient(
        cx: 0.5, cy: 0.5, radius: 0.5, fx: 0.5, fy: 0.5, stop: 0 {p.work}, stop: 0.6 {p.work}, stop: 0.7 {p.card},
        stop: 1 {p.card}); }}
    QRadioButton::indicator:checked:disabled {{ border: 1px solid {p.quiet}; background: qradialgradient(
        cx: 0.5, cy: 0.5, radius: 0.5, fx: 0.5, fy: 0.5, stop: 0 {p.quiet}, stop: 0.6 {p.quiet}, stop: 0.7 {p.window},
        stop: 1 {p.window}); }}
    QHeaderView::section {{ background: {p.window}; color: {p.quiet}; border: none; border-bottom: 1px solid {p.line};
        padding: 6px 8px; font-weight: 600; }}
    QTableView {{ gridline-color: transparent; }}
    QTableView::item, QListView::item {{ padding: 6px 8px; border-bottom: 1px solid {p.line}; }}
    QTableView::item:selected, QListView::item:selected {{ background: {p.track}; color: {p.text}; }}
    QScrollBar:vertical {{ background: transparent; width: 12px; margin: 0; }}
    QScrollBar:horizontal {{ background: transparent; height: 12px; margin: 0; }}
    QScrollBar::handle {{ background: {p.quiet}; border-radius: 4px; margin: 2px; min-height: 32px; min-width: 32px; }}
    QScrollBar::handle:hover {{ background: {p.text}; }}
    QScrollBar::add-line, QScrollBar::sub-line {{ width: 0; height: 0; }}
    QScrollBar::add-page, QScrollBar::sub-page {{ background: transparent; }}
    QScrollArea {{ background: transparent; border: none; }}
    QAbstractScrollArea::corner {{ background: transparent; border: none; }}
    QScrollArea > QWidget > QWidget {{ background: transparent; }}
    QToolTip {{ background: {p.card}; color: {p.text}; border: 1px solid {p.line}; padding: 4px; }}
    QSlider {{ min-height: 22px; border: 2px solid transparent; border-radius: 6px; }}
    QSlider:focus {{ border: 2px solid {p.work}; }}
    QSlider::groove:horizontal {{ height: 4px; border-radius: 2px; background: {p.quiet}; }}
    QSlider::handle:horizontal {{ width: 14px; height: 14px; margin: -5px 0; border-radius: 7px; background: {p.work}; }}
    QProgressBar {{ background: {p.track}; border: none; border-radius: 4px; max-height: 8px; min-height: 8px; }}
    QProgressBar::chunk {{ background: {p.work}; border-radius: 4px; }}
    QMenu {{ background: {p.card}; border: 1px solid {p.line}; padding: 4px; }}
    QMenu::item {{ padding: 6px 24px; border-radius: 4px; }}
    QMenu::item:selected {{ background: {p.track}; }}
    QMenu::item:disabled {{ color: {p.quiet}; }}
    QMenu::separator {{ height: 1px; background: {p.line}; margin: 4px 8px; }}
    QTabBar::tab {{ padding: 8px 16px; color: {p.quiet}; border: none; border-bottom: 2px solid transparent; }}
    QTabBar::tab:selected {{ color: {p.text}; border-bottom: 2px solid {p.work}; font-weight: 600; }}
    QTabBar::tab:focus {{ border: 2px solid {p.work}; }}
    QTabWidget::pane {{ border: none; border-top: 1px solid {p.line}; }}
    QSplitter::handle {{ background: {p.line}; }}
    """
