# SPDX-License-Identifier: Apache-2.0
"""Findings in plain words: what is asked, what it rests on, what may be the innocent cause, and what people said to it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import tzinfo
from typing import Final

import msgspec
from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from session.desks import SessionCase
from session.events import Answer
from session.findings import State, Weight
from ui.replay.model import FindingMark
from ui.replay.moment import FindingDetail
from ui.replay.view import local
from ui.strings import Words
from ui.widgets import button, card, label, line

MOMENTS: Final = 6
"""Moments of the evidence that have a button; a person looks at a few, and the lane shows all."""
_ORDER: Final = {State.RAISED: 0, State.CLEAR: 1, State.NOT_EVALUATED: 2}
FindingPart = Callable[[FindingMark], QWidget | None]


class FindingWords(msgspec.Struct, frozen=True):
    """One finding, said."""

    title: str
    state: str
    question: str
    rests_on: str
    causes: tuple[str, ...]
    answers: tuple[str, ...]
    said: tuple[tuple[str, str], ...]


class Findings:
    """The findings of one session, said and shown as one person may read them.

    Args:
        case: the session. details: what each rests on.
        zone: of the times.
    """

    def __init__(self, case: SessionCase, details: Mapping[int, FindingDetail], words: Words, zone: tzinfo) -> None:
        self._case, self._details, self._words, self._zone = case, details, words, zone
        self._answers = answers_of(case)

    def told(self, mark: FindingMark) -> FindingWords:
        """`mark` in words."""
        words, detail = self._words, self._details.get(mark.seq)
        question = words.of(mark.explanation, "finding.unknown")
        reason = self._case.reasons.get(mark.detector, "")
        if mark.state == State.NOT_EVALUATED and reason:
            question = f"{question} {words.of(reason, 'finding.unknown')}"
        elif mark.state == State.NOT_EVALUATED and self._case.reads_as == "reviewer":
            question = f"{question} {words('finding.claimed')}"  # of every one, so that none tells its reason
        causes = tuple(words.of(key, "finding.unknown") for key in mark.alternatives)
        return FindingWords(
            title=words.of(f"finding.{mark.detector}.title", "finding.unknown.title"),
            state=words.of(f"state.{mark.state}", "state.unknown"),
            question=question,
            rests_on="" if detail is None or mark.state == State.NOT_EVALUATED else self._rests_on(mark, detail),
            causes=causes if mark.state == State.RAISED else (),
            answers=self._answers.get(mark.seq, ()),
            said=self._said(mark),
        )

    def card(self, mark: FindingMark, go: Callable[[int], object], part: QWidget | None) -> QWidget:
        """One finding on the screen; `go` leads to a moment, `part` is what this person can say."""
        told, words, detail = self.told(mark), self._words, self._details.get(mark.seq)
        asks = mark.state == State.RAISED
        frame, column = card("ask" if asks else "card")
        frame.setAccessibleName(f"{told.title}: {told.state}. {told.question}")
        column.addWidget(label(told.title, "heading"))
        column.addWidget(label(told.state, "ask" if asks else "quiet"))
        column.addWidget(label(told.question))
        if asks and detail is not None and detail.moments:
            column.addWidget(label(words("finding.when"), "quiet"))
            column.addLayout(_moments(detail, words, self._zone, go))
        if told.causes:
            column.addWidget(label(words("finding.causes"), "quiet"))
            for cause in told.causes:
                column.addWidget(label(f"•  {cause}"))
        if told.rests_on:
            column.addWidget(label(told.rests_on, "quiet"))
        _voices(column, told, words)
        if part is not None:
            column.addWidget(line())
            column.addWidget(part)
        return frame

    def _rests_on(self, mark: FindingMark, detail: FindingDetail) -> str:
        words = self._words
        rests = [
            words(
                "finding.measured",
                statistic=words.number(float(detail.statistic)),
                threshold=words.number(float(detail.threshold)),
            )
        ]
        if detail.calibration.startswith("unmeasured"):
            rests.append(words("finding.unmeasured"))
        if mark.state == State.RAISED and detail.weight != Weight.A:
            rests.append(words("finding.context" if detail.weight == Weight.C else "finding.not-alone"))
        return " ".join(rests)

    def _said(self, mark: FindingMark) -> tuple[tuple[str, str], ...]:
        """Decisions on this finding, each with its replies, as (who and when, what)."""
        if self._case.said is None:
            return ()
        words, voices = self._words, []
        for one in self._case.said.decisions:
            if one.finding == mark.seq:
                outcome, name = words(f"outcome.{one.outcome}"), one.name or one.person
                voices.append((words("said.decision", outcome=outcome, name=name, when=self._when(one.at_us)), one.reason))
                voices += [
                    (words("said.reply", when=self._when(reply.at_us)), reply.text)
                    for reply in self._case.said.replies
                    if reply.decision_sha256 == one.sha256
                ]
        return tuple(voices)

    def _when(self, t_us: int) -> str:
        return f"{local(t_us, self._zone):%Y-%m-%d %H:%M}"


def together(case: SessionCase, marks: Sequence[FindingMark], words: Words) -> str:
    """Whether what is asked opens a review, in a sentence; "" where nothing is asked, or where this person may not know."""
    if case.opens_review is None or not any(mark.state == State.RAISED for mark in marks):
        return ""
    return words("findings.open-review" if case.opens_review else "findings.open-none")


def answers_of(case: SessionCase) -> dict[int, tuple[str, ...]]:
    """The trainer's answers by finding, in order."""
    found: dict[int, tuple[str, ...]] = {}
    for event in case.reader.events():
        if isinstance(event.body, Answer):
            found[event.body.finding] = (*found.get(event.body.finding, ()), event.body.text)
    return found


def visible_marks(marks: tuple[FindingMark, ...], case: SessionCase) -> list[FindingMark]:
    """The findings that this person may see, those that ask first. One on trial is the trainer's, until they open it."""
    shown = [mark for mark in marks if not mark.shadow or case.reads_as == "trainer" or mark.seq in case.opened]
    return sorted(shown, key=lambda mark: (_ORDER.get(State(mark.state), 3) if mark.state in list(State) else 3, mark.seq))


def _voices(column: QVBoxLayout, told: FindingWords, words: Words) -> None:
    for answer in told.answers:
        column.addWidget(line())
        column.addWidget(label(words("said.answer"), "quiet"))
        column.addWidget(label(answer))
    for who, what in told.said:
        column.addWidget(line())
        column.addWidget(label(who, "quiet"))
        column.addWidget(label(what))


def _moments(detail: FindingDetail, words: Words, zone: tzinfo, go: Callable[[int], object]) -> QGridLayout:
    grid = QGridLayout()
    grid.setSpacing(6)
    for at, t_us in enumerate(detail.moments[:MOMENTS]):
        time = f"{local(t_us, zone):%H:%M:%S}"
        made = button(time, lambda t_us=t_us: go(t_us), "link", name=words("finding.go", time=time))  # type: ignore[misc] # binds
        grid.addWidget(made, at // 3, at % 3)
    more = len(detail.moments) - MOMENTS
    if more > 0:
        grid.addWidget(label(words.count("finding.more", more), "quiet"), 2, 0, 1, 3)
    return grid
