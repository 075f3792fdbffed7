# SPDX-License-Identifier: Apache-2.0
"""Saving the proof of one record from the replay: which one, what it gives away, and what became of it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC
from pathlib import Path

import msgspec
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QFileDialog, QPushButton
from pytestqt.qtbot import QtBot
from replay_desks import ListReader, verification
from review_fakes import asking_day
from trainer_fakes import PATIENCE_MS, StandInProgram, buttons, said, standing

from session import InputFault
from session.desks import SessionCase
from session.events import FindingRecord, Kind, Raw, RawKey
from session.policy import default_policy_toml, parse_policy
from ui.replay.acts import Act, Prover
from ui.replay.model import ReplayModel
from ui.replay.moment import Moments
from ui.replay.proof import SUFFIX, ProofDialog, Provable, provable
from ui.replay.window import ReplayWindow
from ui.strings import Words
from ui.style import LIGHT

EN = Words("en")
S = 1_000_000
SAVE = "Save a proof of this record …"


@pytest.fixture
def program(qapp: QApplication) -> Iterator[StandInProgram]:
    with standing(qapp) as made:
        yield made


@pytest.fixture
def proved() -> list[tuple[int, Path]]:
    return []


def case(*, sealed: bool = True, reads_as: str = "reviewer") -> SessionCase:
    desk = asking_day()
    return SessionCase(
        session_id="ab" * 16,
        folder=Path("/nowhere"),
        reader=ListReader(desk.tape.events, desk.images),
        verification=verification() if sealed else None,
        policy=parse_policy(default_policy_toml()),
        reads_as=reads_as,
        said=None,
    )


def window(qtbot: QtBot, program: StandInProgram, proved: list[tuple[int, Path]], **changes: object) -> ReplayWindow:
    prover = Prover(lambda seq, file: proved.append((seq, file)), program.background)
    made = ReplayWindow(case(**changes), EN, LIGHT, prover=prover, zone=UTC)  # type: ignore[arg-type]
    qtbot.addWidget(made)
    made.show()
    return made


def dialog_of(made: ReplayWindow, at: int = 0) -> ProofDialog:
    [one for one in made.findChildren(QPushButton) if one.text() == SAVE][at].click()
    (found,) = made.findChildren(ProofDialog)
    return found


def test_a_record_of_the_moment_is_saved_where_the_person_says(
    qtbot: QtBot, program: StandInProgram, proved: list[tuple[int, Path]], tmp_path: Path
) -> None:
    made = window(qtbot, program, proved)
    made.go(made.span[0] + 1800 * S)
    dialog = dialog_of(made)
    assert EN("proof.why") in said(dialog)
    offered = [one.text() for one in dialog.choices.buttons()]
    assert any("counts of keystrokes" in one for one in offered)
    seq = dialog.choices.checkedId()
    dialog.save.click()
    assert dialog.saving is not None
    assert dialog.saving.acceptMode() is QFileDialog.AcceptMode.AcceptSave
    assert dialog.saving.defaultSuffix() == SUFFIX
    file = tmp_path / "chosen.tlog-proof"
    dialog.saving.fileSelected.emit(str(file))
    dialog.saving.close()
    program.settle(lambda ready: qtbot.waitUntil(ready, timeout=PATIENCE_MS))
    assert proved == [(seq, file)]
    assert "Saved as chosen.tlog-proof" in dialog.banner.text
    assert "Close" in buttons(dialog)
    assert not dialog.save.isEnabled()
    dialog.close()


def test_a_finding_is_proved_from_its_own_card(
    qtbot: QtBot, program: StandInProgram, proved: list[tuple[int, Path]], tmp_path: Path
) -> None:
    made = window(qtbot, program, proved)
    asks = [event.seq for event in case().reader.events() if isinstance(event.body, FindingRecord)]
    names = [one.accessibleName() for one in made.findChildren(QPushButton) if one.text() == SAVE]
    assert len(set(names)) >= 2, "a screen reader can tell them apart"
    dialog = dialog_of(made, 1)
    assert dialog.choices.checkedId() in asks
    assert [one.text() for one in dialog.choices.buttons()] == [EN("proof.finding")]
    dialog.write(dialog.choices.checkedId(), tmp_path / "one")
    program.settle(lambda ready: qtbot.waitUntil(ready, timeout=PATIENCE_MS))
    assert proved[0][0] in asks
    dialog.close()


def test_a_proof_that_could_not_be_made_says_why_and_can_be_tried_again(
    qtbot: QtBot, program: StandInProgram, tmp_path: Path
) -> None:
    def refuse(seq: int, _file: Path) -> None:
        raise InputFault(f"seq: no checkpoint covers record {seq}; prove an earlier one.")

    made = ProofDialog([Provable(7, "seven")], EN, name="abc", prover=Prover(refuse, program.background))
    qtbot.addWidget(made)
    made.show()
    made.write(7, tmp_path / "x")
    program.settle(lambda ready: qtbot.waitUntil(ready, timeout=PATIENCE_MS))
    assert "no checkpoint covers record 7" in made.banner.text
    assert made.save.isEnabled()


def test_where_nothing_can_be_read_nothing_is_saved(qtbot: QtBot, program: StandInProgram) -> None:
    made = ProofDialog([], EN, name="abc", prover=Prover(lambda _seq, _file: None, program.background))
    qtbot.addWidget(made)
    made.show()
    assert EN("proof.none") in said(made)
    assert not made.save.isEnabled()


@pytest.mark.parametrize("changes", [{"sealed": False}, {"reads_as": ""}])
def test_without_a_seal_or_a_key_there_is_no_button(
    qtbot: QtBot, program: StandInProgram, proved: list[tuple[int, Path]], changes: dict[str, object]
) -> None:
    assert SAVE not in buttons(window(qtbot, program, proved, **changes))


def test_a_replay_without_a_prover_or_acts_has_neither(qtbot: QtBot) -> None:
    made = ReplayWindow(case(), EN, LIGHT, zone=UTC)
    qtbot.addWidget(made)
    made.show()
    assert SAVE not in buttons(made)
    made._ask_for_proof(None)
    assert made.findChildren(ProofDialog) == []


def test_other_acts_are_told_the_finding_or_the_moment(qtbot: QtBot) -> None:
    asked: list[int | None] = []
    made = ReplayWindow(case(), EN, LIGHT, acts=lambda: (Act("Do it", asked.append),), zone=UTC)
    qtbot.addWidget(made)
    made.show()
    found = [one for one in made.findChildren(QPushButton) if one.text() == "Do it"]
    for one in found[:2]:
        one.setFocus()
        qtbot.keyClick(one, Qt.Key.Key_Space)  # by the keyboard alone
    assert asked[0] is None
    assert isinstance(asked[1], int)


def test_one_record_of_each_type_that_tells_of_the_moment_is_offered() -> None:
    whole = case()
    events = list(whole.reader.events())
    ticks = [event for event in events if event.kind == Kind.STATS and event.body is not None]
    at = ticks[40].body.t_us  # type: ignore[union-attr] # a STATS
    events.append(
        msgspec.structs.replace(ticks[40], seq=90_000, kind=Kind.RAW, body=Raw(at, 1, (RawKey(1, 0, 2, 3),)))  # type: ignore[arg-type]
    )
    model = ReplayModel.from_reader(ListReader(events), whole.policy, {90_000})
    moments = Moments(model, events, {90_000})
    offered = provable(events, moments.at(at - 1), EN, UTC)
    assert 90_000 in [one.seq for one in offered]
    assert ticks[40].seq in [one.seq for one in offered]
    assert len({one.words for one in offered}) == len(offered)
    assert 90_000 not in [one.seq for one in provable(events, moments.at(at + 1), EN, UTC)]
