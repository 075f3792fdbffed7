# SPDX-License-Identifier: Apache-2.0
"""What a policy hides is in no picture: real windows in loud colours, real pictures, counted pixels."""

from __future__ import annotations

import io
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from desk_pane import Pane, pane
from desk_programs import openbox, printed, xdotool
from desk_server import Desk, xvfb
from PIL import Image

from agent.capture.child import Photographer
from agent.capture.messages import Grab, Probe, Ready, Refused, Rules, Shot, Taken
from session.events import Reason

pytestmark = pytest.mark.slow

MAGENTA, GREEN, CYAN = "ff00ff", "00ff00", "00ffff"
SECRET = Rules(primary_only=False, mask=frozenset({"secret"}), show_only=frozenset())


@pytest.fixture(scope="module")
def desk() -> Iterator[Desk]:
    with xvfb(800, 600) as desk, openbox(desk):
        yield desk


@pytest.fixture(scope="module")
def secret(desk: Desk) -> Iterator[Pane]:
    with pane(desk, "Secret", MAGENTA, (100, 100, 100, 100)) as shown:
        yield shown


@pytest.fixture(scope="module")
def plain(desk: Desk) -> Iterator[Pane]:
    with pane(desk, "plain", GREEN, (100, 100, 100, 100)) as shown:
        yield shown


