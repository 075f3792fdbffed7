# SPDX-License-Identifier: Apache-2.0
"""Frames: what is written is read again, and no changed byte is ever taken for the record that was signed."""

from __future__ import annotations

import hashlib
import struct
import tracemalloc
import zlib

import msgspec
import pytest
from format_independent import plain_frames
from hypothesis import given
from hypothesis import strategies as st

from session import IntegrityFault
from session.crypto.aead import RecordKey
from session.events import Focus, Gap, Kind
from session.frames import (
    ABSENT,
    MAGIC,
    MAX_FRAME_BYTES,
    NO_COMMIT,
    PUBLIC,
    SEALED,
    Frame,
    FrameFault,
    encode_frame,
    encode_payload,
    frame_key,
    open_frame,
    public_frame,
    read_frame,
    read_segment,
    seal_frame,
)
from session.table import TYPES, rule_of

SESSION = bytes(range(16))
CONTENT_KEY = b"\x05" * 32
SALT = bytes(range(16, 32))
SEALED_KINDS = [kind for kind, rule in TYPES.items() if rule.sealed] + [128, 191, 192, 223]
PUBLIC_KINDS = [kind for kind, rule in TYPES.items() if not rule.sealed] + [224, 255]
UNKNOWN_KINDS = [kind for kind in range(256) if rule_of(kind) is None]
DIGEST_PUBLIC = b'[1,"' + b"ab" * 32 + b'"]'


def sealed(kind: int = Kind.FOCUS, seq: int = 7, payload: bytes = b"[1,2,3]", least: int = 0) -> Frame:
    public = DIGEST_PUBLIC if kind == Kind.CAPTURE else b""
    return seal_frame(
        kind,
        seq,
        payload,
        content_key=CONTENT_KEY,
        session_id=SESSION,
        salt=SALT,
        public=public,
        least=least,
    )


def rebuilt(body: bytes) -> bytes:
    """A frame around `body` with length and CRC that fit it."""
    counted = struct.pack(">I", len(body)) + body
    return counted + struct.pack(">I", zlib.crc32(counted))


def read(raw: bytes) -> Frame:
    frame, end = read_frame(memoryview(raw), 0)
    assert end == len(raw)
    return frame


FRAMES = st.one_of(
    st.builds(
        sealed, st.sampled_from(SEALED_KINDS), st.integers(0, 2**64 - 1), st.binary(max_size=900), st.integers(0, 2000)
    ),
    st.builds(public_frame, st.sampled_from(PUBLIC_KINDS), st.integers(0, 2**64 - 1), st.binary(min_size=1, max_size=900)),
)
FRAMES = FRAMES | FRAMES.map(Frame.absent)


@given(FRAMES)
def test_a_frame_comes_back_as_it_went(frame: Frame) -> None:
    raw = encode_frame(frame)
    again = read(raw)
    assert again == frame
    assert (again.leaf, again.commit, again.p) == (frame.leaf, frame.commit, frame.p)
    assert encode_frame(again) == raw


@given(st.lists(FRAMES, max_size=6))
def test_a_segment_reads_like_the_second_implementation(frames: list[Frame]) -> None:
    segment = MAGIC + b"".join(encode_frame(frame) for frame in frames)
    ours = list(read_segment(segment))
    assert [frame for frame, _ in ours] == frames
    assert ours[-1][1] == len(segment) if ours else True
    for ours_one, plain in zip(frames, plain_frames(segment), strict=True):
        assert (ours_one.flags, ours_one.kind, ours_one.seq) == (plain.flags, plain.kind, plain.seq)
        assert (ours_one.public, ours_one.tail, ours_one.p) == (plain.public, plain.tail, plain.p)
        assert (ours_one.commit, ours_one.leaf) == (plain.commit, plain.leaf)


@given(st.sampled_from(SEALED_KINDS), st.integers(0, 2**64 - 1), st.binary(max_size=900), st.integers(0, 2000))
def test_a_sealed_part_opens_here_and_in_the_second_implementation(kind: int, seq: int, payload: bytes, least: int) -> None:
    frame = sealed(kind, seq, payload, least)
    assert open_frame(frame, frame_key(frame, CONTENT_KEY, SESSION)) == payload
    assert plain_frames(MAGIC + encode_frame(frame))[0].open(CONTENT_KEY, SESSION) == payload
    padded = len(frame.tail) - 32 - 16 - 16
    assert padded % TYPES.get(kind, rule_of(kind)).pad == 0  # type: ignore[union-attr]
    assert padded >= least


