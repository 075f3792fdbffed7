# SPDX-License-Identifier: Apache-2.0
"""A real keyring that locks or goes away at each step of a session, and comes back.

What records needs no key from it; a start and the end of a seal do, say what to do, and are taken again after the unlock.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from keyring_daemon import Daemon, keyring_daemon
from surroundings import VERBS, Day
from verifier_both import both

from agent.finishing import is_sealed
from agent.keys.chosen import ChosenKeyStore, Kept
from agent.keys.file_store import FileKeyStore
from agent.keys.secret_service import SecretServiceStore
from session import EnvironmentFault
from session.reader import FolderReader
from session.redact import Ranges
from ui.strings import Words

pytestmark = pytest.mark.ci

REFUSED = ("start", "seal")
"""A start makes keys, and a seal is done when the session's keys are forgotten. The others have what they need."""


@pytest.fixture
def daemon(tmp_path: Path) -> Iterator[Daemon]:
    with keyring_daemon(tmp_path / "keyring") as started:
        yield started


def day_of(home: Path) -> Day:
    home.mkdir()
    store = ChosenKeyStore(
        home, files=FileKeyStore(home / "keys"), keyring=SecretServiceStore("day", patience_s=2), prefers_keyring=True
    )
    return Day(home, store)


@pytest.mark.parametrize("again", ["same program", "next program"])
@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("wrong", ["locked", "gone"])
def test_a_step_goes_on_without_the_keyring_or_says_what_to_do_and_is_taken_after_the_unlock(
    daemon: Daemon, tmp_path: Path, wrong: str, verb: str, again: str
) -> None:
    day = day_of(tmp_path / "home")
    for before in VERBS[: VERBS.index(verb)]:
        getattr(day, before)()
    if verb == "settle":
        day.prepare_receipt()
    (daemon.lock if wrong == "locked" else daemon.stop)()
    words = ""
    try:
        getattr(day, verb)()
    except EnvironmentFault as fault:
        words = str(fault)
    assert bool(words) == (verb in REFUSED)
    if words:
        assert "is locked. Unlock it" in words if wrong == "locked" else "cannot be reached. Start it" in words
        assert Words("it").fault(words) != words
    if verb == "seal":
        assert is_sealed(day.folder)  # what the trainer decided is durable; only the forgetting of its keys waits
    (daemon.unlock if wrong == "locked" else daemon.start)()
    if again == "next program":
        day.restart()
    for after in VERBS[VERBS.index(verb) + (not words) :]:
        if after == "settle":
            day.prepare_receipt()
        if day.needs(after):
            getattr(day, after)()
    judge(day)


def judge(day: Day) -> None:
    """All that was acknowledged is there, it verifies, and its keys lay nowhere but in the keyring and are gone."""
    assert [item.state for item in day.outbox.items()] == ["confirmed"]
    assert both(day.folder, trust=day.org.anchor).verified
    reader = FolderReader(day.folder, day.now.journal.keys.content)
    held = {event.seq: event for event in reader.events()}
    gone = Ranges(one for event in held.values() for one in getattr(event.body, "ranges", ()))
    assert [event for event in day.kept if event.seq not in gone and held[event.seq] != event] == []
    store = day.trainer.store
    assert isinstance(store, ChosenKeyStore)
    assert store.kept is Kept.KEYRING
    assert not (day.trainer.home / "keys").exists()
    assert list(store.names(f"session/{day.folder.name}/")) == []
