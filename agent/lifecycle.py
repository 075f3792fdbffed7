# SPDX-License-Identifier: Apache-2.0
"""One recorder per person, and recovery at every start.

Rules:

1. The lock is the system's, on an open file: it ends with the process, whatever ends that.
2. Every session in the spool that has no seal is recovered before anything new begins. Nothing is ever deleted: what
   never began is moved to `spool/.damaged/`, and what cannot be opened stays where it is; both are said.
3. A crash is a gap with a reason, from the last thing that the record tells to the moment of recovery.
4. Cosigned records that are lost are said in the record itself, before anything follows; such a session is not continued,
   and the next one names it.
5. Three tell how many were cosigned: what is left of the record, what this computer remembers beside it
   (`agent.witnessed`), and the platform, which is asked where a session ended without warning. Its answer counts only in
   the session's own signature. Where records are missing and it cannot be asked, nothing is written: how many is said once.
6. Where it countersigned other records than those that are here (a disk or a computer that was set back to an earlier
   copy and went on, or two of them), the record ends behind the last countersignature that it holds: what follows is of a
   history that the platform never takes. That is a loss as any other.
"""

from __future__ import annotations

import fcntl
import logging
import os
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self

import msgspec

from agent.finishing import Stopped, is_sealed, is_summed_up, loss_of
from agent.opening import load_session_keys
from session import EnvironmentFault, IntegrityFault
from session.account import SESSION_SCOPE
from session.disk import RealDisk, environment_fault
from session.events import Checkpoint, Cosign, Edge, Event, Gap, Kind, Moment, Opening, Reason
from session.frames import read_segment
from session.policy import POLICY_BYTES, parse_policy
from session.recovery import NeverStartedFault, Recovered, recover
from session.seal import opening_statement
from session.segments import public_body, read_file, read_segment_file, segment_name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from agent.witnessed import WitnessedSizes
    from session.disk import Disk
    from session.journal import Journal
    from session.log.checkpoint import CheckpointText
    from session.policy import Policy
    from session.ports import Clock, ClockReading, KeyStore

    Ask = Callable[[Journal, bytes], CheckpointText | None]

_LOG: Final = logging.getLogger("fairwitness.lifecycle")

LOSS_UNKNOWN: Final = (
    "Records of it that the platform countersigned are missing on this computer's disk. The platform knows how many: at the "
    "first start at which it can be reached the session is finished, and until then nothing of it is changed."
)

DAMAGED: Final = ".damaged"
"""Folder inside the spool for what never began. Source: docs/architecture.md."""


