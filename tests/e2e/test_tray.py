# SPDX-License-Identifier: Apache-2.0
"""The tray as a panel sees it, with the real engine behind: StatusNotifierItem, XEmbed, and a desktop that has neither."""

from __future__ import annotations

import contextlib
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from desk_programs import openbox, printed, xdotool
from desk_server import Desk, until, xvfb
from tray_program import click, docked, program, says, xembed_tray
from tray_watcher import Panel, session_bus, without_bus

from fairwitness.notices import Notices
from fairwitness.opening import verify_here
from session import IntegrityFault
from session.events import Ack, Gap, Reason
from session.policy import default_policy_toml, policy_digest
from session.reader import FolderReader

pytestmark = pytest.mark.slow

WINDOW = "Fair Witness"


def acknowledged(home: Path) -> None:
    """The notice of the personal policy was read on this computer before."""
    Notices(home / "notices").keep(Ack(1, policy_digest(default_policy_toml()), "ab" * 32, "en"))


@pytest.fixture(scope="module")
def screen() -> Iterator[Desk]:
    with xvfb() as desk, openbox(desk):
        yield desk


def windows(desk: Desk) -> list[str]:
    found = printed(desk, "xdotool", "search", "--onlyvisible", "--name", f"^{WINDOW}$", check=False)
    return found.split()


def test_over_the_bus_a_session_goes_from_start_to_seal(screen: Desk, tmp_path: Path) -> None:
    acknowledged(tmp_path)
    with session_bus() as bus, Panel(bus) as panel, program(screen.environment | bus, tmp_path) as process:
        item = panel.item()
        says(item, "Not recording")
        assert item.value("Id")
        assert not item.menu()["Not recording"][1]  # a line that tells, not a thing to choose
        item.choose("Start a personal session")
        says(item, "Recording")
        assert "of work" in item.tooltip()
        item.choose("Pause")
        says(item, "Paused")
        item.choose("Private time")
        says(item, "Private time")
        assert "Add a note …" not in item.menu()
        item.choose("Resume")
        says(item, "Recording")
        item.choose("Stop")
        says(item, "Not recording")
        until(lambda: [one for one in item.menu() if one.startswith("Look through")], "the session waits for review")
        item.choose("Quit")
        assert process.wait(30) == 0
    (session,) = (path for path in (tmp_path / "spool").iterdir() if not path.name.startswith("."))
    assert not (session / "seal.dsse").exists()  # nothing seals itself


def test_over_xembed_the_icon_opens_the_window_and_the_menu(screen: Desk, tmp_path: Path) -> None:
    acknowledged(tmp_path)
    environment = without_bus(screen.environment)
    with xembed_tray(environment), program(environment, tmp_path) as process:
        until(lambda: len(docked(environment)) == 1, "the icon is in the tray", 30)
        assert not windows(screen)  # with a tray the window comes on demand
        click(environment, docked(environment)[0], 1)
        until(lambda: windows(screen), "a click opens the window")
        for _ in range(6):  # keys that come before the menu is there go to nobody
            click(environment, docked(environment)[0], 3)
            xdotool(screen, "key", "Up", "Return")  # the last entry: Quit
            with contextlib.suppress(subprocess.TimeoutExpired):
                assert process.wait(8) == 0
                break
        assert process.poll() == 0


def test_without_a_tray_the_window_is_the_sign_and_minimised_it_pauses(screen: Desk, tmp_path: Path) -> None:
    acknowledged(tmp_path)
    with program(without_bus(screen.environment), tmp_path) as process:
        until(lambda: windows(screen), "the window is there", 30)
        (window,) = windows(screen)
        xdotool(screen, "windowactivate", "--sync", window)
        until((tmp_path / "lock").exists, "the engine began")
        _press_first_button(screen, window, tmp_path)
        xdotool(screen, "windowminimize", window)
        until(lambda: _paused(tmp_path), "without a sign nothing is observed", 30)
        process.send_signal(signal.SIGTERM)
        assert process.wait(40) == 0


def _press_first_button(desk: Desk, window: str, home: Path) -> None:
    """The first button has the focus, and starts; pressed again only where the engine was not there yet."""

    def started() -> bool:
        spool = home / "spool"
        return spool.is_dir() and any(path.name[0] != "." for path in spool.iterdir())

    for _ in range(8):
        xdotool(desk, "windowactivate", "--sync", window, "key", "space")
        with contextlib.suppress(AssertionError):
            until(started, "a session was started by keyboard", 4)
            return
    raise AssertionError("no session was started by keyboard")


def _paused(home: Path) -> bool:
    (session,) = (path for path in (home / "spool").iterdir() if path.name[0] != ".")
    try:
        gaps = [event.body for event in FolderReader(session, {}).events() if isinstance(event.body, Gap)]
    except IntegrityFault:  # a record is being written: the first ones come after the folder
        return False
    return any(gap.reason is Reason.NO_INDICATOR for gap in gaps)


def holder(lock: Path) -> str:
    """Whose lock it is; "" while the one before is cleared away."""
    return lock.read_text().partition("\n")[0] if lock.is_file() else ""


def test_a_second_start_opens_the_first_ones_window_even_after_a_kill(screen: Desk, tmp_path: Path) -> None:
    with session_bus() as bus, Panel(bus) as panel:
        environment = screen.environment | bus
        with program(environment, tmp_path) as first:
            panel.item()
            assert not windows(screen)
            with program(environment, tmp_path) as second:
                assert second.wait(20) == 0
            until(lambda: windows(screen), "the first one's window came")
            first.kill()
            first.wait()
        with program(environment, tmp_path) as third:
            until(
                lambda: third.poll() is None and holder(tmp_path / "desk.lock") == str(third.pid),
                "taken over",
            )
            third.terminate()
            assert third.wait(30) == 0


def test_asked_to_end_by_the_system_it_stops_the_session_cleanly(screen: Desk, tmp_path: Path) -> None:
    acknowledged(tmp_path)
    with session_bus() as bus:
        with Panel(bus) as panel, program(screen.environment | bus, tmp_path) as process:
            item = panel.item()
            item.choose("Start a personal session")
            says(item, "Recording")
            process.send_signal(signal.SIGTERM)
            assert process.wait(40) == 0
        (session,) = (path for path in (tmp_path / "spool").iterdir() if path.name[0] != ".")
        assert not verify_here(session, tmp_path).verified  # not sealed: it waits for its trainer
        with Panel(bus) as panel, program(screen.environment | bus, tmp_path):
            until(lambda: [one for one in panel.item().menu() if one.startswith("Look through")], "it waits", 30)
