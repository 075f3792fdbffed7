# SPDX-License-Identifier: Apache-2.0
"""A small open session cut at every byte, with every bit turned, with anything behind it: its longest prefix comes back."""

from __future__ import annotations

import random
from itertools import pairwise
from pathlib import Path

import pytest
from cut_sessions import Damage, Judge, OpenSession, flipped, small_session, tails
from journal_disks import QuickDisk

from agent.finishing import loss_of
from agent.keys.file_store import FileKeyStore
from agent.lifecycle import recover_spool
from session.frames import MAGIC, read_segment


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> OpenSession:
    return small_session(tmp_path_factory.mktemp("small") / "home")


@pytest.fixture
def judge(small: OpenSession, tmp_path: Path) -> Judge:
    return Judge(small, tmp_path)


def cuts(small: OpenSession) -> list[Damage]:
    """Every place at which a segment may end, the later ones gone."""
    return [Damage(index, segment[:cut]) for index, segment in enumerate(small.segments) for cut in range(len(segment) + 1)]


def bits(small: OpenSession) -> list[tuple[int, int]]:
    return [(index, bit) for index, segment in enumerate(small.segments) for bit in range(8 * len(segment))]


def test_the_session_has_what_can_be_lost(small: OpenSession) -> None:
    assert len(small.segments) == 2
    assert len(small.cosigned) == 3
    assert len(small.blobs) == 3
    assert sum(map(len, small.segments)) < 24_000


def test_cuts_recover_the_longest_prefix(small: OpenSession, judge: Judge) -> None:
    near = [
        Damage(index, segment[: end + by])
        for index, segment in enumerate(small.segments)
        for end in (0, len(MAGIC), *small.ends[index])
        for by in (-1, 0, 1, 4)
        if 0 <= end + by <= len(segment)
    ]
    judge.check_all(near)
    assert judge.sizes == set(range(2, len(small.leaves) + 1))


@pytest.mark.ci
def test_a_cut_at_every_byte_recovers_the_longest_prefix(small: OpenSession, judge: Judge) -> None:
    damages = cuts(small)
    judge.check_all(damages)
    assert judge.checked == sum(map(len, small.segments)) + len(small.segments)
    assert judge.sizes == set(range(2, len(small.leaves) + 1))
    assert judge.sealed == len(judge.seen)


@pytest.mark.ci
def test_a_cut_at_every_byte_of_an_earlier_segment_tells_what_the_later_ones_know(small: OpenSession, judge: Judge) -> None:
    first = small.segments[0]
    judge.check_all(Damage(0, first[:cut], later_stay=True) for cut in range(len(first)))
    assert all(lost for _, lost in judge.seen), "the cosignature in the next segment covers what was cut"
    assert judge.sealed == len(judge.seen)


def test_tails_go_whatever_they_hold(small: OpenSession, judge: Judge) -> None:
    chance = random.Random(3)  # noqa: S311 - choosing tests
    last = small.segments[-1]
    places = [len(last), len(last) - 1, small.ends[-1][-2], small.ends[-1][0] + 7, len(MAGIC)]
    judge.check_all(Damage(1, last[: places[number % 5]] + tail) for number, tail in enumerate(tails(small, chance)))
    assert judge.checked > 100


@pytest.mark.ci
def test_every_tail_goes_behind_every_end_and_inside_every_record(small: OpenSession, judge: Judge) -> None:
    chance = random.Random(4)  # noqa: S311 - choosing tests
    for index, segment in enumerate(small.segments):
        begins = [0, len(MAGIC), *small.ends[index]]
        places = begins + [chance.randrange(begin, end) for begin, end in pairwise(begins)]
        for place in places:
            judge.check_all(Damage(index, segment[:place] + tail) for tail in tails(small, chance))
    assert judge.checked > 3000


def test_one_turned_bit_ends_the_record_before_it(small: OpenSession, judge: Judge) -> None:
    chance = random.Random(5)  # noqa: S311 - choosing tests
    judge.check_all(flipped(small, index, bit) for index, bit in chance.sample(bits(small), 150))
    assert any(lost for _, lost in judge.seen)


def test_a_turned_bit_in_a_length_hides_no_cosignature_behind_it(small: OpenSession, judge: Judge) -> None:
    begins = [(index, begin) for index in (0, 1) for begin in (len(MAGIC), *small.ends[index][:-1])]
    judge.check_all(flipped(small, index, 8 * begin + bit) for index, begin in begins for bit in (5, 16, 24, 31))
    assert max(lost for _, lost in judge.seen) > 10


def test_a_loss_that_was_said_is_said_again_when_the_record_of_it_is_damaged(small: OpenSession, tmp_path: Path) -> None:
    small.copy(tmp_path, flipped(small, 1, 8 * (small.ends[1][1] + 40)))
    store = FileKeyStore(tmp_path / "keys")
    folder = tmp_path / "spool" / small.folder.name
    for damaged_record in (None, small.first_of(1) + 1, 4):
        if damaged_record is not None:
            segment = folder / f"{int(damaged_record >= small.first_of(1)):06d}.fws"
            frames = list(read_segment(segment.read_bytes()))
            octets = bytearray(segment.read_bytes())
            octets[next(end for frame, end in frames if frame.seq == damaged_record) - 3] ^= 1
            segment.write_bytes(octets)
        (reopened,) = recover_spool(tmp_path / "spool", store=store, clock=small.trainer.clock, disk=QuickDisk()).reopened
        reopened.stopped.journal.close()
        loss = loss_of(reopened.stopped.events)
        assert loss is not None
        assert loss.cosigned_size == 18
        assert loss.recovered_size == (damaged_record or small.first_of(1) + 2)


@pytest.mark.full
def test_every_turned_bit_ends_the_record_before_it(small: OpenSession, judge: Judge) -> None:
    judge.check_all(flipped(small, index, bit) for index, bit in bits(small))
    assert judge.checked == 8 * sum(map(len, small.segments))
