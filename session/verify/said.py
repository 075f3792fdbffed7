# SPDX-License-Identifier: Apache-2.0
"""What people said about a sealed session, each by their own key: decisions, replies, removals and openings.

Rules:

1. A decision counts when it is signed by the person key of somebody whom the directory names as a reviewer of the seal's
   project, and who is not the session's own person. A reply counts when the session's person signed it, and it answers a
   decision that counts. Both must be about this organisation, session and (a decision) this very seal.
   A removal counts when the session's person signed it, or in the organisation's name its root key; an opening when the
   session's person did. Both are about this very seal and records that are there; `session.verify` says what they explain.
   The key of each was not revoked by then.
2. Directories that the root key signed and that lie in the session's folder count beside the reader's own: who left since
   has said what they said. One that was replaced clearly before a statement was made (a day) does not count for it.
3. What does not count is named in plain words and never shown as said. Nothing is repaired or removed.
4. No clock is asked. `at_us` is its author's; that nothing was held back or put before another, only the organisation
   log shows. By which time a key is judged, `session.trust.judged` says.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final, TypeVar

import msgspec

from session import IntegrityFault
from session.crypto.signing import fingerprint
from session.disk import environment_fault
from session.events import Opening
from session.frames import read_segment
from session.seal import SEAL_BYTES, SEAL_NAME, Seal, opening_statement
from session.segments import last_cosigned_s, public_body, read_file, read_segment_file, segment_name
from session.trust.directory import PAYLOAD_TYPE as DIRECTORY_TYPE
from session.trust.directory import Directory, Person, open_directory
from session.trust.dsse import DIRECTORY_BYTES, STATEMENT_BYTES, read_envelope, strict_json
from session.trust.judged import SealedBy, claimed_receipt, sealed_by
from session.trust.statements import Decision, OpeningStatement, Removal, Reply, Statement, open_statement
from session.verify.folder import DIRECTORY, MAX_STATEMENTS, RECEIPT
from session.verify.times import SECOND_US

CLOCKS_APART_US: Final = 3_600_000_000
"""How far two honest people's clocks may lie apart: an hour, a time zone set wrongly. Source: docs/session-format.md, 10."""

_REPLACED_US: Final = 86_400_000_000
"""From the signing of a directory to its being in force everywhere, generously."""
_OWN_DIRECTORY: Final = Path(DIRECTORY).name
_LATER: Final = re.compile(r"([0-9a-f]{64})\.dsse")
_S = TypeVar("_S", Decision, Reply, Removal, OpeningStatement)
_Claimed = Decision | Reply | Removal | OpeningStatement
KINDS: Final[tuple[type[Statement], ...]] = (Decision, Reply, Removal, OpeningStatement)
"""What people say about a sealed session."""
PAYLOAD_TYPES: Final = frozenset(kind.payload_type for kind in KINDS)


class Decided(msgspec.Struct, frozen=True):
    """A decision that counts. `finding` is the seq of the FINDING; `sha256` that of the envelope, which a reply names."""

    finding: int
    outcome: str
    reason: str
    person: str
    name: str
    at_us: int
    sha256: str


class Replied(msgspec.Struct, frozen=True):
    """The trainer's reply to the decision `decision_sha256`."""

    decision_sha256: str
    text: str
    person: str
    at_us: int


class Removed(msgspec.Struct, frozen=True):
    """Sealed parts of these ranges of seqs, both ends included, gave way to their commitments.

    `by`: "person" or "organisation". `person` is the session's, "" for the organisation.
    """

    ranges: tuple[tuple[int, int], ...]
    by: str
    person: str
    reason: str
    at_us: int
    sha256: str


class Opened(msgspec.Struct, frozen=True):
    """The trainer opened these withheld records."""

    records: tuple[int, ...]
    person: str
    at_us: int
    sha256: str


