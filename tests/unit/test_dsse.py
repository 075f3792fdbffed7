# SPDX-License-Identifier: Apache-2.0
"""Envelopes: the bytes of the standard, and one spelling only."""

from __future__ import annotations

import base64
import json

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from trust_builders import signing_key

from session import InputFault, IntegrityFault
from session.trust.dsse import (
    DIRECTORY_BYTES,
    STATEMENT_BYTES,
    canonical_base64,
    open_envelope,
    pae,
    read_envelope,
    seal_envelope,
    strict_json,
)

KEY = signing_key("someone")
OTHER = signing_key("somebody else")
TYPE = "application/vnd.fairwitness.test.v1+json"


class Plain(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A payload to be strict about."""

    name: str
    count: int
    more: tuple[int, ...] = ()


def test_pae_is_the_standards_example() -> None:
    # Source: DSSE v1.0.2, protocol.md, Test Vectors.
    assert pae("http://example.com/HelloWorld", b"hello world") == b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"


def test_pae_counts_bytes_and_not_characters() -> None:
    assert pae("é", b"") == b"DSSEv1 2 \xc3\xa9 0 "


def test_an_envelope_is_dsse_as_others_read_it() -> None:
    envelope = json.loads(seal_envelope(TYPE, b"{}", KEY))
    assert list(envelope) == ["payload", "payloadType", "signatures"]
    assert base64.b64decode(envelope["payload"]) == b"{}"
    assert [list(one) for one in envelope["signatures"]] == [["keyid", "sig"]]
    assert len(base64.b64decode(envelope["signatures"][0]["sig"])) == 64


@given(body=st.binary(max_size=300), payload_type=st.text(min_size=1, max_size=20))
def test_what_was_sealed_opens(body: bytes, payload_type: str) -> None:
    assert open_envelope(seal_envelope(payload_type, body, KEY), payload_type, KEY.public) == body


def test_two_signatures_are_both_checked_in_order() -> None:
    raw = seal_envelope(TYPE, b"{}", KEY, OTHER)
    assert open_envelope(raw, TYPE, KEY.public, OTHER.public) == b"{}"
    for publics in ((OTHER.public, KEY.public), (KEY.public,), (KEY.public, KEY.public), ()):
        with pytest.raises(IntegrityFault):
            open_envelope(raw, TYPE, *publics)


def test_another_signer_or_type_is_refused() -> None:
    raw = seal_envelope(TYPE, b"{}", KEY)
    with pytest.raises(IntegrityFault, match="signed by key"):
        open_envelope(raw, TYPE, OTHER.public)
    with pytest.raises(IntegrityFault, match="holds"):
        open_envelope(raw, "application/vnd.fairwitness.grant.v1+json", KEY.public)


def test_a_key_id_is_not_believed() -> None:
    raw = seal_envelope(TYPE, b"{}", KEY)
    mine = json.loads(seal_envelope(TYPE, b"{}", OTHER))["signatures"][0]["keyid"].encode()
    theirs = json.loads(raw)["signatures"][0]["keyid"].encode()
    with pytest.raises(IntegrityFault, match="does not hold"):
        open_envelope(raw.replace(theirs, mine), TYPE, OTHER.public)


def test_no_byte_of_an_envelope_can_change() -> None:
    raw = seal_envelope(TYPE, b'{"a":1}', KEY)
    for place in range(len(raw)):
        for bit in range(8):
            damaged = raw[:place] + bytes((raw[place] ^ (1 << bit),)) + raw[place + 1 :]
            with pytest.raises(IntegrityFault):
                open_envelope(damaged, TYPE, KEY.public)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda raw: raw + b"\n",
        lambda raw: b" " + raw,
        lambda raw: raw.replace(b":", b": ", 1),
        lambda raw: raw.replace(b"{", b'{"payload":"e30=",', 1),
        lambda raw: raw.replace(b"{", b'{"more":1,', 1),
        lambda raw: raw.replace(b"e30=", b"e30"),
        lambda raw: raw.replace(b"e30=", b"e31="),
        lambda raw: raw.replace(b"e30=", b"e30=\\n"),
        lambda _: b"[" * 100_000,
        lambda _: b"",
        lambda _: b"null",
        lambda _: b"\xff\xfe",
    ],
)
def test_another_spelling_is_refused(spoil: object) -> None:
    raw = seal_envelope(TYPE, b"{}", KEY)
    with pytest.raises(IntegrityFault):
        open_envelope(spoil(raw), TYPE, KEY.public)  # type: ignore[operator]


def test_sizes_are_bounded_before_reading() -> None:
    raw = seal_envelope(TYPE, b"x" * STATEMENT_BYTES, KEY)
    with pytest.raises(IntegrityFault, match="more than"):
        read_envelope(raw)
    assert open_envelope(raw, TYPE, KEY.public, max_bytes=DIRECTORY_BYTES) == b"x" * STATEMENT_BYTES
    with pytest.raises(InputFault, match="more than"):
        seal_envelope(TYPE, b"x" * DIRECTORY_BYTES, KEY)


def test_an_envelope_without_a_key_cannot_be_made() -> None:
    with pytest.raises(InputFault, match="signing key"):
        seal_envelope(TYPE, b"{}")


def test_strict_json_takes_its_own_spelling() -> None:
    assert strict_json(b'{"name":"a","count":1,"more":[]}', Plain) == Plain("a", 1)


@pytest.mark.parametrize(
    "raw",
    [
        b'{"name":"a","count":1}',
        b'{"count":1,"name":"a","more":[]}',
        b'{"name":"a","name":"b","count":1,"more":[]}',
        b'{"name":"a","count":1.0,"more":[]}',
        b'{"name":"a","count":1e0,"more":[]}',
        b'{"name":"a","count":NaN,"more":[]}',
        b'{"name":"a","count":01,"more":[]}',
        b'{"name":"a","count":-0,"more":[]}',
        b'{"name":"\\u0061","count":1,"more":[]}',
        b'{"name":"a","count":1,"more":[],"x":1}',
        b'{"name":"a","count":1,"more":[]} ',
        b'{"name":"a","count":1,"more":[]}{}',
        b'{"name":"\\ud800","count":1,"more":[]}',
        b'{"name":"a","count":true,"more":[]}',
        b'{"name":"a","count":"1","more":[]}',
        b'{"name":"\xff","count":1,"more":[]}',
        b'["a",1,[]]',
    ],
)
def test_strict_json_refuses_every_other(raw: bytes) -> None:
    with pytest.raises(IntegrityFault):
        strict_json(raw, Plain)


@given(st.binary(max_size=200))
def test_no_bytes_raise_anything_else(raw: bytes) -> None:
    for read in (lambda: strict_json(raw, Plain), lambda: read_envelope(raw)):
        try:
            read()
        except IntegrityFault:
            continue


@given(st.text(alphabet="AQgw=+/9", max_size=9))
def test_base64_has_one_spelling(text: str) -> None:
    try:
        decoded = canonical_base64(text)
    except IntegrityFault:
        return
    assert base64.b64encode(decoded).decode() == text
