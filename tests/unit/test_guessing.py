# SPDX-License-Identifier: Apache-2.0
"""What is seen without a key is the same whatever somebody does; and who guesses would find what is not the same."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from guessing_attack import Guess, Table, auc_of, guess
from guessing_people import AI_PAGE, generated_hand, live, one_thing
from guessing_sessions import MONO0_US, POLICIES, SECOND_US, Seen, Shape, Studio

from session.events import Checkpoint, Cosign, Kind

LENGTH_S = 210
PAUSE_US = (65 * SECOND_US, 92 * SECOND_US)


@pytest.fixture(params=POLICIES)
def lives(tmp_path: Path, request: pytest.FixtureRequest) -> tuple[Seen, Seen]:
    """Two sessions of one length, pause and chance: of fast typing with an AI page in front, and of nothing at all."""
    studio = Studio(tmp_path, request.param)
    busy = one_thing(1, LENGTH_S, AI_PAGE, typing=True, pause_us=PAUSE_US)
    quiet = one_thing(1, LENGTH_S, 4, typing=False, pause_us=PAUSE_US)
    return studio.record(busy, 7), studio.record(quiet, 7)


def shown(shape: Shape) -> tuple[object, ...]:
    """All of a record that means something in the open.

    Digests, keys and signatures are noise; so is the length of a public part that holds them, since it is compressed.
    """
    body = shape.public
    if isinstance(body, Checkpoint):
        said: object = (body.t_us, body.mono_us, body.moment, body.note.splitlines()[1], len(body.note))
    elif isinstance(body, Cosign):
        said = (body.size, len(body.line))
    else:
        said = body if shape.kind in (Kind.GAP, Kind.TASK) else None
    return shape.kind, shape.flags, shape.sealed_bytes, shape.blob_bytes, said


def sent(seen: Seen) -> Counter[tuple[str, int]]:
    """Sizes of requests by kind, the noise of public parts left out: segments as one sum, all else each by itself."""
    blobs = {one.blob_bytes for one in seen.shapes}
    segments = [one.body_bytes for one in seen.asked if one.what == "file" and one.body_bytes not in blobs]
    others = [(one.what, one.body_bytes) for one in seen.asked if one.what != "file" or one.body_bytes in blobs]
    return Counter([*others, ("segments", sum(segments) - sum(one.public_bytes for one in seen.shapes))])


def test_two_lives_show_the_same_records_sizes_times_and_requests(lives: tuple[Seen, Seen]) -> None:
    busy, quiet = lives
    assert [shown(one) for one in busy.shapes] == [shown(one) for one in quiet.shapes]
    assert [one.what for one in busy.asked] == [one.what for one in quiet.asked]
    assert sent(busy) == sent(quiet)
    late_us = [abs(one.at_us - other.at_us) for one, other in zip(busy.asked, quiet.asked, strict=True)]
    assert max(late_us) < 1_000, (
        "a request leaves when the writer woke: less than a millisecond in what a network shifts by 75"
    )


def test_the_two_lives_would_differ_without_padding(lives: tuple[Seen, Seen]) -> None:
    busy, quiet = lives
    assert [one.bare_bytes for one in busy.shapes] != [one.bare_bytes for one in quiet.shapes]
    if any(one.blob_bytes for one in busy.shapes):
        assert [one.bare_blob_bytes for one in busy.shapes] != [one.bare_blob_bytes for one in quiet.shapes]


def test_each_kind_of_record_has_one_size_in_a_session_of_a_whole_life(tmp_path: Path) -> None:
    seen = Studio(tmp_path, "everything").record(live(11, 420), 3)
    sizes = Counter((one.kind, one.sealed_bytes, one.blob_bytes) for one in seen.shapes if one.sealed_bytes)
    assert len(sizes) == len({kind for kind, _, _ in sizes})
    assert {Kind.FOCUS, Kind.STATS, Kind.RAW, Kind.CLIPBOARD, Kind.CAPTURE, Kind.FINDING} <= {kind for kind, _, _ in sizes}
    grid = [one.public for one in seen.shapes if isinstance(one.public, Checkpoint) and one.public.moment.value == "grid"]
    assert {(body.mono_us - MONO0_US) % (30 * SECOND_US) for body in grid} == {0}


# --- who guesses


def rows(sessions: int, each: int, leak: float, seed: int = 1) -> Table:
    """Noise of three features and one that shifts with the label by `leak` deviations."""
    chance = np.random.default_rng(seed)
    labels = chance.random(sessions * each) < 0.4
    features = chance.normal(size=(sessions * each, 4))
    features[:, 2] += leak * labels
    return Table(features, labels, np.repeat(np.arange(sessions), each), ("one", "two", "leak", "four"))


def test_a_coin_is_a_coin() -> None:
    found = guess(rows(60, 40, leak=0.0))
    assert found.low <= 0.5 + 0.02
    assert found.auc < 0.55
    assert found.feature_auc < 0.55


def test_a_small_leak_is_found_and_named() -> None:
    found = guess(rows(60, 40, leak=0.5))
    assert found.auc > 0.6
    assert found.low > 0.55
    assert (found.feature, found.feature_auc > found.feature_chance) == ("leak", True)


@pytest.mark.parametrize("classifier", ["boosted trees", "neighbours"])
def test_what_is_told_by_two_features_together_alone_is_found(classifier: str) -> None:
    chance = np.random.default_rng(3)
    features = chance.normal(size=(4000, 2))
    labels = (features[:, 0] > 0) == (features[:, 1] > 0)
    found = guess(Table(features, labels, np.repeat(np.arange(100), 40), ("one", "two")))
    assert found.by["logistic"] < 0.56
    assert found.by[classifier] > 0.75


def test_features_that_never_vary_leave_nothing_to_guess_by() -> None:
    table = Table(np.ones((400, 3)), np.arange(400) % 3 == 0, np.repeat(np.arange(20), 20), ("a", "b", "c"))
    assert guess(table) == Guess(400, 20, 0.5, 0.5, 0.5, dict.fromkeys(guess(table).by, 0.5), "", 0.5, 0.5)


def test_the_area_counts_pairs_and_halves_ties() -> None:
    assert auc_of(np.array([1.0, 2.0, 3.0, 4.0]), np.array([False, False, True, True])) == 1.0
    assert auc_of(np.array([4.0, 3.0, 2.0, 1.0]), np.array([False, False, True, True])) == 0.0
    assert auc_of(np.array([1.0, 2.0, 2.0, 3.0]), np.array([False, False, True, True])) == 0.875
    assert auc_of(np.array([1.0, 1.0]), np.array([True, True])) == 0.5


def test_generated_typing_has_the_speed_of_people() -> None:
    """The mean interval over people is 239 ms by the source; a fifth more by pauses after words."""
    import random  # noqa: PLC0415 - of this test alone

    chance = random.Random(4)  # noqa: S311 - made-up people
    means = []
    for _ in range(150):
        typed = generated_hand(chance)(chance, 60 * SECOND_US)
        means.append(float(np.median(np.diff(typed.press_us))) / 1000)
    assert 170 < np.mean(means) < 260
    assert min(means) < 130
    assert max(means) > 300