class SpoolLock:
    """That nobody else records for this person on this machine, from `with` to its end.

    Args:
        path: of the lock file; made where it is missing, never removed.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._handle: int | None = None

    def __enter__(self) -> Self:
        """Takes the lock.

        Raises:
            EnvironmentFault: it is taken, or the file cannot be opened.
        """
        try:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            handle = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        except OSError as error:
            raise environment_fault(error, "starting Fair Witness") from error
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(handle)
            raise EnvironmentFault(
                "Fair Witness is running already for you on this computer. Use that one, or stop it first."
            ) from error
        self._handle = handle
        return self

    def __exit__(self, *_: object) -> None:
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None


class Reopened(msgspec.Struct):
    """An unsealed session that was found at the start, recovered and durable up to now.

    Args:
        journal: see `Stopped`, as which it is handed on.
        lost: how many cosigned records are missing. Where any are, it must not be continued, only stopped and sealed.
        forked: other records than those that were here were cosigned in their place.
        was_stopped: it has its STOP: only findings, review and seal are missing. Otherwise `stop_there`, or record on.
    """

    stopped: Stopped
    folder: Path
    org_fp: str
    was_stopped: bool
    lost: int
    forked: bool = False


class Recovery(msgspec.Struct, frozen=True):
    """What a start found.

    Args:
        reopened: in the order in which they began.
        damaged: ids of sessions that never began and were moved aside.
        problems: (id, plain words) of those that cannot be opened; nothing was changed.
    """

    reopened: tuple[Reopened, ...]
    damaged: tuple[str, ...]
    problems: tuple[tuple[str, str], ...]


def recover_spool(  # noqa: PLR0913 - what a recovery needs, each by name
    spool: Path,
    *,
    store: KeyStore,
    clock: Clock,
    disk: Disk | None = None,
    witnessed: WitnessedSizes | None = None,
    ask: Ask | None = None,
) -> Recovery:
    """Recovers every session in `spool` that has no seal. Only under the `SpoolLock`.

    Args:
        spool: folder of all sessions.
        store: has their keys.
        clock: of the gaps that are written.
        disk: the system's unless a test watches.
        witnessed: what this computer remembers of cosignatures; is told of losses.
        ask: given a session's journal and its newest checkpoint's note, what the platform cosigned last, shown in the
            session's own signature; of size 0 where it shows nothing, None where it cannot be reached. May take seconds.

    Raises:
        EnvironmentFault: the spool cannot be read.
    """
    known = _Known(witnessed, ask)
    disk = disk or RealDisk()
    reopened: list[Reopened] = []
    damaged: list[str] = []
    problems: list[tuple[str, str]] = []
    for folder in _unsealed(spool):
        try:
            reopened.append(_reopen(folder, store, clock, disk, known))
        except NeverStartedFault:
            _move_aside(folder, disk)
            damaged.append(folder.name)
        except (IntegrityFault, EnvironmentFault) as fault:
            # Not its words, which may name a folder of the person's.
            _LOG.error("session=%s cannot be recovered: %s", folder.name, type(fault).__name__)
            problems.append((folder.name, str(fault)))
    reopened.sort(key=lambda one: one.stopped.events[1].body.t_us)  # type: ignore[union-attr] # record 1 is START
    return Recovery(tuple(reopened), tuple(damaged), tuple(problems))


def recover_session(
    folder: Path, *, store: KeyStore, clock: Clock, witnessed: WitnessedSizes, ask: Ask | None = None
) -> Reopened:
    """Recovers one session whose journal is closed, as `recover_spool` does at a start. Only under the `SpoolLock`.

    Args:
        folder: of an unsealed session.
        store: has its keys.
        clock: of the gaps that are written.
        witnessed: what this computer remembers of cosignatures.
        ask: as in `recover_spool`.

    Raises:
        EnvironmentFault, IntegrityFault: it cannot be opened now; the next start tries again.
    """
    return _reopen(folder, store, clock, RealDisk(), _Known(witnessed, ask))


def stop_there(reopened: Reopened, reading: ClockReading) -> Stopped:
    """The STOP of a session that a crash ended, where it has none; then it can be concluded and sealed.

    Raises:
        EnvironmentFault: the disk does not let us; may be repeated.
    """
    if not reopened.was_stopped:
        journal = reopened.stopped.journal
        checkpoint = journal.checkpoint(reading, Moment.STOP)
        reopened.stopped.events.append(Event(journal.size - 1, Kind.CHECKPOINT, checkpoint))
        reopened.was_stopped = True
    return reopened.stopped


def read_policy(folder: Path) -> Policy:
    """The policy of the session in `folder`.

    Raises:
        EnvironmentFault: it cannot be read.
        InputFault: it cannot be taken.
        IntegrityFault: it is too large to be one.
    """
    return parse_policy(read_file(folder / "statements" / "policy.toml", POLICY_BYTES, "the policy"))


def _unsealed(spool: Path) -> Iterator[Path]:
    try:
        folders = sorted(path for path in spool.iterdir() if path.is_dir() and not path.name.startswith("."))
    except FileNotFoundError:
        return
    except OSError as error:
        raise environment_fault(error, "looking for unfinished sessions") from error
    yield from (folder for folder in folders if not is_sealed(folder))


class _Known:
    """What is known of cosignatures outside of a record."""

    def __init__(self, witnessed: WitnessedSizes | None, ask: Ask | None) -> None:
        self._witnessed, self._ask = witnessed, ask

    def size(self, session_id: str) -> int:
        """How many records this computer remembers as cosigned."""
        one = self._witnessed.of(session_id) if self._witnessed is not None else None
        return one.cosigned_size if one is not None else 0

    def keep(self, session_id: str, org_fp: str, cosigned_size: int, *, lost_us: int = 0, forked: bool = False) -> None:
        """Remembers what recovery found: what it cut off tells it once. Raises `EnvironmentFault`."""
        if self._witnessed is not None and cosigned_size:
            self._witnessed.keep(session_id, org_fp, cosigned_size, lost_us=lost_us, forked=forked)

    def cosigned(self, recovered: Recovered) -> tuple[int, bool]:
        """How many records were cosigned, and whether other ones than are here, after the platform was asked.

        It is asked where that may tell more.

        Raises:
            EnvironmentFault: some are missing, and the platform cannot be reached to say how many.
        """
        session_id, tree = recovered.journal.keys.session_id, recovered.journal.tree
        one = self._witnessed.of(session_id) if self._witnessed is not None else None
        forked = one is not None and one.forked
        missing = recovered.loss or forked
        notes = [event.body.note for event in recovered.events if isinstance(event.body, Checkpoint)]
        if self._ask is None or not notes or (_is_stopped(recovered.events) and not missing):
            return recovered.cosigned_size, forked
        said = self._ask(recovered.journal, notes[-1].encode())
        if said is None and missing:
            raise EnvironmentFault(LOSS_UNKNOWN)
        if said is None or not said.size:
            return recovered.cosigned_size, forked
        return said.size, forked or (said.size <= tree.size and tree.root(said.size) != said.root)


def _reopen(folder: Path, store: KeyStore, clock: Clock, disk: Disk, known: _Known) -> Reopened:
    org_fp = _organisation_of(folder)
    keys = load_session_keys(store, folder.name)
    policy = read_policy(folder)
    again = partial(recover, folder, keys, org_fp=org_fp, disk=disk)
    recovered = again(acknowledged_size=known.size(folder.name))
    try:
        known.keep(folder.name, org_fp, recovered.cosigned_size)
        settled = loss_of(recovered.events) is not None or is_summed_up(recovered.events)
        cosigned_size, forked = (0, False) if settled else known.cosigned(recovered)
        if forked:
            # Durably before anything goes: the next start finds less, and must know why.
            known.keep(folder.name, org_fp, cosigned_size, forked=True)
            recovered.journal.close()
            recovered = again(acknowledged_size=cosigned_size, most=_common_size(recovered.events, cosigned_size))
        reopened = _gone_on(folder, org_fp, policy, recovered, clock, known, cosigned_size)
    except EnvironmentFault:
        recovered.journal.close()
        raise
    reopened.forked = forked
    return reopened


def _common_size(events: Sequence[Event], cosigned_size: int) -> int:
    """How many records, of those here, surely are of the history that was cosigned otherwise after them.

    The last countersignature that is held ends what is known to be common; before the first, the session's beginning up to
    its task, which no checkpoint precedes. Each later one is over at least the records of a tick more.
    """
    held = [event.seq for event in events if isinstance(event.body, Cosign)]
    tasks = [event.seq for event in events if event.kind == Kind.TASK]
    return min(held[-1] if held else tasks[0] if tasks else 1, cosigned_size - 2) + 1


def _gone_on(  # noqa: PLR0913, PLR0917 - a recovered session, and what its gaps are written with
    folder: Path,
    org_fp: str,
    policy: Policy,
    recovered: Recovered,
    clock: Clock,
    known: _Known,
    cosigned_size: int,
) -> Reopened:
    """The recovered session with the gaps that say what happened, durable."""
    events = list(recovered.events)
    was_stopped = _is_stopped(events)
    reading = clock.read()
    lost = cosigned_size - recovered.journal.size
    if lost > 0:
        known.keep(folder.name, org_fp, cosigned_size, lost_us=reading.t_us)
        events.append(_gap(recovered, reading, Edge.POINT, Reason.DAMAGED, SESSION_SCOPE, lost=lost))
    if not was_stopped:
        events.append(_gap(recovered, reading, Edge.POINT, Reason.CRASH, SESSION_SCOPE))
        for scope, reason in _open_gaps(events).items():
            events.append(_gap(recovered, reading, Edge.END, reason, scope))
    recovered.journal.sync()
    _LOG.warning("session=%s recovered records=%d cut_bytes=%d", folder.name, recovered.journal.size, recovered.cut_bytes)
    loss = loss_of(events)
    missing = loss.cosigned_size - loss.recovered_size if loss is not None else 0
    return Reopened(Stopped(recovered.journal, events, policy), folder, org_fp, was_stopped=was_stopped, lost=missing)


def _organisation_of(folder: Path) -> str:
    """The organisation of the session, from its first record. Raises `NeverStartedFault` where that is not whole."""
    first = folder / segment_name(0)
    try:
        frame = next((frame for frame, _ in read_segment(read_segment_file(first))), None) if first.exists() else None
        body = public_body(frame) if frame is not None else None
    except IntegrityFault:
        body = None
    if not isinstance(body, Opening):
        raise NeverStartedFault("This session was interrupted before its first records were saved. Nothing was recorded.")
    return opening_statement(body.envelope).organisation


def _gap(  # noqa: PLR0913 - a gap has these fields
    recovered: Recovered, reading: ClockReading, edge: Edge, reason: Reason, scope: str, *, lost: int = 0
) -> Event:
    from_us = min(recovered.last_us, reading.t_us) if edge is Edge.POINT else 0
    body = Gap(reading.t_us, reading.mono_us, edge, reason, scope, from_us=from_us, lost=lost)
    return recovered.journal.append(Kind.GAP, body)


def _is_stopped(events: Sequence[Event]) -> bool:
    """Whether the session has its STOP, after which nobody records."""
    return any(isinstance(event.body, Checkpoint) and event.body.moment is Moment.STOP for event in events)


def _open_gaps(events: Sequence[Event]) -> dict[str, Reason]:
    gaps: dict[str, Reason] = {}
    for event in events:
        if isinstance(event.body, Gap) and event.body.edge is Edge.BEGIN:
            gaps[event.body.scope] = event.body.reason
        elif isinstance(event.body, Gap) and event.body.edge is Edge.END:
            gaps.pop(event.body.scope, None)
    return gaps


def _move_aside(folder: Path, disk: Disk) -> None:
    place = folder.parent / DAMAGED
    try:
        place.mkdir(mode=0o700, exist_ok=True)
        number, target = 0, place / folder.name
        while target.exists():
            number, target = number + 1, place / f"{folder.name}-{number + 1}"
        disk.rename(folder, target)
        disk.fsync_dir(place)
        disk.fsync_dir(folder.parent)
    except OSError as error:
        raise environment_fault(error, "moving an unfinished session aside") from error
