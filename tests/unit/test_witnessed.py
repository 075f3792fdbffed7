# SPDX-License-Identifier: Apache-2.0
"""What this computer remembers of countersignatures, beside the sessions: it grows, survives, keeps a loss until named."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from trust_builders import OpenSession, organisation

from agent.opening import Opened
from agent.witnessed import Witnessed, WitnessedSizes
from fairwitness.recording import Watched
from session import EnvironmentFault
from session.disk import RealDisk
from uploader.witness import WitnessListener, WitnessTerms

ONE, TWO, THREE = "11" * 16, "22" * 16, "33" * 16
ORG, OTHER = "ab" * 32, "cd" * 32
ORGANISATION = organisation()


@pytest.fixture
def sizes(tmp_path: Path) -> WitnessedSizes:
    return WitnessedSizes(tmp_path / "witnessed")


def again(tmp_path: Path) -> WitnessedSizes:
    """As the next program finds it."""
    return WitnessedSizes(tmp_path / "witnessed")


def test_nothing_is_remembered_at_first(sizes: WitnessedSizes, tmp_path: Path) -> None:
    assert sizes.of(ONE) is None
    assert sizes.to_continue(ORG) == ""
    sizes.forget(ONE)
    sizes.forget_sealed(tmp_path)


def test_it_only_grows(sizes: WitnessedSizes, tmp_path: Path) -> None:
    for size in (10, 40, 20):
        sizes.keep(ONE, ORG, size)
    assert again(tmp_path).of(ONE) == Witnessed(ORG, 40)
    assert [path.name for path in (tmp_path / "witnessed").iterdir()] == [f"{ONE}.json"]


@settings(max_examples=25)  # each writes and syncs a dozen files
@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=12))
def test_it_is_the_greatest_that_was_ever_kept(tmp_path_factory: pytest.TempPathFactory, counts: list[int]) -> None:
    kept = WitnessedSizes(tmp_path_factory.mktemp("sizes"))
    for count in counts:
        kept.keep(ONE, ORG, count)
    known = kept.of(ONE)
    assert (known.cosigned_size if known is not None else 0) == max(counts)


class Refusing(RealDisk):
    """A disk that is full."""

    def create(self, path: Path) -> object:  # type: ignore[override] # it never gives a file
        raise OSError(errno.ENOSPC, "full", str(path))


def test_a_full_disk_is_said_and_what_was_remembered_stays(sizes: WitnessedSizes, tmp_path: Path) -> None:
    sizes.keep(ONE, ORG, 10)
    with pytest.raises(EnvironmentFault, match="Free some space"):
        WitnessedSizes(tmp_path / "witnessed", Refusing()).keep(ONE, ORG, 20)
    assert again(tmp_path).of(ONE) == Witnessed(ORG, 10)


@pytest.mark.parametrize("octets", [b"", b"{}", b"\xff", b'{"organisation":"a","cosigned_size":-1}', b"[" * 5000])
def test_a_damaged_file_remembers_nothing_and_is_written_anew(sizes: WitnessedSizes, tmp_path: Path, octets: bytes) -> None:
    sizes.keep(ONE, ORG, 10)
    (tmp_path / "witnessed" / f"{ONE}.json").write_bytes(octets)
    assert sizes.of(ONE) is None
    assert sizes.to_continue(ORG) == ""
    sizes.keep(ONE, ORG, 5)
    assert sizes.of(ONE) == Witnessed(ORG, 5)


def test_the_newest_loss_of_the_organisation_is_gone_on_from_first(sizes: WitnessedSizes) -> None:
    sizes.keep(ONE, ORG, 10, lost_us=5)
    sizes.keep(TWO, ORG, 10, lost_us=9)
    sizes.keep(THREE, OTHER, 10, lost_us=20)
    sizes.keep("44" * 16, ORG, 10)
    named = []
    while found := sizes.to_continue(ORG):
        named.append(found)
        sizes.forget(found)
    assert named == [TWO, ONE]


def test_sealed_sessions_are_forgotten_but_for_losses_that_nobody_named(sizes: WitnessedSizes, tmp_path: Path) -> None:
    spool = tmp_path / "spool"
    for name in (ONE, TWO, THREE):
        (spool / name).mkdir(parents=True)
    for name in (ONE, TWO):
        (spool / name / "seal.dsse").write_bytes(b"x")
    sizes.keep(ONE, ORG, 10)
    sizes.keep(TWO, ORG, 10, lost_us=5)
    sizes.keep(TWO, ORG, 30)  # growing forgets no loss
    sizes.keep(THREE, ORG, 10)
    sizes.keep("44" * 16, ORG, 10)  # its folder is gone
    sizes.forget_sealed(spool)
    assert sizes.of(ONE) is None
    assert sizes.of("44" * 16) is None
    assert sizes.of(TWO) == Witnessed(ORG, 30, 5)
    assert sizes.of(THREE) == Witnessed(ORG, 10)


class Listening:
    """An uplink and a recorder of which only what passes between them counts here."""

    def __init__(self, sizes: WitnessedSizes, session: OpenSession) -> None:
        self.sizes, self.session = sizes, session
        self.told: list[object] = []

    def watch(
        self, session_id: str, public: bytes, tree: object, listener: WitnessListener, *, terms: WitnessTerms
    ) -> Listening:
        assert (session_id, public) == (self.session.keys.session_id, self.session.keys.signing.public)
        assert tree is self.session.journal.tree
        assert terms.public == ORGANISATION.witness_key.public
        self.listener = listener
        return self

    def submit(self, note: bytes, size: int) -> None:
        self.told.append(("submitted", note, size))

    def cosigned(self, size: int, line: str) -> None:
        self.told.append((size, line, self.sizes.of(self.session.keys.session_id)))

    def offline(self) -> None:
        self.told.append("offline")

    def witness_fault(self, detail: str) -> None:
        self.told.append(detail)

    def lost(self, cosigned_size: int) -> None:
        self.told.append(("lost", cosigned_size, self.sizes.of(self.session.keys.session_id)))


def connected(sizes: WitnessedSizes, folder: Path) -> tuple[Listening, Watched]:
    session = ORGANISATION.open_session(folder)
    opened = Opened(session.journal, tuple(session.events), session.policy, ORGANISATION.fp)
    between = Listening(sizes, session)
    watched = Watched(opened, sizes)
    watched.connect(between, between)  # type: ignore[arg-type] # what it looks at
    watched.submit(b"note", 7)
    return between, watched


def test_a_cosignature_is_remembered_before_the_record_has_it(sizes: WitnessedSizes, tmp_path: Path) -> None:
    between, watched = connected(sizes, tmp_path / "s")
    between.listener.cosigned(7, "line")
    assert not watched.has_lost
    between.listener.offline()
    between.listener.witness_fault("wrong")
    kept = Witnessed(ORGANISATION.fp, 7)
    assert between.told == [("submitted", b"note", 7), (7, "line", kept), "offline", "wrong"]


def test_a_full_disk_keeps_no_cosignature_from_the_record(tmp_path: Path) -> None:
    between, _ = connected(WitnessedSizes(tmp_path / "witnessed", Refusing()), tmp_path / "s")
    between.listener.cosigned(7, "line")
    assert between.told[1:] == [(7, "line", None)]


def test_records_that_went_otherwise_are_remembered_before_the_recording_ends(sizes: WitnessedSizes, tmp_path: Path) -> None:
    between, watched = connected(sizes, tmp_path / "s")
    between.listener.lost(160)
    assert between.told[1:] == [("lost", 160, Witnessed(ORGANISATION.fp, 160, forked=True))]
    assert watched.has_lost
    sizes.keep(between.session.keys.session_id, ORGANISATION.fp, 170, lost_us=5)  # growing forgets nothing
    assert sizes.of(between.session.keys.session_id) == Witnessed(ORGANISATION.fp, 170, 5, forked=True)


def test_a_full_disk_keeps_nobody_from_ending_a_recording_that_cannot_be_countersigned(tmp_path: Path) -> None:
    between, watched = connected(WitnessedSizes(tmp_path / "witnessed", Refusing()), tmp_path / "s")
    between.listener.lost(160)
    assert (between.told[1:], watched.has_lost) == ([("lost", 160, None)], True)


def test_what_an_older_version_remembered_is_read(sizes: WitnessedSizes, tmp_path: Path) -> None:
    (tmp_path / "witnessed").mkdir()
    (tmp_path / "witnessed" / f"{ONE}.json").write_text(f'{{"organisation":"{ORG}","cosigned_size":4,"lost_us":9}}')
    assert sizes.of(ONE) == Witnessed(ORG, 4, 9)
