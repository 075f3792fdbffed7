# SPDX-License-Identifier: Apache-2.0
"""Asks the platform to cosign the checkpoints of running sessions.

Rules:

1. Only the newest checkpoint of a session waits; an older one proves nothing more.
2. A cosignature is handed back only where a verifier of the record will take it (`WitnessTerms`): it verifies with the
   witness key of the directory that START names, over the very note that was sent, and its time does not go back. One that
   does not is the witness's fault, and never becomes a record: it would spoil all others for good.
3. A 409 must carry the platform's latest note with our own signature. If that is a prefix of our tree, its size is taken
   up (an answer was lost, or we started again). If it is longer or another branch, records of ours that it cosigned are
   not here (this computer was set back to a copy, or runs twice): it is said once (`WitnessListener.lost`), nothing more
   is asked, and nobody is blamed. A checkpoint of this session that it never signed is the platform's contradiction, kept
   as evidence. A body that is no checkpoint at all names no history: a proxy can answer so, and it is a fault and no more.
4. Where the organisation's newest directory revokes a key of a session, or the witness's, nothing more is asked for it:
   what was cosigned stands, and what follows is recorded without. That is said as a fault of the witness once, and to the
   person (`Witness.revoked`).
5. Nothing here touches a file. The session's tree is only read, and only below sizes that are checkpointed, so it may
   grow meanwhile in its own thread.
"""

from __future__ import annotations

import logging
import math
import threading
from collections.abc import Callable, Iterable, Mapping
from typing import Final, Protocol

import msgspec

from session import IntegrityFault, PlatformFault
from session.events import Start
from session.journal import Journal
from session.log.checkpoint import CheckpointText, origin_of, parse_checkpoint
from session.log.cosign import stated_time_s, verify_cosignature
from session.log.merkle import EMPTY_ROOT, Tree
from session.log.note import Note, parse_note, verify_note
from session.log.proof import AddCheckpoint, format_add_checkpoint
from session.ports import Clock, Outcome
from session.seal import opening_statement
from session.trust.directory import Directory, open_directory
from session.trust.dsse import read_envelope, strict_json
from session.trust.statements import DeviceCertificate, Grant
from uploader.client import Answer, PlatformClient, Request
from uploader.outbox import Backoff
from uploader.transfer import session_path

_log = logging.getLogger("fairwitness.witness")

ADOPTIONS_MOST: Final = 2
"""How often one checkpoint follows a 409: once after a restart, once more after a lost answer."""
COSIGNATURES_MOST: Final = 16
"""Lines of an answer that are looked at; other witnesses' may stand beside the platform's."""
BACKOFF: Final = Backoff(first_us=1_000_000, most_us=30_000_000)
"""Between attempts at a checkpoint: never longer than the 30 s grid, on which a newer one comes anyway."""


class WitnessListener(Protocol):
    """Who records what became of a session's checkpoints. Called from the uplink's thread; must return at once."""

    def cosigned(self, size: int, line: str) -> None:
        """A cosignature line that verifies, over the checkpoint of that size. Ends what `offline` began."""
        ...

    def offline(self) -> None:
        """From now on checkpoints wait. Said once, until one is cosigned."""
        ...

    def witness_fault(self, detail: str) -> None:
        """The platform's answer is not what a witness owes; `detail` in words. Said once, until one is cosigned."""
        ...

    def lost(self, cosigned_size: int) -> None:
        """The platform cosigned that many records, as the session's own signature shows, and they are not all here.

        It will never cosign what is recorded from now on. Said once; nothing else is said afterwards.
        """
        ...


class Ground(Protocol):
    """What the witness is judged by, and where its contradictions are kept: `uploader.organisation.Organisation`."""

    @property
    def org_fp(self) -> str:
        """Fingerprint of the organisation's root key."""
        ...

    def directory(self) -> Directory:
        """The newest that this machine holds; its revocations count."""
        ...

    def contradiction(self, what: str, detail: str, parts: Mapping[str, bytes]) -> PlatformFault:
        """The fault to raise, once `parts` are kept as evidence."""
        ...


