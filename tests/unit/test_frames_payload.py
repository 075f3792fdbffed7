# SPDX-License-Identifier: Apache-2.0
"""Payloads: one spelling, bounded, and growing only at the end. Checked against the standard library's JSON."""

from __future__ import annotations

import json
import tracemalloc
import zlib
from typing import Any

import msgspec
import pytest
from format_payloads import SCHEMAS, payloads
from hypothesis import example, given, settings
from hypothesis import strategies as st

from session import IntegrityFault
from session.events import Edge, Focus, Gap, Note, Payload, Raw, Reason
from session.frames import MAX_DEPTH, ZLIB_FROM_BYTES, decode_payload, encode_payload, payload_text

GAP = Gap(1, 2, Edge.POINT, Reason.CRASH, "session", 3, 4)
GAP_TEXT = b'[1,1,2,0,"crash","session",3,4]'

INTEGERS = st.integers(-(2**53) + 1, 2**53 - 1)
VALUES = st.recursive(INTEGERS | st.text(max_size=8), lambda inner: st.lists(inner, max_size=4), max_leaves=12)


def allowed_by_the_standard_library(text: str) -> bool:
    """The grammar of payloads once more: what json reads, holds only what may be held, and writes back to the same text."""

    def depth(value: Any) -> int:  # noqa: ANN401 - JSON
        if isinstance(value, list):
            return 1 + max([depth(item) for item in value], default=0)
        if type(value) is int:
            return 0 if abs(value) < 2**53 else 99
        return 0 if isinstance(value, str) else 99

    try:
        value = json.loads(text)
        again = json.dumps(value, separators=(",", ":"), ensure_ascii=False)
    except (ValueError, RecursionError):
        return False
    return isinstance(value, list) and depth(value) <= MAX_DEPTH and again == text


def accepted(text: str) -> bool:
    try:
        payload_text(text.encode("utf-8", "surrogatepass"), 65536)
    except IntegrityFault:
        return False
    return True


@pytest.mark.parametrize("schema", SCHEMAS, ids=lambda schema: schema.__name__)
@settings(max_examples=30)
@given(drawn=st.data())
def test_every_payload_comes_back_as_it_went(schema: type[Payload], drawn: st.DataObject) -> None:
    payload = drawn.draw(payloads(schema))
    raw = encode_payload(payload)
    assert raw[0] in (0x5B, 0x78)
    assert decode_payload(raw, schema, 1 << 20) == payload
    text = payload_text(raw, 1 << 20)
    assert text.startswith("[1,")
    assert json.dumps(json.loads(text), separators=(",", ":"), ensure_ascii=False) == text
    assert len(raw) <= len(text.encode())


@given(st.lists(VALUES, max_size=5).map(lambda value: json.dumps(value, separators=(",", ":"), ensure_ascii=False)))
def test_what_the_grammar_allows_is_read(text: str) -> None:
    assert accepted(text) == allowed_by_the_standard_library(text)


@given(
    st.lists(VALUES, max_size=5).map(lambda value: json.dumps(value, separators=(",", ":"), ensure_ascii=False)),
    st.data(),
)
def test_changed_texts_are_read_exactly_when_the_grammar_allows_them(text: str, drawn: st.DataObject) -> None:
    place = drawn.draw(st.integers(0, len(text)))
    piece = drawn.draw(
        st.sampled_from([*'[],"\\-+.eE0123456789 \n{}:tx\x00\x1f\x7f', "\\n", "\\u000a", "\\u001f", "null", "[["])
    )
    removed = drawn.draw(st.integers(0, 2))
    changed = text[:place] + piece + text[place + removed :]
    assert accepted(changed) == allowed_by_the_standard_library(changed)


