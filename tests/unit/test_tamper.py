# SPDX-License-Identifier: Apache-2.0
"""Nothing in a sealed session can change quietly: whatever is changed, the verifier names a step.

The everyday tests change a realistic session at random and a small one at every seventh byte; `ci` ones change every byte
of a small one in every way: each bit, each deletion, each swap of neighbours, each truncation.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations, pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from trust_builders import Organisation, organisation, personal_session, realistic_session, small_session
from trust_files import Files, files_of

from session.crypto.hpke import ReadingKey
from session.frames import MAGIC, encode_frame, read_segment
from session.verify import TrustAnchor, Verification, verify_session, verify_source

RECEIPT = "receipt.dsse"
SEGMENT = "000000.fws"


@dataclass(frozen=True)
class Sealed:
    """A sealed session's files, and what its reader trusts."""

    files: Files
    org: Organisation | None

    @property
    def anchor(self) -> TrustAnchor | None:
        return self.org.anchor if self.org else None

    def verify(self, files: Files, key: ReadingKey | None = None) -> Verification:
        return verify_source(files, trust=self.anchor, key=key)

    def assert_caught(self, files: Files, what: str) -> None:
        outcome = self.verify(files)
        assert not outcome.verified, what
        assert outcome.failed_step is not None, what
        assert outcome.failed_step.detail, what


@pytest.fixture(scope="module")
def realistic(tmp_path_factory: pytest.TempPathFactory) -> Sealed:
    org = organisation()
    return Sealed(files_of(realistic_session(org, tmp_path_factory.mktemp("realistic") / "s").folder), org)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Sealed:
    org = organisation()
    return Sealed(files_of(small_session(org, tmp_path_factory.mktemp("small") / "s").folder), org)


@pytest.fixture(scope="module")
def with_capture(tmp_path_factory: pytest.TempPathFactory) -> Sealed:
    org = organisation()
    return Sealed(files_of(small_session(org, tmp_path_factory.mktemp("capture") / "s", capture=True).folder), org)


@pytest.fixture(scope="module")
def personal(tmp_path_factory: pytest.TempPathFactory) -> Sealed:
    session = personal_session(tmp_path_factory.mktemp("personal") / "s")
    session.tick()
    session.stop()
    return Sealed(files_of(session.seal().folder), None)


# -- untouched ---------------------------------------------------------------------------------------------------------


def test_untouched_sessions_verify_with_nothing_but_their_files(
    realistic: Sealed, small: Sealed, with_capture: Sealed, personal: Sealed
) -> None:
    for sealed in (realistic, small, with_capture, personal):
        outcome = sealed.verify(sealed.files)
        assert outcome.verified, outcome.failed_step


def test_what_memory_says_the_disk_says(realistic: Sealed, tmp_path: Path) -> None:
    for name, octets in realistic.files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(octets)
    assert verify_session(tmp_path, trust=realistic.anchor) == realistic.verify(realistic.files)
    (tmp_path / SEGMENT).write_bytes(realistic.files[SEGMENT][:-1])
    assert verify_session(tmp_path, trust=realistic.anchor).failed_step is not None


def test_the_two_lawful_states_that_lack_something(realistic: Sealed) -> None:
    assert realistic.verify(realistic.files.without(RECEIPT)).verified
    outcome = realistic.verify(realistic.files.without(RECEIPT))
    assert not outcome.receipt
    assert outcome.steps[11].detail == "not yet confirmed by the platform"


# -- at random, on a realistic one -------------------------------------------------------------------------------------


