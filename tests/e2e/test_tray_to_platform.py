# SPDX-License-Identifier: Apache-2.0
"""A whole session that begins at the tray: start, notice, pause, stop, look through, seal, send, confirmed by the platform.

Once over StatusNotifierItem, as KDE and most panels speak it, and once over XEmbed, with a mouse on a docked icon.
"""

from __future__ import annotations

import contextlib
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from desk_server import until
from office import Office, office
from review_atspi import Reading, accessible_desk
from tray_program import click, docked, menu_open, program, says, xembed_tray
from tray_watcher import Panel

from fairwitness.opening import open_here, verify_here
from session.events import Ack, Gap, Reason
from session.policy import default_policy_toml

pytestmark = pytest.mark.slow

START = "Start: Project"


def from_start_to_confirmed(choose: Callable[[str], None], tells: Callable[[str], None], screen: Reading) -> None:
    """What a trainer does, whatever kind of tray it is.

    Args:
        choose: takes the entry of the tray's menu that begins with these words.
        tells: waits until the tray says them.
        screen: reads and works the windows that the tray opens.
    """
    tells("Not recording")
    choose(START)
    screen.press("I have read this")
    tells("Recording")
    choose("Pause")
    tells("Paused")
    choose("Resume")
    tells("Recording")
    choose("Stop")
    tells("Not recording")
    choose("Look through: ")
    screen.says("Nothing is sent until you seal it.")
    screen.press("Seal …")
    screen.press("Seal this session")
    screen.says("on hold until")
    screen.press(next(one.name for one in screen.things() if one.name.startswith("Send now: ")))
    screen.says("Confirmed by the platform")
    choose("Quit")


def is_confirmed(desk: Office) -> None:
    """The platform has it, the receipt verifies, and the record tells what was done at the tray."""
    (session,) = (path for path in (desk.trainer / "spool").iterdir() if path.name[0] != ".")
    assert (session / "receipt.dsse").exists()
    for home in (desk.trainer, desk.reviewer):
        copy = session if home == desk.trainer else desk.fetched(session)
        assert verify_here(copy, home).verified
        bodies = [event.body for event in open_here(copy, home).reader.events()]
        assert len([one for one in bodies if isinstance(one, Ack)]) == 1
        assert Reason.PAUSE in {one.reason for one in bodies if isinstance(one, Gap)}


def test_over_the_bus(tmp_path: Path) -> None:
    with office(tmp_path, default_policy_toml()) as desk, accessible_desk() as environment, Panel(environment) as panel:
        with program(environment, desk.trainer) as process, Reading(environment) as screen:
            item = panel.item()

            def choose(words: str) -> None:
                until(lambda: any(one.startswith(words) for one in item.menu()), f"the menu offers {words}")
                item.choose(next(one for one in item.menu() if one.startswith(words)))

            from_start_to_confirmed(choose, lambda words: says(item, words), screen)
            assert process.wait(30) == 0
        is_confirmed(desk)


@pytest.mark.ci  # the icon and its menu are tried on every change by test_tray, and what follows over the bus
def test_over_xembed(tmp_path: Path) -> None:
    # Qt tells no menu to a screen reader before it is open: where an entry lies is known by its place, as a hand knows it
    places = {START: ["Down"], "Pause": ["Down"], "Resume": ["Down"], "Stop": ["Down"] * 3}
    places |= {"Look through: ": ["Down"] * 2, "Quit": ["Up"]}
    with office(tmp_path, default_policy_toml()) as desk, accessible_desk() as environment, xembed_tray(environment):
        with program(environment, desk.trainer) as process, Reading(environment) as screen:
            until(lambda: len(docked(environment)) == 1, "the icon is in the tray", 30)
            (icon,) = docked(environment)
            click(environment, icon, 1)

            def choose(words: str) -> None:
                for _ in range(5):  # two clicks within 0.4 s are a double click, which opens none
                    click(environment, icon, 3)
                    with contextlib.suppress(AssertionError):
                        until(lambda: menu_open(environment), "the menu is open", 2)
                        break
                subprocess.run(["xdotool", "key", *places[words], "Return"], env=environment, check=True, timeout=30)
                until(lambda: not menu_open(environment), "the menu is away")

            from_start_to_confirmed(choose, screen.says, screen)
            assert process.wait(30) == 0
        is_confirmed(desk)
