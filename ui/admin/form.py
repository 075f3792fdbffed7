# SPDX-License-Identifier: Apache-2.0
"""A policy as a form, made from its schema: a field that the schema gains is here by itself.

A value that cannot be taken is said under its own field.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QVBoxLayout,
    QWidget,
)

from session.policy import Policy
from session.policy_text import Field, Shape, fields, value_of
from ui.admin.changes import choice_key
from ui.marks import Choice, Number, Tick
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
        self._wrongs: dict[str, QLabel] = {}
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
        self.show_values({path: value_of(policy, path) for path in self._editors})

    def show_values(self, values: Mapping[str, object]) -> None:
        """Fills the form with what `values` gave."""
        self._filling = True
        for path, editor in self._editors.items():
            _fill(editor, values[path])
        self._filling = False

    def values(self) -> dict[str, object]:
        """What stands in the form, by path."""
        return {path: _read(editor) for path, editor in self._editors.items()}

    def show_wrong(self, paths: Sequence[str]) -> None:
        """Says under these fields what they take, and under no others."""
        for path, told in self._wrongs.items():
            field = self._fields[path]
            wrong = self._words(f"wrong.{field.shape}", least=field.least, most=field.most) if path in paths else ""
            told.setText(wrong)
            told.setVisible(bool(wrong))
            self._editors[path].setAccessibleDescription(wrong or self._words(f"field.{path}.help"))

    def editor(self, path: str) -> QWidget:
        """The widget of a field."""
        return self._editors[path]

    def _add(self, column: QVBoxLayout, field: Field) -> None:
        words = self._words
        name = words(f"field.{field.path}")
        editor = self._made(field, name)
        editor.setAccessibleName(name)
        self._editors[field.path] = editor
        if not isinstance(editor, Tick):
            named = label(name)
            named.setBuddy(editor)
            column.addWidget(named)
        column.addWidget(editor)
        told = label("", "problem")
        told.hide()
        self._wrongs[field.path] = told
        column.addWidget(told)
        helping = words(f"field.{field.path}.help")
        editor.setAccessibleDescription(helping)
        column.addWidget(label(helping, "quiet"))

    def _made(self, field: Field, name: str) -> QWidget:
        match field.shape:
            case Shape.CHOICE:
                return self._choices(field)
            case Shape.NUMBER:
                spin = Number()
                spin.setRange(field.least, min(field.most, 2**31 - 1))
                spin.setSuffix(f" {self._words(f'unit.{field.unit}')}")
                spin.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
                spin.valueChanged.connect(self._told)
                return spin
            case Shape.SWITCH:
                box = Tick(name)
                box.toggled.connect(self._told)
                return box
            case Shape.LIST:
                return self._lines(110)
            case Shape.TEXT if field.path in _TEXT_LINES:
                return self._lines(80)
            case Shape.TEXT | Shape.DIGEST:
                line = QLineEdit()
                line.setMaxLength(field.most)
                line.setProperty("optional", field.shape is Shape.DIGEST)
                line.textEdited.connect(self._told)
                return line

    def _choices(self, field: Field) -> Choice:
        combo = Choice()
        combo.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        for choice in field.choices:
            combo.addItem(self._words(choice_key(field.path, choice)), choice or None)
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


def _fill(editor: QWidget, value: Any) -> None:  # noqa: ANN401 - as the field has it
    if isinstance(editor, Choice):
        editor.setCurrentIndex(max(0, editor.findData(value if value is None else str(value))))
    elif isinstance(editor, Number):
        editor.setValue(int(value))
    elif isinstance(editor, Tick):
        editor.setChecked(bool(value))
    elif isinstance(editor, QLineEdit):
        editor.setText(value or "")
    elif isinstance(editor, QPlainTextEdit):
        editor.setPlainText("\n".join(value) if editor.property("list") else value)


def _read(editor: QWidget) -> object:
    if isinstance(editor, Choice):
        return editor.currentData()
    if isinstance(editor, Number):
        return editor.value()
    if isinstance(editor, Tick):
        return editor.isChecked()
    if isinstance(editor, QLineEdit):
        text = editor.text().strip()
        return None if editor.property("optional") and not text else text
    if isinstance(editor, QPlainTextEdit):
        text = editor.toPlainText()
        return [one.strip() for one in text.splitlines() if one.strip()] if editor.property("list") else text.strip()
    raise AssertionError("a field without an editor")
