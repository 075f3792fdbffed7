# SPDX-License-Identifier: Apache-2.0
"""How a session begins: keys first, then statements, then a START that verifies, and nothing where it cannot."""

from __future__ import annotations

from pathlib import Path

import pytest
from journal_disks import FullDisk, RecordingDisk
from recorder_organisation import Enrolled
from recorder_parts import FakeClock
from trust_builders import PROJECT

from agent.finishing import Stopped, seal_session
from agent.keys.file_store import FileKeyStore
from agent.opening import Opened, Terms, enrolled_identity, load_session_keys, open_session, personal_identity
from session import EnvironmentFault, InputFault
from session.crypto.hpke import ReadingKey
from session.events import Event, Kind, Moment, Start
from session.policy import default_policy_toml
from session.reader import FolderReader, content_keys_for_reviewer, content_keys_for_trainer
from session.verify import TrustAnchor, verify_session

TERMS = Terms(default_policy_toml())


@pytest.fixture
def store(tmp_path: Path) -> FileKeyStore:
    return FileKeyStore(tmp_path / "keys")


def begin_personal(home: Path, store: FileKeyStore, clock: FakeClock, **options: object) -> Opened:
    identity = personal_identity(store, clock.read())
    return open_session(
        home / "spool",
        store=store,
        clock=clock,
        identity=identity,
        terms=TERMS,
        agent="test",
        **options,  # type: ignore[arg-type] # a test's own
    )


def end(opened: Opened, clock: FakeClock, store: FileKeyStore, project: str = "") -> Path:
    clock.advance(5)
    stopped = Stopped(opened.journal, list(opened.past), opened.policy)
    checkpoint = opened.journal.checkpoint(clock.read(), Moment.STOP)
    stopped.events.append(Event(opened.journal.size - 1, Kind.CHECKPOINT, checkpoint))
    seal_session(stopped, clock.read(), store=store, project=project)
    return opened.journal.folder


def test_a_personal_session_verifies_as_self_signed(tmp_path: Path, store: FileKeyStore) -> None:
    clock = FakeClock()
    opened = begin_personal(tmp_path, store, clock)
    folder = end(opened, clock, store)
    verification = verify_session(folder)
    assert verification.verified, verification.failed_step
    assert verification.self_signed
    assert verify_session(folder, trust=TrustAnchor(opened.org_fp)).verified
    assert not verify_session(folder, trust=TrustAnchor("0" * 64)).verified


def test_a_persons_keys_are_made_once(store: FileKeyStore) -> None:
    clock = FakeClock()
    first = personal_identity(store, clock.read())
    clock.advance(86_400)
    second = personal_identity(FileKeyStore(store._folder), clock.read())
    assert (first.org_fp, first.device, first.reading_public) == (second.org_fp, second.device, second.reading_public)
    assert first.is_personal
    assert list(store.names("")) == ["device/personal/signing", "person/personal/reading", "person/personal/signing"]


def test_only_the_trainer_can_open_it_after_the_keys_are_gone(tmp_path: Path, store: FileKeyStore) -> None:
    clock = FakeClock()
    opened = begin_personal(tmp_path, store, clock)
    folder = end(opened, clock, store)
    assert list(store.names("session/")) == []
    seed = store.get("person/personal/reading")
    assert seed is not None
    keys = content_keys_for_trainer(folder, ReadingKey.from_seed(seed))
    assert keys == opened.journal.keys.content
    summary = [event for event in FolderReader(folder, keys).events() if event.kind == Kind.SUMMARY]
    assert summary[0].body is not None


def test_start_says_when_where_and_under_what(tmp_path: Path, store: FileKeyStore) -> None:
    clock = FakeClock()
    opened = begin_personal(tmp_path, store, clock, continues="ab" * 16)
    (start,) = [event.body for event in opened.past if isinstance(event.body, Start)]
    assert (start.t_us, start.mono_us, start.boot_id, start.agent) == (clock.t_us, clock.mono_us, clock.boot_id, "test")
    assert (start.policy_sha256, start.continues) == (TERMS.policy_sha256, "ab" * 16)
    assert [event.seq for event in opened.past] == [0, 1]
    opened.journal.close()
    assert list(FolderReader(opened.journal.folder, {}).events()) == list(opened.past)


