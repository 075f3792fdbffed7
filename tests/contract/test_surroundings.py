# SPDX-License-Identifier: Apache-2.0
"""A full disk, a closed folder, keys that are locked or gone: at each step of a session, for real, and mended afterwards.

Nothing that was acknowledged is lost, the step can be taken again in the same program or the next, and what it says tells a
person what to do, in their language.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from surroundings import VERBS, Day, Place
from verifier_both import both

from agent.finishing import forget_keys_of_sealed
from session import EnvironmentFault
from session.events import Kind
from session.reader import FolderReader
from session.redact import Ranges
from ui.strings import Words

WRONGS = {
    "full": (Place.fill, ("Free some space", "Make room", "Free some disk space")),
    "closed": (Place.close, ("Allow writing", "give your account access")),
    "keys locked": (Place.lock_keys, ("give your account access",)),
    "keys gone": (Place.take_keys, ("keys of this device are missing",)),
}
REFUSED = {
    "full": {"start", "record", "screenshot", "remove", "seal", "put", "send", "settle"},
    "closed": {"start", "screenshot", "remove", "seal", "settle"},
    "keys locked": {"start", "seal"},
    "keys gone": {"start"},
}
"""The steps that cannot be taken so; the others need nothing of what is in the way."""
PERHAPS = {"full": {"checkpoint", "stop", "answer"}}
"""Steps whose few bytes may still fit into the last block of a file."""


@pytest.fixture
def place() -> Iterator[Place]:
    with Place() as place:
        yield place


def judge_words(words: str, expected: tuple[str, ...], place: Place) -> None:
    assert any(one in words for one in expected), words
    italian = Words("it").fault(words)
    assert italian != words, "no Italian for it"
    assert "{" not in italian


def judge_end(day: Day) -> None:
    """The session is confirmed, verifies, and holds all that was acknowledged."""
    assert [item.state for item in day.outbox.items()] == ["confirmed"]
    verification = both(day.folder, trust=day.org.anchor)
    assert verification.verified, verification.failed_step
    assert not verification.lost
    reader = FolderReader(day.folder, day.now.journal.keys.content)
    held = {event.seq: event for event in reader.events()}
    gone = Ranges(one for event in held.values() if event.kind == Kind.REDACT for one in event.body.ranges)  # type: ignore[union-attr]
    assert {event.seq: event for event in day.kept if event.seq not in gone} == {
        event.seq: held[event.seq] for event in day.kept if event.seq not in gone
    }
    for event in held.values():
        if event.kind == Kind.CAPTURE:
            assert (event.body is None) == (event.seq in gone)
            assert (day.folder / "blobs" / event.blob_sha256).exists() == (event.seq not in gone)
    forget_keys_of_sealed(day.trainer.spool, day.trainer.store)  # as the next start does
    assert list(day.trainer.store.names(f"session/{day.folder.name}/")) == []


@pytest.mark.parametrize("again", ["same program", pytest.param("next program", marks=pytest.mark.ci)])
@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("wrong", WRONGS)
def test_each_step_says_what_is_in_the_way_and_is_taken_once_it_is_mended(
    place: Place, wrong: str, verb: str, again: str
) -> None:
    day = Day(place.home)
    for before in VERBS[: VERBS.index(verb)]:
        getattr(day, before)()
    if verb == "settle":
        day.prepare_receipt()
    cause, expected = WRONGS[wrong]
    cause(place)
    words = ""
    try:
        getattr(day, verb)()
    except EnvironmentFault as fault:
        words = str(fault)
        judge_words(words, expected, place)
    place.mend()
    if verb not in PERHAPS.get(wrong, ()):
        assert bool(words) == (verb in REFUSED[wrong])
    if again == "next program":
        day.restart()
    for after in VERBS[VERBS.index(verb) + (not words) :]:
        if after == "settle":
            day.prepare_receipt()
        if day.needs(after):
            getattr(day, after)()
    with place.as_root():
        judge_end(day)


@pytest.mark.parametrize("wrong", ["full", "closed"])
def test_a_removal_that_could_not_be_finished_is_finished_by_the_seal(place: Place, wrong: str) -> None:
    day = Day(place.home)
    for before in VERBS[: VERBS.index("remove")]:
        getattr(day, before)()
    WRONGS[wrong][0](place)
    with pytest.raises(EnvironmentFault):
        day.remove()
    place.mend()
    removed = any(event.kind == Kind.REDACT for event in FolderReader(day.folder, day.now.journal.keys.content).events())
    for after in ("seal", "put", "send"):
        getattr(day, after)()
    day.prepare_receipt()
    day.settle()
    with place.as_root():
        judge_end(day)
    assert removed or wrong == "full"
