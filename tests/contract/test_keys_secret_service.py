# SPDX-License-Identifier: Apache-2.0
"""What a real GNOME Keyring does to a person's keys when it locks, restarts or goes away."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest
import secretstorage
from jeepney import HeaderFields, Message, new_error
from keyring_daemon import Daemon, keyring_daemon

from agent.keys import session_bus
from agent.keys.chosen import MARKER, ChosenKeyStore, Kept
from agent.keys.file_store import FileKeyStore
from agent.keys.secret_service import SecretServiceStore
from agent.keys.session_bus import KeyringConnection
from fairwitness.cli import run
from fairwitness.places import Places
from session import EnvironmentFault

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.ci


@pytest.fixture
def daemon(tmp_path: Path) -> Iterator[Daemon]:
    with keyring_daemon(tmp_path / "keyring") as started:
        yield started


def test_keys_outlive_the_keyrings_process(daemon: Daemon) -> None:
    SecretServiceStore("own").put("a", b"k" * 32)
    daemon.stop()
    daemon.start()
    assert SecretServiceStore("own").get("a") == b"k" * 32


def test_a_locked_keyring_lists_names_and_gives_no_secret(daemon: Daemon) -> None:
    store = SecretServiceStore("own", patience_s=2)
    store.put("a", b"k")
    daemon.lock()
    assert list(store.names("")) == ["a"]
    assert store.get("b") is None
    for asked in (
        store.ready,
        lambda: store.get("a"),
        lambda: store.put("a", b"x"),
        lambda: store.put("b", b"x"),
        lambda: store.delete("a"),
    ):
        with pytest.raises(EnvironmentFault, match="Unlock it"):
            asked()


def test_a_keyring_that_is_gone_says_so(daemon: Daemon) -> None:
    store = SecretServiceStore("own")
    store.put("a", b"k")
    daemon.stop()
    assert not store.here()
    assert not store.ready()
    with pytest.raises(EnvironmentFault, match="cannot be reached"):
        store.get("a")
    with pytest.raises(EnvironmentFault, match="cannot be reached"):
        store.names("")


def test_two_folders_share_a_keyring_and_no_key(daemon: Daemon) -> None:
    SecretServiceStore("one").put("a", b"1")
    SecretServiceStore("two").put("a", b"2")
    assert SecretServiceStore("one").get("a") == b"1"
    SecretServiceStore("two").delete("a")
    assert list(SecretServiceStore("one").names("")) == ["a"]


def test_the_command_moves_keys_into_the_keyring_and_back(
    daemon: Daemon, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    home = tmp_path / "agent"
    Places(home).key_store().put("person/x/signing", b"k" * 32)
    assert run(["keys", "move", "keyring", "--home", str(home)]) == 0
    assert "keyring of your desktop" in capsys.readouterr().out
    assert list((home / "keys").iterdir()) == []
    assert Places(home).key_store().get("person/x/signing") == b"k" * 32
    assert run(["keys", "move", "--home", str(home)]) == 0
    assert Places(home).key_store().kept is Kept.FILES
    assert Places(home).key_store().get("person/x/signing") == b"k" * 32


def test_a_keyring_that_does_not_answer_is_a_fault_within_its_deadline(
    daemon: Daemon, monkeypatch: pytest.MonkeyPatch
) -> None:
    as_ever_s = 3 * KeyringConnection._answer_s
    monkeypatch.setattr(KeyringConnection, "_answer_s", 0.3)
    store = SecretServiceStore("own")
    store.put("a", b"k")
    daemon.freeze()
    try:
        began = time.monotonic()
        for asked in (lambda: store.get("a"), lambda: store.names(""), store.ready):
            with pytest.raises(EnvironmentFault, match=r"does not answer\. Log out and in again"):
                asked()
        assert time.monotonic() - began < as_ever_s, "each waits as long as it was told, and no longer"
    finally:
        daemon.thaw()
    assert store.get("a") == b"k"


def test_what_works_in_the_background_opens_no_window(daemon: Daemon, monkeypatch: pytest.MonkeyPatch) -> None:
    SecretServiceStore("own").put("a", b"k")
    daemon.lock()
    opened: list[object] = []
    monkeypatch.setattr(secretstorage.Item, "unlock", lambda *_arguments, **_options: opened.append(1))
    monkeypatch.setattr(secretstorage.Collection, "unlock", lambda *_arguments, **_options: opened.append(1))
    quiet = SecretServiceStore("own", asks=False)
    for asked in (lambda: quiet.get("a"), lambda: quiet.put("b", b"k"), quiet.ready):
        with pytest.raises(EnvironmentFault, match="Unlock it"):
            asked()
    assert not opened


def test_a_window_that_is_closed_at_the_first_secret_makes_no_files_and_says_how_to_choose_them(
    daemon: Daemon, tmp_path: Path
) -> None:
    def store() -> ChosenKeyStore:
        return ChosenKeyStore(
            tmp_path / "agent",
            files=FileKeyStore(tmp_path / "agent" / "keys"),
            keyring=SecretServiceStore("own", patience_s=2),
            prefers_keyring=True,
        )

    daemon.lock()
    with pytest.raises(EnvironmentFault, match="or keep them in files: fairwitness keys move files"):
        store().put("a", b"k")
    assert not (tmp_path / "agent" / "keys").exists()
    assert store().kept is None
    store().move(Kept.FILES)
    store().put("a", b"k")
    daemon.unlock()
    assert store().kept is Kept.FILES
    assert list(SecretServiceStore("own").names("")) == []


def test_the_first_keys_of_a_persons_own_folder_go_into_the_keyring_of_their_desktop(
    daemon: Daemon, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("FAIRWITNESS_HOME", raising=False)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.setenv("DISPLAY", ":0")
    Places().key_store().put("a", b"k")
    assert Places().key_store().kept is Kept.KEYRING
    monkeypatch.delenv("DISPLAY")
    assert Places().key_store().get("a") == b"k"
    (tmp_path / "fairwitness" / MARKER).unlink()
    assert Places().key_store().get("a") == b"k"  # the keyring runs, so a server's program looks into it too
    assert Places(tmp_path / "named").key_store().get("a") is None


def test_a_caller_that_the_keyring_does_not_know_yet_is_not_told_that_there_are_no_keys(
    daemon: Daemon, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its first answer to a new connection may be meant for nobody: the first message is one that asks for no key."""
    first: list[str] = []
    asked = KeyringConnection._asked

    def watched(self: KeyringConnection, message: Message, timeout_s: float | None) -> Message:
        if message.header.fields.get(HeaderFields.destination) == "org.freedesktop.secrets":
            first.append(message.header.fields[HeaderFields.member])
        return asked(self, message, timeout_s)

    monkeypatch.setattr(KeyringConnection, "_asked", watched)
    store = SecretServiceStore("own")
    for call in (lambda: store.put("a", b"k"), lambda: store.get("a"), lambda: store.names(""), store.ready):
        first.clear()
        call()
        assert first[0] == "Get"


@pytest.mark.parametrize("error", ["UnknownMethod", "ServiceUnknown"])
def test_a_service_that_is_only_starting_is_asked_again(daemon: Daemon, monkeypatch: pytest.MonkeyPatch, error: str) -> None:
    """The real keyring's answers, with those before its end of starting in front."""
    store = SecretServiceStore("own")
    store.put("a", b"k")
    asked, early = KeyringConnection._asked, iter(range(3))

    def starting(self: KeyringConnection, message: Message, timeout_s: float | None) -> Message:
        reply = asked(self, message, timeout_s)
        if message.header.fields.get(HeaderFields.member) == "SearchItems" and next(early, None) is not None:
            return new_error(message, f"org.freedesktop.DBus.Error.{error}", "s", ("not yet",))
        return reply

    monkeypatch.setattr(KeyringConnection, "_asked", starting)
    monkeypatch.setattr(session_bus, "PAUSES_S", (0.0, 0.0, 0.0))
    assert store.get("a") == b"k"
    monkeypatch.setattr(session_bus, "PAUSES_S", ())
    early = iter(range(100))
    with pytest.raises(EnvironmentFault, match="cannot be reached"):
        store.get("a")