class Said(msgspec.Struct, frozen=True):
    """All that counts, oldest first by its authors' clocks, and what does not, in plain words."""

    decisions: tuple[Decided, ...] = ()
    replies: tuple[Replied, ...] = ()
    faults: tuple[str, ...] = ()
    removals: tuple[Removed, ...] = ()
    openings: tuple[Opened, ...] = ()


class RevokedFault(IntegrityFault):
    """A statement does not count any more, by a revocation that its platform need not have known when it took it."""


class Ground(msgspec.Struct, frozen=True):
    """Against what a statement about one session is held. `directories` are the root key's, the newest first."""

    organisation: str
    session: str
    person: str
    project: str
    size: int
    seal_sha256: str
    directories: tuple[Directory, ...]
    sealed_by: SealedBy = SealedBy()


def said(folder: Path, directory: Directory) -> Said:
    """What was said about the session in `folder`; nothing while it is not sealed. Bytes never raise.

    Args:
        folder: of the session. Whether it verifies is `verify_session`'s to say.
        directory: the newest that the reader holds; its root key is the one that counts.

    Raises:
        EnvironmentFault: a file cannot be read.
    """
    if not (folder / SEAL_NAME).exists():
        return Said()
    texts, faults = _texts(folder)
    try:
        seal = read_file(folder / SEAL_NAME, SEAL_BYTES, "the seal")
        segment = read_segment_file(folder / segment_name(0))
        ground = ground_of(seal, segment, known_directories(directory, texts.values()), _sealed_by(folder))
    except IntegrityFault as fault:
        return Said(faults=(*faults, f"What was said about this session cannot be told: {fault}"))
    found: list[Decided | Replied | Removed | Opened] = []
    for name, raw in texts.items():
        try:
            told = checked(raw, ground) if _kind_of(raw) in PAYLOAD_TYPES else None
        except IntegrityFault as fault:
            faults.append(f"Statement {name[:16]}… does not count: {str(fault).rstrip('.')}.")
        else:
            found += [told] if told is not None else []
    return _sorted(found, faults)


def _sealed_by(folder: Path) -> SealedBy:
    """What its last cosignature and its receipt prove; whether they hold, `verify_session` says."""
    cosigned_s, path = 0, folder / RECEIPT
    with suppress(IntegrityFault):
        cosigned_s = last_cosigned_s(folder)
    receipt = claimed_receipt(read_file(path, STATEMENT_BYTES, "the receipt")) if path.exists() else None
    return sealed_by(cosigned_s * SECOND_US, receipt)


def ground_of(
    seal_raw: bytes, first_segment: bytes, directories: Sequence[Directory], proved: SealedBy | None = None
) -> Ground:
    """The ground of a session, from its seal and its first segment, whose signatures `verify_session` checks.

    `proved`: of the time at which it was sealed; None for nothing, where the statement is the platform's to judge.

    Raises:
        IntegrityFault: they are not what they must be, or of different sessions.
    """
    seal = strict_json(read_envelope(seal_raw, max_bytes=SEAL_BYTES)[1], Seal)
    frame, _ = next(iter(read_segment(first_segment)), (None, 0))
    body = public_body(frame) if frame is not None and frame.seq == 0 else None
    if not isinstance(body, Opening):
        raise IntegrityFault("the record does not begin with its opening")
    opening = opening_statement(body.envelope)
    if (opening.organisation, opening.session) != (seal.organisation, seal.session):
        raise IntegrityFault("the seal is about another session than the record")
    if any(one.organisation != seal.organisation for one in directories):
        raise IntegrityFault("the directory is another organisation's than the session")
    return Ground(
        organisation=seal.organisation,
        session=seal.session,
        person=opening.person,
        project=seal.project,
        size=seal.size,
        seal_sha256=hashlib.sha256(seal_raw).hexdigest(),
        directories=tuple(directories),
        sealed_by=proved or SealedBy(),
    )


