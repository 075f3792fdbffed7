# SPDX-License-Identifier: Apache-2.0
"""A part of a screenshot covered before the seal: nothing of it is left, its twins follow, and nothing breaks on the way."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from journal_disks import QuickDisk
from journal_parts import ORG_FP, append_tick, capture_at, keys_of, new_journal, reading_at
from msgspec.structs import replace
from PIL import Image
from trust_builders import organisation
from uploader_clock import StillClock
from verifier_both import both

import fairwitness.reviewing as under_test
from agent.capture.areas import Area
from agent.capture.cover import covered
from agent.capture.encode import encoded
from agent.finishing import Stopped
from agent.keys.file_store import FileKeyStore
from fairwitness.places import Places
from fairwitness.recording import Bench
from fairwitness.reviewing import Reviewing
from session import EnvironmentFault, InputFault, IntegrityFault
from session.events import Capture, Event, Kind, Moment, Redact
from session.policy import default_policy_toml, parse_policy
from session.reader import FolderReader
from session.recovery import recover
from session.segments import session_frames
from ui.replay.model import ReplayModel

WIDE, HIGH = 320, 200
GREY = (0x80, 0x80, 0x80)
SESSION = keys_of().session_id


def picture(hidden: int = 0, *, inside: tuple[slice, slice] = (slice(80, 120), slice(96, 200))) -> bytes:
    """Tiles of any colour, the same everywhere but in a part that `hidden` chooses."""
    frame = tiles(5, (HIGH, WIDE))
    frame[inside] = tiles(100 + hidden, frame[inside].shape)
    return encoded(frame)[1]


def tiles(seed: int, shape: tuple[int, int]) -> np.ndarray:
    """Not noise, which no encoder brings below the one size of a picture without fewer pixels."""
    few = np.random.default_rng(seed).integers(0, 2**24, (shape[0] // 8, shape[1] // 8), dtype=np.uint32)
    return np.kron(few, np.ones((8, 8), dtype=np.uint32))


def pixels(octets: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(octets)).convert("RGB")).astype(int)


AREA = Area(96, 80, 104, 40)


def test_an_area_is_one_flat_colour_and_the_rest_is_as_it_was() -> None:
    before, after = pixels(picture()), pixels(covered(picture(), [AREA]).encoded)
    inside = after[AREA.y : AREA.bottom, AREA.x : AREA.right]
    assert np.abs(inside - GREY).max() <= 8  # as the encoder keeps a flat colour
    far = np.abs(after[:, 240:] - before[:, 240:])
    assert far.mean() < 40, "what is far from it is the picture, encoded once more"
    assert np.abs(before[AREA.y : AREA.bottom, AREA.x : AREA.right] - GREY).max() > 60


@settings(max_examples=20)  # each encodes two pictures
@given(one=st.integers(0, 500), other=st.integers(0, 500))
def test_what_was_under_it_is_not_in_the_new_bytes(one: int, other: int) -> None:
    """Two pictures that differ under the area alone, kept without loss, give the very same bytes."""
    assert covered(lossless(one), [AREA]) == covered(lossless(other), [AREA])


def lossless(hidden: int) -> bytes:
    shown = np.random.default_rng(5).integers(0, 256, (HIGH, WIDE, 3), dtype=np.uint8)
    shape = shown[AREA.y : AREA.bottom, AREA.x : AREA.right].shape
    shown[AREA.y : AREA.bottom, AREA.x : AREA.right] = np.random.default_rng(hidden).integers(0, 256, shape, dtype=np.uint8)
    out = io.BytesIO()
    Image.fromarray(shown).save(out, "PNG", compress_level=0)
    return out.getvalue()


def test_an_area_grows_to_whole_blocks_and_is_cut_at_the_edge() -> None:
    after = pixels(covered(picture(), [Area(100, 100, 1, 1), Area(310, 190, 500, 500)]).encoded)
    for y, x in ((96, 96), (111, 111), (96, 111), (HIGH - 1, WIDE - 1), (176, 304)):
        assert np.abs(after[y, x] - GREY).max() <= 40, (y, x)  # the encoder rings at an edge, of what lies outside


@pytest.mark.parametrize("areas", [[], [Area(10, 10, 0, 5)], [Area(5000, 10, 5, 5)], [Area(-90, -90, 20, 20)]], ids=str)
def test_no_area_on_it_is_said(areas: list[Area]) -> None:
    with pytest.raises(InputFault, match="areas"):
        covered(picture(), areas)


@pytest.mark.parametrize("octets", [b"", b"no picture", picture()[:200]])
def test_what_is_no_picture_is_a_fault_of_the_record(octets: bytes) -> None:
    with pytest.raises(IntegrityFault, match="decoded"):
        covered(octets, [AREA])


class Waiting:
    """A stopped session with three equal screenshots and another one, waiting for review."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / SESSION
        self.journal = new_journal(self.folder, disk=QuickDisk())
        policy = parse_policy(default_policy_toml())
        events = FolderReader(self.folder, self.journal.keys.content).events()
        self.stopped = Stopped(self.journal, list(events), policy)
        append_tick(self.journal, 5)
        self.shots = [self.shot(6), self.shot(66, same=True), self.shot(126, other=True), self.shot(186, same=True)]
        self.journal.checkpoint(reading_at(190), Moment.STOP)
        clock = StillClock(reading_at(200).t_us)
        places = Places(folder / "home")
        bench = Bench(places, FileKeyStore(places.keys), clock, None, lambda _words: None)
        self.reviewing = Reviewing(lambda: bench)
        self.stopped.events[:] = self.read()
        self.reviewing.take(self.stopped)

    def shot(self, second: int, *, same: bool = False, other: bool = False) -> int:
        body = capture_at(second)
        if same:
            body = Capture(**{name: getattr(body, name) for name in body.__struct_fields__} | {"same_as": self.shots_first})
        seq = self.journal.append_blob(body, picture(77 if other else 0)).seq
        self.shots_first = getattr(self, "shots_first", seq)
        return seq

    def read(self) -> list[Event]:
        self.journal.sync()
        return list(FolderReader(self.folder, self.journal.keys.content).events())

    def captures(self) -> list[Event]:
        return [event for event in self.read() if event.kind == Kind.CAPTURE]

    def ciphertexts(self, *seqs: int) -> list[bytes]:
        """What must be nowhere afterwards: sealed parts and pictures of these records."""
        frames = [frame for _, _, frame in session_frames(self.folder) if frame.seq in seqs]
        blobs = [self.folder / "blobs" / event.blob_sha256 for event in self.read() if event.seq in seqs]
        return [frame.tail[48:] for frame in frames] + [blob.read_bytes() for blob in blobs]

    def lies_here(self, octets: bytes) -> bool:
        part = octets[len(octets) // 2 : len(octets) // 2 + 24]
        return any(part in path.read_bytes() for path in self.folder.rglob("*") if path.is_file())


@pytest.fixture
def waiting(tmp_path: Path) -> Iterator[Waiting]:
    made = Waiting(tmp_path)
    yield made
    made.reviewing.close()


BOX = (AREA.x, AREA.y, AREA.width, AREA.height)


@pytest.mark.parametrize("asked", [0, 1, 3])
def test_a_covered_screenshot_stands_for_the_old_one_and_its_twins(waiting: Waiting, asked: int) -> None:
    old = [waiting.shots[index] for index in (0, 1, 3)]
    secrets = waiting.ciphertexts(*old)
    assert all(waiting.lies_here(one) for one in secrets), "the search finds what is there"
    bodies = {event.seq: event.body for event in waiting.captures()}
    waiting.reviewing.cover(SESSION, waiting.shots[asked], [BOX])
    captures = waiting.captures()
    assert {event.seq for event in captures if event.body is None} == set(old)
    again = [event for event in captures if isinstance(event.body, Capture) and event.seq > waiting.shots[3]]
    assert [event.body.same_as for event in again] == [0, again[0].seq, again[0].seq]  # type: ignore[union-attr]
    for event, seq in zip(again, old, strict=True):
        body, before = event.body, bodies[seq]
        assert isinstance(body, Capture)
        assert isinstance(before, Capture)
        assert (body.t_us, body.mono_us, body.monitor, body.masked) == (before.t_us, before.mono_us, 0, before.masked + 1)
        assert body.dhash != before.dhash
    images = {FolderReader(waiting.folder, waiting.journal.keys.content).image(event.seq) for event in again}
    assert len(images) == 1
    shown = pixels(images.pop() or b"")[AREA.y : AREA.bottom, AREA.x : AREA.right]
    assert np.abs(shown - GREY).max() <= 8
    assert not [one for one in secrets if waiting.lies_here(one)]
    said = [event.body for event in waiting.read() if isinstance(event.body, Redact)]
    assert [one.ranges for one in said] == [tuple((seq, seq) for seq in old)]
    other = FolderReader(waiting.folder, waiting.journal.keys.content).image(waiting.shots[2])
    assert other == picture(77)
    assert waiting.stopped.events == waiting.read()


def test_more_can_be_covered_later(waiting: Waiting) -> None:
    waiting.reviewing.cover(SESSION, waiting.shots[2], [BOX])
    first = waiting.captures()[-1]
    waiting.reviewing.cover(SESSION, first.seq, [(0, 0, 32, 32), (200, 150, 20, 20)])
    last = waiting.captures()[-1].body
    assert isinstance(last, Capture)
    assert last.masked == 3
    assert [event.body is None for event in waiting.captures()] == [False, False, True, False, True, False]


@pytest.mark.parametrize("seq", [0, 2, 9999])
def test_what_is_no_screenshot_is_said_and_nothing_changes(waiting: Waiting, seq: int) -> None:
    before = waiting.read()
    with pytest.raises(InputFault, match="no such screenshot"):
        waiting.reviewing.cover(SESSION, seq, [BOX])
    with pytest.raises(InputFault, match="areas"):
        waiting.reviewing.cover(SESSION, waiting.shots[0], [])
    assert waiting.read() == before


def test_what_was_covered_or_taken_out_is_no_screenshot_any_more(waiting: Waiting) -> None:
    waiting.reviewing.cover(SESSION, waiting.shots[0], [BOX])
    with pytest.raises(InputFault, match="no such screenshot"):
        waiting.reviewing.cover(SESSION, waiting.shots[0], [BOX])


def test_a_covering_that_broke_off_keeps_the_old_one_and_leaves_nothing_when_it_is_done_again(
    waiting: Waiting, monkeypatch: pytest.MonkeyPatch
) -> None:
    secrets = waiting.ciphertexts(waiting.shots[2])

    def fails(*_all: object) -> None:
        raise EnvironmentFault("The disk is full.")

    with monkeypatch.context() as broken:
        broken.setattr(under_test, "redact", fails)
        with pytest.raises(EnvironmentFault):
            waiting.reviewing.cover(SESSION, waiting.shots[2], [BOX])
    assert all(waiting.lies_here(one) for one in secrets)
    waiting.journal.close()
    found = recover(waiting.folder, keys_of(), org_fp=ORG_FP, disk=QuickDisk())  # the power goes, too
    assert found.cut_bytes == 0
    stopped = Stopped(found.journal, list(found.events), waiting.stopped.policy)
    waiting.journal = found.journal
    waiting.reviewing.take(stopped)
    waiting.reviewing.cover(SESSION, waiting.shots[2], [BOX])
    readable = [event for event in waiting.captures() if isinstance(event.body, Capture)]
    assert [event.body.t_us for event in readable].count(reading_at(126).t_us) == 1  # type: ignore[union-attr]
    assert not [one for one in secrets if waiting.lies_here(one)]


def test_nothing_is_covered_once_the_session_is_being_sealed(waiting: Waiting, monkeypatch: pytest.MonkeyPatch) -> None:
    yes: Callable[[object], bool] = lambda _events: True  # noqa: E731 - as short as it is
    monkeypatch.setattr(under_test, "is_summed_up", yes)
    with pytest.raises(InputFault, match="being sealed"):
        waiting.reviewing.cover(SESSION, waiting.shots[0], [BOX])


def test_a_session_with_a_covered_screenshot_verifies_by_both_verifiers_and_is_told_at_its_old_moment(
    tmp_path: Path,
) -> None:
    org = organisation()
    session = org.open_session(tmp_path / "s")
    session.tick()
    old = session.capture(picture())
    session.tick()
    session.stop()
    session.wait(300)
    body = old.body
    assert isinstance(body, Capture)
    again = covered(picture(), [AREA])
    capture = replace(body, mime=again.mime, size_bytes=0, blob_key="", dhash=again.dhash, masked=1)
    new = session.journal.append_blob(capture, again.encoded)
    session.events.append(new)
    session.redact(old.seq)
    session.events[old.seq] = replace(old, body=None)
    sealed = session.seal()
    for keys in ({"reading_key": sealed.person.reading}, {"epoch_key": org.epoch_key()}):
        outcome = both(sealed.folder, trust=org.anchor, **keys)
        assert (outcome.verified, outcome.removed, outcome.captures) == (True, 1, 2)
    reader = FolderReader(sealed.folder, sealed.keys.content)
    model = ReplayModel.from_reader(reader, parse_policy(org.policy_toml))
    assert [(shot.t_us, shot.removed) for shot in model.shots if shot.seq == new.seq] == [(body.t_us, False)]
    assert reader.image(new.seq) == again.encoded
