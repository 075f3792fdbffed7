# SPDX-License-Identifier: Apache-2.0
"""Files that are none, folders that are files, and modes: what no command may hang on, trip over, or leave open."""

from __future__ import annotations

import os
import signal
import socket
import stat
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from trust_builders import organisation, realistic_session

from agent.clock import SystemClock
from agent.keys.file_store import FileKeyStore
from fairwitness.demo import run_demo
from fairwitness.logs import log_into
from fairwitness.organisation import found_organisation
from server.config import ServerConfig
from server.store.blobs_fs import BlobFolders
from server.store.lock import FolderLock
from session import EnvironmentFault, InputFault, IntegrityFault
from session.crypto.hpke import ReadingKey
from session.crypto.signing import SigningKey
from session.disk import append_private, make_private
from session.reader import FolderReader
from session.segments import read_file, read_segment_file
from uploader.outbox import DurableOutbox

pytestmark = pytest.mark.skipif(os.name != "posix", reason="FIFOs and modes are those of POSIX")


@pytest.fixture(autouse=True)
def _no_hang() -> Iterator[None]:
    """A test that waits for a FIFO's other end fails after 5 s instead of waiting for ever."""

    def give_up(_number: int, _frame: object) -> None:
        raise AssertionError("it waits for ever")

    before = signal.signal(signal.SIGALRM, give_up)
    signal.alarm(5)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


@pytest.fixture
def wide_umask() -> Iterator[None]:
    """Nothing is narrowed by the process: what is private is so by itself."""
    before = os.umask(0)
    yield
    os.umask(before)


def _fifo(path: Path) -> None:
    os.mkfifo(path)


def _link(path: Path) -> None:
    (path.parent / "elsewhere").write_bytes(b"content")
    path.symlink_to(path.parent / "elsewhere")


def _device(path: Path) -> None:
    path.symlink_to("/dev/zero")


def _folder(path: Path) -> None:
    path.mkdir()


def _socket(path: Path) -> None:
    with tempfile.TemporaryDirectory(dir=tempfile.gettempdir()) as short, socket.socket(socket.AF_UNIX) as listener:
        listener.bind(f"{short}/s")
        Path(f"{short}/s").rename(path)


@pytest.mark.parametrize("make", [_fifo, _link, _device, _folder, _socket])
def test_what_is_no_regular_file_is_evidence_named_without_its_path(tmp_path: Path, make: Callable[[Path], None]) -> None:
    odd = tmp_path / "000000.fws"
    make(odd)
    for read in (lambda: read_file(odd, 100, "the seal"), lambda: read_segment_file(odd)):
        with pytest.raises(IntegrityFault, match=r"000000\.fws.* not a regular file") as caught:
            read()
        assert str(tmp_path) not in str(caught.value)


def test_a_regular_file_is_read_up_to_its_limit_and_a_missing_one_is_a_fault_of_the_surroundings(tmp_path: Path) -> None:
    (tmp_path / "seal").write_bytes(b"1234")
    assert read_file(tmp_path / "seal", 4, "the seal") == b"1234"
    with pytest.raises(IntegrityFault, match="larger than 3 bytes"):
        read_file(tmp_path / "seal", 3, "the seal")
    with pytest.raises(EnvironmentFault, match="reading the seal"):
        read_file(tmp_path / "none", 3, "the seal")


def test_a_segment_that_becomes_a_fifo_after_the_index_was_read_is_evidence(tmp_path: Path) -> None:
    folder = realistic_session(organisation(), tmp_path / "s").folder
    reader = FolderReader(folder, {})
    (folder / "000000.fws").unlink()
    os.mkfifo(folder / "000000.fws")
    with pytest.raises(IntegrityFault, match="not a regular file"):
        reader.frame(0)


def test_folders_are_private_up_to_the_first_that_was_there(tmp_path: Path, wide_umask: None) -> None:
    (tmp_path / "there").mkdir(mode=0o755)
    make_private(tmp_path / "there" / "a" / "b")
    make_private(tmp_path / "there" / "a" / "b")
    modes = [
        stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "there", tmp_path / "there/a", tmp_path / "there/a/b")
    ]
    assert modes == [0o755, 0o700, 0o700]
    (tmp_path / "file").touch()
    for wrong in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(OSError, match=r"exists|Not a directory"):
            make_private(wrong)