@pytest.fixture(autouse=True)
def _display(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISPLAY", desk.name)
    monkeypatch.delenv("XDG_SESSION_TYPE", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)


def shots(rules: Rules) -> tuple[Shot, ...]:
    answer = Photographer().answer(Grab(rules=rules))
    assert isinstance(answer, Taken), answer
    return answer.shots


def pixels(shot: Shot, colour: str) -> int:
    """How many pixels of the decoded picture are near a colour; the codec is lossy, so edges are off by some."""
    picture = np.asarray(Image.open(io.BytesIO(shot.encoded)).convert("RGB")).astype(int)
    wanted = np.array([int(colour[i : i + 2], 16) for i in (0, 2, 4)])
    return int((abs(picture - wanted).max(axis=2) < 100).sum())


def test_without_rules_the_colours_are_there(secret: Pane) -> None:
    secret.front((100, 100, 300, 200))
    (shot,) = shots(Rules(primary_only=False, mask=frozenset(), show_only=frozenset()))
    assert abs(pixels(shot, MAGENTA) - 60_000) < 3_000
    assert (shot.width_px, shot.height_px, shot.x_px, shot.y_px, shot.masked) == (800, 600, 0, 0, 0)
    assert shot.mime == "image/webp"


def test_a_masked_window_is_grey_with_its_frame_and_the_rest_is_not(secret: Pane, plain: Pane) -> None:
    plain.front((450, 300, 200, 200))
    secret.front((100, 100, 300, 180))
    (shot,) = shots(SECRET)
    assert pixels(shot, MAGENTA) == 0
    assert abs(pixels(shot, GREEN) - 40_000) < 2_000
    assert shot.masked == 1
    picture = np.asarray(Image.open(io.BytesIO(shot.encoded)).convert("RGB")).astype(int)
    title_bar = picture[85:98, 110:390]
    assert abs(title_bar - 128).max() < 12


def test_a_window_is_known_by_its_program_too(secret: Pane) -> None:
    secret.front((100, 100, 300, 180))
    program = Path(sys.executable).resolve().name
    (shot,) = shots(Rules(primary_only=False, mask=frozenset({program}), show_only=frozenset()))
    assert pixels(shot, MAGENTA) == 0


def test_a_covered_part_shows_what_covers_it(secret: Pane, plain: Pane) -> None:
    secret.front((100, 100, 300, 300))
    plain.front((250, 250, 300, 300))
    (shot,) = shots(SECRET)
    assert pixels(shot, MAGENTA) == 0
    assert abs(pixels(shot, GREEN) - 90_000) < 3_000


def test_a_masked_window_above_hides_what_is_beneath(secret: Pane, plain: Pane) -> None:
    plain.front((250, 250, 300, 300))
    secret.front((100, 100, 300, 300))
    (shot,) = shots(SECRET)
    assert pixels(shot, MAGENTA) == 0
    assert abs(pixels(shot, GREEN) - (90_000 - 150 * 150)) < 4_000


def test_a_window_that_may_be_seen_through_covers_nothing(desk: Desk, secret: Pane, plain: Pane) -> None:
    secret.front((100, 100, 300, 300))
    plain.front((250, 250, 300, 300))
    opacity = "_NET_WM_WINDOW_OPACITY"
    printed(desk, "xprop", "-id", str(plain.number), "-f", opacity, "32c", "-set", opacity, "9")
    (shot,) = shots(SECRET)
    printed(desk, "xprop", "-id", str(plain.number), "-remove", opacity)
    assert pixels(shot, MAGENTA) == 0
    assert abs(pixels(shot, GREEN) - (90_000 - 150 * 150)) < 4_000


@pytest.mark.parametrize(("named", "transient"), [(True, False), (False, False), (False, True)])
def test_a_menu_of_a_masked_application_is_masked(secret: Pane, plain: Pane, named: bool, transient: bool) -> None:
    plain.front((400, 100, 200, 100))
    secret.front((100, 100, 200, 100))
    secret.popup((350, 300, 200, 150), CYAN, named=named, transient=transient)
    (shot,) = shots(SECRET)
    secret.unpop()
    assert pixels(shot, CYAN) == pixels(shot, MAGENTA) == 0
    assert pixels(shot, GREEN) > 18_000


def test_a_menu_of_an_application_that_is_minimised_is_masked(desk: Desk, secret: Pane) -> None:
    secret.front((100, 100, 200, 100))
    secret.popup((350, 300, 200, 150), CYAN, named=False)
    xdotool(desk, "windowminimize", "--sync", str(secret.number))
    (shot,) = shots(SECRET)
    secret.unpop()
    assert pixels(shot, CYAN) == pixels(shot, MAGENTA) == 0
    assert shot.masked == 1


def test_a_menu_of_an_open_application_is_not_masked(secret: Pane, plain: Pane) -> None:
    secret.front((100, 100, 200, 100))
    plain.front((400, 100, 200, 100))
    plain.popup((350, 300, 200, 150), CYAN, named=False)
    (shot,) = shots(SECRET)
    plain.unpop()
    assert pixels(shot, MAGENTA) == 0
    assert pixels(shot, CYAN) > 27_000


def test_a_window_on_the_move_leaks_nowhere(secret: Pane) -> None:
    secret.front((10, 40, 200, 150))
    halt = threading.Event()

    def wander() -> None:
        step = 0
        while not halt.is_set():
            step = (step + 37) % 500
            secret.tell("move", 10 + step, 40 + step // 2, 200, 150)

    wanderer = threading.Thread(target=wander)
    wanderer.start()
    try:
        (shot,) = shots(SECRET)
        assert shot.masked
        assert pixels(shot, MAGENTA) == 0
    finally:
        halt.set()
        wanderer.join()


def test_show_only_masks_every_other_window(secret: Pane, plain: Pane) -> None:
    rules = Rules(primary_only=False, mask=frozenset(), show_only=frozenset({"plain"}))
    secret.front((50, 50, 200, 100))
    plain.front((300, 100, 200, 100))
    secret.popup((50, 300, 100, 100), CYAN, named=False)
    plain.popup((300, 300, 100, 100), "ffff00", named=False, transient=True)
    (shot,) = shots(rules)
    secret.unpop()
    plain.unpop()
    assert pixels(shot, MAGENTA) == pixels(shot, CYAN) == 0
    assert pixels(shot, GREEN) > 18_000
    assert pixels(shot, "ffff00") > 8_000


def test_masks_fall_on_the_right_monitor(monkeypatch: pytest.MonkeyPatch) -> None:
    with xvfb(1200, 400) as wide, openbox(wide):
        monkeypatch.setenv("DISPLAY", wide.name)
        printed(wide, "xrandr", "--setmonitor", "L", "600/160x400/106+0+0", "screen")
        printed(wide, "xrandr", "--setmonitor", "R", "600/160x400/106+600+0", "none")
        with pane(wide, "secret", MAGENTA, (700, 100, 200, 100)), pane(wide, "open", GREEN, (50, 50, 100, 100)):
            left, right = shots(SECRET)
            assert (left.monitor, left.x_px, right.monitor, right.x_px) == (1, 0, 2, 600)
            assert (left.masked, right.masked) == (0, 1)
            assert pixels(right, MAGENTA) == pixels(left, MAGENTA) == 0
            assert pixels(left, GREEN) > 8_000
            (only,) = shots(Rules(primary_only=True, mask=SECRET.mask, show_only=frozenset()))
            assert only.monitor == 1


def test_without_a_window_manager_nothing_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    with xvfb(320, 240) as bare:
        monkeypatch.setenv("DISPLAY", bare.name)
        answer = Photographer().answer(Grab(rules=SECRET))
        assert isinstance(answer, Refused)
        assert answer.reason is Reason.DENIED
        assert "window manager" in answer.advice
        assert Photographer().answer(
            Probe(rules=Rules(primary_only=False, mask=frozenset(), show_only=frozenset()))
        ) == Ready(1)


def test_an_equal_picture_is_not_encoded_again(plain: Pane) -> None:
    plain.front((100, 100, 200, 200))
    photographer = Photographer()

    def taken() -> Shot:
        answer = photographer.answer(Grab(rules=SECRET))
        assert isinstance(answer, Taken)
        return answer.shots[0]

    first, second = taken(), taken()
    assert first.encoded
    assert not second.encoded
    assert first.dhash == second.dhash
    plain.move((400, 300, 200, 200))
    third = taken()
    assert third.encoded
    assert third.dhash != first.dhash


def test_a_dead_display_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with xvfb(320, 240) as doomed:
        monkeypatch.setenv("DISPLAY", doomed.name)
        doomed.kill()
        answer = Photographer().answer(Grab(rules=SECRET))
        assert isinstance(answer, Refused)
        assert answer.reason is Reason.ABSENT
