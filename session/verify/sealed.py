# SPDX-License-Identifier: Apache-2.0
"""Steps 9, 11 and 12: the seal, what is present, and the receipt."""

from __future__ import annotations

import hashlib

import msgspec

from session import IntegrityFault
from session.account import SESSION_SCOPE
from session.crypto.hpke import KEY_BYTES, check_wrapped
from session.crypto.signing import fingerprint
from session.events import Reason
from session.frames import ABSENT, SEALED
from session.log.merkle import leaf_hash, verify_inclusion
from session.policy import Policy
from session.redact import Ranges
from session.seal import (
    SEAL_BYTES,
    SEAL_NAME,
    KeyClassName,
    Seal,
    merged_ranges,
    read_seal,
    required_keys,
    withheld_names,
)
from session.table import rule_of
from session.trust.directory import Directory, open_directory
from session.trust.dsse import DIRECTORY_BYTES, STATEMENT_BYTES, canonical_base64, read_envelope
from session.trust.statements import Grant, Personal, Receipt, open_statement
from session.verify.folder import RECEIPT
from session.verify.later import Case, Later, withheld_rule
from session.verify.records import Records
from session.verify.times import SECOND_US, Mark


class Presence(msgspec.Struct):
    """Counts of step 11. `withheld` leaves out removed records; `named`: withheld records that an opening names.

    `later`: sealed parts that were sent and are gone by a statement after the seal.
    """

    removed: int
    withheld: int
    named: int
    later: int = 0


def check_seal(case: Case) -> tuple[Seal, str]:
    """Step 9. The session key sealed exactly these records for exactly the reviewers of the directory."""
    records, opened, start = case.records, case.opened, case.records.start
    seal = read_seal(case.source.read(SEAL_NAME, SEAL_BYTES), opened.session_public)
    expected = {
        "organisation": (seal.organisation, opened.statement.organisation),
        "session": (seal.session, start.session_id),
        "size": (seal.size, records.size),
        "root": (seal.root, records.root.hex()),
        "opening_sha256": (seal.opening_sha256, hashlib.sha256(records.opening.envelope.encode()).hexdigest()),
        "policy_sha256": (seal.policy_sha256, start.policy_sha256),
        "redacted": (seal.redacted, merged_ranges(records.redactions())),
        "withheld": (seal.withheld, withheld_names(case.ground.policy)),
    }
    for field, (said, true) in expected.items():
        if said != true:
            raise IntegrityFault(f"{field} of the seal is not what the records and statements say")
    _check_loss(seal, case)
    in_force = _directory_of(case, seal)
    _check_readers(seal, case.ground.policy, in_force)
    if isinstance(opened.statement, Grant) and seal.project != opened.statement.project:
        raise IntegrityFault("the seal is for another project than the session was granted for")
    if isinstance(opened.statement, Personal) and case.ground.directory is not None:
        _check_chosen(seal, start.policy_sha256, opened.statement.person, case.ground.directory)
    return seal, f"{seal.size} records, " + (
        f"readable by the reviewers of {seal.project}" if seal.wraps else "no reviewers"
    )


def _check_chosen(seal: Seal, policy_sha256: str, person_id: str, directory: Directory) -> None:
    """Nobody granted an offline start: its project is one whose policy it ran under, and where the person is a trainer."""
    project, person = directory.project(seal.project), directory.person(person_id)
    if project is None or project.policy_sha256 != policy_sha256:
        raise IntegrityFault("the seal is for a project that had another policy in the directory of the offline start")
    if person is None or "trainer" not in person.roles or project.id not in person.projects:
        raise IntegrityFault("the seal is for a project of which the person was no trainer at the offline start")


def _check_loss(seal: Seal, case: Case) -> None:
    """The seal states a loss exactly where the record tells it: in the GAP that recovery appends to what is left.

    Without it, history could be made anew and what was cosigned called lost. A cosignature that stands before the GAP
    is over fewer records than `recovered_size`, by steps 7 and 8: it is over a checkpoint that precedes it.
    """
    told = [(seq, gap) for seq, gap in case.records.gaps() if gap.reason is Reason.DAMAGED]
    if len(told) > 1:
        raise IntegrityFault(f"the record holds {len(told)} GAP records with reason damaged; a session has one loss at most")
    if not told:
        if seal.loss is not None:
            raise IntegrityFault("loss of the seal tells of lost records, and no GAP with reason damaged is in the record")
        return
    ((seq, gap),) = told
    if gap.scope != SESSION_SCOPE:
        raise IntegrityFault(f"record {seq} is a GAP with reason damaged that has not scope session")
    if seal.loss is None:
        raise IntegrityFault(f"loss of the seal is null, and record {seq} tells of {gap.lost} lost records")
    if seal.loss.recovered_size != seq:
        raise IntegrityFault(f"recovered_size of the seal's loss is not {seq}, where the record tells of it")
    if seal.loss.cosigned_size != seq + gap.lost:
        raise IntegrityFault(f"cosigned_size of the seal's loss is not {seq + gap.lost}, as record {seq} tells it")
    if not gap.lost:
        raise IntegrityFault("loss of the seal names no loss")
    if case.ground.directory is None:
        raise IntegrityFault("a personal session has no platform that could have countersigned what its loss names")


