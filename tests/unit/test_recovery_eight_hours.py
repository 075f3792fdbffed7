# SPDX-License-Identifier: Apache-2.0
"""A working day, open: cut anywhere, damaged anywhere, it comes back to the last whole record and goes on to its seal."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from cut_sessions import Damage, Judge, OpenSession, eight_hours, flipped, tails

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


def damages(day: OpenSession, count: int, seed: int) -> Iterator[Damage]:
    """Cuts, a half of them with all later segments still there, an eighth with something behind."""
    chance = random.Random(seed)  # noqa: S311 - choosing tests
    behind = [*tails(day, chance)]
    for number, (index, at) in zip(range(count), places(day, chance), strict=False):
        tail = behind[number // 8 % len(behind)] if number % 8 == 7 else b""
        yield Damage(index, day.segments[index][:at] + tail, later_stay=number % 2 == 0)


def bits(day: OpenSession, count: int, seed: int) -> Iterator[Damage]:
    chance = random.Random(seed)  # noqa: S311 - choosing tests
    for _, (index, at) in zip(range(count), places(day, chance), strict=False):
        yield flipped(day, index, 8 * at + chance.randrange(8))


def test_it_is_a_working_day(day: OpenSession) -> None:
    assert len(day.leaves) > 18_000
    assert len(day.blobs) == 480
    assert len(day.cosigned) == 960
    assert len(day.segments) == 33


def test_cuts_and_turned_bits_recover_the_longest_prefix(day: OpenSession, tmp_path: Path) -> None:
    judge = Judge(day, tmp_path, seal_every=5)
    judge.check_all(damages(day, 16, seed=1))
    judge.check_all(bits(day, 8, seed=2))
    assert len(judge.sizes) > 18
    assert judge.sealed >= 4


@pytest.mark.full
def test_cuts_at_a_thousand_offsets_recover_the_longest_prefix(day: OpenSession, tmp_path: Path) -> None:
    judge = Judge(day, tmp_path, seal_every=10)
    judge.check_all(damages(day, 1000, seed=3))
    assert judge.checked == 1000
    assert judge.sealed >= 80


@pytest.mark.full
def test_a_thousand_turned_bits_end_the_record_before_them(day: OpenSession, tmp_path: Path) -> None:
    judge = Judge(day, tmp_path, seal_every=10)
    judge.check_all(bits(day, 1000, seed=4))
    assert judge.checked == 1000
    assert judge.sealed >= 80
