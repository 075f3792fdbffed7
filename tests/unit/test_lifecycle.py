# SPDX-License-Identifier: Apache-2.0
"""One recorder by lock, recovery at every start, and signals as a clean stop."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest
from journal_disks import QuickDisk
from recorder_desk import Desk, quiet_end
from recorder_organisation import Enrolled
from recorder_parts import SECOND_US, FakeClock, ceased, keystroke
from trust_builders import PROJECT

from agent.finishing import conclude, loss_of, seal_session
from agent.lifecycle import DAMAGED, Recovery, Reopened, SpoolLock, recover_spool, stop_there
from agent.opening import Opened, open_session
from agent.recorder import SessionRecorder
from agent.signals import StopSignals
from fairwitness import telling
from session import EnvironmentFault
from session.account import account, rules_of
from session.events import Edge, Gap, Moment, Reason, Stats
from session.frames import read_segment
from session.log.cosign import cosign
from session.log.note import parse_note
from session.seal import read_seal
from session.trust.directory import witness_name
from session.verify import verify_session

ROOT = Path(__file__).resolve().parents[2]


def crash(desk: Desk) -> None:
    """The process is gone: the sensors with it, and everything that was not synced."""
    for sensor in desk.sensors:
        sensor.emit = None
    desk.recorder.stop()
    desk.recorder.stop()
    desk.waiter.wait = lambda _timeout_s: None  # type: ignore[method-assign] # lets the thread run out
    desk.journal.append = desk.journal.sync = _gone  # type: ignore[method-assign, assignment]
    desk.turn()
    desk.recorder.join(5)
    desk.journal._file.close()


def _gone(*_arguments: object, **_options: object) -> None:
    raise EnvironmentFault("the process is gone")


def recovered(desk: Desk) -> Reopened:
    (reopened,) = recover(desk).reopened
    return reopened


def recover(desk: Desk) -> Recovery:
    return recover_spool(desk.spool, store=desk.store, clock=desk.clock, disk=QuickDisk())


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    desk = Desk(tmp_path).start()
    desk.keyboard.play(*(keystroke(desk.clock.mono_us + n * 1000) for n in range(9)))
    desk.pass_time(42)
    return desk


# --- recovery


def test_a_crash_is_a_gap_from_the_last_record_to_now(desk: Desk) -> None:
    crash(desk)
    desk.clock.advance(100)
    reopened = recovered(desk)
    assert not reopened.was_stopped
    gap = reopened.stopped.events[-1].body
    assert isinstance(gap, Gap)
    assert (gap.edge, gap.reason, gap.scope) == (Edge.POINT, Reason.CRASH, "session")
    assert (gap.t_us, gap.t_us - gap.from_us) == (desk.clock.t_us, 102 * SECOND_US)
    assert desk.read_back() == reopened.stopped.events, "what was recovered is durable at once"
    reopened.stopped.journal.close()


def test_a_short_crash_is_work_time_and_a_long_one_can_be_claimed(desk: Desk) -> None:
    crash(desk)
    desk.clock.advance(250)
    first = recovered(desk)
    stopped = stop_there(first, desk.clock.read())
    assert account(stopped.events, rules_of(stopped.policy)).worked_us == 292 * SECOND_US
    stopped.journal.close()


def test_a_long_crash_can_be_claimed(desk: Desk) -> None:
    crash(desk)
    desk.clock.advance(3600)
    stopped = stop_there(recovered(desk), desk.clock.read())
    accounted = account(stopped.events, rules_of(stopped.policy))
    assert accounted.worked_us == 40 * SECOND_US
    assert [one.length_us for one in accounted.claimable] == [3602 * SECOND_US]
    stopped.journal.close()


def test_gaps_that_were_open_end_with_the_recovery(tmp_path: Path) -> None:
    desk = Desk(tmp_path).start()
    desk.keyboard.play(ceased(desk.clock.mono_us))
    desk.pass_time(5)
    desk.recorder.offline()
    desk.turn()
    desk.pass_time(5)
    crash(desk)
    reopened = recovered(desk)
    ends = [body for event in reopened.stopped.events if isinstance(body := event.body, Gap) and body.edge is Edge.END]
    assert [(gap.reason, gap.scope) for gap in ends] == [(Reason.DIED, "keyboard"), (Reason.OFFLINE, "witness")]
    reopened.stopped.journal.close()


def test_a_pause_goes_on_through_a_crash_and_is_no_work_time(tmp_path: Path) -> None:
    desk = Desk(tmp_path).start()
    desk.pass_time(10)
    desk.recorder.pause()
    desk.turn()
    desk.pass_time(30)
    crash(desk)
    desk.clock.advance(60)
    stopped = stop_there(recovered(desk), desk.clock.read())
    accounted = account(stopped.events, rules_of(stopped.policy))
    assert (accounted.worked_us, accounted.paused_us) == (10 * SECOND_US, 90 * SECOND_US)
    stopped.journal.close()


def test_recovering_again_and_again_keeps_one_account(desk: Desk) -> None:
    crash(desk)
    for _ in range(3):
        desk.clock.advance(10)
        recovered(desk).stopped.journal.close()
    stopped = stop_there(recovered(desk), desk.clock.read())
    accounted = account(stopped.events, rules_of(stopped.policy))
    assert accounted.worked_us == accounted.ended_us - accounted.started_us == 72 * SECOND_US
    stopped.journal.close()


def test_a_session_is_recorded_on_after_a_crash(desk: Desk) -> None:
    crash(desk)
    desk.clock.advance(20)
    reopened = recovered(desk)
    again = Desk.__new__(Desk)
    again.__dict__.update(desk.__dict__)
    again.journal, again.events, again.shown = reopened.stopped.journal, [], []
    again.waiter = type(desk.waiter)()
    again.recorder = SessionRecorder(
        again.journal, desk.policy, desk.clock, again.sensors, past=reopened.stopped.events, waiter=again.waiter
    )
    again.recorder.listen(again._listen)
    again.start()
    again.keyboard.play(keystroke(again.clock.mono_us))
    again.pass_time(10)
    again.stop()
    assert again.events == again.read_back()
    keys = [body.keys[0] for event in again.events if isinstance(body := event.body, Stats)]
    assert sum(keys) == 10
    assert account(again.events, rules_of(again.policy)).worked_us == 72 * SECOND_US
    stopped = again.stopped()
    conclude(stopped, again.clock.read(), detect=lambda _events: ())
    seal_session(stopped, again.clock.read(), store=again.store, project="")
    assert verify_session(again.folder).verified


def test_a_session_that_was_stopped_gets_no_gap(desk: Desk) -> None:
    desk.stop()
    quiet_end(desk)
    reopened = recovered(desk)
    assert reopened.was_stopped
    records = reopened.stopped.journal.size
    assert stop_there(reopened, desk.clock.read()).journal.size == records
    assert reopened.stopped.events == desk.events
    reopened.stopped.journal.close()


def test_a_sealed_session_is_left_alone(desk: Desk) -> None:
    desk.stop()
    seal_session(desk.stopped(), desk.clock.read(), store=desk.store, project="")
    assert recover(desk) == Recovery((), (), ())


@pytest.mark.parametrize("leftover", ["nothing", "half a frame", "statements alone"])
def test_what_never_began_is_moved_aside_and_not_deleted(tmp_path: Path, leftover: str) -> None:
    desk = Desk(tmp_path)
    desk.journal.close()
    first = desk.folder / "000000.fws"
    if leftover == "nothing":
        first.write_bytes(b"")
    elif leftover == "half a frame":
        first.write_bytes(first.read_bytes()[:100])
    else:
        first.unlink()
    recovery = recover(desk)
    assert (recovery.reopened, recovery.damaged, recovery.problems) == ((), (desk.folder.name,), ())
    assert (desk.spool / DAMAGED / desk.folder.name / "statements" / "policy.toml").is_file()
    assert recover(desk) == Recovery((), (), ())


def test_the_same_id_twice_finds_another_place(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.journal.close()
    (desk.spool / DAMAGED / desk.folder.name).mkdir(parents=True)
    (desk.folder / "000000.fws").unlink()
    assert recover(desk).damaged == (desk.folder.name,)
    assert sorted(path.name for path in (desk.spool / DAMAGED).iterdir()) == [desk.folder.name, f"{desk.folder.name}-1"]


def test_a_session_without_its_keys_stays_and_is_told_and_is_in_nobodys_way(desk: Desk, tmp_path: Path) -> None:
    crash(desk)
    other = Desk.__new__(Desk)
    other.__init__(tmp_path)  # type: ignore[misc] # a second session in the same spool
    other.start()
    crash(other)
    desk.store.delete(f"session/{desk.folder.name}/content-w")
    before = sorted(path.read_bytes() for path in desk.folder.glob("*.fws"))
    recovery = recover(desk)
    assert [one.folder for one in recovery.reopened] == [other.folder]
    ((session_id, words),) = recovery.problems
    assert session_id == desk.folder.name
    assert "restore the keys" in words
    assert sorted(path.read_bytes() for path in desk.folder.glob("*.fws")) == before
    recovery.reopened[0].stopped.journal.close()


def test_records_that_do_not_open_are_evidence_and_stay(desk: Desk) -> None:
    crash(desk)
    desk.store.put(f"session/{desk.folder.name}/content-s", b"x" * 32)
    recovery = recover(desk)
    assert recovery.reopened == ()
    assert [session_id for session_id, _ in recovery.problems] == [desk.folder.name]


def test_an_empty_spool_is_no_fault(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.journal.close()
    assert recover_spool(tmp_path / "none", store=desk.store, clock=FakeClock()) == Recovery((), (), ())


def test_cosigned_records_that_are_lost_are_said_in_the_record_and_the_seal(tmp_path: Path) -> None:
    trainer = Enrolled(tmp_path / "home")
    opened = open_session(
        trainer.spool, store=trainer.store, clock=trainer.clock, identity=trainer.identity, terms=trainer.terms, agent="t"
    )
    cosigned_size = cosign_last(trainer, opened)
    opened.journal.close()
    first = opened.journal.folder / "000000.fws"
    octets = bytearray(first.read_bytes())
    ends = [end for _, end in read_segment(bytes(octets))]
    octets[ends[cosigned_size - 2] + 30] ^= 1  # the drive forgot one bit of a record; the cosignature behind it stayed
    first.write_bytes(octets)
    trainer.clock.advance(60)
    (reopened,) = recover_spool(trainer.spool, store=trainer.store, clock=trainer.clock).reopened
    assert reopened.lost
    reopened.stopped.journal.close()
    (again,) = recover_spool(trainer.spool, store=trainer.store, clock=trainer.clock).reopened
    assert again.lost, "what was cut tells it once; the record tells it for good"
    loss = loss_of(again.stopped.events)
    assert loss is not None
    assert (loss.recovered_size, loss.cosigned_size) == (cosigned_size - 1, cosigned_size)
    stopped = stop_there(again, trainer.clock.read())
    raw = seal_session(stopped, trainer.clock.read(), store=trainer.store, project=PROJECT)
    assert read_seal(raw, opened.journal.keys.signing.public).loss == loss
    verification = verify_session(again.folder, trust=trainer.org.anchor)
    assert verification.verified, verification.failed_step
    assert verification.lost == 1
    told = telling.verification(verification, steps=False)[0]
    assert told.startswith("This session verifies, but 1 countersigned record is lost: "), told
    more = telling.verification(msgspec.structs.replace(verification, lost=40), steps=False)[0]
    assert more.startswith("This session verifies, but 40 countersigned records are lost: "), more
    whole = telling.verification(msgspec.structs.replace(verification, lost=0), steps=False)
    assert "lost" not in " ".join(whole)


def cosign_last(trainer: Enrolled, opened: Opened) -> int:
    """A record more, its checkpoint and the platform's cosignature; how many records that covers."""
    journal = opened.journal
    trainer.clock.advance(30)
    journal.checkpoint(trainer.clock.read(), Moment.GRID)
    size = journal.size
    note = journal.checkpoint(trainer.clock.read(), Moment.GRID).note
    time_s = trainer.clock.t_us // SECOND_US
    line = cosign(parse_note(note.encode()).text, witness_name(trainer.org.fp), trainer.org.witness_key, time_s)
    journal.append_cosign(size, line)
    journal.sync()
    return size