def _directory_of(case: Case, seal: Seal) -> Directory | None:
    """The directory that was in force at the seal: START's, or a newer one that lies beside it."""
    held = case.ground.directory
    if seal.directory_sha256 == case.records.start.directory_sha256:
        return held
    if held is None or seal.directory_sha256 not in case.names.statements:
        raise IntegrityFault("directory_sha256 of the seal names a directory that is not here")
    newer = case.directories.good.get(seal.directory_sha256)
    if newer is None:
        raise IntegrityFault("what the seal names as its directory is none of this organisation's")
    if newer.version <= held.version:
        raise IntegrityFault("the directory of the seal is not newer than the one of the start")
    raw = case.source.read(f"statements/{seal.directory_sha256}.dsse", DIRECTORY_BYTES)
    return open_directory(raw, bytes.fromhex(held.root_key))


def _check_readers(seal: Seal, policy: Policy, directory: Directory | None) -> None:
    expected: list[tuple[str, int, KeyClassName]] = []
    if directory is not None:
        project = directory.project(seal.project)
        review_key = project.review_key_at(seal.sealed_us) if project is not None else None
        if review_key is None:
            raise IntegrityFault("the seal names a project that had no review key then")
        recipient = fingerprint(bytes.fromhex(review_key.public_key))
        expected = [(recipient, review_key.epoch, key_class) for key_class in required_keys(policy)]
    elif seal.project:
        raise IntegrityFault("a personal session names a project")
    if [(one.recipient, one.epoch, one.key_class) for one in seal.wraps] != expected:
        raise IntegrityFault("the seal lets others read than the reviewers of its project, or not all of them")
    for one in seal.wraps:
        check_wrapped(canonical_base64(one.wrapped), KEY_BYTES)


def check_presence(records: Records, seal: Seal, policy: Policy, later: Later) -> tuple[Presence, str]:
    """Step 11. Every sealed part is here, or removed by the trainer, withheld by the policy, or removed by a statement.

    A statement lets a sealed part be missing and asks for nothing: a copy from before it is as good as it was.
    """
    redacted = {seq for first, last in seal.redacted for seq in range(first, last + 1)}
    by_person, by_organisation = Ranges(later.trainer), Ranges(later.organisation)
    withheld = withheld_rule(policy)
    counts = Presence(removed=len(redacted), withheld=0, named=0)
    here: set[int] = set()
    gone: set[int] = set()
    for seq, kind in enumerate(records.kinds):
        rule = rule_of(kind)
        redactable = rule is not None and rule.redactable
        present = records.flags[seq] == SEALED
        absent = records.flags[seq] == ABSENT
        removed = seq in by_organisation or (redactable and seq in by_person)
        if seq in redacted:
            if not redactable:
                raise IntegrityFault(f"record {seq} may not be removed, and a REDACT names it")
            if present:
                raise IntegrityFault(f"record {seq} was removed by the trainer, and its content is still here")
        elif withheld(kind):
            counts.withheld += 1
            counts.named += present and seq in later.opened
            if not removed:
                (here if present else gone).add(seq)
        elif absent and removed:
            counts.later += 1
        elif absent:
            raise IntegrityFault(f"the content of record {seq} is missing after the seal: whoever held it is at fault")
    if here and gone and not here <= later.opened:
        raise IntegrityFault(f"the content of withheld record {min(gone)} is missing while that of others is here")
    told = f"{len(redacted)} removed by the trainer, {counts.withheld} withheld"
    return counts, told + (f", {counts.later} removed after the seal by a signed statement" if counts.later else "")


def check_receipt(case: Case, seal: Seal, marks: tuple[Mark, ...], later: Later) -> tuple[Receipt | None, str]:
    """Step 12. The platform confirmed this seal, after its last cosignature. Does not apply where it has not yet."""
    source, opened = case.source, case.opened
    if RECEIPT not in case.names.fixed:
        return None, "not yet confirmed by the platform"
    raw = source.read(RECEIPT, STATEMENT_BYTES)
    known = case.known
    if not known:
        raise IntegrityFault("a personal session has no platform that could confirm it, and a receipt lies here")
    outer, _ = read_envelope(raw)
    publics = [bytes.fromhex(one.platform.receipt_key) for one in known]
    signer = outer.signatures[0].keyid
    receipt = open_statement(raw, Receipt, next((one for one in publics if fingerprint(one) == signer), publics[0]))
    seal_raw = source.read(SEAL_NAME, SEAL_BYTES)
    said = (receipt.organisation, receipt.session, receipt.person, receipt.seal_sha256, receipt.root, receipt.size)
    statement = opened.statement
    sealed = (
        statement.organisation,
        seal.session,
        statement.person,
        later.seal_sha256,
        seal.root,
        seal.size,
    )
    if said != sealed:
        raise IntegrityFault("the receipt is about another session, person or seal")
    if receipt.received_us < max([opened.not_before_us or 0] + [mark.time_us for mark in marks]) // SECOND_US * SECOND_US:
        raise IntegrityFault("the receipt is earlier than a cosignature or the grant")
    if case.revoked(signer, receipt.received_us):
        raise IntegrityFault("the receipt's key was revoked before it was given")
    if receipt.log_index < 0 and receipt.log_proof:
        raise IntegrityFault("the receipt names no place in a log, and proves one")
    if receipt.log_index >= 0:
        proof = [bytes.fromhex(step) for step in receipt.log_proof]
        root = bytes.fromhex(receipt.log_root)
        verify_inclusion(receipt.log_index, receipt.log_size, leaf_hash(seal_raw), proof, root)
        return receipt, f"confirmed by the platform, entry {receipt.log_index} of the organisation log"
    return receipt, "confirmed by the platform"
