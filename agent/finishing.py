# SPDX-License-Identifier: Apache-2.0
"""What follows the stop: findings, the trainer's review, then summary, last checkpoint, seal, and the end of the keys.

Rules:

1. Every step looks first at what the record holds already, so a crash at any point is followed by the same call again.
2. Detectors are handed in; a finding is recorded with seqs and numbers, never with the reason of an abstention.
3. The keys go last, after the seal is durable. Content keys stay with the trainer by START's wraps.
"""

from __future__ import annotations

import logging
import math
from typing import TYPE_CHECKING, Final

import msgspec

from agent.tally import most_that_fit
from session.account import rules_of, summarise
from session.disk import RealDisk, environment_fault
from session.events import Checkpoint, Event, FindingRecord, Gap, Kind, Moment, Reason, Redact, Summary
from session.redact import Ranges, apply_redactions
from session.seal import SEAL_BYTES, SEAL_NAME, Loss, forget_session_keys, seal
from session.segments import public_body, read_file, session_frames

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    from session.findings import Finding
    from session.journal import Journal
    from session.policy import Policy
    from session.ports import ClockReading, KeyStore

_LOG: Final = logging.getLogger("fairwitness.finishing")

PPM: Final = 1_000_000
FINDING_BYTES: Final = 2048
"""Padded size of every FINDING: one with evidence must not be longer than one without. Source: docs/session-format.md,
Nothing to watch live; 256 numbers of records take some 800 bytes."""
_GREATEST: Final = 2**53 - 1
_MOST_EVIDENCE: Final = 256


class Stopped(msgspec.Struct):
    """A session after its stop: the journal is the caller's, `events` all that it holds."""

    journal: Journal
    events: list[Event]
    policy: Policy


def conclude(
    stopped: Stopped,
    reading: ClockReading,
    *,
    detect: Callable[[Sequence[Event]], Sequence[Finding]],
    cosignatures: Iterable[tuple[int, str]] = (),
) -> None:
    """Adds what came after the stop, before the trainer reviews: late cosignatures, and the detectors' findings.

    Findings that are recorded already (a crash came in between) are not added again, and none is once there is a SUMMARY.

    Args:
        stopped: after its STOP checkpoint; gets the new records.
        reading: now.
        detect: all detectors over the whole session.
        cosignatures: (size, line) that the witness sent after the writer ended.

    Raises:
        EnvironmentFault: the disk does not let us; may be repeated.
    """
    for size, line in cosignatures:
        stopped.events.append(stopped.journal.append_cosign(size, line))
    if not is_summed_up(stopped.events):
        _add_findings(stopped, detect(tuple(stopped.events)), reading)
    stopped.journal.sync()


def seal_session(
    stopped: Stopped,
    reading: ClockReading,
    *,
    store: KeyStore,
    project: str,
    directory: bytes | None = None,
) -> bytes:
    """Ends the session for good: SUMMARY, the checkpoint of moment "seal", `seal.dsse`, and the end of its keys.

    A removal that the disk did not let us finish is finished first: nothing that was taken out is sealed.

    Args:
        stopped: reviewed; its journal is closed afterwards.
        reading: now.
        store: forgets the session's keys once the seal is durable.
        project: whose reviewers may read; "" in a personal session.
        directory: the newest directory that the agent holds, or None: its review keys are used.

    Raises:
        EnvironmentFault: disk or key store do not let us; may be repeated.
        InputFault: the project cannot be sealed for (it has no review key in force); names it. May be repeated.
    """
    journal = stopped.journal
    if is_sealed(journal.folder):  # the key store was in the way the last time
        forget_session_keys(store, journal.keys.session_id)
        return read_file(journal.folder / SEAL_NAME, SEAL_BYTES, "the seal")
    _finish_removals(journal)
    if not is_summed_up(stopped.events):
        body = summarise(stopped.events, rules_of(stopped.policy), reading.t_us)
        stopped.events.append(journal.append(Kind.SUMMARY, body))
    if not _is_checkpointed(stopped.events):
        checkpoint = journal.checkpoint(reading, Moment.SEAL)
        stopped.events.append(Event(journal.size - 1, Kind.CHECKPOINT, checkpoint))
    journal.close()
    raw = seal(
        journal.folder,
        journal.keys.signing,
        content_keys=journal.keys.content,
        project=project,
        sealed_us=reading.t_us,
        directory=directory,
        loss=loss_of(stopped.events),
        disk=journal.disk,
    )
    forget_session_keys(store, journal.keys.session_id)
    _LOG.info("session sealed records=%d", journal.size)
    return raw