@given(st.text(alphabet='[],"\\-0123456789.eu', max_size=30))
@example("[1,-0]")
@example("[\x00]")
@example("[1,\x00]")
@example("\x00")
@example("[01]")
@example("[1,]")
@example("[,1]")
@example("[1 ]")
@example("[1]]")
@example("[1][1]")
@example('["a""b"]')
@example('[1"a"]')
@example("[9007199254740991,-9007199254740991]")
@example("[9007199254740992]")
@example("[-9007199254740992]")
@example("[99999999999999999999]")
@example('["\\u000a"]')
@example('["\\u001F"]')
@example('["\\u0041"]')
@example('["\\/"]')
@example('["\\ud800"]')
@example('["\\b\\f\\n\\r\\t\\"\\\\\\u0000\\u001f"]')
def test_texts_are_read_exactly_when_the_grammar_allows_them(text: str) -> None:
    assert accepted("[1," + text) == allowed_by_the_standard_library("[1," + text)
    assert accepted(text) == allowed_by_the_standard_library(text)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"1",
        b'"a"',
        b"{}",
        b"null",
        b"\xef\xbb\xbf[1]",
        b" " + GAP_TEXT,
        GAP_TEXT + b" ",
        GAP_TEXT + b"x",
        GAP_TEXT + GAP_TEXT,
        GAP_TEXT[:-1],
        GAP_TEXT.replace(b"crash", b"cr\xffash"),
        GAP_TEXT.replace(b"crash", b"\xed\xa0\x80"),
        GAP_TEXT.replace(b"crash", b"unheard-of"),
        GAP_TEXT.replace(b"session", b"s" * 129),
        b'[1,1,2,0,"crash"]',
        b'[1,1,2,3,"crash","session",3,4]',
        b'[1,1.0,2,0,"crash","session",3,4]',
        b'[1,1e0,2,0,"crash","session",3,4]',
        b'[1,-1,2,0,"crash","session",3,4]',
        b'[1,9007199254740992,2,0,"crash","session",3,4]',
        b'[1,true,2,0,"crash","session",3,4]',
        b'[1,null,2,0,"crash","session",3,4]',
        b'[1,1,2,0,"crash","session",3,4,{}]',
        b'[1,1,2,0,"crash","session",3,4,1.5]',
        b'[1,1,2,0,"crash","session",3,4,NaN]',
        b'[1,1,2,0,"crash","session",3,4,"\xff"]',
        b'[1,1,2,0,"crash","session",3,4,9007199254740992]',
        b'[0,1,2,0,"crash","session",3,4]',
        b'[-1,1,2,0,"crash","session",3,4]',
        b'["1",1,2,0,"crash","session",3,4]',
        b'[[1],1,2,0,"crash","session",3,4]',
        b"[]",
        b"[1]",
        b"[2,{}]",
        b"[2,1.5]",
        b'[2,"\xff"]',
        b"[2," + b"[" * MAX_DEPTH + b"]" * MAX_DEPTH + b"]",
        b"[1," + b"[" * 30_000 + b"]" * 30_000 + b"]",
        b"[" * 60_000,
    ],
)
def test_what_is_not_a_payload_is_refused(raw: bytes) -> None:
    with pytest.raises(IntegrityFault):
        decode_payload(raw, Gap, 65536)
    with pytest.raises(IntegrityFault):
        decode_payload(zlib.compress(raw), Gap, 65536)


@pytest.mark.parametrize("raw", [b"[]", b"[0]", b"[-1,2]", b'["1"]', b"[[1]]"])
def test_a_payload_without_a_schema_number_says_so(raw: bytes) -> None:
    with pytest.raises(IntegrityFault, match="does not begin with its schema number"):
        decode_payload(raw, Gap, 65536)


@given(st.lists(VALUES, max_size=3))
def test_fields_that_came_later_are_skipped(later: list[Any]) -> None:
    more = json.dumps([0, later], separators=(",", ":"), ensure_ascii=False)[2:-1]
    assert decode_payload(GAP_TEXT[:-1] + more.encode() + b"]", Gap, 65536) == GAP


@pytest.mark.parametrize("raw", [b"[2]", b'[2,"other"]', b"[9007199254740991,[]]", zlib.compress(b"[2]" + b"")])
def test_a_newer_schema_is_none(raw: bytes) -> None:
    assert decode_payload(raw, Gap, 65536) is None