class WitnessTerms(msgspec.Struct, frozen=True):
    """What a verifier will hold each cosignature of a session to.

    Args:
        name, public: of the witness that START's directory names; 32 raw bytes.
        not_before_s: no time may lie before it: the grant's, or that of the last cosignature that the record holds.
        used: public keys, hexadecimal, of which none may be revoked by then: the session's, device's, person's, witness's.
    """

    name: str
    public: bytes
    not_before_s: int = 0
    used: tuple[str, ...] = ()

    def revoked_us(self, directory: Directory) -> int | None:
        """Since when this directory revokes one of the keys, None where it does not."""
        times = [directory.revoked_us(public_key) for public_key in self.used]
        return min((one for one in times if one is not None), default=None)


def witness_terms(directory: bytes, opening: str, start: Start, lines: Iterable[str] = ()) -> WitnessTerms:
    """The terms of a session that begins, or of one that goes on.

    Args:
        directory: START's, as signed.
        opening: the envelope in record 0.
        start: record 1.
        lines: of the cosignatures that the record holds already.

    Raises:
        IntegrityFault: one of them is not what it must be.

    Source: docs/session-format.md, step 8.
    """
    listed = open_directory(directory)
    platform = listed.platform
    statement = opening_statement(opening)
    granted_s = statement.issued_us // 1_000_000 if isinstance(statement, Grant) else 0
    latest_s = max([granted_s, *(stated_time_s(line) for line in lines)])
    device = strict_json(read_envelope(start.device_certificate.encode())[1], DeviceCertificate)
    person = listed.person(statement.person)
    used = [statement.session_key, device.device_key, platform.witness_key, *([person.person_key] if person else [])]
    return WitnessTerms(platform.witness_name, bytes.fromhex(platform.witness_key), latest_s, tuple(used))


class _Checkpoint(msgspec.Struct, frozen=True):
    """A note as signed, over the first `size` leaves."""

    note: bytes
    size: int


class WatchedSession:
    """One session's side of the witness: takes its checkpoints from the recorder's thread.

    Args:
        session_id: 32 hexadecimal digits.
        session_public: the session key, 32 raw bytes; tells our own notes from others.
        tree: the session's, as its journal grows it.
        listener: see `WitnessListener`.
        terms: what a cosignature is held to.
        wake: called after each checkpoint that was handed in.
    """

    def __init__(  # noqa: PLR0913 - a session and who hears of it
        self,
        session_id: str,
        session_public: bytes,
        tree: Tree,
        listener: WitnessListener,
        *,
        terms: WitnessTerms,
        wake: Callable[[], None],
    ) -> None:
        self.session_id, self.session_public, self.tree, self.listener = session_id, session_public, tree, listener
        self.terms, self.latest_s = terms, terms.not_before_s
        self.cosigned_size = 0
        self.submitted_size = 0
        self.attempts = 0
        self.not_before_us = 0
        self.offline = False
        self.faulted = False
        self.revoked = False
        self._wake = wake
        self._lock = threading.Lock()
        self._newest: _Checkpoint | None = None

    def submit(self, note: bytes, size: int) -> None:
        """Takes the checkpoint over `size` fsynced records, in place of one that still waits. Returns at once."""
        with self._lock:
            self._newest = _Checkpoint(note, size)
            self.submitted_size = max(self.submitted_size, size)
        self._wake()

    def newest(self) -> _Checkpoint | None:
        """What waits to be cosigned."""
        with self._lock:
            return self._newest

    def settle(self, checkpoint: _Checkpoint) -> None:
        """This one waits no more, unless a newer one took its place meanwhile."""
        with self._lock:
            if self._newest is checkpoint:
                self._newest = None