def test_a_leaf_is_over_the_slice_and_the_commitment() -> None:
    frame = sealed()
    kc, salt, ct = frame.tail[:32], frame.tail[32:48], frame.tail[48:]
    p = struct.pack(">HBQI", 1, Kind.FOCUS, 7, 0)
    commit = hashlib.sha256(b"\x02" + kc + salt + ct).digest()
    assert (frame.p, frame.commit) == (p, commit)
    assert frame.header == p[:11]
    assert salt == SALT
    assert frame.leaf == hashlib.sha256(b"\x00" + p + commit).digest()
    public = public_frame(Kind.GAP, 7, b"[1]")
    assert public.leaf == hashlib.sha256(b"\x00" + struct.pack(">HBQI", 1, 4, 7, 3) + b"[1]" + NO_COMMIT).digest()


@given(FRAMES)
def test_giving_up_the_ciphertext_keeps_the_leaf(frame: Frame) -> None:
    absent = frame.absent()
    assert absent.leaf == frame.leaf
    assert absent.absent() == absent
    assert absent.flags == (PUBLIC if frame.flags == PUBLIC else ABSENT)
    assert len(encode_frame(absent)) <= len(encode_frame(frame))


SMALL_FRAMES = [sealed(Kind.RAW, payload=b"[1]"), sealed(Kind.RAW).absent(), public_frame(Kind.GAP, 7, b"[1,2]")]


@pytest.mark.parametrize("frame", SMALL_FRAMES, ids=["sealed", "absent", "public"])
def test_every_changed_byte_is_refused(frame: Frame) -> None:
    raw = encode_frame(frame)
    for place in range(len(raw)):
        for change in (1, 2, 0x80, 0xFF):
            changed = raw[:place] + bytes((raw[place] ^ change,)) + raw[place + 1 :]
            with pytest.raises(FrameFault):
                read_frame(memoryview(changed), 0)


@pytest.mark.parametrize("frame", SMALL_FRAMES, ids=["sealed", "absent", "public"])
def test_every_changed_byte_under_a_mended_crc_is_refused_or_another_leaf(frame: Frame) -> None:
    body = encode_frame(frame)[4:-4]
    taken = 0
    for place in range(len(body)):
        for change in range(1, 256):
            changed = body[:place] + bytes((body[place] ^ change,)) + body[place + 1 :]
            try:
                other = read(rebuilt(changed))
            except FrameFault:
                continue
            taken += 1
            assert other.leaf != frame.leaf
    assert taken > len(body)


@pytest.mark.parametrize("frame", SMALL_FRAMES, ids=["sealed", "absent", "public"])
def test_every_truncation_is_refused(frame: Frame) -> None:
    raw = encode_frame(frame)
    for size in range(len(raw)):
        with pytest.raises(FrameFault, match="truncated"):
            read_frame(memoryview(raw[:size]), 0)


@pytest.mark.parametrize("kind", UNKNOWN_KINDS)
def test_unknown_types_are_refused(kind: int) -> None:
    for flags, tail in ((SEALED, bytes(96)), (ABSENT, bytes(32)), (PUBLIC, b"")):
        frame = Frame(flags, 1, kind, 0, b"", tail)
        with pytest.raises(ValueError, match="must not be written: type"):
            encode_frame(frame)
        with pytest.raises(FrameFault) as fault:
            read_frame(memoryview(rebuilt(bytes((flags,)) + frame.p + tail)), 0)
        assert fault.value.what == "type"


