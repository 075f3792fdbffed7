# SPDX-License-Identifier: Apache-2.0
"""A project's policy: the form, beside it the notice that it produces or what it changes, and signing."""

from __future__ import annotations

import contextlib
from collections.abc import Callable

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QComboBox, QLineEdit, QScrollArea, QSplitter, QVBoxLayout, QWidget

from session import FairWitnessError, InputFault
from session.desks import AdminOffice
from session.policy import Policy, default_policy_toml, parse_policy
from session.policy_text import policy_toml, with_values
from session.trust.directory import Directory
from ui.admin.changes import changes, remarks, sentences
from ui.admin.form import PolicyForm, shown_value
from ui.background import Background
from ui.notice import notice
from ui.strings import Words
from ui.widgets import Banner, Busy, button, card, label, row

_SETTLE_MS = 120
_NEW = ""


class PolicyPage(QWidget):
    """See the module.

    Args:
        published: called with the new directory.
    """

    def __init__(
        self, office: AdminOffice, words: Words, background: Background, published: Callable[[Directory], object]
    ) -> None:
        super().__init__()
        self._office, self._words, self._background, self._published = office, words, background, published
        self._directory: Directory | None = None
        self._in_force: dict[str, Policy] = {}
        self._drafts: dict[str, Policy] = {}
        self._base = parse_policy(default_policy_toml())
        self._differences = False
        self._told = ""
        self._wanted: str | None = None
        self._settle = QTimer(self)
        self._settle.setSingleShot(True)
        self._settle.setInterval(_SETTLE_MS)
        self._settle.timeout.connect(self._shown)
        self._build()

    @property
    def unsaved(self) -> bool:
        """Whether something stands in the form that is not in force."""
        policy = self._policy()
        drafts = dict(self._drafts)
        if policy is not None:
            drafts[self._project()] = policy
        return any(self._before(project) != draft for project, draft in drafts.items())

    def show_directory(self, directory: Directory) -> None:
        """The projects of a newer directory; what stands in the form stays."""
        first = self._directory is None
        chosen = self._wanted if self._wanted is not None else self._project()
        self._wanted = None
        self._directory = directory
        self._projects.blockSignals(True)
        self._projects.clear()
        for project in directory.projects:
            self._projects.addItem(project.name or project.id, project.id)
        self._projects.addItem(self._words("policy.new"), _NEW)
        self._projects.setCurrentIndex(max(0, self._projects.findData(chosen)) if not first else 0)
        self._projects.blockSignals(False)
        self._chosen()

    def _build(self) -> None:
        words = self._words
        self._projects = QComboBox()
        self._projects.setAccessibleName(words("policy.project"))
        self._projects.setMinimumWidth(220)
        self._projects.currentIndexChanged.connect(self._switched)
        self._id, self._title = QLineEdit(), QLineEdit()
        for line, name in ((self._id, "policy.id"), (self._title, "policy.title")):
            line.setPlaceholderText(words(name))
            line.setAccessibleName(words(name))
            line.setMaxLength(128)
        self._show = button(words("policy.show"), self._toggle)
        self._publish = button(words("policy.publish"), self._ask, "primary")
        self._last = ""
        self.form = PolicyForm(words, self._edited)
        self._banner, self._busy = Banner(), Busy(words)
        left = QScrollArea()
        left.setWidgetResizable(True)
        left.setWidget(self.form)
        left.setMinimumWidth(380)
        left.setAccessibleName(words("admin.policies"))
        self._beside = QVBoxLayout()
        self._beside.setContentsMargins(12, 0, 8, 0)
        page = QWidget()
        page.setLayout(self._beside)
        self._right = QScrollArea()
        self._right.setWidgetResizable(True)
        self._right.setWidget(page)
        self._right.setAccessibleName(words("policy.preview"))
        split = QSplitter(Qt.Orientation.Horizontal)
        split.addWidget(left)
        split.addWidget(self._right)
        split.setSizes([560, 560])
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 14, 20, 14)
        column.setSpacing(10)
        column.addLayout(row(self._projects, self._id, self._title, None, self._show, self._publish))
        column.addWidget(self._banner)
        column.addWidget(self._busy)
        column.addWidget(split, 1)

    def _edited(self) -> None:
        self._told = ""
        self._settle.start()

    def _project(self) -> str:
        return str(self._projects.currentData() or _NEW)

    def _before(self, project: str) -> Policy | None:
        return self._in_force.get(project)

    def _switched(self, _index: int) -> None:
        self._told = ""
        policy = self._policy()
        if policy is not None and policy != self._before(self._last):
            self._drafts[self._last] = policy  # kept while the person looks at another project
        self._chosen()

    def _chosen(self) -> None:
        project = self._project()
        self._last = project
        for line in (self._id, self._title):
            line.setVisible(project == _NEW)
        listed = self._directory.project(project) if self._directory is not None and project != _NEW else None
        if listed is None:
            self._fill(self._drafts.get(project, self._base))
        elif project in self._in_force:
            self._fill(self._drafts.get(project, self._in_force[project]))
        else:
            sha256 = listed.policy_sha256
            self._busy.begin(self._words("admin.loading"))
            self._background.run(
                lambda _watch: self._office.policy(sha256), lambda toml: self._got(project, toml), self._failed
            )

    def _got(self, project: str, toml: bytes) -> None:
        self._busy.end()
        self._in_force[project] = parse_policy(toml)
        if project == self._project():
            self._fill(self._drafts.get(project, self._in_force[project]))

    def _fill(self, policy: Policy) -> None:
        self._base = policy
        self.form.show_policy(policy)
        self._shown()

    def _policy(self) -> Policy | None:
        """What stands in the form, None where a field cannot be taken."""
        with contextlib.suppress(InputFault):
            return with_values(self._base, self.form.values())
        return None

    def _shown(self) -> None:
        """Makes the right side anew: the notice, or what differs; a field that cannot be taken is named instead."""
        while (item := self._beside.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        try:
            policy = with_values(self._base, self.form.values())
        except InputFault as fault:
            self._publish.setEnabled(False)
            self._banner.say(str(fault))
            return
        self._banner.say(self._told, "good")
        before = self._before(self._project())
        found = changes(before, policy) if before is not None else ()
        self._publish.setEnabled(before is None or bool(found))
        self._say_difference(before, len(found))
        for remark in remarks(policy, self._words):
            self._beside.addWidget(label(f"{self._words('policy.heavy')}: {remark}", "ask"))
        if self._differences and before is not None:
            self._show_differences(before, policy)
        else:
            self._show_notice(policy)
        self._beside.addStretch(1)

    def _say_difference(self, before: Policy | None, number: int) -> None:
        words = self._words
        if before is None:
            told = words("policy.new.why")
        else:
            told = words.count("policy.differs", number) if number else words("policy.same")
        self._beside.addWidget(label(told, "quiet"))

    def _show_notice(self, policy: Policy) -> None:
        made = notice(policy, self._directory.name if self._directory is not None else "", self._words)
        frame, column = card()
        column.addWidget(label(self._words("policy.preview"), "quiet"))
        column.addWidget(label(made.title, "title"))
        for section in made.sections:
            column.addWidget(label(section.heading, "heading"))
            for one in section.lines:
                column.addWidget(label(one))
        frame.setAccessibleName(self._words("policy.preview"))
        frame.setAccessibleDescription(made.text)
        self._beside.addWidget(frame)

    def _show_differences(self, before: Policy, policy: Policy) -> None:
        words = self._words
        frame, column = card()
        for one in changes(before, policy):
            old, new = (shown_value(one.path, value, words) for value in (one.old, one.new))
            told = words("policy.change", field=words(f"field.{one.path}"), old=old, new=new)
            column.addWidget(label(told, "heading"))
        name = self._directory.name if self._directory is not None else ""
        for sign, sentence in sentences(before, policy, name, words):
            column.addWidget(label(f"{sign}  {sentence}", "quiet" if sign == "-" else ""))
        self._beside.addWidget(frame)

    def _toggle(self) -> None:
        self._differences = not self._differences
        text = self._words("policy.hide" if self._differences else "policy.show")
        self._show.setText(text)
        self._show.setAccessibleName(text)
        self._shown()

    def _ask(self) -> None:
        project = self._project()
        people = self._directory.people if self._directory is not None else ()
        trainers = sum("trainer" in one.roles and project in one.projects for one in people)
        words = self._words
        self._banner.say(words.count("policy.sure", trainers), "ask", words("policy.do"), self._sign)

    def _sign(self) -> None:
        policy = self._policy()
        if policy is None:
            return
        project = self._project()
        listed = self._directory.project(project) if self._directory is not None and project else None
        identifier = project or self._id.text().strip()
        name = listed.name if listed is not None else self._title.text().strip()
        self._banner.say("")
        self._busy.begin(self._words("policy.publishing"))
        self._publish.setEnabled(False)
        self._background.run(
            lambda _watch: self._office.publish(identifier, name, policy_toml(policy)),
            lambda directory: self._done(project, identifier, policy, directory),
            self._failed,
        )

    def _done(self, project: str, identifier: str, policy: Policy, directory: Directory) -> None:
        self._busy.end()
        self._in_force[identifier] = policy
        self._drafts.pop(project, None)
        self._wanted, self._told = identifier, self._words("policy.done")
        self._published(directory)

    def _failed(self, fault: FairWitnessError) -> None:
        self._busy.end()
        self._publish.setEnabled(True)
        self._banner.say(str(fault))
