# SPDX-License-Identifier: Apache-2.0
"""One store is chosen, remembered and kept to; a move loses nothing at any step."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest
from keyring_backend import KeptInMemory

from agent.keys import chosen
from agent.keys.chosen import MARKER, ChosenKeyStore, Kept
from agent.keys.file_store import FileKeyStore
from agent.keys.keyring_store import KeyringStore
from fairwitness.cli import run
from fairwitness.places import Places
from session import EnvironmentFault

if TYPE_CHECKING:
    from pathlib import Path

KEYS = {f"session/{number:032x}/signing": bytes([number] * 32) for number in range(40)}


class Desk:
    """An agent's folder and a keyring, whose next write may be the last."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.backend = KeptInMemory()

    def store(self, *, prefers: bool = True) -> ChosenKeyStore:
        keyring = KeyringStore(self.backend, "own", "the system's store")
        return ChosenKeyStore(
            self.folder, files=FileKeyStore(self.folder / "keys"), keyring=keyring, prefers_keyring=prefers
        )


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path / "agent")


def held(store: ChosenKeyStore) -> dict[str, bytes | None]:
    return {name: store.get(name) for name in store.names("")}


def test_the_first_secret_goes_into_a_keyring_that_opens(desk: Desk) -> None:
    desk.store().put("a", b"k")
    assert desk.store().kept is Kept.KEYRING
    assert not (desk.folder / "keys").exists()
    assert "the system's store" in desk.store().described


def test_a_keyring_that_is_locked_at_the_first_secret_is_a_fault_and_no_way_to_files(desk: Desk) -> None:
    desk.backend.locked = True
    with pytest.raises(EnvironmentFault, match="locked"):
        desk.store().put("a", b"k")
    assert not (desk.folder / "keys").exists()
    desk.backend.locked = False
    desk.store().put("a", b"k")
    assert desk.store().kept is Kept.KEYRING


