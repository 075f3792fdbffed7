# SPDX-License-Identifier: Apache-2.0
"""Statements: each kind its own type, all named alike, none taken for another."""

from __future__ import annotations

import base64
import hashlib
import json

import msgspec
import pytest
from trust_builders import member, signing_key

from session import InputFault, IntegrityFault
from session.trust.certificates import certify_session, open_chain
from session.trust.dsse import seal_envelope
from session.trust.statements import (
    EMPTY_LOG_ROOT,
    PAYLOAD_TYPES,
    STATEMENTS,
    Access,
    Decision,
    DeviceCertificate,
    Grant,
    LogHead,
    OpeningStatement,
    OpeningWrap,
    Personal,
    Receipt,
    Removal,
    Reply,
    SessionCertificate,
    Statement,
    named_head,
    open_statement,
    sign,
)

KEY = signing_key("author")
D = "d" * 64
S = "5" * 32
COMMON = {"organisation": "0" * 64}
SAMPLES: tuple[Statement, ...] = (
    Grant(
        **COMMON, session=S, session_key=D, device="d", person="p", project="w", policy_sha256=D, directory_sha256=D,
        nonce="ab" * 16, issued_us=1, start_by_us=2,
    ),
    Personal(
        **COMMON, mode="personal", session=S, session_key=D, person="p", person_key=D, device="d", device_key=D,
        policy_sha256=D, directory_sha256=D, issued_us=1,
    ),
    DeviceCertificate(**COMMON, person="p", device="d", device_key=D, reading_key=D, issued_us=1),
    SessionCertificate(**COMMON, device="d", session=S, session_key=D, issued_us=1),
    Receipt(**COMMON, session=S, person="p", seal_sha256=D, root=D, size=3, received_us=4),
    Access(**COMMON, session=S, person="p", files=(D,), at_us=1),
    Decision(**COMMON, session=S, seal_sha256=D, finding=7, outcome="not upheld", reason="read it", person="p", at_us=1),
    Reply(**COMMON, session=S, decision_sha256=D, text="thank you", person="p", at_us=1),
    OpeningStatement(
        **COMMON, session=S, seal_sha256=D, records=(4, 9), wraps=(OpeningWrap(recipient=D, epoch=1, wrapped="AA=="),),
        person="p", at_us=1,
    ),
    Removal(**COMMON, session=S, seal_sha256=D, ranges=((1, 2),), blobs=(D,), reason="retention", by="person", at_us=1),
)  # fmt: skip


def test_every_kind_has_a_sample_and_a_type_of_its_own() -> None:
    assert {type(one) for one in SAMPLES} == set(STATEMENTS) == set(PAYLOAD_TYPES.values())
    assert len({kind.payload_type for kind in STATEMENTS}) == len(STATEMENTS)


@pytest.mark.parametrize("statement", SAMPLES, ids=lambda one: type(one).__name__)
class TestEachKind:
    def test_what_is_signed_is_opened(self, statement: Statement) -> None:
        assert open_statement(sign(statement, KEY), type(statement), KEY.public) == statement

    def test_signing_again_gives_the_same_bytes(self, statement: Statement) -> None:
        assert sign(statement, KEY) == sign(statement, KEY)

    def test_it_names_organisation_subject_and_log_head(self, statement: Statement) -> None:
        payload = json.loads(base64.b64decode(json.loads(sign(statement, KEY))["payload"]))
        assert payload["organisation"] == "0" * 64
        assert (payload["log_size"], payload["log_root"]) == (0, EMPTY_LOG_ROOT)
        assert statement.subject == payload[type(statement).subject_field] in (S, "d")

    def test_the_head_that_it_names_is_told_without_its_key(self, statement: Statement) -> None:
        named = msgspec.structs.replace(statement, log_size=7, log_root=D)  # type: ignore[call-arg] # each kind has them
        assert named_head(sign(named, KEY)) == LogHead(7, D)

    def test_a_log_without_entries_has_the_root_of_nothing(self, statement: Statement) -> None:
        named = msgspec.structs.replace(statement, log_size=0, log_root=D)  # type: ignore[call-arg] # each kind has them
        with pytest.raises(IntegrityFault, match="a log without entries"):
            open_statement(sign(named, KEY), type(statement), KEY.public)
        assert hashlib.sha256(b"").hexdigest() == EMPTY_LOG_ROOT

    def test_it_is_taken_for_no_other_kind(self, statement: Statement) -> None:
        raw = sign(statement, KEY)
        for kind in STATEMENTS:
            if kind is not type(statement):
                with pytest.raises(IntegrityFault):
                    open_statement(raw, kind, KEY.public)

    def test_a_missing_or_further_field_is_refused(self, statement: Statement) -> None:
        fields = json.loads(msgspec.json.encode(statement))
        for name in fields:
            less = {other: value for other, value in fields.items() if other != name}
            with pytest.raises(IntegrityFault):
                reopened(statement, less)
        with pytest.raises(IntegrityFault):
            reopened(statement, fields | {"more": 1})

    def test_no_number_is_negative_or_beyond_two_to_the_53(self, statement: Statement) -> None:
        fields = json.loads(msgspec.json.encode(statement))
        for name, value in fields.items():
            for wrong in (-2, 2**53, 1.5) if isinstance(value, int) else ():
                with pytest.raises(IntegrityFault):
                    reopened(statement, fields | {name: wrong})