def test_a_granted_session_verifies_under_the_organisation(tmp_path: Path) -> None:
    trainer = Enrolled(tmp_path / "home")
    trainer.supply(1)
    grant = trainer.shelf.take(PROJECT, trainer.policy_sha256)
    assert grant is not None
    trainer.clock.advance(3600)
    opened = open_session(
        trainer.spool,
        store=trainer.store,
        clock=trainer.clock,
        identity=trainer.identity,
        terms=Terms(trainer.org.policy_toml, grant.directory),
        agent="test",
        grant=grant,
    )
    assert opened.journal.keys.session_id == grant.session_id
    folder = end(opened, trainer.clock, trainer.store, PROJECT)
    verification = verify_session(folder, trust=trainer.org.anchor)
    assert verification.verified, verification.failed_step
    assert not verification.self_signed
    assert verification.times.not_before_us == trainer.clock.t_us - 3605 * 1_000_000
    reviewer = content_keys_for_reviewer(folder, trainer.org.epoch_key())
    assert set(reviewer) == {"s"}


def test_without_a_grant_it_is_an_offline_start_and_says_so(tmp_path: Path) -> None:
    trainer = Enrolled(tmp_path / "home")
    opened = open_session(
        trainer.spool, store=trainer.store, clock=trainer.clock, identity=trainer.identity, terms=trainer.terms, agent="test"
    )
    folder = end(opened, trainer.clock, trainer.store, PROJECT)
    verification = verify_session(folder, trust=trainer.org.anchor)
    assert verification.verified, verification.failed_step
    assert verification.times.not_before_us is None


def test_a_grant_for_other_terms_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    trainer = Enrolled(tmp_path / "home")
    trainer.supply(1)
    grant = trainer.shelf.take(PROJECT, trainer.policy_sha256)
    with pytest.raises(InputFault, match="another policy or directory"):
        open_session(
            trainer.spool,
            store=trainer.store,
            clock=trainer.clock,
            identity=trainer.identity,
            terms=Terms(default_policy_toml(), trainer.directory),
            agent="test",
            grant=grant,
        )
    assert list(trainer.spool.iterdir()) == []


def test_keys_that_are_not_the_enrolled_ones_are_advice(tmp_path: Path) -> None:
    trainer = Enrolled(tmp_path / "home")
    fp = trainer.org.fp
    certificate = trainer.org.trainer.device_certificate(fp)
    trainer.store.put(f"device/{fp}/signing", b"x" * 32)
    with pytest.raises(InputFault, match="not those that it was enrolled with"):
        enrolled_identity(trainer.store, fp, certificate)
    trainer.store.delete(f"device/{fp}/signing")
    with pytest.raises(InputFault, match="new enrolment link"):
        enrolled_identity(trainer.store, fp, certificate)


def test_keys_are_kept_before_the_folder_exists(tmp_path: Path, store: FileKeyStore) -> None:
    class Looking(RecordingDisk):
        def make_folder(self, folder: Path) -> None:
            if folder.parent.name == "spool":
                seen.append(load_session_keys(store, folder.name).session_id)
            super().make_folder(folder)

    seen: list[str] = []
    opened = begin_personal(tmp_path, store, FakeClock(), disk=Looking(tmp_path))
    opened.journal.close()
    assert seen == [opened.journal.keys.session_id]


def test_statements_are_durable_before_start(tmp_path: Path, store: FileKeyStore) -> None:
    disk = RecordingDisk(tmp_path)
    opened = begin_personal(tmp_path, store, FakeClock(), disk=disk)
    opened.journal.close()
    steps = [type(one).__name__ + " " + getattr(one, "path", "") for one in disk.log]
    folder = f"spool/{opened.journal.keys.session_id}"
    first_record = next(number for number, step in enumerate(steps) if step == f"Create {folder}/000000.fws")
    for name in (f"{folder}/statements", folder):
        assert f"SyncFolder {name}" in steps[:first_record]


def test_a_full_disk_begins_nothing(tmp_path: Path, store: FileKeyStore) -> None:
    with pytest.raises(EnvironmentFault, match="Free some space"):
        begin_personal(tmp_path, store, FakeClock(), disk=FullDisk(left=0))


def test_keys_that_are_gone_are_advice(store: FileKeyStore) -> None:
    with pytest.raises(EnvironmentFault, match="restore the keys"):
        load_session_keys(store, "ab" * 16)
