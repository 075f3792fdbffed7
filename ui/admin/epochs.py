# SPDX-License-Identifier: Apache-2.0
"""The review keys of each project: the one in force, who opens it, those before it, a new one; and the platform's keys."""

from __future__ import annotations

from collections.abc import Callable
from datetime import tzinfo
from functools import partial

from PySide6.QtWidgets import QScrollArea, QVBoxLayout, QWidget

from session import FairWitnessError
from session.offices import AdminOffice, Standing
from session.trust.directory import Project, ReviewKey
from ui.admin.meaning import can_hand_on, holders, reviewers
from ui.background import Background
from ui.ends import day_words
from ui.strings import Words
from ui.widgets import READ_PX, Banner, Busy, button, card, emptied, label, row


class ReviewKeysPage(QWidget):
    """See the module.

    Args:
        changed: called when something was signed.
        zone: None for this computer's.
    """

    def __init__(
        self,
        office: AdminOffice,
        words: Words,
        background: Background,
        changed: Callable[[], object],
        zone: tzinfo | None = None,
    ) -> None:
        super().__init__()
        self._office, self._words, self._background = office, words, background
        self._changed, self._zone = changed, zone
        self._shown: Standing | None = None
        self.banner, self._busy = Banner(), Busy(words)
        self._cards = QVBoxLayout()
        self._cards.setContentsMargins(0, 0, 8, 0)
        self._cards.setSpacing(12)
        page = QWidget()
        page.setLayout(self._cards)
        page.setMaximumWidth(READ_PX)
        self._area = QScrollArea()
        self._area.setWidgetResizable(True)
        self._area.setWidget(page)
        self._area.setAccessibleName(words("epochs.tab"))
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 10, 20, 10)
        column.setSpacing(8)
        column.addWidget(label(words("epochs.why"), "quiet"))
        column.addWidget(self.banner)
        column.addWidget(self._busy)
        column.addWidget(self._area, 1)

    def show_standing(self, standing: Standing) -> None:
        """Shows the keys of this directory; a question about an older one is taken away."""
        before, self._shown = self._shown, standing
        if before is not None and before.directory == standing.directory:
            return
        if before is not None and self.banner.property("role") == "ask":
            self.banner.say("")
        emptied(self._cards)
        for one in standing.directory.projects:
            self._cards.addWidget(self._project(standing, one))
        if not standing.directory.projects:
            self._cards.addWidget(label(self._words("epochs.none"), "quiet"))
        self._cards.addWidget(self._of_platform())
        self._cards.addStretch(1)

    def _of_platform(self) -> QWidget:
        words = self._words
        frame, column = card()
        frame.setAccessibleName(words("platform.title"))
        column.addWidget(label(words("platform.title"), "heading"))
        column.addWidget(label(words("platform.when"), "quiet"))
        column.addLayout(row(button(words("platform.renew"), self._renew_platform), None))
        return frame

    def _renew_platform(self) -> None:
        from ui.admin.platform_keys import PlatformKeysDialog  # noqa: PLC0415 - once a year

        PlatformKeysDialog(self._office, self._words, self._background, self._changed, self).show()

    def _project(self, standing: Standing, project: Project) -> QWidget:
        words, directory = self._words, standing.directory
        name = project.name or project.id
        frame, column = card()
        frame.setAccessibleName(name)
        column.addWidget(label(name, "heading"))
        current = project.review_key_at(standing.now_us)
        if current is None:
            column.addWidget(label(words("epochs.over"), "problem"))
        else:
            column.addWidget(label(self._told("epochs.holds", current), "good"))
            who = [one.person for one in current.wraps]
            opens = words("epochs.opens", who=holders(directory, who, words)) if who else words("epochs.opens.nobody")
            column.addWidget(label(opens, "" if who else "ask"))
        begin = button(words("epochs.begin"), partial(self._ask_new, project), name=words("epochs.begin.name", project=name))
        column.addLayout(row(begin, *self._grants(standing, project), None))
        before = [one for one in reversed(project.review_keys) if current is None or one.epoch != current.epoch]
        column.addWidget(label(words("epochs.before") if before else words("epochs.before.none"), "quiet"))
        for one in before:
            key = "epochs.coming" if one.from_us > standing.now_us else "epochs.earlier" if one.wraps else "epochs.empty"
            column.addWidget(label(self._told(key, one)))
        return frame

    def _told(self, key: str, one: ReviewKey) -> str:
        words, directory = self._words, self._shown.directory if self._shown is not None else None
        who = holders(directory, [wrap.person for wrap in one.wraps], words) if directory is not None else ""
        since, until = (day_words(t_us, words, self._zone) for t_us in (one.from_us, one.until_us))
        return words(key, epoch=one.epoch, since=since, until=until, who=who)

    def _grants(self, standing: Standing, project: Project) -> list[QWidget]:
        """To each reviewer who lacks an epoch that the admin opens as a reviewer of their own."""
        words, me = self._words, self._office.owner().person
        made: list[QWidget] = []
        for one in reviewers(standing.directory, project.id):
            epochs = can_hand_on(project, me, one.id)
            if epochs:
                named = words("epochs.grant.name", name=one.name, project=project.name or project.id)
                ask = partial(self._ask_grant, project, one.id, one.name, tuple(epochs))
                made.append(button(words("epochs.grant", name=one.name), ask, name=named))
        return made

    def _ask_new(self, project: Project) -> None:
        if self._shown is None:
            return
        who = [one.id for one in reviewers(self._shown.directory, project.id)]
        told = {"project": project.name or project.id, "who": holders(self._shown.directory, who, self._words)}
        self._ask(self._words("epochs.begin.sure", **told), lambda: self._office.begin_epoch(project.id))

    def _ask_grant(self, project: Project, person: str, name: str, epochs: tuple[int, ...]) -> None:
        told = {"project": project.name or project.id, "name": name, "epochs": ", ".join(map(str, epochs))}
        self._ask(self._words("epochs.grant.sure", **told), lambda: self._office.grant_earlier(project.id, person))

    def _ask(self, sure: str, work: Callable[[], object]) -> None:
        self.banner.say(sure, "ask", self._words("sign.do"), lambda: self._sign(work))

    def _sign(self, work: Callable[[], object]) -> None:
        if not self._busy.isHidden():
            return
        self.banner.say("")
        self._busy.begin(self._words("sign.doing"))
        self._background.run(lambda _watch: work(), self._signed, self._failed)

    def _signed(self, _result: object) -> None:
        self._busy.end()
        self._changed()
        self.banner.say(self._words("people.done"), "good")

    def _failed(self, fault: FairWitnessError) -> None:
        self._busy.end()
        self.banner.say(self._words.fault(str(fault)))
