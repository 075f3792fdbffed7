# SPDX-License-Identifier: Apache-2.0
"""Signed notes: the published example, one spelling only, and no change goes unnoticed."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from session import IntegrityFault
from session.crypto.signing import SigningKey
from session.log.note import (
    ED25519,
    MAX_NOTE_BYTES,
    MAX_SIGNATURES,
    Note,
    Signature,
    decode_base64,
    encode_base64,
    key_id,
    note_bytes,
    parse_note,
    parse_signature,
    sign_note,
    verify_note,
)

# Source: golang.org/x/mod/sumdb/note, package documentation.
PETER_TEXT = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
PETER_LINE = "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM="
PETER_PUBLIC = base64.b64decode("ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")[1:]
PETER_SEED = base64.b64decode("AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz")[1:]
KEY = SigningKey.from_seed(bytes(range(32)))
TEXT = "example.org/log\n7\nAAAA\n"


def written(note: Note) -> bytes:
    return note_bytes(note.text, *(signature.line for signature in note.signatures))


NAMES = st.text(st.characters(categories=["L", "N"], include_characters="/._-"), min_size=1, max_size=40)
LINES = st.text(st.characters(exclude_categories=["C", "Z"], include_characters=" —"), min_size=1, max_size=60)
TEXTS = st.lists(LINES, min_size=1, max_size=6).map(lambda lines: "\n".join(lines) + "\n")


def test_the_published_example_is_read_verified_and_written_again() -> None:
    raw = f"{PETER_TEXT}\n{PETER_LINE}\n".encode()
    note = parse_note(raw)
    assert note.text == PETER_TEXT
    assert note.signatures[0].key_id.hex() == "c74f20a3"
    assert key_id("PeterNeumann", ED25519, PETER_PUBLIC).hex() == "c74f20a3"
    verify_note(note, "PeterNeumann", PETER_PUBLIC)
    assert written(note) == raw
    assert sign_note(PETER_TEXT, "PeterNeumann", SigningKey.from_seed(PETER_SEED)) == PETER_LINE


@given(TEXTS, st.lists(NAMES, min_size=1, max_size=4, unique=True))
def test_a_note_comes_back_as_it_went(text: str, names: list[str]) -> None:
    raw = note_bytes(text, *(sign_note(text, name, KEY) for name in names))
    note = parse_note(raw)
    assert note.text == text
    assert [signature.name for signature in note.signatures] == names
    assert written(note) == raw
    for name in names:
        verify_note(note, name, KEY.public)


@given(st.data())
def test_every_changed_byte_is_refused(drawn: st.DataObject) -> None:
    raw = bytearray(note_bytes(TEXT, sign_note(TEXT, "example.org/log", KEY)))
    place = drawn.draw(st.integers(0, len(raw) - 1))
    raw[place] ^= drawn.draw(st.integers(1, 255))
    with pytest.raises(IntegrityFault):
        verify_note(parse_note(bytes(raw)), "example.org/log", KEY.public)


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_what_parses_is_written_back_to_the_same_bytes(raw: bytes) -> None:
    for candidate in (raw, TEXT.encode() + b"\n" + raw, TEXT.encode() + b"\n\xe2\x80\x94 n " + raw + b"\n"):
        try:
            note = parse_note(candidate)
        except IntegrityFault:
            continue
        assert written(note) == candidate


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\n",
        TEXT.encode(),
        TEXT.encode() + b"\n",
        TEXT.encode() + b"\n" + PETER_LINE.encode(),
        b"\n" + TEXT.encode() + b"\n" + PETER_LINE.encode() + b"\n",
        TEXT.encode() + b"\n\n" + PETER_LINE.encode() + b"\n",
        TEXT.encode().replace(b"7", b"\t") + b"\n" + PETER_LINE.encode() + b"\n",
        TEXT.encode().replace(b"7", b"7\r") + b"\n" + PETER_LINE.encode() + b"\n",
        TEXT.encode().replace(b"7", b"\xff") + b"\n" + PETER_LINE.encode() + b"\n",
        TEXT.encode() + b"\n" + PETER_LINE.encode() + b"\n" + PETER_LINE.encode() + b"\n",
        TEXT.encode() + b"\n" + PETER_LINE.encode() + b" \n",
        TEXT.encode() + b"\n- PeterNeumann AAAAAAAA\n",
        TEXT.encode() + "\n— Peter+Neumann AAAAAAAA\n".encode(),
        TEXT.encode() + "\n— Peter\u00a0Neumann AAAAAAAA\n".encode(),
        TEXT.encode() + "\n— PeterNeumann AAAA=AAA\n".encode(),
        TEXT.encode() + "\n— PeterNeumann AAAAAB==\n".encode(),
        TEXT.encode() + "\n— PeterNeumann AAAAAA==\n".encode(),
    ],
)
def test_what_is_not_spelled_as_a_note_is_refused(raw: bytes) -> None:
    with pytest.raises(IntegrityFault):
        parse_note(raw)


def test_notes_are_bounded() -> None:
    line = sign_note(TEXT, "n", KEY)
    long = "x" * MAX_NOTE_BYTES + "\n"
    with pytest.raises(IntegrityFault, match="longer than"):
        note_bytes(long, line)
    lines = [sign_note(TEXT, f"n{place}", KEY) for place in range(MAX_SIGNATURES + 1)]
    assert len(parse_note(note_bytes(TEXT, *lines[:-1])).signatures) == MAX_SIGNATURES
    with pytest.raises(IntegrityFault, match="more than 16"):
        note_bytes(TEXT, *lines)


def test_another_name_or_key_has_not_signed() -> None:
    note = parse_note(note_bytes(TEXT, sign_note(TEXT, "one", KEY)))
    with pytest.raises(IntegrityFault, match="not signed once"):
        verify_note(note, "two", KEY.public)
    with pytest.raises(IntegrityFault, match="not signed once"):
        verify_note(note, "one", SigningKey.generate().public)


def test_a_signature_under_the_right_key_id_for_another_text_does_not_hold() -> None:
    moved = parse_note(note_bytes(TEXT, sign_note("another\n", "one", KEY)))
    with pytest.raises(IntegrityFault, match="does not hold"):
        verify_note(moved, "one", KEY.public)


def test_two_signatures_under_one_name_and_key_are_not_one() -> None:
    good = parse_signature(sign_note(TEXT, "one", KEY))
    bad = Signature(good.name, good.key_id, bytes(64))
    with pytest.raises(IntegrityFault, match="not signed once"):
        verify_note(Note(TEXT, (good, bad)), "one", KEY.public)


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\u2003b", "a\nb", "a\x7fb", "x" * 256])
def test_names_that_a_line_cannot_hold_are_refused(name: str) -> None:
    with pytest.raises(IntegrityFault, match="name of a signer"):
        sign_note(TEXT, name, KEY)


@pytest.mark.parametrize("text", ["", "no newline", "\nblank\n", "blank\n\n", "tab\there\n", "\x7f\n"])
def test_texts_that_a_note_cannot_hold_are_refused(text: str) -> None:
    with pytest.raises(IntegrityFault, match="must be lines of text"):
        sign_note(text, "one", KEY)


@given(st.binary(max_size=100))
def test_base64_has_one_spelling(raw: bytes) -> None:
    assert decode_base64(encode_base64(raw)) == raw
    for other in (encode_base64(raw) + "\n", encode_base64(raw).rstrip("=") + "====", " " + encode_base64(raw)):
        with pytest.raises(IntegrityFault):
            decode_base64(other)


def test_base64_refuses_what_is_not_ascii() -> None:
    with pytest.raises(IntegrityFault):
        decode_base64("äöüß")
