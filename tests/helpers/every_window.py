# SPDX-License-Identifier: Apache-2.0
"""Every window and dialog of ours, each in the states in which it says most, and whether all of it can be reached.

for name, make in WINDOWS.items():
    window = make(Surroundings(program, wait))
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC
from pathlib import Path

from admin_fakes import NEWEST, RENEWAL, FakeOffice, rated_rows, rates_table
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QAbstractScrollArea, QApplication, QLabel, QLineEdit, QScrollArea, QWidget
from replay_desks import Desk
from replay_sessions import ORIGIN_US, source
from review_fakes import ListedDesk, asking_day, forty
from shiboken6 import isValid
from trainer_fakes import ANSWER, LINK, REQUEST, ScriptedDesk, StandInProgram, card, own_counts

from session import EnvironmentFault
from session.assistance import Assistance
from session.desks import CodeState, ProjectChoice, SessionCase, Stage, TrainerState
from session.events import Kind
from session.rates.shown import Sums
from session.trust.lifetime import Due, Term
from ui.admin.platform_keys import PlatformKeysDialog
from ui.admin.window import OfficeWindow
from ui.desk.session import FindingPart, Replay
from ui.desk.window import ReviewWindow as DeskWindow
from ui.replay.acts import Prover
from ui.replay.proof import ProofDialog, Provable
from ui.replay.window import ReplayWindow
from ui.scrolled import fit
from ui.trainer.code import CodeDialog
from ui.trainer.cover import CoverDialog
from ui.trainer.device import AddDevice, AskDevice
from ui.trainer.disclose import DiscloseDialog
from ui.trainer.enrol import JoinDialog
from ui.trainer.forms import AssistanceForm, DeclareForm, NoteForm
from ui.trainer.notice import NoticeDialog
from ui.trainer.rates import RatesDialog
from ui.trainer.remove import RemoveDialog
from ui.trainer.review import ReviewWindow as OwnReview
from ui.trainer.window import TodayWindow
from ui.unsent import Begun

UI = Path(__file__).resolve().parents[2] / "ui"
S = 1_000_000
_PADDING_PX = 8
"""Of a field, around its words: Tab brings the caret into sight, and not each border."""
LEAST_SEEN_PX = 28
"""Of what scrolls by itself: a line."""
_ENDS = Due(Term.DIRECTORY, "", 1_795_422_600_000_000, 9)
WORDY = "The platform cannot be reached. Your work is recorded here and will be sent later. " * 2


@dataclass(frozen=True)
class Surroundings:
    """What windows are made in. `wait` returns as soon as its question is true."""

    program: StandInProgram
    wait: Callable[[Callable[[], bool]], object]


def _desk(**status: object) -> ScriptedDesk:
    projects = (
        ProjectChoice("heart", "Cardiology answers"),
        ProjectChoice("law", "Legal drafting, second round"),
        *(ProjectChoice(f"p{n}", f"Chemistry, part {n}") for n in range(6)),
    )
    return ScriptedDesk(projects, **status)


def _today(around: Surroundings, **status: object) -> TodayWindow:
    desk, words = _desk(**status), around.program.words
    made = TodayWindow(
        words,
        act=lambda _offer: None,
        review=lambda _session: None,
        send_now=lambda _session: None,
        seen=lambda: None,
        closing=lambda: True,
    )
    made.show_status(desk.status(), desk.projects())
    return made


def _idle(around: Surroundings) -> QWidget:
    sessions = tuple(card(stage, unread=2, message=WORDY) for stage in Stage)
    made = _today(
        around,
        code=CodeState.UNCONFIRMED,
        sessions=sessions,
        due=(_ENDS,),
        message=WORDY,
        report_until_us=_ENDS.until_us,
    )
    made.tell(WORDY)
    return made


def _running(around: Surroundings) -> QWidget:
    made = _today(
        around,
        state=TrainerState.RECORDING,
        project="heart",
        session_id="ab" * 16,
        asks=("ai-tool",),
        offline=True,
        contradicted="log",
        open_gaps=("windows: denied", "clipboard: unsupported"),
        sessions=(card(Stage.REVIEW),),
    )
    made.ask_to_leave(lambda: None)
    return made


def _notice(around: Surroundings) -> QWidget:
    due = _desk().needs_notice("heart", legal_basis="consent")
    return NoticeDialog(due, lambda _digest: None, around.program.words)


def _begun() -> Begun:
    return Begun({"note": "The page was slow.", "tool": "DeepL"}, lambda _words: None)


def _declare(around: Surroundings) -> QWidget:
    made = DeclareForm(lambda _tool, _purpose: None, around.program.words, _begun())
    made.ask_to_close()
    return made


def _note(around: Surroundings) -> QWidget:
    return NoteForm(lambda _text: None, around.program.words, _begun())


def _assistance(around: Surroundings) -> QWidget:
    return AssistanceForm(Assistance(assistive=True), lambda _declared: None, around.program.words)


def _join(around: Surroundings) -> QWidget:
    made = JoinDialog(around.program, _desk(), elsewhere=lambda: None)  # type: ignore[arg-type] # stands in
    made._has_code.setChecked(True)
    made._read()  # says what is wrong
    return made


def _join_compared(around: Surroundings) -> QWidget:
    made = JoinDialog(around.program, _desk(), LINK)  # type: ignore[arg-type] # stands in
    made._differs()
    return made


def _code(around: Surroundings) -> CodeDialog:
    made = CodeDialog(around.program, _desk())  # type: ignore[arg-type] # stands in
    around.wait(lambda: bool(made._code))
    return made


def _code_asked(around: Surroundings) -> QWidget:
    made = _code(around)
    made._check()
    made._confirm({0: made._pages.currentWidget().findChildren(QLineEdit)[0]})  # says what is wrong
    return made


def _add_pasted(around: Surroundings) -> QWidget:
    made = AddDevice(around.program, _desk())  # type: ignore[arg-type] # stands in
    made._asked()  # says what is wrong
    return made


def _add_compared(around: Surroundings) -> QWidget:
    made = AddDevice(around.program, _desk())  # type: ignore[arg-type] # stands in
    made._text.setPlainText(REQUEST.text)
    made._asked()
    return made


def _add_answered(around: Surroundings) -> QWidget:
    made = AddDevice(around.program, _desk())  # type: ignore[arg-type] # stands in
    made._answered(ANSWER)
    return made


def _ask(around: Surroundings) -> QWidget:
    return AskDevice(around.program, _desk())  # type: ignore[arg-type] # stands in


def _ask_compared(around: Surroundings) -> QWidget:
    made = AskDevice(around.program, _desk())  # type: ignore[arg-type] # stands in
    made._paste_answer()
    made._text.setPlainText(ANSWER.text)
    made._compared()
    return made


def _day() -> Desk:
    desk = Desk()
    for second in range(5, 305, 5):
        desk.focus(second, *({5: ((0, 1),)}.get(second, ())))
        desk.tape.tick(second, source(20))
        if second % 60 == 0:
            desk.capture(second)
    return desk


def _remove(around: Surroundings) -> QWidget:
    events = _day().reader().events()
    return RemoveDialog(
        events,
        around.program.words,
        t_us=ORIGIN_US + 120 * S,
        span=(ORIGIN_US, ORIGIN_US + 300 * S),
        shots=[event.seq for event in events if event.kind == Kind.CAPTURE][1:2],
        zone=UTC,
        remove=lambda _ranges: None,
        why="remove.sealed.why",
    )


def _disclose(around: Surroundings) -> QWidget:
    return DiscloseDialog(
        _desk().case("ab" * 16),
        around.program.words,
        project="Legal drafting, second round",
        t_us=asking_day().tape.at(600)[0],
        span=(asking_day().tape.at(0)[0], asking_day().tape.at(3600)[0]),
        finding=None,
        zone=UTC,
        disclose=lambda _ranges: None,
    )


def _prover(around: Surroundings) -> Prover:
    return Prover(lambda _seq, _file: None, around.program.background)


def _proof(around: Surroundings) -> QWidget:
    records = tuple(Provable(seq, f"Screenshot of 14:0{seq}:00 on 26 August 2026") for seq in range(8))
    made = ProofDialog(records, around.program.words, name="record", prover=_prover(around))
    made.banner.say(WORDY)
    fit(made)
    return made


def _cover(around: Surroundings) -> QWidget:
    picture = QImage(1600, 1000, QImage.Format.Format_RGB32)
    picture.fill(QColor("#2050c0"))
    made = CoverDialog(picture, around.program.words, around.program.palette, twins=2, cover=lambda _areas: None)
    made.canvas.add()
    return made


def _own_review(around: Surroundings) -> QWidget:
    desk = _desk(sessions=(card(Stage.REVIEW),))
    return OwnReview(around.program, desk, desk.case("ab" * 16), named="Heart", gone=lambda: None)  # type: ignore[arg-type]


def _replay(around: Surroundings) -> QWidget:
    program = around.program
    return ReplayWindow(_desk().case("ab" * 16), program.words, program.palette, prover=_prover(around))


def _listed(around: Surroundings) -> DeskWindow:
    program = around.program

    def replay(case: SessionCase, part: FindingPart) -> Replay:
        made = ReplayWindow(case, program.words, program.palette, finding_part=part, prover=_prover(around))
        return Replay(made, made.show_case)

    desk = ListedDesk(forty(12))
    desk.ends = (_ENDS,)
    made = DeskWindow(desk, program.words, background=program.background, make_replay=replay, closed=lambda: None, zone=UTC)
    made.refresh()
    around.wait(lambda: made.queue.known)
    return made


def _desk_session(around: Surroundings) -> QWidget:
    made = _listed(around)
    made.queue.open_selected()
    around.wait(lambda: not made.shows_list)
    return made


def _office(around: Surroundings) -> OfficeWindow:
    office = FakeOffice()
    office.ends = (_ENDS,)
    made = OfficeWindow(office, around.program.words, around.program.background, lambda: None, UTC)
    made.refresh()
    around.wait(lambda: bool(made.policies._in_force))
    return made


def _rates(around: Surroundings, **changes: object) -> RatesDialog:
    desk = _desk()
    desk.counts = own_counts(**changes)
    made = RatesDialog(around.program, desk, desk.projects(), zone=UTC)  # type: ignore[arg-type] # stands in
    around.wait(lambda: bool(made._pages.count()))
    return made


def _rates_unsent(around: Surroundings) -> QWidget:
    made = _rates(around, unread=2)
    made._failed(EnvironmentFault(WORDY))
    return made


def _rates_declined(around: Surroundings) -> QWidget:
    made = _rates(around)
    made._done(own_counts(state="declined"))
    return made


def _office_rates(around: Surroundings) -> QWidget:
    made = _office(around)
    made._office.tables[NEWEST] = Sums(rates_table(NEWEST, *rated_rows(), left_out=7), NEWEST)  # type: ignore[attr-defined]
    made._tabs.setCurrentWidget(made.rates)
    around.wait(lambda: made.rates._sums is not None)
    return made


def _office_no_rates(around: Surroundings) -> QWidget:
    made = _office(around)
    made._tabs.setCurrentWidget(made.rates)
    around.wait(lambda: made.rates._sums is not None)
    made.rates.banner.say(WORDY, "problem", "Try again")
    return made


def _office_keys(around: Surroundings) -> QWidget:
    made = _office(around)
    made._tabs.setCurrentWidget(made.review_keys)
    return made


def _office_policies(around: Surroundings) -> QWidget:
    made = _office(around)
    made._tabs.setCurrentWidget(made.policies)
    return made


def _platform(around: Surroundings, **changes: object) -> PlatformKeysDialog:
    office = FakeOffice()
    for name, value in changes.items():
        setattr(office, name, value)
    made = PlatformKeysDialog(office, around.program.words, around.program.background, lambda: None)
    around.wait(made._busy.isHidden)
    return made


def _platform_away(around: Surroundings) -> QWidget:
    return _platform(around, away=WORDY)


def _platform_compared(around: Surroundings) -> QWidget:
    return _platform(around, prepared=RENEWAL)


def _platform_asked(around: Surroundings) -> QWidget:
    made = _platform(around, prepared=RENEWAL)
    made._ask(RENEWAL)
    made._banner.say(WORDY)
    return made


WINDOWS: dict[str, Callable[[Surroundings], QWidget]] = {
    "today idle": _idle,
    "today running": _running,
    "notice": _notice,
    "declare": _declare,
    "note": _note,
    "assistance": _assistance,
    "join": _join,
    "join compared": _join_compared,
    "code": _code,
    "code asked": _code_asked,
    "add device": _add_pasted,
    "add device compared": _add_compared,
    "add device answered": _add_answered,
    "ask device": _ask,
    "ask device compared": _ask_compared,
    "rates": _rates,
    "rates unsent": _rates_unsent,
    "rates declined": _rates_declined,
    "remove": _remove,
    "disclose": _disclose,
    "proof": _proof,
    "cover": _cover,
    "own review": _own_review,
    "replay": _replay,
    "desk list": _listed,
    "desk session": _desk_session,
    "office people": _office,
    "office keys": _office_keys,
    "office policies": _office_policies,
    "office rates": _office_rates,
    "office no rates": _office_no_rates,
    "platform away": _platform_away,
    "platform compared": _platform_compared,
    "platform asked": _platform_asked,
}


def named_windows() -> dict[str, frozenset[str]]:
    """Every class in `ui` that has a window's title, or whose base has one, and its bases; the demonstration's aside."""
    bases: dict[str, set[str]] = {}
    titled: set[str] = set()
    for path in sorted(UI.rglob("*.py")):
        if "demo" in path.parts:
            continue
        module = path.relative_to(UI.parent).with_suffix("").as_posix().replace("/", ".")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef):
                name = f"{module}.{node.name}"
                bases[name] = {base.id for base in node.bases if isinstance(base, ast.Name)}
                if "self.setWindowTitle(" in ast.unparse(node) or bases[name] & {"QDialog", "QMainWindow"}:
                    titled.add(name)
    while more := {
        name for name, above in bases.items() if name not in titled and above & {one.rpartition(".")[2] for one in titled}
    }:
        titled |= more
    return {name: frozenset(bases[name]) for name in titled}


def cut(window: QWidget) -> Iterator[str]:
    """What of a window that is shown cannot be brought into sight, or is not told whole, in words."""
    for one in window.findChildren(QLabel):
        if _shown(one) and one.wordWrap() and one.text() and one.height() < one.heightForWidth(one.width()):
            yield f"words are cut: {one.text()[:60]!r}"
    for one in window.findChildren(QWidget):
        if _shown(one) and one.focusPolicy() & Qt.FocusPolicy.TabFocus and one.isEnabled():
            _bring(one)
            seen = one.visibleRegion().boundingRect().size()
            high_px = min(one.height(), _room_px(one))
            written = one.testAttribute(Qt.WidgetAttribute.WA_InputMethodEnabled)
            if seen.width() < one.width() - 1 or seen.height() < high_px - (_PADDING_PX if written else 1):
                named = one.accessibleName() or type(one).__name__
                yield f"{named[:60]!r} is seen {seen.width()}x{seen.height()} of {one.width()}x{one.height()}"


def _room_px(one: QWidget) -> int:
    """Of its height, what must be seen at once: all, but of what scrolls by itself or is higher than what it stands in."""
    if isinstance(one, QAbstractScrollArea):
        return LEAST_SEEN_PX
    around = one.parentWidget()
    while around is not None and not isinstance(around, QScrollArea):
        around = around.parentWidget()
    return max(LEAST_SEEN_PX, around.viewport().height()) if isinstance(around, QScrollArea) else one.height()


def _shown(one: QWidget) -> bool:
    return isValid(one) and one.isVisible()


def _bring(one: QWidget) -> None:
    """Scrolls each area around it, as Tab does."""
    around = one.parentWidget()
    while around is not None:
        if isinstance(around, QScrollArea):
            around.ensureWidgetVisible(one)
        around = around.parentWidget()
    QApplication.sendPostedEvents()