def test_eight_levels_are_read_and_nine_are_not() -> None:
    assert decode_payload(b"[2," + b"[" * (MAX_DEPTH - 1) + b"]" * MAX_DEPTH, Gap, 65536) is None
    with pytest.raises(IntegrityFault, match="8 levels"):
        decode_payload(b"[2," + b"[" * MAX_DEPTH + b"]" * (MAX_DEPTH + 1), Gap, 65536)


@pytest.mark.parametrize("level", range(10))
def test_every_zlib_level_is_read(level: int) -> None:
    assert decode_payload(zlib.compress(GAP_TEXT, level), Gap, 65536) == GAP


@pytest.mark.parametrize(
    "raw",
    [
        zlib.compress(GAP_TEXT)[:-1],
        zlib.compress(GAP_TEXT) + b"x",
        zlib.compress(GAP_TEXT) + zlib.compress(GAP_TEXT),
        zlib.compress(GAP_TEXT)[:-1] + b"\x00",
        b"\x78",
        b"\x78\x9c",
        b"\x78\x9c" + b"\xff" * 40,
        zlib.compress(zlib.compress(GAP_TEXT)),
        b"\x1f\x8b" + GAP_TEXT,
    ],
)
def test_a_damaged_or_longer_stream_is_refused(raw: bytes) -> None:
    with pytest.raises(IntegrityFault):
        decode_payload(raw, Gap, 65536)


def test_a_stream_that_asks_for_a_dictionary_is_refused() -> None:
    packer = zlib.compressobj(zdict=GAP_TEXT)
    with pytest.raises(IntegrityFault, match="damaged"):
        decode_payload(packer.compress(GAP_TEXT) + packer.flush(), Gap, 65536)


def test_inflation_stops_at_the_bound() -> None:
    bomb = zlib.compress(b"[1" + b",1" * 5_000_000 + b"]", 9)
    tracemalloc.start()
    with pytest.raises(IntegrityFault, match="inflates to more than the 4096"):
        decode_payload(bomb, Gap, 4096)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 100_000


@pytest.mark.parametrize("packed", [False, True])
def test_the_bound_is_of_the_inflated_text(packed: bool) -> None:
    text = msgspec.json.encode(Note(1, "n" * 4000))
    raw = zlib.compress(text) if packed else text
    assert decode_payload(raw, Note, len(text)) == Note(1, "n" * 4000)
    with pytest.raises(IntegrityFault, match=r"more than|longer than"):
        decode_payload(raw, Note, len(text) - 1)


def test_small_payloads_stay_readable_and_large_ones_shrink() -> None:
    assert encode_payload(GAP) == GAP_TEXT
    assert encode_payload(Focus(1, 2)) == b"[1,1,2,[],0,[],0]"
    assert encode_payload(Note(1, "n" * (ZLIB_FROM_BYTES - 9)))[0] == 0x5B
    assert encode_payload(Note(1, "n" * (ZLIB_FROM_BYTES - 8)))[0] == 0x78
    assert len(encode_payload(Note(1, "the same words " * 100))) < 200


@pytest.mark.parametrize(
    "payload",
    [Focus(1.5, 2), Focus(2**53, 2), Focus(True, 2), Focus(None, 2), Focus({}, 2)],  # type: ignore[arg-type]
)
def test_a_writer_that_breaks_the_grammar_has_a_bug(payload: Payload) -> None:
    with pytest.raises(ValueError, match="Focus cannot be written"):
        encode_payload(payload)


def test_raw_timing_of_a_busy_tick_fits_its_bound() -> None:
    keys = tuple((place * 40, 0, 80, 1) for place in range(125))
    raw = encode_payload(Raw(10**15, 10**12, keys))  # type: ignore[arg-type]
    assert len(raw) < 1024
    again = decode_payload(raw, Raw, 65536)
    assert again is not None
    assert len(again.keys) == 125
