# SPDX-License-Identifier: Apache-2.0
"""Parts of the platform without HTTP: ranges, rates, bodies, files, configuration."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from server_running import StillClock, sha256

from server.access.rate import ADDRESSES, RateLimit
from server.bodies import decode
from server.config import ServerConfig
from server.faults import RefusalError
from server.ranges import parse_range
from server.store.blobs_fs import BlobFolders
from server.store.lock import FolderLock
from session import EnvironmentFault, InputFault, IntegrityFault

SESSION = "ab" * 16


@given(size=st.integers(1, 300), start=st.integers(0, 300), last=st.integers(0, 300))
def test_a_range_is_what_python_slices(size: int, start: int, last: int) -> None:
    octets = bytes(index % 251 for index in range(size))
    header = f"bytes={start}-{last}"
    if last < start:
        assert parse_range(header, size) is None
    elif start >= size:
        with pytest.raises(RefusalError, match="no such bytes"):
            parse_range(header, size)
    else:
        asked = parse_range(header, size)
        assert asked is not None
        assert octets[asked[0] : asked[1]] == octets[start : last + 1] != b""


@given(size=st.integers(1, 300), length=st.integers(1, 400))
def test_a_suffix_range_is_the_end(size: int, length: int) -> None:
    assert parse_range(f"bytes=-{length}", size) == (max(0, size - length), size)


@pytest.mark.parametrize(
    "header", [None, "", "bytes=-", "bytes=0-1,2-3", "lines=0-1", "bytes=a-b", "bytes=0-1 ", "bytes=--1"]
)
def test_what_is_no_single_range_is_ignored(header: str | None) -> None:
    assert parse_range(header, 10) is None


@pytest.mark.parametrize(("header", "size"), [("bytes=0-", 0), ("bytes=-0", 5), ("bytes=5-", 5), (f"bytes={10**17}-", 5)])
def test_a_range_of_nothing_is_416(header: str, size: int) -> None:
    with pytest.raises(RefusalError) as caught:
        parse_range(header, size)
    assert caught.value.headers == {"Content-Range": f"bytes */{size}"}


def refused(rate: RateLimit, address: str) -> bool:
    try:
        rate.count(address)
    except RefusalError as refusal:
        answered = (refusal.status, refusal.headers)
    else:
        return False
    return answered == (429, {"Retry-After": "60"})


def test_a_rate_slides_by_the_minute() -> None:
    clock = StillClock()
    rate = RateLimit(2, clock)
    assert [refused(rate, "a") for _ in range(3)] == [False, False, True]
    assert not refused(rate, "b")
    clock.advance_s(59.9)
    assert refused(rate, "a")
    clock.advance_s(0.1)
    assert [refused(rate, "a") for _ in range(3)] == [False, False, True]


def test_one_customer_of_a_network_has_one_rate() -> None:
    rate = RateLimit(2, StillClock())
    assert [refused(rate, f"2001:db8::{host}") for host in range(3)] == [False, False, True]
    assert not refused(rate, "2001:db8:0:1::1")


def test_all_addresses_together_have_a_rate_and_few_are_remembered() -> None:
    clock = StillClock()
    rate = RateLimit(2, clock)
    assert [refused(rate, f"{n}") for n in range(21)] == [False] * 20 + [True]
    for n in range(2 * ADDRESSES):
        refused(rate, f"x{n}")
    assert len(rate._tries) == ADDRESSES


class Wish(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    name: str
    parts: tuple[int, ...] = ()


@given(st.builds(Wish, name=st.text(st.characters(exclude_categories=["Cs"])), parts=st.tuples(st.integers(0, 9))))
def test_a_body_is_taken_in_any_spelling(wish: Wish) -> None:
    assert decode(json.dumps(msgspec.to_builtins(wish), indent=1).encode(), Wish) == wish


@given(st.binary(max_size=64))
def test_any_bytes_are_a_body_or_a_refusal(raw: bytes) -> None:
    status = 200
    try:
        decode(raw, Wish)
    except RefusalError as refusal:
        status = refusal.status
    assert status in {200, 422}


@pytest.mark.parametrize(
    "text",
    ['{"name":"a","name":"a"}', '{"name":"a","x":1}', '{"name":1}', '{"name":"a","parts":[1.0]}', '{"name":Infinity}', "[]"],
)
def test_what_a_strict_body_refuses(text: str) -> None:
    with pytest.raises(RefusalError):
        decode(text.encode(), Wish)


@pytest.mark.parametrize(
    "raw",
    [
        rb'{"name":"\ud800"}',
        rb'{"name":"\uDFFF"}',
        rb'{"name":"\ude00\ud83d"}',
        rb'{"name":"a","\ud800":1}',
        b'{"name":"\xed\xa0\x80"}',
        '{"name":"a"}'.encode("utf-16"),
    ],
)
def test_half_a_character_is_no_text_and_utf_8_is_the_one_encoding(raw: bytes) -> None:
    with pytest.raises(RefusalError, match="not JSON in UTF-8"):
        decode(raw, Wish)


def test_a_character_in_two_halves_is_whole() -> None:
    assert decode(rb'{"name":"\ud83d\ude00"}', Wish) == Wish("\U0001f600")


def test_a_number_too_long_to_read_is_refused() -> None:
    with pytest.raises(RefusalError):
        decode(b'{"name":' + b"1" * 20_000 + b"}", Wish)


def test_a_blob_is_in_place_only_when_it_is_finished(tmp_path: Path) -> None:
    blobs = BlobFolders(tmp_path)
    octets = b"some bytes"
    arriving = blobs.arrive(SESSION, sha256(octets))
    arriving.write(octets[:4])
    arriving.write(octets[4:])
    path = blobs.path(SESSION, sha256(octets))
    assert not path.exists()
    arriving.finish()
    assert path.read_bytes() == octets
    assert path.stat().st_mode & 0o777 == 0o600
    assert b"".join(blobs.read(SESSION, path.name, 2, 6)) == octets[2:6]
    assert list((tmp_path / "incoming").iterdir()) == []


def test_wrong_and_abandoned_bytes_leave_nothing_and_a_sweep_takes_the_rest(tmp_path: Path) -> None:
    blobs = BlobFolders(tmp_path)
    arriving = blobs.arrive(SESSION, sha256(b"right"))
    arriving.write(b"wrong")
    with pytest.raises(IntegrityFault):
        arriving.finish()
    blobs.arrive(SESSION, sha256(b"x")).abandon()
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
    left = blobs.arrive(SESSION, sha256(b"x"))
    left.write(b"x")
    assert BlobFolders(tmp_path).sweep() == 1
    assert BlobFolders(tmp_path).sweep() == 0
    with pytest.raises(EnvironmentFault, match="keeping a file"):
        left.finish()


def test_the_same_blob_twice_is_one_file(tmp_path: Path) -> None:
    blobs = BlobFolders(tmp_path)
    both = [blobs.arrive(SESSION, sha256(b"x")) for _ in range(2)]
    for arriving in both:
        arriving.write(b"x")
        arriving.finish()
    assert len([path for path in tmp_path.rglob("*") if path.is_file()]) == 1


def test_one_server_a_folder(tmp_path: Path) -> None:
    with FolderLock(tmp_path), pytest.raises(EnvironmentFault, match="Another server"):
        FolderLock(tmp_path).__enter__()
    with FolderLock(tmp_path):
        pass


@pytest.mark.parametrize(
    ("fields", "named"),
    [({"port": -1}, "port"), ({"port": 70_000}, "port"), ({"database_url": "mysql://x"}, "database_url")],
)
def test_a_configuration_that_cannot_work_is_refused(tmp_path: Path, fields: dict[str, object], named: str) -> None:
    with pytest.raises(InputFault, match=named):
        ServerConfig(folder=tmp_path, **fields)  # type: ignore[arg-type]


def test_the_database_lies_in_the_folder_unless_told_otherwise(tmp_path: Path) -> None:
    assert ServerConfig(folder=tmp_path).database == f"sqlite:///{tmp_path}/platform.sqlite3"
    assert ServerConfig(folder=tmp_path, database_url="sqlite:///x").database == "sqlite:///x"