class Witness:
    """All watched sessions. `watch` and `end` from any thread, all else from the uplink's.

    Args:
        client: of the platform.
        organisation: see `Ground`.
        clock: waits are measured on its monotonic reading.
        randbelow: random source of the backoff.
    """

    def __init__(
        self,
        client: PlatformClient,
        organisation: Ground,
        *,
        clock: Clock,
        randbelow: Callable[[int], int],
    ) -> None:
        self._client, self._organisation = client, organisation
        self._clock, self._randbelow = clock, randbelow
        self._lock = threading.Lock()
        self._watched: dict[str, WatchedSession] = {}

    def watch(self, session: WatchedSession) -> None:
        """From now on sends its checkpoints."""
        with self._lock:
            self._watched[session.session_id] = session

    def end(self, session_id: str) -> None:
        """Forgets a session; what still waits of it is not sent."""
        with self._lock:
            self._watched.pop(session_id, None)

    def due_in_us(self) -> int | None:
        """How long until a checkpoint is due, 0 for now; None where none waits."""
        now_us = self._clock.read().mono_us
        waits = [max(0, one.not_before_us - now_us) for one in self._sessions() if one.newest() is not None]
        return min(waits, default=None)

    def send_due(self) -> None:
        """Sends every checkpoint that is due, once each."""
        for session in self._sessions():
            checkpoint = session.newest()
            if checkpoint is not None and session.not_before_us <= self._clock.read().mono_us:
                self._send(session, checkpoint)

    def _sessions(self) -> list[WatchedSession]:
        with self._lock:
            return list(self._watched.values())

    def revoked(self) -> bool:
        """Whether a session that is watched has a key that is revoked, by the directory or as the witness says."""
        return any(one.revoked for one in self._sessions())

    def _send(self, session: WatchedSession, checkpoint: _Checkpoint) -> None:
        if self._clock.read().t_us >= self._revoked_us(session):
            session.revoked = True
            self._fault(session, checkpoint, "a key of the session is revoked: the witness is not asked any more")
            return
        try:
            answer = self._answered(session, checkpoint)
            if answer.done:
                line = self._own_line(session, checkpoint, answer.body)
                session.settle(checkpoint)
                session.cosigned_size, session.attempts, session.not_before_us = checkpoint.size, 0, 0
                session.offline = session.faulted = session.revoked = False
                session.listener.cosigned(checkpoint.size, line)
            elif answer.status == 410:  # sealed meanwhile: nothing is to be cosigned any more
                self.end(session.session_id)
            elif answer.outcome is Outcome.RETRY or answer.status == 404:  # 404: an offline start, not granted yet
                self._wait(session, answer)
            else:
                session.revoked = answer.code == "revoked"
                self._fault(session, checkpoint, answer.words)
        except _LostError as lost:
            self.end(session.session_id)
            _log.warning("witness=lost cosigned=%d", lost.cosigned_size)
            session.listener.lost(lost.cosigned_size)
        except IntegrityFault as fault:
            self._fault(session, checkpoint, str(fault))

    def _answered(self, session: WatchedSession, checkpoint: _Checkpoint) -> Answer:
        """The witness's answer, after the size that it names was taken up.

        Raises:
            IntegrityFault: it names no history, one that is not ours (`PlatformFault`), or another one each time.
            _LostError: it names one that is ours and not here.
        """
        old = session.cosigned_size
        for _ in range(1 + ADOPTIONS_MOST):
            answer = self._post(session, checkpoint, min(old, checkpoint.size))
            if answer.status != 409:
                return answer
            old = self._named_size(session, checkpoint, answer.body)
        raise IntegrityFault("the witness names another size each time it is asked")

    def _post(self, session: WatchedSession, checkpoint: _Checkpoint, old: int) -> Answer:
        proof = session.tree.consistency(old, checkpoint.size)
        body = format_add_checkpoint(AddCheckpoint(old, proof, checkpoint.note))
        path = session_path(session.session_id, "/add-checkpoint")
        return self._client.send(Request("checkpoint", "POST", path, body, content_type="text/plain"))

    def _named_size(self, session: WatchedSession, checkpoint: _Checkpoint, body: bytes) -> int:
        """The size of the witness's latest note. Raises as `_answered`.

        It may be above that of the checkpoint which it answers, where a newer one was under way: all that this session
        signed is held against it, and not that checkpoint alone.
        """
        origin = origin_of(self._organisation.org_fp, session.session_id)
        theirs = _own_note(body, origin, session.session_public, asked=checkpoint.note, ground=self._organisation)
        if theirs.size > session.submitted_size or session.tree.root(theirs.size) != theirs.root:
            raise _LostError(theirs.size)
        return theirs.size

    def _revoked_us(self, session: WatchedSession) -> float:
        """Since when a key of the session is revoked, as far as this machine knows; for ever in the future where none is."""
        revoked_us = session.terms.revoked_us(self._organisation.directory())
        return math.inf if revoked_us is None else revoked_us

    def _own_line(self, session: WatchedSession, checkpoint: _Checkpoint, body: bytes) -> str:
        """The platform's cosignature line in an answer. Raises `IntegrityFault` unless it keeps the terms."""
        terms = session.terms
        lines = body.decode("utf-8", "replace").splitlines()[:COSIGNATURES_MOST]
        own = [line for line in lines if line.startswith(f"— {terms.name} ")]
        if len(own) != 1:
            raise IntegrityFault("there is not one cosignature of the witness that the session's directory names")
        time_s = verify_cosignature(parse_note(checkpoint.note).text, own[0], terms.name, terms.public)
        if time_s < session.latest_s:
            parts = {"session.txt": session.session_id.encode(), "given.txt": body, "asked.note": checkpoint.note}
            parts["held.txt"] = b"time %d\n" % session.latest_s
            detail = "the time of its countersignature lies before that of the grant, or of the one before it"
            raise self._organisation.contradiction("witness", detail, parts)
        if time_s * 1_000_000 >= self._revoked_us(session):
            raise IntegrityFault("the time of the cosignature lies behind the revocation of a key of the session")
        session.latest_s = time_s
        return own[0]

    def _wait(self, session: WatchedSession, answer: Answer) -> None:
        pause_us = max(BACKOFF.wait_us(session.attempts, self._randbelow), answer.retry_after_us)
        session.not_before_us = self._clock.read().mono_us + pause_us
        session.attempts += 1
        if not session.offline:
            session.offline = True
            session.listener.offline()

    def _fault(self, session: WatchedSession, checkpoint: _Checkpoint, detail: str) -> None:
        """The checkpoint is given up; the next on the grid is the next attempt, and believes nothing of before."""
        session.settle(checkpoint)
        session.cosigned_size = 0
        if not session.faulted:
            session.faulted = True
            _log.warning("witness=fault")
            session.listener.witness_fault(detail)