def test_where_no_keyring_is_the_first_secret_goes_into_files(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(KeyringStore, "here", lambda _self, **_options: False)
    monkeypatch.setattr(KeyringStore, "ready", lambda _self: False)
    desk.store().put("a", b"k")
    assert desk.store().kept is Kept.FILES


def test_a_folder_that_somebody_named_keeps_its_keys_in_files(desk: Desk) -> None:
    desk.store(prefers=False).put("a", b"k")
    assert desk.store(prefers=False).kept is Kept.FILES
    assert not desk.backend.entries


def test_keys_that_lie_in_files_already_are_used_on(desk: Desk) -> None:
    FileKeyStore(desk.folder / "keys").put("a", b"old")
    desk.store().put("b", b"new")
    assert held(desk.store()) == {"a": b"old", "b": b"new"}
    assert not desk.backend.entries


def test_a_keyring_that_locks_later_is_a_fault_and_no_second_set_of_keys_is_made(desk: Desk) -> None:
    desk.store().put("a", b"k")
    desk.backend.locked = True
    with pytest.raises(EnvironmentFault, match="Unlock it"):
        desk.store().get("a")
    with pytest.raises(EnvironmentFault, match="Unlock it"):
        desk.store().put("b", b"k")
    assert not (desk.folder / "keys").exists()


def test_asking_chooses_nothing(desk: Desk) -> None:
    store = desk.store()
    assert (store.get("a"), list(store.names("")), store.kept) == (None, [], None)
    store.delete("a")
    assert "No keys are kept yet" in store.described
    assert not desk.folder.exists()


def test_keys_in_the_keyring_are_found_when_what_remembers_them_is_lost(desk: Desk) -> None:
    desk.store().put("a", b"k")
    (desk.folder / MARKER).unlink()
    assert desk.store().get("a") == b"k"


@pytest.mark.parametrize("prefers", [True, False])
@pytest.mark.parametrize("to", list(Kept))
def test_after_a_move_whose_memory_is_lost_no_second_set_is_made(desk: Desk, to: Kept, *, prefers: bool) -> None:
    desk.store(prefers=prefers).move(to)
    desk.store(prefers=prefers).put("a", b"k")
    (desk.folder / MARKER).unlink()
    desk.store(prefers=prefers).put("b", b"n")
    assert held(desk.store()) == {"a": b"k", "b": b"n"}
    assert desk.store().kept is to
    (desk.folder / MARKER).unlink()
    assert held(desk.store(prefers=prefers)) == {"a": b"k", "b": b"n"}


@pytest.mark.parametrize("whole", list(Kept))
def test_the_whole_set_is_used_on_where_a_move_broke_off_and_its_memory_is_lost(desk: Desk, whole: Kept) -> None:
    both = {Kept.FILES: FileKeyStore(desk.folder / "keys"), Kept.KEYRING: KeyringStore(desk.backend, "own", "x")}
    for name in ("a", "b"):
        both[whole].put(name, b"whole")
    both[whole.other].put("a", b"whole")
    assert held(desk.store()) == {"a": b"whole", "b": b"whole"}
    assert desk.store().kept is whole


def test_two_sets_with_nothing_that_says_which_are_a_fault_whose_advice_helps(desk: Desk) -> None:
    FileKeyStore(desk.folder / "keys").put("a", b"one")
    KeyringStore(desk.backend, "own", "x").put("b", b"other")
    with pytest.raises(EnvironmentFault, match="nothing says which") as fault:
        desk.store().put("c", b"k")
    for advised, wanted in zip(
        str(fault.value).split("Make ")[1].split(" the only")[0].split(" or "), ("b", "a"), strict=True
    ):
        (desk.folder / MARKER).write_text(advised)
        assert list(desk.store().names("")) == [wanted]


def test_two_programs_that_make_their_first_keys_at_once_end_up_with_one_set(desk: Desk) -> None:
    inside, seen = threading.Event(), []

    def second_program() -> None:
        store = desk.store()
        with store.exclusive():
            inside.set()
            seen.append(store.get("a"))

    first, second = desk.store(), threading.Thread(target=second_program)
    with first.exclusive():
        assert first.get("a") is None
        second.start()
        assert not inside.wait(0.2), "the second waits"
        first.put("a", b"the only one")
    second.join()
    assert seen == [b"the only one"]


def test_who_waits_too_long_for_another_program_is_told(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chosen, "LOCK_S", 0)
    with (
        desk.store().exclusive(),
        pytest.raises(EnvironmentFault, match="making your keys just now"),
    ):
        desk.store().put("a", b"k")
    desk.store().put("a", b"k")


def test_a_damaged_memory_of_the_choice_is_a_fault_that_says_what_to_do(desk: Desk) -> None:
    desk.store().put("a", b"k")
    (desk.folder / MARKER).write_text('{"kept": "elsewhere"}')
    with pytest.raises(EnvironmentFault, match="If you moved them into the keyring, make") as fault:
        desk.store().get("a")
    advised = str(fault.value).split("make ")[1].split(" its only line")[0]
    (desk.folder / MARKER).write_text(advised)
    assert desk.store().kept is Kept.KEYRING


@pytest.mark.parametrize("to", list(Kept))
def test_a_move_that_breaks_off_at_any_write_leaves_all_keys_and_is_finished_by_the_same_move(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, to: Kept
) -> None:
    few = dict(list(KEYS.items())[:3])
    for last in range(1, 60):
        desk = Desk(tmp_path / f"{last}")
        store = desk.store()
        store.move(to.other)
        for name, secret in few.items():
            store.put(name, secret)
        finished = _moved_until(desk, to, last, monkeypatch)
        assert held(desk.store()) == few, last
        desk.store().move(to)
        assert (desk.store().kept, desk.store().unfinished, held(desk.store())) == (to, False, few), last
        left = FileKeyStore(desk.folder / "keys") if to is Kept.KEYRING else KeyringStore(desk.backend, "own", "x")
        assert list(left.names("")) == [], last
        if finished:
            assert last > 10  # copies, markers and deletions were each the last write once
            return
    pytest.fail("the move never ended")


def _moved_until(desk: Desk, to: Kept, last: int, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Moves until the write of that number; whether the move ended before it."""
    writes = 0

    def counted(original: object) -> object:
        def write(*arguments: object, **named: object) -> object:
            nonlocal writes
            writes += 1
            if writes == last:
                raise KeyboardInterrupt  # nothing of the program catches it, as nothing catches a crash
            return original(*arguments, **named)  # type: ignore[operator]

        return write

    with monkeypatch.context() as patched:
        for owner, name in (
            (KeptInMemory, "set_password"),
            (KeptInMemory, "delete_password"),
            (FileKeyStore, "put"),
            (FileKeyStore, "delete"),
            (ChosenKeyStore, "_remember"),
        ):
            patched.setattr(owner, name, counted(getattr(owner, name)))
        try:
            desk.store().move(to)
        except KeyboardInterrupt:
            return False
    return True


def test_a_move_overwrites_no_other_keys(desk: Desk) -> None:
    FileKeyStore(desk.folder / "keys").put("a", b"mine")
    KeyringStore(desk.backend, "own", "x").put("a", b"another's")
    with pytest.raises(EnvironmentFault, match="nothing was moved"):
        desk.store().move(Kept.KEYRING)
    assert held(desk.store()) == {"a": b"mine"}


def test_a_move_into_a_locked_keyring_moves_nothing(desk: Desk) -> None:
    FileKeyStore(desk.folder / "keys").put("a", b"k")
    desk.backend.locked = True
    with pytest.raises(EnvironmentFault, match="Unlock it"):
        desk.store().move(Kept.KEYRING)
    desk.backend.locked = False
    assert held(desk.store()) == {"a": b"k"}
    assert desk.store().kept is Kept.FILES


def test_more_names_than_one_entry_holds_are_all_listed(desk: Desk) -> None:
    for name, secret in KEYS.items():
        desk.store().put(name, secret)
    assert held(desk.store()) == KEYS


def test_the_command_says_where_keys_are_and_how_to_move_them(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Places(tmp_path).key_store().put("a", b"k")
    assert run(["keys", "--home", str(tmp_path)]) == 0
    said = capsys.readouterr().out
    assert "There are 1." in said
    assert "fairwitness keys move keyring" in said


def test_the_command_moves_nothing_where_no_keyring_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DBUS_SESSION_BUS_ADDRESS", raising=False)
    Places(tmp_path).key_store().put("a", b"k")
    with pytest.raises(EnvironmentFault, match="missing or stays locked"):
        run(["keys", "move", "keyring", "--home", str(tmp_path)])
    assert Places(tmp_path).key_store().get("a") == b"k"