def known_directories(directory: Directory, texts: Iterable[bytes]) -> tuple[Directory, ...]:
    """`directory` and those among `texts` that the same root key signed, the newest first, each version once."""
    found = {directory.version: directory}
    for raw in texts:
        try:
            if _kind_of(raw) == DIRECTORY_TYPE:
                one = open_directory(raw, bytes.fromhex(directory.root_key))
                found.setdefault(one.version, one)
        except IntegrityFault:
            continue  # `verify_session` names it, step 5 or 10
    return tuple(found[version] for version in sorted(found, reverse=True))


def checked(raw: bytes, ground: Ground) -> Decided | Replied | Removed | Opened:
    """What `raw` says, which counts on this ground. Whether the decision of a reply is here, is not asked.

    Raises:
        RevokedFault: its key was revoked by then.
        IntegrityFault: it does not count otherwise; both say why, in words that go on from "does not count:".
    """
    kind = _kind_of(raw)
    if kind == Removal.payload_type:
        return _removed(raw, ground)
    if kind == OpeningStatement.payload_type:
        return _opening(raw, ground)
    if kind == Reply.payload_type:
        reply = _about(raw, Reply, ground)
        if reply.person != ground.person:
            raise IntegrityFault("a reply is the trainer's alone, and it is in another name")
        _opened(raw, reply, ground, _named(reply.person, reply.at_us, ground))
        return Replied(reply.decision_sha256, reply.text, reply.person, reply.at_us)
    decision = _about(raw, Decision, ground)
    if decision.seal_sha256 != ground.seal_sha256:
        raise IntegrityFault("it is about another seal")
    if decision.finding >= ground.size:
        raise IntegrityFault("it is about a record that this session does not have")
    if decision.person == ground.person:
        raise IntegrityFault("nobody decides on a session of their own")
    named = _named(decision.person, decision.at_us, ground)
    reviewers = [one for one in named if "reviewer" in one.roles and ground.project in one.projects]
    if not reviewers:
        raise IntegrityFault("the directory does not name its author as a reviewer of this project")
    person = _opened(raw, decision, ground, reviewers)
    return Decided(
        finding=decision.finding,
        outcome=decision.outcome,
        reason=decision.reason,
        person=decision.person,
        name=person.name,
        at_us=decision.at_us,
        sha256=hashlib.sha256(raw).hexdigest(),
    )


def _removed(raw: bytes, ground: Ground) -> Removed:
    removal = _about(raw, Removal, ground)
    _check_records(removal.seal_sha256, max(last for _, last in removal.ranges), ground)
    if any(first > last for first, last in removal.ranges):
        raise IntegrityFault("it names records from a later to an earlier one")
    if removal.by == "organisation":
        root_key = ground.directories[0].root_key
        open_statement(raw, Removal, bytes.fromhex(root_key))
        _check_revoked(root_key, removal, ground)
    else:
        _opened(raw, removal, ground, _named(ground.person, removal.at_us, ground))
    return Removed(
        ranges=removal.ranges,
        by=removal.by,
        person=ground.person if removal.by == "person" else "",
        reason=removal.reason,
        at_us=removal.at_us,
        sha256=hashlib.sha256(raw).hexdigest(),
    )


def _opening(raw: bytes, ground: Ground) -> Opened:
    opening = _about(raw, OpeningStatement, ground)
    _check_records(opening.seal_sha256, max(opening.records), ground)
    if opening.person != ground.person:
        raise IntegrityFault("withheld records are the trainer's alone to open, and it is in another name")
    _opened(raw, opening, ground, _named(opening.person, opening.at_us, ground))
    return Opened(opening.records, opening.person, opening.at_us, hashlib.sha256(raw).hexdigest())


def _check_records(seal_sha256: str, last: int, ground: Ground) -> None:
    if seal_sha256 != ground.seal_sha256:
        raise IntegrityFault("it is about another seal")
    if last >= ground.size:
        raise IntegrityFault("it is about a record that this session does not have")


def _about(raw: bytes, kind: type[_S], ground: Ground) -> _S:
    """The statement as it claims to be, about this session. Its signature is not checked yet."""
    outer, body = read_envelope(raw)
    if outer.payload_type != kind.payload_type:
        raise IntegrityFault("it is of a kind that nobody says about a session")
    claimed = strict_json(body, kind)
    if (claimed.organisation, claimed.session) != (ground.organisation, ground.session):
        raise IntegrityFault("it is about another session")
    return claimed


