# SPDX-License-Identifier: Apache-2.0
"""By which time the key of what is said after the seal is judged."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from trust_builders import DAY_US, ORIGIN_US, organisation, realistic_session, signing_key, small_session
from trust_wrongs import assert_fails, put_statement, without_contents

from session.crypto.signing import fingerprint
from session.events import Kind
from session.trust.directory import Revocation
from session.trust.judged import SealedBy, claimed_receipt, first_revocations, sealed_by
from session.trust.statements import Access, OpeningStatement, Receipt, sign
from session.verify import verify_session

DIGEST = "ab" * 32
RECEIPT = Receipt(
    organisation=DIGEST, session="1" * 32, person="ada", seal_sha256=DIGEST, root=DIGEST, size=9, received_us=500,
    log_size=7, log_root=DIGEST, log_index=6,
)  # fmt: skip


@pytest.mark.parametrize(
    ("at_us", "log_size", "judged_us"),
    [
        (900, 0, 900),  # its own word, where that is the latest
        (900, 9, 900),
        (1, 0, 300),  # never before the seal
        (1, 6, 300),  # a head that has not the seal's entry proves no more
        (1, 7, 500),  # one that has it does
        (1, 8, 500),
    ],
)
def test_it_is_the_latest_of_what_is_said_and_what_is_proved(at_us: int, log_size: int, judged_us: int) -> None:
    assert sealed_by(300, RECEIPT).judged_us(at_us, log_size) == judged_us


def test_a_receipt_without_a_place_in_a_log_proves_nothing_of_a_statement() -> None:
    nowhere = Receipt(
        organisation=DIGEST, session="1" * 32, person="ada", seal_sha256=DIGEST, root=DIGEST, size=9, received_us=500,
        log_size=7, log_root=DIGEST,
    )  # fmt: skip
    assert sealed_by(300, nowhere).judged_us(1, 9) == 300
    assert sealed_by(300, None).judged_us(1, 9) == 300
    assert SealedBy().judged_us(1, 0) == 1


def test_a_receipt_is_read_as_it_stands_whoever_signed_it() -> None:
    assert claimed_receipt(sign(RECEIPT, signing_key("anybody"))) == RECEIPT
    access = Access(organisation=DIGEST, session="1" * 32, person="ben", files=(), at_us=1)
    assert claimed_receipt(sign(access, signing_key("anybody"))) is None
    assert claimed_receipt(b"") is None


def test_the_earliest_revocation_of_each_key_in_any_directory_counts() -> None:
    one, two = signing_key("one").public.hex(), signing_key("two").public.hex()
    first, second = organisation(), organisation(version=2)
    first.revocations = (Revocation(revoked_key=one, revoked_us=ORIGIN_US + 5),)
    second.revocations = (
        Revocation(revoked_key=one, revoked_us=ORIGIN_US + 3),
        Revocation(revoked_key=two, revoked_us=ORIGIN_US),
        Revocation(revoked_key=one, revoked_us=ORIGIN_US + 9),
    )
    found = first_revocations([first.directory, second.directory])
    assert found == {fingerprint(bytes.fromhex(one)): ORIGIN_US + 3, fingerprint(bytes.fromhex(two)): ORIGIN_US}


@pytest.mark.parametrize(("after_us", "fails"), [(0, True), (1, False)])
def test_an_access_by_a_receipt_key_that_was_revoked_by_then(tmp_path: Path, after_us: int, *, fails: bool) -> None:
    """The key signed the receipt before."""
    mine = organisation()
    sealed = small_session(mine, tmp_path / "s")
    said_us = ORIGIN_US + DAY_US
    access = Access(organisation=mine.fp, session=sealed.keys.session_id, person="ben", files=(), at_us=said_us)
    put_statement(sealed, sign(access, mine.receipt_key))
    mine.version, key = 2, mine.receipt_key.public.hex()
    mine.revocations = (Revocation(revoked_key=key, revoked_us=said_us + after_us),)
    put_statement(sealed, mine.directory_bytes())
    outcome = verify_session(sealed.folder, trust=mine.anchor)
    if fails:
        assert_fails(outcome, "statements", "revoked by then")
    else:
        assert outcome.verified, outcome.failed_step


@pytest.mark.parametrize(("after_us", "counts"), [(0, False), (1, True)])
def test_an_opening_by_a_person_key_that_was_revoked_by_then_opens_nothing(
    tmp_path: Path, after_us: int, *, counts: bool
) -> None:
    mine = organisation()
    sealed = realistic_session(mine, tmp_path / "s")
    seq = next(event.seq for event in sealed.events if event.kind == Kind.RAW)
    said_us = ORIGIN_US + DAY_US
    opening = OpeningStatement(
        organisation=mine.fp,
        session=sealed.keys.session_id,
        seal_sha256=hashlib.sha256(sealed.seal_raw).hexdigest(),
        records=(seq,),
        wraps=(),
        person="ada",
        at_us=said_us,
    )
    put_statement(sealed, sign(opening, mine.trainer.person_key))
    mine.version, key = 2, mine.trainer.person_key.public.hex()
    mine.revocations = (Revocation(revoked_key=key, revoked_us=said_us + after_us),)
    put_statement(sealed, mine.directory_bytes())
    whole = verify_session(sealed.folder, trust=mine.anchor)
    assert whole.verified, "all that is withheld is here, which needs no opening"
    assert (whole.opened, len(whole.openings)) == (int(counts), int(counts))
    path = sealed.folder / "000000.fws"
    others = {event.seq for event in sealed.events if event.kind == Kind.RAW} - {seq}
    path.write_bytes(without_contents(path.read_bytes(), others))
    outcome = verify_session(sealed.folder, trust=mine.anchor)
    if counts:
        assert outcome.verified, outcome.failed_step
    else:
        assert_fails(outcome, "presence", "is missing while that of others is here")
