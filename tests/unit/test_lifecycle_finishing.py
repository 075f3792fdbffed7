# SPDX-License-Identifier: Apache-2.0
"""After the stop: findings, summary, seal, and the end of the keys; again and again after a crash at any step."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from recorder_desk import WITH_PICTURES, Desk, quiet_end
from recorder_parts import keystroke, picture

from agent.finishing import FINDING_BYTES, Stopped, conclude, finding_record, forget_keys_of_sealed, is_sealed, seal_session
from agent.lifecycle import recover_spool, stop_there
from session.events import Checkpoint, FindingRecord, Kind, Moment, Summary
from session.findings import Finding, State, Weight
from session.reader import FolderReader
from session.redact import redact

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from session.events import Event


def finding(detector: str = "one", **changes: object) -> Finding:
    found = Finding(
        detector, 2, State.RAISED, Weight.B, 0.25, 0.125, "cal", (3, 5), "says", ("maybe",), "f", "secret reason"
    )
    return msgspec.structs.replace(found, **changes)


def detect(_events: Sequence[Event]) -> tuple[Finding, ...]:
    return (finding("one"), finding("two", state=State.NOT_EVALUATED))


class Crash(Exception):  # noqa: N818 - not an error: the power cut of a test
    """The program ends here."""


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    desk = Desk(tmp_path, policy_toml=WITH_PICTURES.replace(b"shadow = true", b"shadow = false")).start()
    desk.keyboard.play(*(keystroke(desk.clock.mono_us + n * 1000) for n in range(20)))
    desk.camera.play(picture(desk.clock.mono_us))
    desk.pass_time(35)
    desk.stop()
    yield desk
    quiet_end(desk)


def summaries(desk: Desk) -> list[Event]:
    return [event for event in desk.read_back() if isinstance(event.body, Summary)]


def test_findings_are_recorded_as_numbers_without_the_reason(desk: Desk) -> None:
    stopped = desk.stopped()
    conclude(stopped, desk.clock.read(), detect=detect)
    recorded = [event.body for event in desk.read_back() if isinstance(event.body, FindingRecord)]
    assert [(one.detector, one.state, one.weight) for one in recorded] == [
        ("one", "raised", "B"),
        ("two", "not evaluated", "B"),
    ]
    assert (recorded[0].statistic_ppm, recorded[0].threshold_ppm) == (250_000, 125_000)
    assert (recorded[0].evidence, recorded[0].alternatives, recorded[0].shadow) == ((3, 5), ("maybe",), 0)
    assert "secret reason" not in repr(recorded)
    assert stopped.events == desk.read_back()


def test_the_detectors_see_the_whole_session_once(desk: Desk) -> None:
    seen: list[int] = []
    conclude(desk.stopped(), desk.clock.read(), detect=lambda events: seen.extend(event.seq for event in events) or ())  # type: ignore[func-returns-value]
    assert seen == list(range(len(desk.events)))


def test_findings_are_not_recorded_twice(desk: Desk) -> None:
    stopped = desk.stopped()
    conclude(stopped, desk.clock.read(), detect=lambda _events: (finding("one"),))
    conclude(stopped, desk.clock.read(), detect=detect)
    assert [body.detector for event in stopped.events if isinstance(body := event.body, FindingRecord)] == ["one", "two"]


def test_late_cosignatures_come_before_the_findings(desk: Desk) -> None:
    stopped = desk.stopped()
    conclude(stopped, desk.clock.read(), detect=detect, cosignatures=[(2, "a line")])
    assert [Kind(event.kind) for event in stopped.events[-3:]] == [Kind.COSIGN, Kind.FINDING, Kind.FINDING]


def test_a_sealed_session_verifies_and_its_keys_are_gone(desk: Desk) -> None:
    stopped = desk.stopped()
    conclude(stopped, desk.clock.read(), detect=detect)
    raw = seal_session(stopped, desk.clock.read(), store=desk.store, project="")
    assert (desk.folder / "seal.dsse").read_bytes() == raw
    verification = desk.verify()
    assert verification.verified, verification.failed_step  # type: ignore[attr-defined] # Verification
    assert list(desk.store.names("session/")) == []
    (summary,) = summaries(desk)
    assert isinstance(summary.body, Summary)
    assert summary.body.worked_us == 35_000_000
    assert summary.body.captures == 1
    assert [one[0] for one in summary.body.findings] == ["one", "two"]


def test_a_removal_before_the_seal_is_in_it(desk: Desk) -> None:
    stopped = desk.stopped()
    capture = next(event for event in stopped.events if event.kind == Kind.CAPTURE)
    stopped.events.append(redact(desk.folder, stopped.journal, [(capture.seq, capture.seq)], "private", desk.clock.read()))
    seal_session(stopped, desk.clock.read(), store=desk.store, project="")
    assert desk.verify().verified  # type: ignore[attr-defined] # Verification
    assert list((desk.folder / "blobs").iterdir()) == []


@pytest.mark.parametrize("step", ["findings", "one finding", "summary", "checkpoint", "seal", "keys"])
def test_after_a_crash_at_any_step_the_same_calls_end_it(desk: Desk, step: str, monkeypatch: pytest.MonkeyPatch) -> None:
    crash_at(step, desk, monkeypatch)
    with pytest.raises(Crash):
        finish(desk.stopped(), desk)
    monkeypatch.undo()
    quiet_end(desk)
    forget_keys_of_sealed(desk.spool, desk.store)
    recovery = recover_spool(desk.spool, store=desk.store, clock=desk.clock, disk=desk.disk)
    assert len(recovery.reopened) == (0 if step == "keys" else 1)
    for reopened in recovery.reopened:
        assert reopened.was_stopped
        finish(stop_there(reopened, desk.clock.read()), desk)
    events = desk.read_back()
    assert desk.verify().verified  # type: ignore[attr-defined] # Verification
    assert list(desk.store.names("session/")) == []
    assert [body.detector for event in events if isinstance(body := event.body, FindingRecord)] == ["one", "two"]
    assert len(summaries(desk)) == 1
    moments = [body.moment for event in events if isinstance(body := event.body, Checkpoint)]
    assert moments == [Moment.GRID, Moment.STOP, Moment.SEAL]


def finish(stopped: Stopped, desk: Desk) -> None:
    conclude(stopped, desk.clock.read(), detect=detect)
    seal_session(stopped, desk.clock.read(), store=desk.store, project="")


def crash_at(step: str, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """The program ends right after this step, whose records are durable."""
    if step == "keys":
        monkeypatch.setattr("agent.finishing.forget_session_keys", _crash)
        return
    if step == "seal":
        monkeypatch.setattr("agent.finishing.seal", _crash)
        return
    if step == "checkpoint":
        monkeypatch.setattr("session.journal.Journal.close", _crash)
        return
    kind = Kind.SUMMARY if step == "summary" else Kind.FINDING
    left = [2 if step == "findings" else 1]
    append = desk.journal.append

    def appending(appended: Kind, *arguments: object, **options: object) -> Event:
        event = append(appended, *arguments, **options)  # type: ignore[arg-type] # passed on
        left[0] -= appended is kind
        if left[0] == 0:
            desk.journal.sync()
            raise Crash
        return event

    monkeypatch.setattr(desk.journal, "append", appending)


def _crash(*_arguments: object, **_options: object) -> None:
    raise Crash


def test_once_summed_up_nothing_is_added_by_a_program_with_more_detectors(desk: Desk) -> None:
    stopped = desk.stopped()
    conclude(stopped, desk.clock.read(), detect=lambda _events: (finding("one"),))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("agent.finishing.seal", _crash)
        with pytest.raises(Crash):
            seal_session(stopped, desk.clock.read(), store=desk.store, project="")
    (reopened,) = recover_spool(desk.spool, store=desk.store, clock=desk.clock, disk=desk.disk).reopened
    finish(reopened.stopped, desk)
    assert desk.verify().verified  # type: ignore[attr-defined] # Verification
    (last,) = (event.body for event in summaries(desk))
    assert isinstance(last, Summary)
    assert [one[0] for one in last.findings] == ["one"]


def test_only_the_keys_of_sealed_sessions_are_forgotten(desk: Desk) -> None:
    assert not is_sealed(desk.folder)
    forget_keys_of_sealed(desk.spool, desk.store)
    assert len(desk.store.names("session/")) == 3


@given(
    statistic=st.floats(allow_nan=True, allow_infinity=True),
    threshold=st.floats(allow_nan=True, allow_infinity=True),
    evidence=st.lists(st.integers(0, 2**40), max_size=400).map(tuple),
)
def test_any_numbers_become_a_record_that_is_taken(statistic: float, threshold: float, evidence: tuple[int, ...]) -> None:
    found = finding(statistic=statistic, threshold=threshold, evidence=evidence)
    body = finding_record(found, 1, shadow=False)
    assert msgspec.json.decode(msgspec.json.encode(body), type=FindingRecord) == body
    if math.isnan(threshold):
        assert body.threshold_ppm == 0
    if math.isfinite(statistic) and abs(statistic) < 1e9:
        assert body.statistic_ppm == round(statistic * 1_000_000)


def test_evidence_is_bounded() -> None:
    assert finding_record(finding(evidence=tuple(range(300))), 1, shadow=False).evidence == tuple(range(256))


def test_the_shadow_mode_of_the_policy_is_in_each_finding() -> None:
    assert [finding_record(finding(), 1, shadow=shadow).shadow for shadow in (True, False)] == [1, 0]


def test_findings_have_one_size_whatever_they_found(desk: Desk) -> None:
    """Else the length of its evidence would tell the platform that something was raised."""
    seqs = tuple(range(1_000, 900_000, 3_517))
    found = (
        finding("none", state=State.CLEAR, evidence=(), alternatives=()),
        finding("some", evidence=seqs[:9]),
        finding("most", evidence=seqs, alternatives=tuple(f"alternative.of-some-length-{n}" for n in range(9))),
    )
    stopped = desk.stopped()
    conclude(stopped, desk.clock.read(), detect=lambda _: found)
    frames = [frame for frame in FolderReader(desk.folder, {}).frames() if frame.kind == Kind.FINDING]
    assert {len(frame.tail) for frame in frames} == {32 + 16 + FINDING_BYTES + 16}
    recorded = [event.body for event in stopped.events if isinstance(event.body, FindingRecord)]
    assert [len(one.evidence) for one in recorded[:2]] == [0, 9]
    assert len(recorded[2].evidence) > 200
