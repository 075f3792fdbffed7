# SPDX-License-Identifier: Apache-2.0
"""Checkpoints, cosignatures and requests to a witness: one spelling each, bounded, and bound to what was signed."""

from __future__ import annotations

import base64
import hashlib
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from session import IntegrityFault
from session.crypto.signing import SigningKey
from session.log.checkpoint import CheckpointText, format_checkpoint, origin_of, parse_checkpoint
from session.log.cosign import cosign, stated_time_s, verify_cosignature
from session.log.merkle import MAX_PROOF
from session.log.note import MAX_NOTE_BYTES, note_bytes, parse_signature, sign_note
from session.log.proof import AddCheckpoint, format_add_checkpoint, parse_add_checkpoint

ROOT = hashlib.sha256(b"root").digest()
ORIGIN = origin_of("ab" * 32, "cd" * 16)
TEXT = f"{ORIGIN}\n61\n{base64.b64encode(ROOT).decode()}\n"
SESSION_KEY = SigningKey.from_seed(bytes(range(32)))
WITNESS = SigningKey.from_seed(bytes(range(1, 33)))
NAME = "fairwitness/witness"
NOTE = note_bytes(TEXT, sign_note(TEXT, ORIGIN, SESSION_KEY))
TIME_S = 1_795_000_000

CHECKPOINTS = st.builds(
    CheckpointText,
    st.from_regex(r"[!-*,-~]{1,80}", fullmatch=True),
    st.integers(0, 2**53 - 1),
    st.binary(min_size=32, max_size=32),
)
HASHES = st.binary(min_size=32, max_size=32)


def refused_or_the_same(raw: bytes) -> None:
    """What parses as a request is written back to the same bytes."""
    try:
        request = parse_add_checkpoint(raw)
    except IntegrityFault:
        return
    assert format_add_checkpoint(request) == raw


def test_the_origin_names_organisation_and_session() -> None:
    assert ORIGIN == "fairwitness/" + "ab" * 32 + "/" + "cd" * 16


@given(CHECKPOINTS)
def test_a_checkpoint_comes_back_as_it_went(checkpoint: CheckpointText) -> None:
    assert parse_checkpoint(format_checkpoint(checkpoint)) == checkpoint


def test_a_checkpoint_is_three_lines() -> None:
    assert parse_checkpoint(TEXT) == CheckpointText(ORIGIN, 61, ROOT)
    assert format_checkpoint(CheckpointText(ORIGIN, 61, ROOT)) == TEXT


@pytest.mark.parametrize(
    "text",
    [
        "",
        TEXT[:-1],
        TEXT + "extension\n",
        "\n" + TEXT,
        TEXT.replace("\n61\n", "\n061\n"),
        TEXT.replace("\n61\n", "\n-61\n"),
        TEXT.replace("\n61\n", "\n+61\n"),
        TEXT.replace("\n61\n", "\n6\u0661\n"),
        TEXT.replace("\n61\n", "\n9007199254740992\n"),
        TEXT.replace("=\n", "\n"),
        TEXT.replace(TEXT.split("\n")[2], base64.b64encode(ROOT + b"x").decode()),
        TEXT.replace(TEXT.split("\n")[2], TEXT.split("\n")[2][:-2] + "B="),
        TEXT.replace("fairwitness/", "fair witness/"),
        TEXT.replace("\n61", "\r\n61"),
    ],
)
def test_what_is_not_spelled_as_a_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(IntegrityFault):
        parse_checkpoint(text)


@pytest.mark.parametrize(
    "checkpoint",
    [
        CheckpointText("", 1, ROOT),
        CheckpointText("a b", 1, ROOT),
        CheckpointText("a", -1, ROOT),
        CheckpointText("a", 2**53, ROOT),
        CheckpointText("a", 1, ROOT[:-1]),
    ],
)
def test_what_no_checkpoint_can_say_is_not_written(checkpoint: CheckpointText) -> None:
    with pytest.raises(IntegrityFault):
        format_checkpoint(checkpoint)


@given(st.integers(1, 2**43))
def test_a_cosignature_tells_its_time(time_s: int) -> None:
    assert verify_cosignature(TEXT, cosign(TEXT, NAME, WITNESS, time_s), NAME, WITNESS.public) == time_s


def test_a_cosignature_is_spelled_as_c2sp_says() -> None:
    signature = parse_signature(cosign(TEXT, NAME, WITNESS, TIME_S))
    expected_id = hashlib.sha256(NAME.encode() + b"\n\x04" + WITNESS.public).digest()[:4]
    assert signature.key_id == expected_id
    assert signature.blob[:8] == struct.pack(">Q", TIME_S)
    assert signature.blob[8:] == WITNESS.sign(f"cosignature/v1\ntime {TIME_S}\n{TEXT}".encode())


@given(st.data())
def test_every_changed_byte_of_a_cosignature_is_refused(drawn: st.DataObject) -> None:
    raw = bytearray(cosign(TEXT, NAME, WITNESS, TIME_S).encode())
    raw[drawn.draw(st.integers(0, len(raw) - 1))] ^= drawn.draw(st.integers(1, 127))
    with pytest.raises(IntegrityFault):
        verify_cosignature(TEXT, raw.decode("utf-8", "replace"), NAME, WITNESS.public)


