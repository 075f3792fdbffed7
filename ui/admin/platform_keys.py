# SPDX-License-Identifier: Apache-2.0
"""The platform's new keys, signed in from the office: what `fairwitness directory keys` does, a step at a time.

Rules:

1. Only the keys whose six words were shown are signed in, and only after the admin said that they are the platform's own.
2. From every page there is a way on: where none wait, how they are made; where words differ or a thing fails, to look again.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QButtonGroup, QLineEdit, QRadioButton, QWidget
from shiboken6 import isValid

from session import FairWitnessError, InputFault
from session.offices import AdminOffice, Renewal
from session.trust.directory import Directory
from ui.background import Background
from ui.steps import Page, StepsDialog, compare_page
from ui.strings import Words
from ui.widgets import button, label

COMMAND = "fairwitness renew-keys --folder FOLDER"


class PlatformKeysDialog(StepsDialog):
    """See the module.

    Args:
        signed: called once a new directory is in force.
    """

    def __init__(
        self,
        office: AdminOffice,
        words: Words,
        background: Background,
        signed: Callable[[], object],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(words, words("platform.window"), parent)
        self._office, self._background, self._signed = office, background, signed
        self._look()

    def _look(self) -> None:
        """Asks the platform what waits there."""
        page = Page(self._words("platform.window"))
        page.end(None, button(self._words("do.leave"), self.reject))
        self.turn_to(page)
        self._busy.begin(self._words("platform.looking"))
        self._background.run(lambda _watch: self._office.platform_renewal(), self._found, self._unfound)

    def _unfound(self, fault: FairWitnessError) -> None:
        if not isValid(self):
            return
        self._busy.end()
        self._say_how("platform.none" if isinstance(fault, InputFault) else "platform.unknown")
        if not isinstance(fault, InputFault):
            self._banner.say(self._words.fault(str(fault)))

    def _say_how(self, heading: str) -> None:
        """How new keys are made, on the platform's computer, and the way back here."""
        words = self._words
        page = Page(words(heading))
        command = QLineEdit(COMMAND)
        command.setReadOnly(True)
        command.setAccessibleName(words("platform.command"))
        page.column.addWidget(label(words(heading), "heading"))
        page.column.addWidget(label(words("platform.how")))
        page.column.addWidget(command)
        page.column.addWidget(label(words("platform.how.then"), "quiet"))
        again = button(words("platform.again"), self._look, "primary")
        page.end(None, button(words("do.close"), self.reject), again)
        self.turn_to(page)

    def _found(self, renewal: Renewal) -> None:
        if not isValid(self):
            return
        self._busy.end()
        words = self._words
        names = ", ".join(words(f"platform.key.{name}") for name in renewal.names)
        page, _, _ = compare_page(
            words("platform.compare"),
            renewal.words,
            words("platform.compare.ask"),
            words("platform.names", names=names),
            words,
            differ=lambda: self._say_how("platform.differ"),
            same=lambda: self._ask(renewal),
        )
        self.turn_to(page)

    def _ask(self, renewal: Renewal) -> None:
        words = self._words
        page, group = Page(words("platform.why")), QButtonGroup(self)
        page.column.addWidget(label(words("platform.why"), "heading"))
        made: list[QRadioButton] = []
        for key in ("planned", "stolen"):
            choice = QRadioButton(words(f"platform.{key}"))
            choice.setAccessibleName(choice.text())
            choice.setAccessibleDescription(words(f"platform.{key}.means"))
            group.addButton(choice)
            made.append(choice)
            page.column.addWidget(choice)
            page.column.addWidget(label(words(f"platform.{key}.means"), "quiet"))
        planned, stolen = made
        planned.setChecked(True)
        back = button(words("do.back"), lambda: self._found(renewal))
        sign = button(words("sign.do"), lambda: self._sign(page, renewal, stolen=stolen.isChecked()), "primary")
        page.end(None, button(words("do.leave"), self.reject), back, sign)
        self.turn_to(page)
        planned.setFocus()

    def _sign(self, page: Page, renewal: Renewal, *, stolen: bool) -> None:
        page.setEnabled(False)
        self._banner.say("")
        self._busy.begin(self._words("sign.doing"))

        def failed(fault: FairWitnessError) -> None:
            if isValid(self):
                self._busy.end()
                page.setEnabled(True)  # the same again changes nothing that was done already
                self._banner.say(self._words.fault(str(fault)), "problem", self._words("platform.again"), self._look)

        self._background.run(lambda _watch: self._office.renew_platform(renewal, stolen=stolen), self._done, failed)

    def _done(self, directory: Directory) -> None:
        self._signed()
        if not isValid(self):
            return
        self._busy.end()
        page = Page(self._words("platform.window"))
        page.column.addWidget(label(self._words("platform.done", version=directory.version), "good"))
        close = button(self._words("do.close"), self.accept, "primary")
        page.end(None, close)
        self.turn_to(page)
        close.setFocus()