def _finish_removals(journal: Journal) -> None:
    with journal.released():
        bodies = [public_body(frame) for _, _, frame in session_frames(journal.folder) if frame.kind == Kind.REDACT]
        wanted = Ranges(one for body in bodies if isinstance(body, Redact) for one in body.ranges)
        apply_redactions(journal.folder, wanted, journal.disk)


def is_sealed(folder: Path) -> bool:
    """Whether the session in `folder` has its seal."""
    return (folder / SEAL_NAME).is_file()


def forget_keys_of_sealed(spool: Path, store: KeyStore) -> None:
    """Forgets the keys of sessions that are sealed: what a crash right after a seal left. Raises `EnvironmentFault`."""
    for session_id in sorted({name.split("/")[1] for name in store.names("session/")}):
        if not is_sealed(spool / session_id):
            continue
        try:
            RealDisk().fsync_dir(spool / session_id)
        except OSError as error:
            raise environment_fault(error, "sealing the session") from error
        forget_session_keys(store, session_id)


def finding_record(finding: Finding, t_us: int, *, shadow: bool) -> FindingRecord:
    """`finding` as it is recorded: integers, no reason, at most 256 pieces of evidence, as many as `FINDING_BYTES` hold."""
    bare = FindingRecord(
        t_us=t_us,
        detector=finding.detector,
        version=finding.version,
        state=finding.state.value,
        weight=finding.weight.value,
        statistic_ppm=_ppm(finding.statistic),
        threshold_ppm=_ppm(finding.threshold),
        calibration=finding.calibration,
        evidence=(),
        explanation=finding.explanation,
        alternatives=finding.alternatives,
        shadow=int(shadow),
    )

    def body(count: int) -> FindingRecord:
        return msgspec.structs.replace(bare, evidence=finding.evidence[:count])

    return body(most_that_fit(min(len(finding.evidence), _MOST_EVIDENCE), FINDING_BYTES, body))


def loss_of(events: Iterable[Event]) -> Loss | None:
    """What the record itself says of cosigned records that are lost: the GAP that recovery wrote (see `agent.lifecycle`)."""
    for event in events:
        if isinstance(event.body, Gap) and event.body.reason is Reason.DAMAGED:
            return Loss(recovered_size=event.seq, cosigned_size=event.seq + event.body.lost)
    return None


def _ppm(number: float) -> int:
    """Millionths; what is no number counts as 0, and what is too great as the greatest that the record takes."""
    if math.isnan(number):
        return 0
    return round(max(-_GREATEST, min(_GREATEST, number * PPM)))


def _add_findings(stopped: Stopped, findings: Iterable[Finding], reading: ClockReading) -> None:
    recorded = {event.body.detector for event in stopped.events if isinstance(event.body, FindingRecord)}
    for finding in findings:
        if finding.detector not in recorded:
            body = finding_record(finding, reading.t_us, shadow=stopped.policy.findings.shadow)
            stopped.events.append(stopped.journal.append(Kind.FINDING, body, least=FINDING_BYTES))


def is_summed_up(events: Iterable[Event]) -> bool:
    """Whether the record has its SUMMARY, of which there is one: nothing that it sums up may follow."""
    return any(isinstance(event.body, Summary) for event in events)


def _is_checkpointed(events: Sequence[Event]) -> bool:
    return isinstance(events[-1].body, Checkpoint) and events[-1].body.moment is Moment.SEAL