def test_what_is_appended_to_is_private_and_follows_no_link(tmp_path: Path, wide_umask: None) -> None:
    for octets in (b"one", b"two"):
        with append_private(tmp_path / "part") as file:
            file.write(octets)
    assert ((tmp_path / "part").read_bytes(), stat.S_IMODE((tmp_path / "part").stat().st_mode)) == (b"onetwo", 0o600)
    (tmp_path / "link").symlink_to(tmp_path / "part")
    with pytest.raises(OSError, match="symbolic"):
        append_private(tmp_path / "link")


def _log(home: Path) -> None:
    handler = log_into(home / "agent")
    import logging  # noqa: PLC0415 - beside its only use

    logging.getLogger("fairwitness.test").info("a line")
    logging.getLogger("fairwitness").removeHandler(handler)
    handler.close()


def _outbox(home: Path) -> None:
    (home / "spool").mkdir(mode=0o700)
    outbox = DurableOutbox(
        home / "outbox.sqlite3", spool=home / "spool", check=lambda *_: None, clock=SystemClock(), hold_us=0
    )
    assert list(outbox.items()) == []
    assert (home / "outbox.sqlite3-wal").exists()  # looked at while it is there
    assert (home / "outbox.sqlite3-wal").stat().st_mode & 0o077 == 0
    outbox.close()


def _lock(home: Path) -> None:
    with FolderLock(home / "platform" / "folder"):
        pass


def _blobs(home: Path) -> None:
    home.mkdir(exist_ok=True)
    name = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    BlobFolders(home).arrive("ab" * 16, name).finish()


@pytest.mark.parametrize(
    "make",
    [
        _log,
        _outbox,
        _blobs,
        lambda home: FileKeyStore(home / "agent" / "keys").put("a", b"secret"),
        _lock,
    ],
    ids=["log", "outbox", "blobs", "keys", "lock"],
)
def test_nothing_is_open_to_others_whatever_the_umask(
    tmp_path: Path, wide_umask: None, make: Callable[[Path], object]
) -> None:
    make(tmp_path)
    made = list(tmp_path.rglob("*"))
    assert made
    assert [str(path) for path in made if path.stat().st_mode & 0o077] == []


@pytest.mark.parametrize(
    "use",
    [
        log_into,
        FolderLock,
        lambda file: found_organisation(
            ServerConfig(folder=file), "Name", "admin", keys=FileKeyStore(file.parent / "keys"), clock=SystemClock()
        ),
        lambda file: run_demo(file, 5, lambda _line: None),
    ],
    ids=["home", "serve", "found", "demo"],
)
@pytest.mark.parametrize("below", ["", "below"])
def test_a_file_where_a_folder_must_be_is_said_in_words(tmp_path: Path, use: Callable[[Path], object], below: str) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(EnvironmentFault, match=r"file where a folder must be.*another folder"):
        use(tmp_path / "file" / below)


def test_a_lock_that_cannot_be_opened_is_said_in_words(tmp_path: Path) -> None:
    (tmp_path / "serving.lock").mkdir()
    with pytest.raises(EnvironmentFault, match="starting the platform"), FolderLock(tmp_path):
        pass


@pytest.mark.parametrize("foreign", ["person%2Fé%2Freading", "notes.txt~", "person%2F.x%2Freading", "a b", "%2Fa"])
def test_a_foreign_file_among_the_keys_is_no_name(tmp_path: Path, foreign: str) -> None:
    store = FileKeyStore(tmp_path / "keys")
    store.put("person/x/reading", b"s" * 32)
    (tmp_path / "keys" / foreign).write_bytes(b"")
    assert list(store.names("")) == ["person/x/reading"]
    assert [store.get(name) for name in store.names("")] == [b"s" * 32]


def test_a_fifo_among_the_keys_does_not_hang(tmp_path: Path) -> None:
    store = FileKeyStore(tmp_path / "keys")
    store.put("person/x/reading", b"s" * 32)
    os.mkfifo(tmp_path / "keys" / "fifo", 0o600)
    with pytest.raises(EnvironmentFault, match="no regular file"):
        store.get("fifo")


@pytest.mark.parametrize("kind", [ReadingKey, SigningKey])
@pytest.mark.parametrize("seed", [b"", b"s" * 31, b"s" * 33])
def test_a_key_of_another_length_is_named_to_the_person(kind: type[ReadingKey | SigningKey], seed: bytes) -> None:
    with pytest.raises(InputFault, match=r"person/x/reading.*32 bytes") as caught:
        kind.from_seed(seed, "person/x/reading")
    assert repr(seed) not in str(caught.value)
    with pytest.raises(InputFault, match="32 bytes"):
        kind.from_seed(seed)
