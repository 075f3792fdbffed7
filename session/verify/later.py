# SPDX-License-Identifier: Apache-2.0
"""Step 10: what was said after the seal, and who may say it.

A statement by somebody who may not make it, or about another session or seal, fails: nobody honest puts it here. Whether
a decision or reply that may lie here *counts* is another question, which `session.verify.said` answers and names.

By a key that was revoked by then a removal excuses nothing and an opening opens nothing (steps 11 and 13), and an access
fails, since no platform signs one. By which time that is: `session.trust.judged`.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable

import msgspec

from session import IntegrityFault
from session.crypto.hpke import check_wrapped
from session.crypto.signing import fingerprint
from session.events import Disclosure, Kind
from session.policy import Policy
from session.seal import SEAL_BYTES, SEAL_NAME
from session.trust.directory import Directory
from session.trust.dsse import DIRECTORY_BYTES, canonical_base64, read_envelope, strict_json
from session.trust.judged import SealedBy, first_revocations, sealed_by
from session.trust.statements import Access, Decision, OpeningStatement, Removal, Reply, open_statement
from session.verify.checkpoints import receipt_of
from session.verify.directories import LaterDirectories, text_sha256
from session.verify.folder import Names, Source
from session.verify.opening import Ground, Opened
from session.verify.records import Records
from session.verify.result import SeenOpening
from session.verify.times import Mark

_EXT_WITHHELD = range(192, 224)
_RECORD_KEY_BYTES = 32
AfterSeal = Access | Decision | OpeningStatement | Removal | Reply
_KINDS: dict[str, type[AfterSeal]] = {one.payload_type: one for one in (Access, Decision, OpeningStatement, Removal, Reply)}


class Case(msgspec.Struct, frozen=True):
    """What the steps before established: the files, the records, and on what ground and by whom they were made.

    `known`: every directory of the root key: START's, the reader's own, and what is kept of those that lie here. Of all of
    them: `person_keys`, those that they give each person, by id; `revocations`, since when, by keyid. There may be thousands
    of statements, so neither is looked for twice.
    """

    source: Source
    names: Names
    records: Records
    ground: Ground
    opened: Opened
    directories: LaterDirectories
    known: tuple[Directory, ...]
    person_keys: dict[str, tuple[str, ...]]
    revocations: dict[str, int]
    sealed_by: SealedBy

    def keys_of(self, person_id: str) -> list[bytes]:
        """The person keys that these directories give somebody."""
        return [bytes.fromhex(one) for one in self.person_keys.get(person_id, ())]

    def revoked(self, keyid: str, at_us: int) -> bool:
        """Whether one of these directories revokes the key of that fingerprint at `at_us` or before."""
        return self.revocations.get(keyid, at_us + 1) <= at_us

    def seal_sha256(self) -> str:
        """The digest of the seal as it stands."""
        return hashlib.sha256(self.source.read(SEAL_NAME, SEAL_BYTES)).hexdigest()


def case_of(  # noqa: PLR0913, PLR0917 - what the steps before established
    source: Source,
    names: Names,
    records: Records,
    ground: Ground,
    opened: Opened,
    directories: LaterDirectories,
    marks: tuple[Mark, ...],
) -> Case:
    """The case, with what is asked of its directories for each statement."""
    listed = (ground.directory, ground.newest, *directories.good.values())
    known = tuple(one for one in listed if one is not None)
    person_keys: dict[str, tuple[str, ...]] = {}
    for directory in known:
        for person in directory.people:
            held = person_keys.get(person.id, ())
            if person.person_key not in held:
                person_keys[person.id] = (*held, person.person_key)
    proved = sealed_by(marks[-1].time_us if marks else 0, receipt_of(source, names))
    revocations = first_revocations(known)
    return Case(source, names, records, ground, opened, directories, known, person_keys, revocations, proved)


class Later(msgspec.Struct):
    """The statements that came after the seal, as far as other steps need them; only those whose key was good by then.

    Args:
        removals: the statements.
        trainer, organisation: ranges that the person, and the organisation under retention, removed.
        opened: seqs that openings name. openings: the statements themselves.
        seal_sha256: of the seal that they are about.
    """

    seal_sha256: str
    trainer: list[tuple[int, int]] = []
    organisation: list[tuple[int, int]] = []
    opened: set[int] = set()
    openings: list[OpeningStatement] = []
    removals: list[Removal] = []


def withheld_rule(policy: Policy) -> Callable[[int], bool]:
    """Whether the policy withholds records of a kind; extension types of that class go with the timing."""
    kinds = policy.withheld
    extensions = policy.disclosure_of(Kind.RAW) is Disclosure.WITHHELD

    def withheld(kind: int) -> bool:
        return kind in kinds or (extensions and kind in _EXT_WITHHELD)

    return withheld


def check_statements(case: Case) -> tuple[Later, str]:
    """Step 10. Every later statement is signed by who may make it, and is about this session."""
    later = Later(seal_sha256=case.seal_sha256())
    for digest in case.names.statements:
        if digest in case.directories.good:
            continue
        try:
            _take(case, digest, later)
        except IntegrityFault as fault:
            raise IntegrityFault(f"statement {digest[:16]}…: {fault}") from fault
    _check_forks(case)
    return later, f"{len(case.names.statements)} statements"


def _check_forks(case: Case) -> None:
    held = [(one, text_sha256(one)) for one in (case.ground.directory, case.ground.newest) if one is not None]
    versions: dict[int, bytes] = {}
    for one, text in [*held, *((case.directories.good[digest], text) for digest, text in case.directories.texts.items())]:
        if versions.setdefault(one.version, text) != text:
            raise IntegrityFault(f"there are two texts of directory version {one.version}: forked")


def _take(case: Case, digest: str, later: Later) -> None:
    if digest in case.directories.faults:
        raise IntegrityFault(case.directories.faults[digest])
    raw = case.source.read(f"statements/{digest}.dsse", DIRECTORY_BYTES)
    if hashlib.sha256(raw).hexdigest() != digest:
        raise IntegrityFault("it has not the content that its name says")
    outer, _ = read_envelope(raw)
    kind = _KINDS.get(outer.payload_type)
    if kind is None:
        raise IntegrityFault(f"{outer.payload_type} is nothing that may come after a seal")
    signer = outer.signatures[0].keyid
    statement = _opened(case, raw, kind, signer)
    opening = case.opened.statement
    if statement.organisation != opening.organisation or statement.subject != opening.session:
        raise IntegrityFault("it is about another session")
    if getattr(statement, "seal_sha256", later.seal_sha256) != later.seal_sha256:
        raise IntegrityFault("it is about another seal")
    gone = case.revoked(signer, case.sealed_by.judged_us(statement.at_us, statement.log_size))
    if isinstance(statement, Access) and gone:
        raise IntegrityFault("an access is signed by a key that was revoked by then")
    if isinstance(statement, Removal):
        _take_removal(case, statement, later, counts=not gone)
    elif isinstance(statement, OpeningStatement):
        _take_opening(case, statement, later, counts=not gone)


def _opened(case: Case, raw: bytes, kind: type[AfterSeal], signer: str) -> AfterSeal:
    """The statement in `raw`, signed by one who may make it as it stands."""
    person_id = case.opened.statement.person
    trainer = [case.opened.person_public, *case.keys_of(person_id)]
    roots = [bytes.fromhex(one.root_key) for one in case.known[:1]]
    if kind is Access:
        signers = [bytes.fromhex(one.platform.receipt_key) for one in case.known]
    elif kind is Decision:
        signers = case.keys_of(strict_json(read_envelope(raw)[1], Decision).person)
    else:
        signers = trainer + roots if kind is Removal else trainer
    public = next((one for one in signers if fingerprint(one) == signer), None)
    if public is None and kind is Decision:
        raise IntegrityFault("a decision is not signed by the person that it names")
    if public is None:
        raise IntegrityFault(f"a statement of kind {kind.__name__} is signed by a key that may not make it")
    statement = open_statement(raw, kind, public)
    if isinstance(statement, Removal) and public not in (trainer if statement.by == "person" else roots):
        raise IntegrityFault("a removal is not signed by whom it names")
    if isinstance(statement, Reply | OpeningStatement) and statement.person != person_id:
        raise IntegrityFault("it is in the name of somebody else than the session's person")
    return statement


def _take_removal(case: Case, removal: Removal, later: Later, *, counts: bool) -> None:
    """`counts`: its key was not revoked by then. One that does not count excuses nothing."""
    if not all(first <= last < case.records.size for first, last in removal.ranges):
        raise IntegrityFault("a removal names what is no range of records of this session")
    if counts:
        later.removals.append(removal)
        (later.trainer if removal.by == "person" else later.organisation).extend(removal.ranges)


def _take_opening(case: Case, opening: OpeningStatement, later: Later, *, counts: bool) -> None:
    """One that does not count opens nothing: its records are here without a reason, and its keys are nobody's to use."""
    withheld, kinds = withheld_rule(case.ground.policy), case.records.kinds
    if not all(seq < len(kinds) and withheld(kinds[seq]) for seq in opening.records):
        raise IntegrityFault("an opening names what is no withheld record of this session")
    for one in opening.wraps:
        check_wrapped(canonical_base64(one.wrapped), _RECORD_KEY_BYTES * len(opening.records))
    if counts:
        later.opened.update(opening.records)
        later.openings.append(opening)


def seen_openings(case: Case, later: Later) -> tuple[SeenOpening, ...]:
    """Who opened what, oldest first by their own clock; of each record once, as the first opening names it."""
    names = {one.id: one.name for directory in reversed(case.known) for one in directory.people}
    told: set[int] = set()
    found = []
    for opening in sorted(later.openings, key=lambda one: (one.at_us, one.records)):
        new = set(opening.records) - told
        told |= new
        counted = Counter(case.records.kinds[seq] for seq in new)
        if counted:
            name = names.get(opening.person, opening.person)
            found.append(SeenOpening(opening.person, name, opening.at_us, tuple(sorted(counted.items()))))
    return tuple(found)