def reopened(statement: Statement, fields: dict[str, object]) -> Statement:
    """What is read when these fields are signed as the kind of `statement`."""
    body = json.dumps(fields, separators=(",", ":")).encode()
    return open_statement(seal_envelope(statement.payload_type, body, KEY), type(statement), KEY.public)


def test_a_field_that_no_reader_takes_is_not_signed() -> None:
    grant = msgspec.structs.replace(SAMPLES[0], nonce="short")
    with pytest.raises(InputFault, match="nonce"):
        sign(grant, KEY)


def test_a_statement_too_large_for_readers_is_not_signed() -> None:
    access = Access(**COMMON, session=S, person="p", files=(D,) * 512, at_us=1)
    assert open_statement(sign(access, KEY), Access, KEY.public) == access
    wraps = (OpeningWrap(recipient=D, epoch=1, wrapped="A" * 32768),) * 3
    with pytest.raises(InputFault, match="more than"):
        sign(msgspec.structs.replace(SAMPLES[8], wraps=wraps), KEY)


def test_no_statement_has_a_place_for_an_accusation() -> None:
    with pytest.raises(InputFault, match="outcome"):
        sign(msgspec.structs.replace(SAMPLES[6], outcome="guilty"), KEY)


class TestChain:
    ada = member("ada", "trainer")
    session_key = signing_key("a session")

    def session_certificate(self, *, device: str = "ada-laptop", organisation: str = "0" * 64) -> bytes:
        return certify_session(
            self.ada.device_key,
            organisation=organisation,
            device=device,
            session_id=S,
            session_public=self.session_key.public,
            issued_us=1,
        )

    def test_person_to_device_to_session(self) -> None:
        chain = open_chain(self.ada.device_certificate("0" * 64), self.session_certificate(), self.ada.person_key.public)
        assert chain.session.session_key == self.session_key.public.hex()
        assert chain.device.reading_key == self.ada.reading.public.hex()

    def test_it_does_not_begin_at_another_person(self) -> None:
        with pytest.raises(IntegrityFault, match="signed by"):
            open_chain(self.ada.device_certificate("0" * 64), self.session_certificate(), KEY.public)

    @pytest.mark.parametrize(("wrong", "named"), [({"device": "x"}, "device"), ({"organisation": "1" * 64}, "organisation")])
    def test_links_must_fit(self, wrong: dict[str, str], named: str) -> None:
        with pytest.raises(IntegrityFault, match=f"another {named}"):
            open_chain(self.ada.device_certificate("0" * 64), self.session_certificate(**wrong), self.ada.person_key.public)

    def test_a_session_certified_by_another_device_is_refused(self) -> None:
        other = member("ben", "trainer")
        with pytest.raises(IntegrityFault, match="signed by"):
            open_chain(other.device_certificate("0" * 64), self.session_certificate(), other.person_key.public)


def test_a_kind_that_is_none_of_ours_names_no_head() -> None:
    assert named_head(seal_envelope("application/vnd.fairwitness.directory.v1+json", b"{}", KEY)) is None
    with pytest.raises(IntegrityFault):
        named_head(b"{}")