def _named(person_id: str, at_us: int, ground: Ground) -> list[Person]:
    """The person as each directory names them that was not clearly replaced before `at_us`, the newest first."""
    found = []
    for directory in ground.directories:
        person = directory.person(person_id)
        if person is not None:
            found.append(person)
        if directory.issued_us + _REPLACED_US < at_us:
            break
    return found


def _opened(raw: bytes, claimed: _Claimed, ground: Ground, people: list[Person]) -> Person:
    """Whose key signed it. Raises `IntegrityFault` where it is none of theirs, or was revoked by then."""
    signer = read_envelope(raw)[0].signatures[0].keyid
    person = next((one for one in people if fingerprint(bytes.fromhex(one.person_key)) == signer), None)
    if person is None:
        raise IntegrityFault("it is not signed by the person whom it names")
    open_statement(raw, type(claimed), bytes.fromhex(person.person_key))
    _check_revoked(person.person_key, claimed, ground)
    return person


def _check_revoked(public_key: str, claimed: _Claimed, ground: Ground) -> None:
    judged_us = ground.sealed_by.judged_us(claimed.at_us, claimed.log_size)
    revoked = [one.revoked_us(public_key) for one in ground.directories]
    if any(since_us is not None and since_us <= judged_us for since_us in revoked):
        raise RevokedFault("it is signed by a key that was revoked by then")


def _sorted(found: list[Decided | Replied | Removed | Opened], faults: list[str]) -> Said:
    decisions = sorted((one for one in found if isinstance(one, Decided)), key=lambda one: (one.at_us, one.sha256))
    here = {one.sha256 for one in decisions}
    replies = sorted(
        (one for one in found if isinstance(one, Replied)), key=lambda one: (one.at_us, one.decision_sha256, one.text)
    )
    lonely = [one for one in replies if one.decision_sha256 not in here]
    faults += [
        f"A reply to decision {one.decision_sha256[:16]}… does not count: that decision is not here." for one in lonely
    ]
    removals = sorted((one for one in found if isinstance(one, Removed)), key=lambda one: (one.at_us, one.sha256))
    openings = sorted((one for one in found if isinstance(one, Opened)), key=lambda one: (one.at_us, one.sha256))
    return Said(
        tuple(decisions),
        tuple(one for one in replies if one.decision_sha256 in here),
        tuple(faults),
        tuple(removals),
        tuple(openings),
    )


def _kind_of(raw: bytes) -> str:
    return read_envelope(raw, max_bytes=DIRECTORY_BYTES)[0].payload_type


def _texts(folder: Path) -> tuple[dict[str, bytes], list[str]]:
    """Every statement by the digest that its name says, the session's directory too, and what is wrong with others."""
    texts: dict[str, bytes] = {}
    faults: list[str] = []
    for path in _paths(folder / "statements"):
        try:
            texts[path.stem] = _text(path)
        except IntegrityFault as fault:
            faults.append(f"Statement {path.name[:16]}… does not count: {str(fault).rstrip('.')}.")
    return texts, faults


def _text(path: Path) -> bytes:
    raw = read_file(path, DIRECTORY_BYTES, "a statement")
    if path.name not in {_OWN_DIRECTORY, f"{hashlib.sha256(raw).hexdigest()}.dsse"}:
        raise IntegrityFault("it has not the content that its name says")
    _kind_of(raw)
    return raw


def _paths(statements: Path) -> Iterator[Path]:
    if not statements.is_dir():
        return
    try:
        found = sorted(statements.iterdir())
    except OSError as error:
        raise environment_fault(error, "reading what was said about the session") from error
    yield from [path for path in found if path.name == _OWN_DIRECTORY or _LATER.fullmatch(path.name)][: MAX_STATEMENTS + 1]