@given(
    which=st.integers(0, 100),
    place=st.integers(0, 10**6),
    other=st.integers(0, 10**6),
    byte=st.integers(1, 255),
    length=st.integers(0, 40),
)
def test_any_change_of_any_file_is_caught(  # noqa: PLR0917 - hypothesis gives them by name
    realistic: Sealed, which: int, place: int, other: int, byte: int, length: int
) -> None:
    name = sorted(realistic.files)[which % len(realistic.files)]
    octets = realistic.files[name]
    place, other = place % len(octets), other % len(octets)
    changes = [
        octets[:place] + bytes((octets[place] ^ byte,)) + octets[place + 1 :],
        octets[:place] + octets[place + 1 :],
        octets[:place],
        octets[:place] + bytes((byte,)) + octets[place:],
        octets + bytes((byte,)),
        swapped(octets, min(place, other), max(place, other)),
        octets[:place] + bytes(length) + octets[place + byte % 40 :],
    ]
    for changed in changes:
        if changed != octets:
            realistic.assert_caught(realistic.files.changed(name, changed), f"{name} at {place}")


def swapped(octets: bytes, first: int, second: int) -> bytes:
    """The bytes at two places exchanged."""
    if first == second:
        return octets
    changed = bytearray(octets)
    changed[first], changed[second] = changed[second], changed[first]
    return bytes(changed)


def test_each_file_missing_is_caught(realistic: Sealed) -> None:
    for name in realistic.files:
        if name != RECEIPT:
            realistic.assert_caught(realistic.files.without(name), name)


def test_each_pair_of_files_swapped_is_caught(realistic: Sealed) -> None:
    for one, other in combinations(sorted(realistic.files), 2):
        files = realistic.files.changed(one, realistic.files[other]).changed(other, realistic.files[one])
        realistic.assert_caught(files, f"{one} and {other}")


@pytest.mark.parametrize(
    ("name", "octets"),
    [
        ("000001.fws", MAGIC),
        ("000001.fws", b""),
        ("000002.fws", MAGIC),
        ("blobs/" + "0" * 64, b"x" * 16400),
        ("statements/" + "0" * 64 + ".dsse", b"{}"),
        ("statements/notes.txt", b"hello"),
        ("seal.dsse.part", b""),
        (".hidden", b""),
        ("000000.FWS", MAGIC),
    ],
)
def test_each_file_too_many_is_caught(realistic: Sealed, name: str, octets: bytes) -> None:
    realistic.assert_caught(realistic.files.changed(name, octets), name)


def test_a_file_of_another_session_is_caught(realistic: Sealed, small: Sealed, personal: Sealed) -> None:
    for name, octets in small.files.items():
        if octets != realistic.files.get(name):
            realistic.assert_caught(realistic.files.changed(name, octets), name)
    for name in (RECEIPT, "statements/directory.dsse"):
        personal.assert_caught(personal.files.changed(name, realistic.files[name]), name)


# -- whole frames, with their check sums made right --------------------------------------------------------------------


def frame_bytes(segment: bytes) -> list[bytes]:
    """The bytes of each frame of a segment."""
    ends = [len(MAGIC)] + [end for _, end in read_segment(segment)]
    return [segment[begin:end] for begin, end in pairwise(ends)]


def test_each_frame_missing_doubled_or_swapped_with_any_other_is_caught(realistic: Sealed) -> None:
    frames = frame_bytes(realistic.files[SEGMENT])
    variants = [frames[:at] + frames[at + 1 :] for at in range(len(frames))]
    variants += [[*frames[:at], frames[at], *frames[at:]] for at in range(len(frames))]
    for one, other in combinations(range(len(frames)), 2):
        exchanged = list(frames)
        exchanged[one], exchanged[other] = frames[other], frames[one]
        variants.append(exchanged)
    variants += [frames[:at] for at in range(len(frames))]
    for variant in variants:
        realistic.assert_caught(realistic.files.changed(SEGMENT, MAGIC + b"".join(variant)), str(len(variant)))


def test_the_content_of_each_single_record_taken_away_is_caught(realistic: Sealed) -> None:
    frames = [frame for frame, _ in read_segment(realistic.files[SEGMENT])]
    for at, frame in enumerate(frames):
        if frame.absent() is frame:
            continue
        octets = MAGIC + b"".join(encode_frame(f.absent() if i == at else f) for i, f in enumerate(frames))
        realistic.assert_caught(realistic.files.changed(SEGMENT, octets), str(frame.seq))


