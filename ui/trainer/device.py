# SPDX-License-Identifier: Apache-2.0
"""A second device: on the one that is enrolled (`AddDevice`), and on the new one (`AskDevice`).

Rules:

1. Nothing is answered, and no answer is taken, before the person said that both screens show the same six words.
2. Neither device has a camera here: a telephone reads the code, or the text is carried as text. The window says so.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QPushButton, QWidget
from shiboken6 import isValid

from session import FairWitnessError
from session.desks import DeviceWords, TrainerDesk
from ui.app import Program
from ui.scrolled import Field
from ui.steps import Page, StepsDialog, carried, compare_page
from ui.widgets import button, label


class _Device(StepsDialog):
    """Either side: a text is pasted, its words are compared, and something is done with it."""

    def __init__(self, program: Program, desk: TrainerDesk, title: str, parent: QWidget | None) -> None:
        super().__init__(program.words, title, parent)
        self._program, self._desk = program, desk
        self._text = Field()
        self._pressed: tuple[QPushButton, ...] = ()

    def _paste(self, ask: str, name: str, follow: Callable[[], object]) -> Page:
        words = self._words
        page = Page(name)
        self._text = Field()
        self._text.setAccessibleName(name)
        asked = label(ask)
        asked.setBuddy(self._text)
        page.column.addWidget(asked)
        page.column.addWidget(self._text, 1)
        page.end(None, button(words("do.leave"), self.reject), button(words("join.next"), follow, "primary"))
        return page

    def _compare(  # noqa: PLR0913 - the words, what is asked, and the two ends
        self, heading: str, found: DeviceWords, ask: str, about: str, *, why: str, same: Callable[[], object]
    ) -> None:
        def differs() -> None:
            self._press(enabled=False)
            self._banner.say(why, "problem", self._words("do.close"), self.reject)

        page, *self._pressed = compare_page(heading, found.words, ask, about, self._words, differ=differs, same=same)  # type: ignore[assignment] # two buttons
        self.turn_to(page)

    def _press(self, *, enabled: bool) -> None:
        for one in self._pressed:
            one.setEnabled(enabled)

    def _begin(self, going: str, work: Callable[[], object], done: Callable[[object], object]) -> None:
        self._press(enabled=False)
        self._banner.say("")
        self._busy.begin(going)

        def ended(result: object) -> None:
            if isValid(self):
                self._busy.end()
                done(result)

        self._program.background.run(lambda _watch: work(), ended, self._failed)

    def _failed(self, fault: FairWitnessError) -> None:
        if not isValid(self):
            return
        self._busy.end()
        self._press(enabled=True)
        self._banner.say(self._words.fault(str(fault)))

    def _read(self, reads: Callable[[str], DeviceWords]) -> DeviceWords | None:
        try:
            return reads(self._text.toPlainText())
        except FairWitnessError as fault:
            self._banner.say(self._words.fault(str(fault)))
            return None


class AddDevice(_Device):
    """On the device that is enrolled: lets another one in."""

    def __init__(self, program: Program, desk: TrainerDesk, parent: QWidget | None = None) -> None:
        super().__init__(program, desk, program.words("device.window"), parent)
        words = self._words
        self.turn_to(self._paste(words("device.paste"), words("device.request"), self._asked))

    def _asked(self) -> None:
        found = self._read(self._desk.request)
        if found is None:
            return
        words = self._words
        self._compare(
            words("device.compare", name=found.name),
            found,
            words("device.compare.ask"),
            "",
            why=words("device.differ.why"),
            same=lambda: self._begin(words("device.adding"), lambda: self._desk.answer_request(found.text), self._answered),
        )

    def _answered(self, given: object) -> None:
        if not isinstance(given, DeviceWords):
            return
        words = self._words
        page = Page(words("device.answer", name=given.name))
        column = page.column
        column.addWidget(label(words("device.answer", name=given.name), "heading"))
        column.addWidget(label(words("device.answer.why")))
        carried(column, given, words("device.answer.text"), words("device.answer.words"), words)
        page.end(None, button(words("do.close"), self.accept, "primary"))
        self.turn_to(page)


class AskDevice(_Device):
    """On the new device: asks, and takes the answer."""

    def __init__(self, program: Program, desk: TrainerDesk, parent: QWidget | None = None) -> None:
        super().__init__(program, desk, program.words("device.ask.window"), parent)
        self._ask()

    def _ask(self) -> None:
        words = self._words
        try:
            asks = self._desk.ask_device()
        except FairWitnessError as fault:
            self._banner.say(words.fault(str(fault)), "problem", words("do.close"), self.reject)
            return
        page = Page(words("device.ask"))
        column = page.column
        column.addWidget(label(words("device.ask"), "heading"))
        column.addWidget(label(words("device.ask.why")))
        carried(column, asks, words("device.ask.text"), words("device.ask.words"), words)
        follow = button(words("device.ask.next"), self._paste_answer, "primary")
        page.end(None, button(words("do.leave"), self.reject), follow)
        self.turn_to(page)

    def _paste_answer(self) -> None:
        words = self._words
        self.turn_to(self._paste(words("device.ask.answer"), words("device.ask.answer.text"), self._compared))

    def _compared(self) -> None:
        found = self._read(self._desk.answered)
        if found is None:
            return
        words = self._words
        self._compare(
            words("device.ask.compare"),
            found,
            words("device.ask.compare.ask"),
            words("device.ask.person", name=found.name, person=found.person),
            why=words("device.ask.differ.why"),
            same=lambda: self._begin(words("join.going"), lambda: self._desk.take_answer(found.text), self._taken),
        )

    def _taken(self, _none: object) -> None:
        self._banner.say(self._words("device.joined"), "good", self._words("do.close"), self.accept)
