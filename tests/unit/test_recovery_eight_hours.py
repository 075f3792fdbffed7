# SPDX-License-Identifier: Apache-2.0
"""A working day, open: cut anywhere, damaged anywhere, it comes back to the last whole record and goes on to its seal."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from cut_sessions import SECTOR_BYTES, Damage, Judge, OpenSession, eight_hours, flipped

from session.frames import MAGIC

PAGE_BYTES = 4096

pytestmark = pytest.mark.ci


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory) -> OpenSession:
    return eight_hours(tmp_path_factory.mktemp("day") / "home")


def places(day: OpenSession, chance: random.Random) -> Iterator[tuple[int, int]]:
    """Segment and byte, each byte of the day as likely as any other."""
    while True:
        at = chance.randrange(sum(map(len, day.segments)))
        index = 0
        while at >= len(day.segments[index]):
            at -= len(day.segments[index])
            index += 1
        yield index, at


def damages(day: OpenSession, count: int, seed: int, behind: Callable[[random.Random], bytes]) -> Iterator[Damage]:
    """Cuts with `behind` after them, a half of them with all later segments still there."""
    chance = random.Random(seed)  # noqa: S311 - choosing tests
    for number, (index, at) in zip(range(count), places(day, chance), strict=False):
        yield Damage(index, day.segments[index][:at] + behind(chance), later_stay=number % 2 == 0)


def nothing(_chance: random.Random) -> bytes:
    return b""


def zeros(chance: random.Random) -> bytes:
    """As a file system leaves what it had made room for: up to three pages, whole sectors as often as not."""
    return bytes(chance.choice((chance.randrange(1, 3 * PAGE_BYTES), chance.randrange(1, 24) * SECTOR_BYTES)))


def anything(chance: random.Random) -> bytes:
    """Up to three pages of no meaning, of frames that begin well, or of another place of a session."""
    size = chance.randrange(1, 3 * PAGE_BYTES)
    meaningless = chance.randbytes(size)
    return chance.choice((meaningless, MAGIC + meaningless, size.to_bytes(4, "big") + meaningless))


def bits(day: OpenSession, count: int, seed: int) -> Iterator[Damage]:
    chance = random.Random(seed)  # noqa: S311 - choosing tests
    for _, (index, at) in zip(range(count), places(day, chance), strict=False):
        yield flipped(day, index, 8 * at + chance.randrange(8))


def test_it_is_a_working_day(day: OpenSession) -> None:
    assert len(day.leaves) > 18_000
    assert len(day.blobs) == 480
    assert len(day.cosigned) == 960
    assert len(day.segments) == 33


def test_damages_of_each_kind_recover_the_longest_prefix(day: OpenSession, tmp_path: Path) -> None:
    judge = Judge(day, tmp_path, seal_every=5)
    for seed, behind in enumerate((nothing, zeros, anything)):
        judge.check_all(damages(day, 6, seed, behind))
    judge.check_all(bits(day, 6, seed=5))
    assert judge.checked == 24
    assert len(judge.sizes) > 18
    assert judge.sealed >= 4
    assert judge.remembered.again == 0


def test_what_was_read_once_is_recovered_the_same(day: OpenSession, tmp_path: Path) -> None:
    cases = [*damages(day, 3, 7, anything), *bits(day, 3, seed=8)]
    judges = [Judge(day, tmp_path, seal_every=len(cases), wholly_every=every) for every in (1, 1_000)]
    for judge in judges:
        judge.check_all(cases)
    whole, remembering = judges
    assert remembering.remembered.again > 50
    assert remembering.seen == whole.seen


def check_a_thousand(day: OpenSession, place: Path, cases: Iterator[Damage]) -> None:
    judge = Judge(day, place, seal_every=25, wholly_every=50)
    judge.check_all(cases)
    assert judge.checked == 1000
    assert len(judge.sizes) > 900
    assert judge.sealed >= 35
    print(f"{judge.checked} recovered to {len(judge.sizes)} sizes, {judge.sealed} sealed and verified")  # noqa: T201


@pytest.mark.full
def test_cuts_at_a_thousand_offsets_recover_the_longest_prefix(day: OpenSession, tmp_path: Path) -> None:
    check_a_thousand(day, tmp_path, damages(day, 1000, 3, nothing))


@pytest.mark.full
def test_zeros_behind_a_thousand_offsets_recover_the_longest_prefix(day: OpenSession, tmp_path: Path) -> None:
    check_a_thousand(day, tmp_path, damages(day, 1000, 4, zeros))


@pytest.mark.full
def test_anything_behind_a_thousand_offsets_recovers_the_longest_prefix(day: OpenSession, tmp_path: Path) -> None:
    check_a_thousand(day, tmp_path, damages(day, 1000, 5, anything))


@pytest.mark.full
def test_a_thousand_turned_bits_end_the_record_before_them(day: OpenSession, tmp_path: Path) -> None:
    check_a_thousand(day, tmp_path, bits(day, 1000, seed=6))
