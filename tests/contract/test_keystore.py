# SPDX-License-Identifier: Apache-2.0
"""What every key store owes its callers; a new back end adds itself to `STORES` and passes all of this."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from keyring_backend import KeptInMemory
from keyring_daemon import keyring_daemon

from agent.keys.chosen import ChosenKeyStore
from agent.keys.file_store import FileKeyStore
from agent.keys.keyring_store import KeyringStore
from agent.keys.secret_service import SecretServiceStore

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from session.ports import KeyStore

STORES: dict[str, Callable[[Path], Callable[[], KeyStore]]] = {
    "file": lambda folder: lambda: FileKeyStore(folder / "keys"),
    "keyring": lambda _folder: _shared(KeptInMemory()),
    "secret-service": lambda _folder: lambda: SecretServiceStore("of the test"),
    "chosen": lambda folder: lambda: _chosen(folder),
}


def _shared(backend: KeptInMemory) -> Callable[[], KeyStore]:
    return lambda: KeyringStore(backend, "of the test", "the system's store")


def _chosen(folder: Path) -> KeyStore:
    return ChosenKeyStore(folder, files=FileKeyStore(folder / "keys"), keyring=None, prefers_keyring=True)


PART = st.text("abcXYZ019-_", min_size=1, max_size=8)
NAME = st.lists(PART, min_size=1, max_size=4).map("/".join)


@pytest.fixture(scope="session")
def desktop_keyring(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with keyring_daemon(tmp_path_factory.mktemp("keyring")):
        yield


@pytest.fixture(
    params=["file", "keyring", "chosen", pytest.param("secret-service", marks=pytest.mark.ci)],
)
def make_store(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], KeyStore]:
    """Opens the same store again and again, as a program that restarts does."""
    make = STORES[request.param](tmp_path)
    if request.param == "secret-service":
        request.getfixturevalue("desktop_keyring")
        for name in make().names(""):
            make().delete(name)
    return make


def test_what_is_put_is_read_back_by_a_second_program(make_store: Callable[[], KeyStore]) -> None:
    make_store().put("session/0f/signing", bytes(range(32)))
    assert make_store().get("session/0f/signing") == bytes(range(32))


def test_a_name_that_was_never_put_reads_as_none(make_store: Callable[[], KeyStore]) -> None:
    assert make_store().get("device/personal/signing") is None


def test_the_last_put_wins(make_store: Callable[[], KeyStore]) -> None:
    store = make_store()
    store.put("a", b"first")
    store.put("a", b"second, and longer")
    assert store.get("a") == b"second, and longer"


def test_a_deleted_secret_is_gone_for_good_and_deleting_it_twice_is_no_error(make_store: Callable[[], KeyStore]) -> None:
    store = make_store()
    store.put("session/1/signing", b"x" * 32)
    store.delete("session/1/signing")
    store.delete("session/1/signing")
    assert make_store().get("session/1/signing") is None
    assert list(make_store().names("")) == []


def test_names_are_sorted_and_cut_by_prefix(make_store: Callable[[], KeyStore]) -> None:
    store = make_store()
    for name in ("session/b/signing", "person/x/reading", "session/a/content-s"):
        store.put(name, b"k")
    assert list(store.names("session/")) == ["session/a/content-s", "session/b/signing"]
    assert list(store.names("")) == ["person/x/reading", "session/a/content-s", "session/b/signing"]


def test_names_of_a_store_that_was_never_used_are_none(make_store: Callable[[], KeyStore]) -> None:
    assert list(make_store().names("")) == []


@pytest.mark.parametrize("name", ["", "/", "a//b", "../out", "a/../b", "a/.b", ".a", "a\\b", "a b", "é", "a\n", "x" * 201])
def test_a_name_that_could_lead_elsewhere_is_a_bug(make_store: Callable[[], KeyStore], name: str) -> None:
    store = make_store()
    with pytest.raises(ValueError, match="not a name"):
        store.put(name, b"k")
    with pytest.raises(ValueError, match="not a name"):
        store.get(name)


def test_a_store_says_where_the_keys_are_in_one_sentence(make_store: Callable[[], KeyStore]) -> None:
    described = make_store().described
    assert described.endswith(".")
    assert len(described) < 200


@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(first=NAME, second=NAME)
def test_two_names_never_share_a_secret(make_store: Callable[[], KeyStore], first: str, second: str) -> None:
    store = make_store()
    store.put(first, b"first")
    store.put(second, b"second")
    assert store.get(first) == (b"second" if first == second else b"first")
    store.delete(first)
    store.delete(second)


def test_a_store_behaves_as_a_dictionary(make_store: Callable[[], KeyStore]) -> None:
    class StoreMachine(RuleBasedStateMachine):
        def __init__(self) -> None:
            super().__init__()
            self.store = make_store()
            for name in self.store.names(""):
                self.store.delete(name)
            self.model: dict[str, bytes] = {}

        @rule(name=NAME, secret=st.binary(max_size=64))
        def put(self, name: str, secret: bytes) -> None:
            self.store.put(name, secret)
            self.model[name] = secret

        @rule(name=NAME)
        def delete(self, name: str) -> None:
            self.store.delete(name)
            self.model.pop(name, None)

        @rule()
        def reopen(self) -> None:
            self.store = make_store()

        @invariant()
        def holds_what_was_put(self) -> None:
            assert list(self.store.names("")) == sorted(self.model)
            for name, secret in self.model.items():
                assert self.store.get(name) == secret

    run_state_machine_as_test(StoreMachine, settings=settings(max_examples=15, stateful_step_count=12, deadline=None))