@pytest.mark.parametrize(
    ("frame", "what"),
    [
        (Frame(SEALED, 0, Kind.RAW, 0, b"", bytes(96)), "version"),
        (Frame(SEALED, 2, Kind.RAW, 0, b"", bytes(96)), "version"),
        (Frame(3, 1, Kind.RAW, 0, b"", bytes(96)), "flags"),
        (Frame(PUBLIC, 1, Kind.RAW, 0, b"", b""), "flags"),
        (Frame(PUBLIC, 1, 128, 0, b"", b""), "flags"),
        (Frame(SEALED, 1, Kind.GAP, 0, b"[1]", bytes(96)), "flags"),
        (Frame(ABSENT, 1, Kind.GAP, 0, b"[1]", bytes(32)), "flags"),
        (Frame(ABSENT, 1, 224, 0, b"", bytes(32)), "flags"),
        (Frame(PUBLIC, 1, Kind.GAP, 0, b"[1]", b"x"), "tail"),
        (Frame(PUBLIC, 1, Kind.GAP, 0, b"", b""), "public part"),
        (Frame(SEALED, 1, Kind.RAW, 0, b"[1]", bytes(96)), "public part"),
        (Frame(SEALED, 1, Kind.CAPTURE, 0, b"", bytes(64 + 256)), "public part"),
        (Frame(PUBLIC, 1, Kind.GAP, 0, bytes(4097), b""), "public length"),
        (Frame(ABSENT, 1, Kind.RAW, 0, b"", bytes(31)), "commitment length"),
        (Frame(ABSENT, 1, Kind.RAW, 0, b"", bytes(33)), "commitment length"),
        (Frame(SEALED, 1, Kind.RAW, 0, b"", b""), "padding"),
        (Frame(SEALED, 1, Kind.RAW, 0, b"", bytes(64)), "padding"),
        (Frame(SEALED, 1, Kind.RAW, 0, b"", bytes(64 + 31)), "padding"),
        (Frame(SEALED, 1, Kind.FOCUS, 0, b"", bytes(64 + 256)), "padding"),
    ],
)
def test_what_the_table_forbids_is_neither_written_nor_read(frame: Frame, what: str) -> None:
    with pytest.raises(ValueError, match=f"must not be written: {what}"):
        encode_frame(frame)
    with pytest.raises(FrameFault) as fault:
        read_frame(memoryview(rebuilt(bytes((frame.flags,)) + frame.p + frame.tail)), 0)
    assert fault.value.what == what


@pytest.mark.parametrize("length", [0, 15, MAX_FRAME_BYTES + 1, 2**32 - 1])
def test_a_length_out_of_bounds_is_refused_before_anything_is_read(length: int) -> None:
    raw = struct.pack(">I", length) + bytes(64)
    tracemalloc.start()
    with pytest.raises(FrameFault) as fault:
        read_frame(memoryview(raw), 0)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert fault.value.what == "length"
    assert peak < 100_000


def test_a_length_within_bounds_allocates_nothing_that_is_not_there() -> None:
    raw = struct.pack(">I", MAX_FRAME_BYTES) + bytes(64)
    tracemalloc.start()
    with pytest.raises(FrameFault, match="truncated"):
        read_frame(memoryview(raw), 0)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 100_000


@pytest.mark.parametrize("publen", [4, 5, 2**32 - 1])
def test_a_public_part_longer_than_its_frame_is_refused(publen: int) -> None:
    body = bytes((PUBLIC,)) + struct.pack(">HBQI", 1, Kind.GAP, 0, publen) + b"[1]"
    with pytest.raises(FrameFault, match="public length"):
        read_frame(memoryview(rebuilt(body)), 0)


def test_a_frame_larger_than_the_bound_is_not_written() -> None:
    frame = Frame(SEALED, 1, Kind.RAW, 0, b"", bytes(64 + MAX_FRAME_BYTES))
    with pytest.raises(ValueError, match="16 MiB"):
        encode_frame(frame)


def test_a_fault_says_where_and_what() -> None:
    good = encode_frame(public_frame(Kind.GAP, 0, b"[1]"))
    broken = good[:-1] + bytes((good[-1] ^ 1,))
    seen = []
    with pytest.raises(FrameFault) as fault:
        seen.extend(frame.seq for frame, _ in read_segment(MAGIC + good + broken))
    assert seen == [0]
    assert (fault.value.offset, fault.value.what) == (len(MAGIC) + len(good), "crc")
    assert str(fault.value.offset) in str(fault.value)


