# SPDX-License-Identifier: Apache-2.0
"""What stands beside a policy's form: how far it is from the one in force, what weighs on people, and its notice."""

from __future__ import annotations

from PySide6.QtWidgets import QScrollArea, QVBoxLayout, QWidget

from session.policy import Policy
from ui.admin.changes import changes, remarks, sentences, shown_value
from ui.notice import notice
from ui.strings import Words
from ui.widgets import READ_PX, card, emptied, label


class Beside(QScrollArea):
    """See the module. `differences`: what changes, in place of the whole notice; of a new project it is the notice."""

    def __init__(self, words: Words) -> None:
        super().__init__()
        self.differences = False
        self._words = words
        self._column = QVBoxLayout()
        self._column.setContentsMargins(12, 0, 8, 0)
        page = QWidget()
        page.setLayout(self._column)
        page.setMaximumWidth(READ_PX)
        self.setWidgetResizable(True)
        self.setWidget(page)
        self.setAccessibleName(words("policy.preview"))

    def show_policy(self, organisation: str, before: Policy | None, policy: Policy | None) -> None:
        """`before` is in force, None for a new project; `policy` stands in the form, None where it cannot be taken."""
        words, at = self._words, self.verticalScrollBar().value()
        emptied(self._column)
        if policy is None:
            self._column.addWidget(label(words("policy.wrong.preview"), "quiet"))
        else:
            self._column.addWidget(label(self._distance(before, policy), "quiet"))
            self._remark(policy)
            if self.differences and before is not None:
                self._show_differences(organisation, before, policy)
            else:
                self._show_notice(organisation, policy)
        self._column.addStretch(1)
        self._column.activate()
        self.verticalScrollBar().setValue(at)  # a person who reads on while they write stays at their sentence

    def _distance(self, before: Policy | None, policy: Policy) -> str:
        if before is None:
            return self._words("policy.new.why")
        number = len(changes(before, policy))
        return self._words.count("policy.differs", number) if number else self._words("policy.same")

    def _remark(self, policy: Policy) -> None:
        found = remarks(policy, self._words)
        if not found:
            return
        frame, column = card()
        column.addWidget(label(self._words("policy.heavy"), "ask"))
        for one in found:
            column.addWidget(label(one))
        self._column.addWidget(frame)

    def _show_notice(self, organisation: str, policy: Policy) -> None:
        made = notice(policy, organisation, self._words)
        frame, column = card()
        column.addWidget(label(self._words("policy.preview"), "quiet"))
        column.addWidget(label(made.title, "title"))
        for section in made.sections:
            column.addWidget(label(section.heading, "heading"))
            for one in section.lines:
                column.addWidget(label(one))
        frame.setAccessibleName(self._words("policy.preview"))
        frame.setAccessibleDescription(made.text)
        self._column.addWidget(frame)

    def _show_differences(self, organisation: str, before: Policy, policy: Policy) -> None:
        words = self._words
        found = changes(before, policy)
        if not found:
            return
        frame, column = card()
        column.addWidget(label(words("policy.fields"), "heading"))
        for one in found:
            old, new = (shown_value(one.path, value, words) for value in (one.old, one.new))
            column.addWidget(label(words("policy.change", field=words(f"field.{one.path}"), old=old, new=new)))
        self._column.addWidget(frame)
        told = sentences(before, policy, organisation, words)
        frame, column = card()
        column.addWidget(label(words("policy.sentences"), "heading"))
        for sign, sentence in told:
            column.addWidget(label(f"{sign}  {sentence}", "quiet" if sign == "-" else ""))
        self._column.addWidget(frame)