def test_a_cosignature_holds_for_its_text_name_and_key_alone() -> None:
    line = cosign(TEXT, NAME, WITNESS, TIME_S)
    with pytest.raises(IntegrityFault, match="does not hold"):
        verify_cosignature(TEXT.replace("\n61\n", "\n62\n"), line, NAME, WITNESS.public)
    with pytest.raises(IntegrityFault, match="not by"):
        verify_cosignature(TEXT, line, NAME + "2", WITNESS.public)
    with pytest.raises(IntegrityFault, match="not by"):
        verify_cosignature(TEXT, line, NAME, SESSION_KEY.public)


def test_a_plain_signature_is_no_cosignature() -> None:
    with pytest.raises(IntegrityFault):
        verify_cosignature(TEXT, sign_note(TEXT, NAME, WITNESS), NAME, WITNESS.public)


@pytest.mark.parametrize("cut", [1, 64])
def test_a_cosignature_of_another_length_is_refused(cut: int) -> None:
    signature = parse_signature(cosign(TEXT, NAME, WITNESS, TIME_S))
    short = type(signature)(signature.name, signature.key_id, signature.blob[:-cut]).line
    with pytest.raises(IntegrityFault, match="wrong length"):
        verify_cosignature(TEXT, short, NAME, WITNESS.public)
    with pytest.raises(IntegrityFault, match="wrong length"):
        stated_time_s(short)


def test_the_time_that_a_cosignature_states_is_read_without_its_key() -> None:
    assert stated_time_s(cosign(TEXT, NAME, WITNESS, TIME_S)) == TIME_S
    with pytest.raises(IntegrityFault, match="wrong length"):
        stated_time_s(sign_note(TEXT, NAME, WITNESS))


@pytest.mark.parametrize("time_s", [0, -1, 2**43 + 1])
def test_times_that_cannot_be_are_refused(time_s: int) -> None:
    with pytest.raises(IntegrityFault, match="time of a cosignature"):
        cosign(TEXT, NAME, WITNESS, time_s)


def test_a_signed_time_of_zero_is_refused() -> None:
    signed = WITNESS.sign(f"cosignature/v1\ntime 0\n{TEXT}".encode())
    good = parse_signature(cosign(TEXT, NAME, WITNESS, TIME_S))
    line = type(good)(good.name, good.key_id, bytes(8) + signed).line
    with pytest.raises(IntegrityFault, match="time of a cosignature"):
        verify_cosignature(TEXT, line, NAME, WITNESS.public)


@given(st.integers(1, 2**53 - 1), st.lists(HASHES, max_size=MAX_PROOF))
def test_a_request_to_a_witness_comes_back_as_it_went(old: int, proof: list[bytes]) -> None:
    request = AddCheckpoint(old, tuple(proof), NOTE)
    assert parse_add_checkpoint(format_add_checkpoint(request)) == request


def test_a_request_is_spelled_as_c2sp_says() -> None:
    body = format_add_checkpoint(AddCheckpoint(20, (ROOT, bytes(32)), NOTE))
    lines = [b"old 20", base64.b64encode(ROOT), base64.b64encode(bytes(32)), b"", NOTE]
    assert body == b"\n".join(lines)
    assert format_add_checkpoint(AddCheckpoint(0, (), NOTE)) == b"old 0\n\n" + NOTE


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"old 0",
        b"old 0\n" + NOTE,
        b"old 00\n\n" + NOTE,
        b"old -1\n\n" + NOTE,
        b"old 9007199254740992\n\n" + NOTE,
        b"Old 0\n\n" + NOTE,
        b"old  0\n\n" + NOTE,
        b"old 0\r\n\n" + NOTE,
        b"old 0\n" + base64.b64encode(ROOT) + b"\n\n" + NOTE,
        b"old 1\n" + base64.b64encode(ROOT[:-1]) + b"\n\n" + NOTE,
        b"old 1\n" + base64.b64encode(ROOT)[:-1] + b"\n\n" + NOTE,
        b"old 1\n\xc3\xa4\n\n" + NOTE,
        b"old 1\n\n\n" + NOTE,
        b"old 1\n\n" + NOTE[:-1],
        b"old 1\n\n" + NOTE + b"\n",
        b"old 1\n" + (base64.b64encode(ROOT) + b"\n") * (MAX_PROOF + 1) + b"\n" + NOTE,
        b"old 1\n\n" + b"x" * (MAX_NOTE_BYTES + 5000),
    ],
)
def test_what_is_not_spelled_as_a_request_is_refused(body: bytes) -> None:
    with pytest.raises(IntegrityFault):
        parse_add_checkpoint(body)


def test_no_request_is_written_that_would_not_be_read() -> None:
    for request in (AddCheckpoint(-1, (), NOTE), AddCheckpoint(0, (ROOT,), NOTE), AddCheckpoint(1, (b"x",), NOTE)):
        with pytest.raises(IntegrityFault):
            format_add_checkpoint(request)


@given(st.data())
def test_a_changed_request_is_refused_or_another_request(drawn: st.DataObject) -> None:
    raw = bytearray(format_add_checkpoint(AddCheckpoint(20, (ROOT,), NOTE)))
    raw[drawn.draw(st.integers(0, len(raw) - 1))] = drawn.draw(st.integers(0, 255))
    refused_or_the_same(bytes(raw))


@given(st.binary(max_size=100))
def test_arbitrary_requests_are_refused_or_canonical(raw: bytes) -> None:
    refused_or_the_same(raw)
    refused_or_the_same(b"old 3\n" + raw + b"\n\n" + NOTE)