# --- the lock


HOLDER = """
import os, sys, time
from pathlib import Path
from agent.lifecycle import SpoolLock
with SpoolLock(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def hold_in_another_process(lock: Path) -> subprocess.Popen[bytes]:
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(lock)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=ROOT,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"held\n"
    return process


def let_go(process: subprocess.Popen[bytes]) -> None:
    process.wait(10)
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.close()
    process.stdout.close()


def test_a_second_recorder_is_told_and_the_first_is_not_disturbed(tmp_path: Path) -> None:
    lock = tmp_path / "home" / "lock"
    with SpoolLock(lock):
        with pytest.raises(EnvironmentFault, match="running already"), SpoolLock(lock):
            pass
        with pytest.raises(EnvironmentFault, match="running already"), SpoolLock(lock):
            pass
    with SpoolLock(lock):
        pass


def test_a_killed_process_leaves_no_lock(tmp_path: Path) -> None:
    lock = tmp_path / "lock"
    process = hold_in_another_process(lock)
    with pytest.raises(EnvironmentFault, match="running already"), SpoolLock(lock):
        pass
    process.kill()
    let_go(process)
    with SpoolLock(lock):
        pass


def test_a_place_that_cannot_be_locked_is_advice(tmp_path: Path) -> None:
    (tmp_path / "home").write_bytes(b"")
    with pytest.raises(EnvironmentFault, match="starting Fair Witness"), SpoolLock(tmp_path / "home" / "lock"):
        pass


# --- signals


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_asks_for_a_stop_and_ends_nothing(number: signal.Signals) -> None:
    before = signal.getsignal(number)
    with StopSignals() as signals:
        assert not signals.wait(0)
        os.kill(os.getpid(), number)
        os.kill(os.getpid(), number)
        assert signals.wait(10)
        assert signals.received
    assert signal.getsignal(number) is before


def test_many_signals_never_block() -> None:
    with StopSignals() as signals:
        for _ in range(70_000):  # more than a pipe holds
            signals._receive(15, None)
        assert signals.wait(0)
