# SPDX-License-Identifier: Apache-2.0
"""The replay as trainer and reviewer see it: state first, time in lanes, a moment that moves, questions, and verification.

Keys: K plays, J and L go to the screenshot before and after, U and O to what came, went or stayed nearby, F to the next
question, plus, minus and 0 zoom, S shows the screenshot large, F1 tells all of them.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import tzinfo
from typing import Final

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QHBoxLayout,
    QMainWindow,
    QScrollArea,
    QSlider,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from session.desks import SessionCase
from session.findings import State
from ui.marks import Choice
from ui.pair import FIRST, Pair, Wrapped
from ui.replay.acts import Act, Prover, buttons, under
from ui.replay.findings import FindingPart, Findings, together, visible_marks
from ui.replay.model import ReplayModel
from ui.replay.moment import Moment, Moments, age_words, finding_details, told
from ui.replay.nearby_card import nearby_card
from ui.replay.player import SPEEDS, Player
from ui.replay.proof import ProofDialog, Provable, provable
from ui.replay.proved import Proved, unsealed_lines
from ui.replay.screenshots import ScreenshotView
from ui.replay.standing import Standing
from ui.replay.steps import StepsPage
from ui.replay.timeline import Timeline
from ui.replay.view import local, zone_named
from ui.strings import Words
from ui.style import Palette
from ui.widgets import button, card, label, open_at, row

SLIDER_STEPS: Final = 10_000
_SIDE_PX: Final = 400
_WIDE_PX: Final = 1000
"""From here on the lanes, 640 logical pixels at least, and what is said of them stand side by side."""
_LANES, _SHOT, _STEPS, _HELP = range(4)


class ReplayWindow(QMainWindow):
    """One session, replayed.

    Args:
        case: the session, as far as this person may read it.
        finding_part: what this person can say under a finding, None for nothing.
        prover: saves the proof of a record, None where there is nothing to prove yet.
        acts: what else this person can do with the moment that is shown, or with a finding; asked when it is built.
        zone: of the times; None: the one that the record names.
        monotonic_s: the clock that playing goes by.
    """

    def __init__(  # noqa: PLR0913 - a session, how it is to look, and the seams for those who use it
        self,
        case: SessionCase,
        words: Words,
        palette: Palette,
        *,
        finding_part: FindingPart | None = None,
        prover: Prover | None = None,
        acts: Callable[[], Sequence[Act]] = lambda: (),
        zone: tzinfo | None = None,
        monotonic_s: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__()
        self._words, self._palette, self._part = words, palette, finding_part
        self._given_zone, self._monotonic_s = zone, monotonic_s
        self._prover, self._more_acts = prover, acts
        self.setWindowTitle(words("replay.window"))
        open_at(self, 1320, 820)
        self._take(case)
        self._build()
        for key, act in self._keys().items():
            shortcut = QShortcut(QKeySequence(key), self)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(act)

    @property
    def t_us(self) -> int:
        """The moment that is shown, UTC µs."""
        return self.player.t_us

    @property
    def span(self) -> tuple[int, int]:
        """Begin and end of the session, UTC µs."""
        return self._model.start_us, self._model.end_us

    @property
    def zone(self) -> tzinfo:
        """In which times are told."""
        return self._zone

    @property
    def has_screenshots(self) -> bool:
        """Whether there is one that can be shown."""
        return any(not shot.removed for shot in self._model.shots)

    def shown(self) -> Moment:
        """The moment that is shown, with its screenshots."""
        return self._moments.at(self.t_us)

    def show_case(self, case: SessionCase) -> None:
        """The same session as it is now, with what was said or sealed since; moment, view and page stay."""
        before, view, page = self.t_us, self.timeline.view, self._pages.currentIndex()
        scrolled = self._area.verticalScrollBar().value()
        self.player.pause()
        self._take(case)
        self._build()
        self.timeline.show_view(view)
        self.go(before)
        self._pages.setCurrentIndex(page if page in (_LANES, _SHOT) else _LANES)
        QTimer.singleShot(0, self, lambda: self._area.verticalScrollBar().setValue(scrolled))  # once it is laid out

    def go(self, t_us: int) -> None:
        """Shows this moment."""
        self.player.put(t_us)
        self.timeline.put_cursor(t_us)

    # --- building

    def _take(self, case: SessionCase) -> None:
        self._case = case
        self._events = case.reader.events()
        self._model = ReplayModel.from_reader(case.reader, case.policy, case.opened)
        self._zone = self._given_zone or zone_named(self._model.zone)
        self._moments = Moments(self._model, self._events, case.opened)
        self._proved = Proved(case.verification, self._events, self._words, self._zone)
        self._marks = visible_marks(self._model.findings, case)

    def _build(self) -> None:
        words, model = self._words, self._model
        self.player = Player(model.start_us, model.end_us, self._monotonic_s)
        self.player.moved.connect(self._played)
        self.player.playing_changed.connect(self._playing_changed)
        self.timeline = Timeline(
            self._case.reader,
            model,
            self._case.verification,
            self._palette,
            words=words,
            zone=self._zone,
            standing=self._standing(),
        )
        self.timeline.cursor_moved.connect(self._moved)
        self._large = ScreenshotView(self._case.reader, words, self._palette)
        self._pages = QStackedWidget()
        for page in (self.timeline, self._large, self._steps_page(), self._help_page()):
            self._pages.addWidget(_scrolled(page))
        left = QWidget()
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 0, 8)
        column.setSpacing(4)
        column.addWidget(self._pages, 1)
        column.addLayout(self._scrubber())
        column.addWidget(self._transport())
        names, sizes = (words("replay.timeline"), words("replay.side")), (max(1, self.width() - _SIDE_PX), _SIDE_PX)
        self._pair = Pair(left, self._side(), names, sizes=sizes, wide_px=_WIDE_PX)
        self._pair.split.setStretchFactor(0, 1)
        self._pair.split.setCollapsible(1, True)
        self.setCentralWidget(self._pair)
        self._moved(self.player.t_us)

    def _scrubber(self) -> QHBoxLayout:
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setRange(0, SLIDER_STEPS)
        self.slider.setPageStep(SLIDER_STEPS // 50)
        self.slider.setAccessibleName(self._words("replay.moment"))
        self.slider.valueChanged.connect(self._scrubbed)
        self._clock = label("", "heading")
        self._clock.setWordWrap(False)
        made = row(self._clock, self.slider)
        made.setContentsMargins(16, 0, 16, 0)
        return made

    def _transport(self) -> Wrapped:
        words = self._words
        self.play = button(words("replay.play"), self._toggle, "primary")
        self.speed = Choice()
        self.speed.setAccessibleName(words("replay.speed"))
        for speed in SPEEDS:
            self.speed.addItem(words("replay.times", number=speed), speed)
        self.speed.setCurrentIndex(SPEEDS.index(self.player.speed))
        self.speed.currentIndexChanged.connect(self._speed_chosen)
        self.large = button(words("replay.large"), self._toggle_large)
        before = button(
            "\N{SINGLE LEFT-POINTING ANGLE QUOTATION MARK}", lambda: self._step_shot(-1), name=words("replay.shot.before")
        )
        after = button(
            "\N{SINGLE RIGHT-POINTING ANGLE QUOTATION MARK}", lambda: self._step_shot(1), name=words("replay.shot.after")
        )
        question = button(words("replay.question"), self._next_question)
        question.setEnabled(any(mark.state == State.RAISED and mark.from_us >= 0 for mark in self._marks))
        for one in (before, after, self.large):
            one.setEnabled(self.has_screenshots)
        wider = button("\N{MINUS SIGN}", lambda: self.timeline.zoom(-1), name=words("replay.zoom.out"))
        nearer = button("+", lambda: self.timeline.zoom(1), name=words("replay.zoom.in"))
        whole = button(words("replay.zoom.all"), self.timeline.show_all)
        for one in (before, after, wider, nearer):
            one.setFixedWidth(40)
            one.setToolTip(one.accessibleName())
        shown = row(self.play, self.speed, before, self.large, after, None)
        return Wrapped(shown, row(question, None, wider, nearer, whole), margins_px=16)

    def _side(self) -> QScrollArea:
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(12, 16, 16, 16)
        column.setSpacing(10)
        column.addWidget(self._moment_card())
        heading = self._words("replay.questions") if self._marks else self._words("replay.questions.none")
        column.addWidget(label(heading, "heading"))
        opens = together(self._case, self._marks, self._words)
        if opens:
            column.addWidget(label(opens))
        findings = Findings(self._case, finding_details(self._events), self._words, self._zone)
        for mark in self._marks:
            said = self._part(mark) if self._part is not None else None
            part = under(said, self._acts(), mark.seq, findings.told(mark).title)
            column.addWidget(findings.card(mark, self._go_and_show, part))
        column.addWidget(nearby_card(self._model.nearby, self._words, self._zone, self._go_and_show))
        if self._case.said is not None:
            for fault in self._case.said.faults:
                column.addWidget(label(fault, "quiet"))
        column.addWidget(self._verification())
        column.addStretch(1)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setMinimumWidth(340)
        area.setWidget(page)
        area.setAccessibleName(self._words("replay.side"))
        self._area = area
        return area

    def _standing(self) -> Standing:
        if self._case.verification is None:
            return Standing("dash", self._words("standing.open"), self._words("standing.open.why"))
        return Standing.of(self._case.verification, self._words)

    def _verification(self) -> QWidget:
        words, verification, standing = self._words, self._case.verification, self._standing()
        frame, column = card()
        column.addWidget(label(words("replay.verification"), "heading"))
        frame.setAccessibleName(f"{standing.title}. {standing.sentence}")
        if verification is None:
            column.addWidget(label(standing.sentence, "quiet"))
            for line in unsealed_lines(self._events, words, self._zone, self._model.start_us):
                column.addWidget(label(line, "quiet"))
        else:
            column.addWidget(label(words.verifier(verification.times.sentence), "quiet"))
            self.steps = button(words("replay.steps"), lambda: self._turn_to(_STEPS))
            column.addLayout(row(self.steps, None))
        return frame

    def _moment_card(self) -> QWidget:
        frame, column = card()
        self._when = label("", "heading")
        self._told = label("")
        self._shot = ScreenshotView(self._case.reader, self._words, self._palette)
        self._shot.setFixedHeight(190)
        self._shot_told = label("", "quiet")
        self._shot.setVisible(self.has_screenshots)
        for widget in (self._when, self._told, self._shot, self._shot_told):
            column.addWidget(widget)
        for act in buttons(self._acts()):
            column.addLayout(row(act, None))
        frame.setAccessibleName(self._words("replay.moment"))
        self._moment_frame = frame
        return frame

    def _acts(self) -> list[Act]:
        proof = Act(self._words("proof.open"), self._ask_for_proof)
        provable_now = self._prover is not None and self._case.verification is not None and self._case.reads_as
        return [*([proof] if provable_now else []), *self._more_acts()]

    def _ask_for_proof(self, finding: int | None) -> None:
        if self._prover is None:
            return
        words = self._words
        if finding is None:
            records = provable(self._events, self.shown(), words, self._zone)
        else:
            records = (Provable(finding, words("proof.finding")),)
        ProofDialog(records, words, name=self._case.session_id[:8], prover=self._prover, parent=self).open()

    def _steps_page(self) -> QWidget:
        if self._case.verification is None:
            return QWidget()
        return StepsPage(self._case.verification, self._words, self._zone, lambda: self._pages.setCurrentIndex(_LANES))

    def _help_page(self) -> QWidget:
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(24, 16, 24, 16)
        column.addWidget(label(self._words("keys.title"), "title"))
        for name in ("play", "moment", "view", "zoom", "ends", "shots", "nearby", "question", "large", "help"):
            column.addWidget(label(self._words(f"keys.{name}")))
        column.addLayout(row(button(self._words("steps.back"), lambda: self._pages.setCurrentIndex(_LANES)), None))
        column.addStretch(1)
        return page

    def _keys(self) -> dict[str, Callable[[], object]]:
        return {
            "K": self._toggle,
            "J": lambda: self._step_shot(-1),
            "L": lambda: self._step_shot(1),
            "U": lambda: self._step_nearby(-1),
            "O": lambda: self._step_nearby(1),
            "F": self._next_question,
            "S": self._toggle_large,
            "+": lambda: self.timeline.zoom(1),
            "-": lambda: self.timeline.zoom(-1),
            "0": lambda: self.timeline.show_view(self.timeline.whole),
            "F1": lambda: self._turn_to(_HELP),
        }

    # --- moving

    def _moved(self, t_us: int) -> None:
        """The cursor is elsewhere: everything that shows a moment follows."""
        self.player.put(t_us)
        words, model = self._words, self._model
        share = (t_us - model.start_us) / max(1, model.end_us - model.start_us)
        self.slider.blockSignals(True)
        self.slider.setValue(round(share * SLIDER_STEPS))
        self.slider.blockSignals(False)
        clock = f"{local(t_us, self._zone):%H:%M:%S}"
        self._clock.setText(clock)
        self.slider.setAccessibleDescription(clock)
        moment = self._moments.at(t_us)
        lines = (*told(moment, words), *self._proved.told(t_us))
        self._when.setText(words("moment.when", time=clock))
        self._told.setText("\n".join(lines))
        self._moment_frame.setAccessibleDescription(f"{clock}. {' '.join(lines)}")
        shot = next((one for one in moment.shots if not one.removed), moment.shots[0] if moment.shots else None)
        if shot is None:
            why = words("moment.shot.none") if model.shots else words("absent.screenshots.none")
            seq = None
        elif shot.removed:
            seq, why = None, words("moment.shot.removed")
        else:
            masked = self._moments.masked(shot.seq)
            seq, why = shot.seq, age_words(shot, t_us, words)
            if masked:
                why = f"{why} {words.count('moment.shot.masked', masked)}"
        for view in (self._shot, self._large):
            view.show_seq(seq, why)
        self._shot_told.setText(why)
        self._shot_told.setVisible(seq is not None or not self.has_screenshots)  # else it stands in the picture's place

    def _played(self, t_us: int) -> None:
        self.timeline.put_cursor(t_us)

    def _scrubbed(self, value: int) -> None:
        span_us = self._model.end_us - self._model.start_us
        self.go(self._model.start_us + round(value / SLIDER_STEPS * span_us))

    def _toggle(self) -> None:
        if self.player.playing:
            self.player.pause()
        else:
            self.player.play()

    def _playing_changed(self, playing: bool) -> None:  # noqa: FBT001 - a signal's own argument
        text = self._words("replay.pause" if playing else "replay.play")
        self.play.setText(text)
        self.play.setAccessibleName(text)

    def _speed_chosen(self, _index: int) -> None:
        self.player.speed = int(self.speed.currentData())

    def _step_shot(self, step: int) -> None:
        t_us = self._moments.next_shot(self.t_us, step)
        if t_us is not None:
            self.go(t_us)

    def _step_nearby(self, step: int) -> None:
        t_us = self._model.nearby.next(self.t_us, step)
        if t_us is not None:
            self._go_and_show(t_us)

    def _next_question(self) -> None:
        asked = sorted(mark.from_us for mark in self._marks if mark.state == State.RAISED and mark.from_us >= 0)
        later = [t_us for t_us in asked if t_us > self.t_us] or asked
        if later:
            self._go_and_show(later[0])

    def _go_and_show(self, t_us: int) -> None:
        if self._pages.currentIndex() not in (_LANES, _SHOT):
            self._pages.setCurrentIndex(_LANES)
        self._pair.bring(FIRST)
        self.go(t_us)

    def _turn_to(self, page: int) -> None:
        self._pages.setCurrentIndex(page)
        self._pair.bring(FIRST)

    def _toggle_large(self) -> None:
        large = self._pages.currentIndex() != _SHOT
        self._turn_to(_SHOT if large else _LANES)
        text = self._words("replay.lanes" if large else "replay.large")
        self.large.setText(text)
        self.large.setAccessibleName(text)


def _scrolled(page: QWidget) -> QScrollArea:
    """A page that a small screen shows a part of."""
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    area.setWidget(page)
    return area
