# SPDX-License-Identifier: Apache-2.0
"""Saving the proof of one record: which one, what its file gives away, and where it goes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import tzinfo
from pathlib import Path
from typing import Final

import msgspec
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QButtonGroup, QDialog, QFileDialog, QRadioButton, QVBoxLayout, QWidget
from shiboken6 import isValid

from session import FairWitnessError
from session.events import Event, Kind
from ui.replay.acts import Prover
from ui.replay.moment import Moment
from ui.replay.opened import kind_words, tick_of
from ui.replay.view import local
from ui.scrolled import Scrolled, fit
from ui.strings import Words
from ui.widgets import Banner, button, label, row

SUFFIX: Final = "tlog-proof"
"""Of C2SP tlog-proof files. Source: docs/session-format.md, One record."""
_OFFERED: Final = (Kind.FOCUS, Kind.STATS, Kind.RAW, Kind.CLIPBOARD)


class Provable(msgspec.Struct, frozen=True):
    """A record that can be proved, and what it holds, in words."""

    seq: int
    words: str


def provable(events: Sequence[Event], moment: Moment, words: Words, zone: tzinfo) -> tuple[Provable, ...]:
    """The readable records of that moment: its screenshots, then one of each type that tells of it."""

    def named(kind: int, t_us: int) -> str:
        return words("proof.record", kind=kind_words(kind, words), time=f"{local(t_us, zone):%H:%M:%S}")

    found = [Provable(shot.seq, named(Kind.CAPTURE, shot.t_us)) for shot in moment.shots if not shot.removed]
    told: set[int] = set()
    for event in events:
        if event.kind not in _OFFERED or event.kind in told or event.body is None:
            continue
        begin, end = tick_of(event)
        if begin <= moment.t_us < end:
            told.add(event.kind)
            found.append(Provable(event.seq, named(event.kind, end)))
    return tuple(found)


class ProofDialog(QDialog):
    """See the module. `saving` is the file dialog while it is open.

    Args:
        records: to choose from; with one there is nothing to choose.
        name: that the file is offered under.
        prover: makes the file.
    """

    def __init__(
        self, records: Sequence[Provable], words: Words, *, name: str, prover: Prover, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._words, self._name, self._prover = words, name, prover
        self.saving: QFileDialog | None = None
        self.setWindowTitle(words("proof.title"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setMinimumWidth(460)
        outside = QVBoxLayout(self)
        outside.setContentsMargins(20, 18, 20, 18)
        outside.setSpacing(10)
        scrolled = Scrolled(words("proof.title"))
        column = scrolled.column
        outside.addWidget(label(words("proof.title"), "heading"))
        outside.addWidget(scrolled, 1)
        column.addWidget(label(words("proof.why") if records else words("proof.none"), "quiet"))
        self.choices = QButtonGroup(self)
        for at, one in enumerate(records):
            choice = QRadioButton(one.words)
            choice.setAccessibleName(one.words)
            choice.setChecked(at == 0)
            self.choices.addButton(choice, one.seq)
            column.addWidget(choice)
        self.banner = Banner()
        column.addStretch(1)
        outside.addWidget(self.banner)
        self.save = button(words("proof.save"), self._ask_where, "primary")
        self.save.setEnabled(bool(records))
        self._leave = button(words("do.leave"), self.reject)
        outside.addLayout(row(None, self._leave, self.save))
        fit(self)

    def _ask_where(self) -> None:
        seq = self.choices.checkedId()
        dialog = QFileDialog(self, self._words("proof.title"), f"{self._name}-{seq}.{SUFFIX}")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix(SUFFIX)
        dialog.setNameFilter(self._words("proof.files", suffix=SUFFIX))
        dialog.selectFile(f"{self._name}-{seq}.{SUFFIX}")
        dialog.fileSelected.connect(lambda file: self.write(seq, Path(file)))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.saving = dialog
        dialog.open()

    def write(self, seq: int, file: Path) -> None:
        """Writes the proof of record `seq`; what came of it is said here."""
        self.save.setEnabled(False)
        self.banner.say(self._words("proof.doing"), "card")
        self._prover.background.run(lambda _watch: self._prover.prove(seq, file), lambda _: self._saved(file), self._failed)

    def _saved(self, file: Path) -> None:
        if isValid(self):
            self.save.hide()
            self.banner.say(self._words("proof.done", name=file.name), "good")
            fit(self)
            close = self._words("proof.close")
            self._leave.setText(close)
            self._leave.setAccessibleName(close)
            self._leave.setFocus()

    def _failed(self, fault: FairWitnessError) -> None:
        if isValid(self):
            self.banner.say(self._words.fault(str(fault)))
            self.save.setEnabled(True)
            fit(self)
