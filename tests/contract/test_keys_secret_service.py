# SPDX-License-Identifier: Apache-2.0
"""What a real GNOME Keyring does to a person's keys when it locks, restarts or goes away."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from keyring_daemon import Daemon, keyring_daemon

from agent.keys.chosen import Kept
from agent.keys.secret_service import SecretServiceStore
from fairwitness.cli import run
from fairwitness.places import Places
from session import EnvironmentFault

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.full


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
    assert not store.ready()
    for asked in (
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