@pytest.mark.parametrize("head", [b"", MAGIC[:-1], b"FWS2\r\n\x1a\n", b"FWS1\n\x1a\n"])
def test_a_segment_begins_with_its_magic(head: bytes) -> None:
    with pytest.raises(FrameFault, match="magic"):
        list(read_segment(head))
    assert list(read_segment(MAGIC)) == []


def test_bytes_after_the_last_frame_are_refused() -> None:
    good = encode_frame(public_frame(Kind.GAP, 0, b"[1]"))
    for rest in (b"\x00", b"\x00" * 40, MAGIC):
        with pytest.raises(FrameFault):
            list(read_segment(MAGIC + good + rest))


def test_another_key_session_header_or_salt_opens_nothing() -> None:
    frame = sealed()
    with pytest.raises(IntegrityFault, match="committed to"):
        open_frame(frame, frame_key(frame, b"\x06" * 32, SESSION))
    with pytest.raises(IntegrityFault, match="committed to"):
        open_frame(frame, frame_key(frame, CONTENT_KEY, bytes(16)))
    moved = Frame(frame.flags, frame.version, frame.kind, frame.seq + 1, frame.public, frame.tail)
    with pytest.raises(IntegrityFault, match="committed to"):
        open_frame(moved, frame_key(moved, CONTENT_KEY, SESSION))


def test_a_changed_public_part_opens_nothing() -> None:
    frame = sealed(Kind.CAPTURE)
    changed = msgspec.structs.replace(frame, public=frame.public.replace(b"ab", b"cd"))
    with pytest.raises(IntegrityFault, match="does not open"):
        open_frame(changed, frame_key(changed, CONTENT_KEY, SESSION))


def test_one_ciphertext_never_opens_to_two_stories() -> None:
    """The commitment, not the cipher, refuses a second key: a story made for another key has another `kc`."""
    frame = sealed()
    other = RecordKey(b"\x09" * 32)
    with pytest.raises(IntegrityFault, match="not the one that the record committed to"):
        open_frame(frame, other)
    swapped = msgspec.structs.replace(frame, tail=other.commitment + frame.tail[32:])
    assert swapped.leaf != frame.leaf


@given(st.data())
def test_every_changed_byte_of_a_sealed_part_is_refused_on_opening(drawn: st.DataObject) -> None:
    frame = sealed()
    tail = bytearray(frame.tail)
    tail[drawn.draw(st.integers(0, len(tail) - 1))] ^= drawn.draw(st.integers(1, 255))
    changed = msgspec.structs.replace(frame, tail=bytes(tail))
    with pytest.raises(IntegrityFault):
        open_frame(changed, frame_key(changed, CONTENT_KEY, SESSION))


@pytest.mark.parametrize("frame", [sealed().absent(), public_frame(Kind.GAP, 0, b"[1]"), Frame(0, 1, 64, 0, b"", bytes(9))])
def test_what_has_no_sealed_part_has_no_key_and_does_not_open(frame: Frame) -> None:
    with pytest.raises(IntegrityFault, match="no sealed part"):
        frame_key(frame, CONTENT_KEY, SESSION)
    with pytest.raises(IntegrityFault, match="no sealed part"):
        open_frame(frame, RecordKey(bytes(32)))


@pytest.mark.parametrize("kind", [Kind.GAP, 224, 0, 99])
def test_sealing_a_type_that_is_not_sealed_is_a_bug(kind: int) -> None:
    with pytest.raises(ValueError, match="is not sealed"):
        sealed(kind)


def test_sizes_do_not_follow_what_a_tick_holds() -> None:
    empty = sealed(payload=encode_payload(Focus(1, 2)))
    full = sealed(payload=encode_payload(Focus(10**15, 10**12, (), 12345)))
    assert len(empty.tail) == len(full.tail) == 64 + 512


def test_a_record_of_a_session_is_small() -> None:
    frame = public_frame(Kind.GAP, 0, encode_payload(Gap(1, 2, 0, "pause", "session")))  # type: ignore[arg-type]
    assert len(encode_frame(frame)) == 4 + 1 + 15 + len(b'[1,1,2,0,"pause","session",0,0]') + 4