@pytest.mark.parametrize("step", [7, pytest.param(3, marks=pytest.mark.ci)])
def test_a_check_sum_made_right_does_not_help(small: Sealed, step: int) -> None:
    """Every step-th byte of every frame, its CRC recomputed: only the tree and the signatures stand in the way."""
    frames = frame_bytes(small.files[SEGMENT])
    for at, frame in enumerate(frames):
        for place in range(0, len(frame) - 4, step):
            body = frame[:place] + bytes((frame[place] ^ 0x01,)) + frame[place + 1 : -4]
            forged = [*frames[:at], body + zlib.crc32(body).to_bytes(4, "big"), *frames[at + 1 :]]
            small.assert_caught(small.files.changed(SEGMENT, MAGIC + b"".join(forged)), f"frame {at} byte {place}")


# -- every byte --------------------------------------------------------------------------------------------------------


def test_every_seventh_byte_changed_once_is_caught(small: Sealed) -> None:
    for name, octets in small.files.items():
        for place in range(0, len(octets), 7):
            changed = octets[:place] + bytes((octets[place] ^ (1 << place % 8),)) + octets[place + 1 :]
            small.assert_caught(small.files.changed(name, changed), f"{name} byte {place}")


def every_change(octets: bytes) -> Iterator[tuple[str, bytes]]:
    """Each bit flipped, each byte taken out, each two neighbours swapped, each truncation."""
    for place, byte in enumerate(octets):
        for bit in range(8):
            yield f"bit {bit} of byte {place}", octets[:place] + bytes((byte ^ (1 << bit),)) + octets[place + 1 :]
        yield f"byte {place} out", octets[:place] + octets[place + 1 :]
        yield f"cut at {place}", octets[:place]
        if place and byte != octets[place - 1]:
            yield f"bytes {place - 1} and {place} swapped", swapped(octets, place - 1, place)


@pytest.mark.ci
@pytest.mark.parametrize("which", ["small", "personal"])
def test_every_change_of_every_byte_is_caught(which: str, request: pytest.FixtureRequest) -> None:
    sealed: Sealed = request.getfixturevalue(which)
    tried = 0
    for name, octets in sealed.files.items():
        for what, changed in every_change(octets):
            sealed.assert_caught(sealed.files.changed(name, changed), f"{name}: {what}")
            tried += 1
    assert tried > 10 * sum(len(octets) for octets in sealed.files.values())


@pytest.mark.ci
def test_every_change_of_every_byte_of_a_blob_is_caught(with_capture: Sealed) -> None:
    (name,) = (name for name in with_capture.files if name.startswith("blobs/"))
    octets = with_capture.files[name]
    for place, byte in enumerate(octets):
        flipped = octets[:place] + bytes((byte ^ (1 << place % 8),)) + octets[place + 1 :]
        with_capture.assert_caught(with_capture.files.changed(name, flipped), f"byte {place}")
        with_capture.assert_caught(with_capture.files.changed(name, octets[:place]), f"cut at {place}")


# -- hostile bytes -----------------------------------------------------------------------------------------------------


@given(
    st.dictionaries(st.sampled_from([SEGMENT, "seal.dsse", RECEIPT, "statements/policy.toml", "x"]), st.binary(max_size=200))
)
def test_no_bytes_make_it_raise(files: dict[str, bytes]) -> None:
    assert not verify_source(Files(files)).verified


@given(position=st.integers(0, 10**6), octets=st.binary(min_size=1, max_size=30))
def test_bytes_written_over_a_record_never_raise(realistic: Sealed, position: int, octets: bytes) -> None:
    segment = realistic.files[SEGMENT]
    at = position % len(segment)
    changed = segment[:at] + octets + segment[at + len(octets) :]
    if changed != segment:
        realistic.assert_caught(realistic.files.changed(SEGMENT, changed), str(at))