def ask_cosigned(client: PlatformClient, journal: Journal, note: bytes, ground: Ground) -> CheckpointText | None:
    """What the platform cosigned last of a session, shown in the session's own signature.

    What it answers without that signature proves nothing: it is of size 0, and a checkpoint of this session that the
    session never signed is kept as evidence.

    Args:
        client: of the platform; waits as long as one request may take.
        journal: of the session; is only read.
        note: of one of its checkpoints, as signed. Where the platform cosigned nothing yet, it cosigns this one.
        ground: see `Ground`.

    Returns:
        None where the platform cannot be reached or has a fault of its own; ask again later.
    """
    session_id = journal.keys.session_id
    body = format_add_checkpoint(AddCheckpoint(0, (), note))
    path = session_path(session_id, "/add-checkpoint")
    answer = client.send(Request("checkpoint", "POST", path, body, content_type="text/plain"))
    if answer.outcome is Outcome.RETRY:
        return None
    nothing = CheckpointText(journal.origin, 0, EMPTY_ROOT)
    try:
        if answer.done:
            return parse_checkpoint(parse_note(note).text)
        if answer.status == 409:
            return _own_note(answer.body, journal.origin, journal.keys.signing.public, asked=note, ground=ground)
    except IntegrityFault:
        _log.warning("witness=fault session=%s asked for what was cosigned", session_id)
    return nothing


class _LostError(Exception):
    """The witness shows, in our own signature, that it cosigned records that are not here. Never leaves this module."""

    def __init__(self, cosigned_size: int) -> None:
        super().__init__("the witness cosigned records of ours that are not here")
        self.cosigned_size = cosigned_size


def _own_note(body: bytes, origin: str, session_public: bytes, *, asked: bytes, ground: Ground) -> CheckpointText:
    """What the note in `body` of a 409 says.

    Raises:
        PlatformFault: it is a checkpoint, and this session never signed it; kept beside the one that was `asked` for.
        IntegrityFault: it is no checkpoint. Whoever stands between us and the platform can answer so, and a platform that
            lost what it held: neither names another history, so neither is called a contradiction.
    """
    note = parse_note(body)
    theirs = parse_checkpoint(note.text)
    if theirs.origin != origin or not _is_signed(note, origin, session_public):
        # By session, for a platform that names another size each time is one contradiction, and must not hide the next.
        parts = {"session.txt": origin.encode(), "given.note": body, "asked.note": asked}
        detail = "it names, as countersigned last, a checkpoint that the session never signed"
        raise ground.contradiction("witness", detail, parts)
    return theirs


def _is_signed(note: Note, origin: str, session_public: bytes) -> bool:
    try:
        verify_note(note, origin, session_public)
    except IntegrityFault:
        return False
    return True
