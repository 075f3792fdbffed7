# SPDX-License-Identifier: Apache-2.0
"""A policy as a form, made from its schema: a field that the schema gains is here by itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QLineEdit,
    QPlainTextEdit,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from session.policy import Policy
from session.policy_text import Field, Shape, fields, value_of
from ui.strings import Words
from ui.widgets import card, label

_TEXT_LINES = ("purpose",)


class PolicyForm(QWidget):
    """Every field of a policy.

    Args:
        changed: called after each change by the person.
    """

    def __init__(self, words: Words, changed: Callable[[], object]) -> None:
        super().__init__()
        self._words, self._changed = words, changed
        self._editors: dict[str, QWidget] = {}
        self._fields = {field.path: field for field in fields()}
        self._filling = False
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 8, 0)
        column.setSpacing(12)
        tables: dict[str, QVBoxLayout] = {}
        for field in self._fields.values():
            if field.table not in tables:
                frame, inside = card()
                inside.addWidget(label(words(f"table.{field.table or 'top'}"), "heading"))
                tables[field.table] = inside
                column.addWidget(frame)
            self._add(tables[field.table], field)
        column.addStretch(1)

    def show_policy(self, policy: Policy) -> None:
        """Fills the form."""
        self._filling = True
        for path, editor in self._editors.items():
            _fill(editor, value_of(policy, path))
        self._filling = False

    def values(self) -> dict[str, object]:
        """What stands in the form, by path."""
        return {path: _read(editor) for path, editor in self._editors.items()}

    def editor(self, path: str) -> QWidget:
        """The widget of a field."""
        return self._editors[path]

    def _add(self, column: QVBoxLayout, field: Field) -> None:
        words = self._words
        name = words(f"field.{field.path}")
        editor = self._made(field, name)
        editor.setAccessibleName(name)
        self._editors[field.path] = editor
        if not isinstance(editor, QCheckBox):
            named = label(name)
            named.setBuddy(editor)
            column.addWidget(named)
        column.addWidget(editor)
        helping = words.of(f"field.{field.path}.help", "empty")
        if helping != words("empty"):
            editor.setAccessibleDescription(helping)
            column.addWidget(label(helping, "quiet"))

    def _made(self, field: Field, name: str) -> QWidget:
        match field.shape:
            case Shape.CHOICE:
                return self._choices(field)
            case Shape.NUMBER:
                spin = QSpinBox()
                spin.setRange(field.least, min(field.most, 2**31 - 1))
                spin.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
                spin.valueChanged.connect(self._told)
                return spin
            case Shape.SWITCH:
                box = QCheckBox(name)
                box.toggled.connect(self._told)
                return box
            case Shape.LIST:
                return self._lines(110)
            case Shape.TEXT:
                if field.path in _TEXT_LINES:
                    return self._lines(80)
                line = QLineEdit()
                line.setMaxLength(field.most)
                line.textEdited.connect(self._told)
                return line

    def _choices(self, field: Field) -> QComboBox:
        combo = QComboBox()
        combo.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        for choice in field.choices:
            combo.addItem(self._words(f"choice.{choice or 'none'}"), choice or None)
        combo.currentIndexChanged.connect(self._told)
        return combo

    def _lines(self, height_px: int) -> QPlainTextEdit:
        text = QPlainTextEdit()
        text.setTabChangesFocus(True)
        text.setFixedHeight(height_px)
        text.textChanged.connect(self._told)
        text.setProperty("list", height_px > 100)  # one entry a line, or one text
        return text

    def _told(self, *_: object) -> None:
        if not self._filling:
            self._changed()


def shown_value(path: str, value: object, words: Words) -> str:
    """A value as people read it."""
    field = next(one for one in fields() if one.path == path)
    if field.shape is Shape.CHOICE:
        return words(f"choice.{value or 'none'}")
    if isinstance(value, list | tuple):
        return ", ".join(str(one) for one in value) or words("empty")
    if isinstance(value, bool):
        return "✓" if value else "✗"
    return str(value)


def _fill(editor: QWidget, value: Any) -> None:  # noqa: ANN401 - as the field has it
    if isinstance(editor, QComboBox):
        editor.setCurrentIndex(max(0, editor.findData(value if value is None else str(value))))
    elif isinstance(editor, QSpinBox):
        editor.setValue(int(value))
    elif isinstance(editor, QCheckBox):
        editor.setChecked(bool(value))
    elif isinstance(editor, QLineEdit):
        editor.setText(value)
    elif isinstance(editor, QPlainTextEdit):
        editor.setPlainText("\n".join(value) if editor.property("list") else value)


def _read(editor: QWidget) -> object:
    if isinstance(editor, QComboBox):
        return editor.currentData()
    if isinstance(editor, QSpinBox):
        return editor.value()
    if isinstance(editor, QCheckBox):
        return editor.isChecked()
    if isinstance(editor, QLineEdit):
        return editor.text().strip()
    if isinstance(editor, QPlainTextEdit):
        text = editor.toPlainText()
        return [one.strip() for one in text.splitlines() if one.strip()] if editor.property("list") else text.strip()
    raise AssertionError("a field without an editor")
