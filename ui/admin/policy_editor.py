# SPDX-License-Identifier: Apache-2.0
"""A project's policy: the form, beside it the notice that it produces or what it changes, and signing.

Rules:

1. Nothing can be signed that is not on the screen: while a policy is on its way, or could not be had, there is no form.
2. What a person wrote is kept: while they look at another project, while the directory is asked for anew, and when
   publishing fails. Only a publication, or a close that was asked about, ends it.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QLineEdit, QScrollArea, QVBoxLayout, QWidget

from session import FairWitnessError
from session.offices import AdminOffice
from session.policy import Policy, default_policy_toml, parse_policy
from session.policy_text import policy_toml, with_values, wrong
from session.trust.directory import Directory
from ui.admin.beside import Beside
from ui.admin.form import PolicyForm
from ui.background import Background
from ui.marks import Choice
from ui.pair import SECOND, Pair
from ui.strings import Words
from ui.widgets import READ_PX, Banner, Busy, button, row

_SETTLE_MS = 120
_WIDE_PX = 800
"""From here on the form and what stands beside it are seen together. Source: looked at on 1366x768 at 200 in the hundred."""
_NEW = ""
Values = dict[str, object]


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
        self._in_force: dict[str, Policy] = {}  # by digest: what a digest names never changes
        self._drafts: dict[str, Values] = {}
        self._default = parse_policy(default_policy_toml())
        self._untouched: Values = {}
        self._last = _NEW
        self._publishing = False
        self._settle = QTimer(self)
        self._settle.setSingleShot(True)
        self._settle.setInterval(_SETTLE_MS)
        self._settle.timeout.connect(self._shown)
        self._build()

    @property
    def unsaved(self) -> bool:
        """Whether something was written that is not in force."""
        self._keep()
        return bool(self._drafts)

    def show_directory(self, directory: Directory) -> None:
        """The projects of a newer directory; what stands in the form stays."""
        if self._publishing:
            return  # the one that comes of it is on its way
        before = self._directory
        if before is not None:
            self._keep()
        nothing_chosen = before is None or (not before.projects and not self.unsaved)
        self._show(directory, None if nothing_chosen else self._last)

    def _show(self, directory: Directory, chosen: str | None) -> None:
        self._directory = directory
        self._projects.blockSignals(True)
        self._projects.clear()
        for project in directory.projects:
            self._projects.addItem(project.name or project.id, project.id)
        self._projects.addItem(self._words("policy.new"), _NEW)
        self._projects.setCurrentIndex(0 if chosen is None else max(0, self._projects.findData(chosen)))
        self._projects.blockSignals(False)
        self._choose()
        self._name_policies()

    def _build(self) -> None:
        words = self._words
        self._projects = Choice()
        self._projects.setAccessibleName(words("policy.project"))
        self._projects.setMinimumWidth(200)
        self._projects.setMaximumWidth(560)
        self._projects.setSizeAdjustPolicy(Choice.SizeAdjustPolicy.AdjustToContents)
        self._projects.currentIndexChanged.connect(self._switched)
        self._id, self._title = QLineEdit(), QLineEdit()
        for line, name in ((self._id, "policy.id"), (self._title, "policy.title")):
            line.setPlaceholderText(words(name))
            line.setAccessibleName(words(name))
            line.setMaxLength(128)
        self._toggle = button(words("policy.show"), self._toggled)
        self._publish = button(words("policy.publish"), self._ask, "primary")
        self.form = PolicyForm(words, self._edited)
        self._banner, self._busy = Banner(), Busy(words)
        self._left = QScrollArea()
        self._left.setWidgetResizable(True)
        self.form.setMaximumWidth(READ_PX)
        self._left.setWidget(self.form)
        self._left.setMinimumWidth(380)
        self._left.setAccessibleName(words("admin.policies"))
        self._beside = Beside(words)
        names = (words("policy.form"), words("policy.beside"))
        self._pair = Pair(self._left, self._beside, names, sizes=(560, 560), wide_px=_WIDE_PX)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 10, 20, 10)
        column.setSpacing(8)
        column.addLayout(row(self._projects, self._id, self._title, None, self._toggle, self._publish))
        column.addWidget(self._banner)
        column.addWidget(self._busy)
        column.addWidget(self._pair, 1)
        self._there(False)

    # --- which project

    def _project(self) -> str:
        return str(self._projects.currentData() or _NEW)

    def _digest(self, project: str) -> str:
        listed = self._directory.project(project) if self._directory is not None and project != _NEW else None
        return listed.policy_sha256 if listed is not None else ""

    def _before(self) -> Policy | None:
        """What is in force for the project on the screen, None for a new one."""
        return self._in_force.get(self._digest(self._last))

    def _keep(self) -> None:
        """Keeps what was written for the project on the screen."""
        if self._left.isHidden():
            return
        values = self.form.values()
        if values != self._untouched:
            self._drafts[self._last] = values
        else:
            self._drafts.pop(self._last, None)

    def _switched(self, _index: int) -> None:
        self._banner.say("")
        self._keep()
        self._choose()

    def _choose(self) -> None:
        """Shows the project that is chosen, as soon as its policy is here."""
        project = self._last = self._project()
        for line in (self._id, self._title):
            line.setVisible(project == _NEW)
        digest = self._digest(project)
        if not digest or digest in self._in_force:
            self._fill()
            return
        self._there(False)
        self._busy.begin(self._words("admin.loading"))
        self._background.run(
            lambda _watch: self._office.policy(digest),
            lambda toml: self._got({digest: toml}),
            lambda fault: self._missed(project, fault),
        )

    def _got(self, found: dict[str, bytes]) -> None:
        for digest, toml in found.items():
            self._in_force[digest] = parse_policy(toml)
        if self._left.isHidden() and self._digest(self._last) in self._in_force:
            self._busy.end()
            self._fill()
        self._say_names()

    def _missed(self, project: str, fault: FairWitnessError) -> None:
        if project == self._last and self._left.isHidden():
            self._busy.end()
            self._banner.say(self._words.fault(str(fault)), "problem", self._words("do.retry"), self._again)

    def _again(self) -> None:
        self._banner.say("")
        self._choose()

    def _name_policies(self) -> None:
        """Fetches the other projects' policies too, so that each project is listed with its policy's name."""
        projects = self._directory.projects if self._directory is not None else ()
        missing = {one.policy_sha256 for one in projects} - set(self._in_force) - {self._digest(self._last)}
        if missing:
            self._background.run(lambda _watch: self._fetched(missing), self._got, lambda _fault: None)
        self._say_names()

    def _fetched(self, digests: Iterable[str]) -> dict[str, bytes]:
        found = {}
        for digest in sorted(digests):
            with contextlib.suppress(FairWitnessError):  # it is asked for again, and said, once its project is chosen
                found[digest] = self._office.policy(digest)
        return found

    def _say_names(self) -> None:
        if self._directory is None:
            return
        for number, project in enumerate(self._directory.projects):
            policy = self._in_force.get(project.policy_sha256)
            if policy is not None:
                named = self._words("policy.named", project=project.name or project.id, policy=policy.name)
                self._projects.setItemText(number, named)

    # --- the form and what it means

    def _there(self, there: bool) -> None:  # noqa: FBT001 - shown or not
        self._left.setVisible(there)
        self._beside.setVisible(there)
        self._toggle.setEnabled(there)
        self._publish.setEnabled(False)

    def _fill(self) -> None:
        """The policy in force (for a new project the one that observes little), and over it what was written before."""
        policy = self._before() or self._default
        self.form.show_policy(policy)
        self._untouched = self.form.values()
        draft = self._drafts.get(self._last)
        if draft is not None:
            self.form.show_values(draft)
        self._there(True)
        self._shown()

    def _edited(self) -> None:
        self._banner.say("")
        self._settle.start()

    def _policy(self) -> Policy | None:
        """What stands in the form, None where a field cannot be taken."""
        base, values = self._before() or self._default, self.form.values()
        if values == self._untouched:
            return base  # to the letter: the form does not keep blanks around a word
        return None if wrong(base, values) else with_values(base, values)

    def _shown(self) -> None:
        """Makes the right side anew: the notice, or what differs; fields that cannot be taken are named instead."""
        self._settle.stop()
        before, policy = self._before(), self._policy()
        wrongs = wrong(before or self._default, self.form.values()) if policy is None else ()
        self.form.show_wrong(wrongs)
        self._publish.setEnabled(policy is not None and policy != before and not self._publishing)
        name = self._directory.name if self._directory is not None else ""
        self._beside.show_policy(name, before, policy)
        if wrongs:
            told = ", ".join(self._words(f"field.{path}") for path in wrongs)
            self._banner.say(self._words("policy.wrong", fields=told))

    def _toggled(self) -> None:
        self._beside.differences = not self._beside.differences
        text = self._words("policy.hide" if self._beside.differences else "policy.show")
        self._toggle.setText(text)
        self._toggle.setAccessibleName(text)
        self._pair.bring(SECOND)
        self._shown()

    # --- signing

    def _ask(self) -> None:
        words, directory, project = self._words, self._directory, self._last
        identifier = self._id.text().strip()
        if directory is None:
            return
        if project == _NEW and not identifier:
            self._banner.say(words("policy.id.missing"), "ask")
            self._id.setFocus()
        elif project == _NEW and directory.project(identifier) is not None:
            self._banner.say(words("policy.id.taken", id=identifier), "ask")
            self._id.setFocus()
        else:
            trainers = sum("trainer" in one.roles and project in one.projects for one in directory.people)
            sure = words.count("policy.sure", trainers) if trainers else words("policy.sure.none")
            self._shown()
            self._banner.say(sure, "ask", words("policy.do"), self._sign)

    def _sign(self) -> None:
        policy, project = self._policy(), self._last
        if policy is None or self._publishing or self._left.isHidden():
            return
        listed = self._directory.project(project) if self._directory is not None and project != _NEW else None
        identifier = listed.id if listed is not None else self._id.text().strip()
        name = listed.name if listed is not None else self._title.text().strip()
        self._keep()
        self._banner.say("")
        self._busy.begin(self._words("policy.publishing"))
        self._busied(True)
        self._background.run(
            lambda _watch: self._office.publish(identifier, name, policy_toml(policy)),
            lambda directory: self._done(identifier, directory),
            self._failed,
        )

    def _busied(self, publishing: bool) -> None:  # noqa: FBT001 - under way or not
        self._publishing = publishing
        for widget in (self.form, self._projects, self._id, self._title):
            widget.setEnabled(not publishing)
        self._publish.setEnabled(not publishing)

    def _done(self, identifier: str, directory: Directory) -> None:
        self._busy.end()
        self._busied(False)
        self._drafts.pop(self._last, None)
        self._id.clear()
        self._title.clear()
        self._left.hide()  # what stands there is published, and no draft
        self._show(directory, identifier)
        self._published(directory)
        self._banner.say(self._words("policy.done"), "good")
        self._projects.setFocus()

    def _failed(self, fault: FairWitnessError) -> None:
        self._busy.end()
        self._busied(False)
        self._banner.say(self._words.fault(str(fault)))
        self._publish.setFocus()
