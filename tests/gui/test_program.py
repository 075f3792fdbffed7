# SPDX-License-Identifier: Apache-2.0
"""What every window stands on: the bridge between threads, work in the background, and the pieces of the look."""

from __future__ import annotations

import threading

import pytest
from PySide6.QtCore import QThread
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from session import EnvironmentFault, FairWitnessError, StoppedFault
from ui.background import Background, Task
from ui.bridge import EventBridge, Latest
from ui.look import dress, palette_of
from ui.strings import LANGUAGES, Words, language_of
from ui.style import DARK, LIGHT, TEXT_CONTRAST, contrast
from ui.widgets import FRAME_PX, Banner, Busy, button, label, open_at

PATIENCE_MS = 10_000


def _from_another_thread(call: object) -> None:
    thread = threading.Thread(target=call)  # type: ignore[arg-type] # any call of a test
    thread.start()
    thread.join()


def test_calls_from_another_thread_run_on_qts_in_order(qtbot: QtBot) -> None:
    bridge, seen, main = EventBridge(), [], QThread.currentThread()

    def hand() -> None:
        for number in range(50):
            bridge.hand(lambda number=number: seen.append((number, QThread.currentThread() is main)))  # type: ignore[misc]

    _from_another_thread(hand)
    assert seen == []
    qtbot.waitUntil(lambda: len(seen) == 50, timeout=PATIENCE_MS)
    assert seen == [(number, True) for number in range(50)]


def test_a_closed_bridge_runs_nothing_that_is_still_on_its_way(qtbot: QtBot) -> None:
    bridge, seen, other = EventBridge(), [], []
    bridge.hand(lambda: seen.append("late"))
    bridge.close()
    after = EventBridge()
    after.hand(lambda: other.append("reached"))
    qtbot.waitUntil(lambda: bool(other), timeout=PATIENCE_MS)
    assert seen == []


def test_of_many_values_at_once_a_window_sees_the_newest(qtbot: QtBot) -> None:
    seen: list[object] = []
    bridge = EventBridge()
    latest = Latest(bridge, seen.append)
    for number in range(1000):
        latest.tell(number)
    qtbot.waitUntil(lambda: bool(seen), timeout=PATIENCE_MS)
    assert seen == [999]
    latest.tell("next")
    qtbot.waitUntil(lambda: len(seen) == 2, timeout=PATIENCE_MS)
    assert seen[-1] == "next"


def test_work_ends_with_its_result_and_its_progress(qtbot: QtBot) -> None:
    done: list[int] = []
    steps: list[tuple[int, int]] = []
    bridge = EventBridge()
    Background(bridge).run(
        lambda watch: 42 if watch(1, 2) else 0, done.append, _nobody, lambda at, of: steps.append((at, of))
    )
    qtbot.waitUntil(lambda: bool(done), timeout=PATIENCE_MS)
    assert done == [42]
    assert steps == [(1, 2)]


def _nobody(fault: FairWitnessError) -> None:
    raise AssertionError(str(fault))


def test_work_that_fails_says_so_in_words(qtbot: QtBot) -> None:
    failed: list[str] = []

    def work(_watch: object) -> None:
        raise EnvironmentFault("The disk is full.")

    bridge = EventBridge()
    Background(bridge).run(work, lambda _none: None, lambda fault: failed.append(str(fault)))
    qtbot.waitUntil(lambda: bool(failed), timeout=PATIENCE_MS)
    assert failed == ["The disk is full."]


@pytest.mark.parametrize("ends", ["stopped", "finished", "failed"])
def test_cancelled_work_tells_nobody(qtbot: QtBot, ends: str) -> None:
    told: list[object] = []
    go = threading.Event()

    def work(watch: object) -> str:
        go.wait(10)
        if ends == "failed":
            raise EnvironmentFault("too late")
        if ends == "stopped" and not watch(1, 1):  # type: ignore[operator] # a Watch
            raise StoppedFault("stopped")
        return "too late"

    bridge = EventBridge()
    task = Background(bridge).run(work, told.append, told.append)
    task.cancel()
    go.set()
    assert task.ended.wait(10)
    bridge.hand(lambda: told.append("end"))
    qtbot.waitUntil(lambda: bool(told), timeout=PATIENCE_MS)
    assert told == ["end"]


def test_closing_asks_all_work_to_stop_and_waits_for_it() -> None:
    background = Background(EventBridge())
    stopped = threading.Event()

    def work(watch: object) -> None:
        while watch(0, 0):  # type: ignore[operator] # a Watch
            pass
        stopped.set()

    task: Task = background.run(work, _nobody, _nobody)  # type: ignore[arg-type] # nothing is told
    assert background.close(10)
    assert stopped.is_set()
    assert task.cancelled


def test_a_banner_reads_itself_to_a_screen_reader_and_offers_what_to_do(qtbot: QtBot) -> None:
    banner, pressed = Banner(), []
    qtbot.addWidget(banner)
    assert banner.text == ""
    banner.say("The platform cannot be reached.", "problem", "Try again", lambda: pressed.append(1))
    assert banner.text == banner.accessibleName() == "The platform cannot be reached."
    banner._action.click()
    assert pressed == [1]
    banner.say("")
    assert banner.isHidden()


def test_what_takes_long_can_be_stopped(qtbot: QtBot) -> None:
    busy, stopped = Busy(Words()), []
    qtbot.addWidget(busy)
    busy.begin("Fetching …", lambda: stopped.append(1))
    busy.step(3, 10)
    assert (busy._bar.value(), busy._bar.maximum()) == (3, 10)
    busy._stop.click()
    assert stopped == [1]
    assert busy.isHidden()


def test_a_window_opens_no_larger_than_its_screen(qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    room = QGuiApplication.primaryScreen().availableSize()
    open_at(window, 300, 200)
    assert (window.width(), window.height()) == (300, 200)
    open_at(window, room.width() + 500, room.height())
    assert (window.width(), window.height()) == (room.width(), room.height() - FRAME_PX)


def test_labels_show_hostile_words_as_they_are(qtbot: QtBot) -> None:
    shown = label("<b>bold</b><script>")
    qtbot.addWidget(shown)
    assert shown.text() == "<b>bold</b><script>"
    assert shown.textFormat().name == "PlainText"


def test_buttons_have_a_name_for_those_who_do_not_see_them(qtbot: QtBot) -> None:
    pressed: list[int] = []
    one = button("Stop", lambda: pressed.append(1), name="Stop the session")
    qtbot.addWidget(one)
    one.click()
    assert (one.accessibleName(), pressed) == ("Stop the session", [1])


@pytest.mark.parametrize("palette", [LIGHT, DARK])
def test_buttons_and_banners_are_readable(palette: object) -> None:
    p = palette if palette in (LIGHT, DARK) else LIGHT
    assert isinstance(p, type(LIGHT))
    pairs = [
        (p.card, p.work),
        (p.text, p.card),
        (p.quiet, p.window),
        (p.text, p.ask_fill),
        (p.ask, p.ask_fill),
        (p.text, p.track),
    ]
    pairs += [(p.bad, p.card), (p.good, p.card), (p.work, p.window), (p.card, p.engaged)]
    for one, other in pairs:
        assert contrast(one, other) >= TEXT_CONTRAST, (one, other)


def test_the_look_is_ours_on_every_desktop(qapp: QApplication) -> None:
    before = qapp.styleSheet()
    try:
        dress(qapp, DARK)
        assert DARK.window in qapp.styleSheet()
        assert palette_of(qapp, dark=True) is DARK
        assert palette_of(qapp, dark=False) is LIGHT
    finally:
        qapp.setStyleSheet(before)


@pytest.mark.parametrize(
    ("environment", "language"),
    [
        ({}, "en"),
        ({"LANG": "it_IT.UTF-8"}, "it"),
        ({"LANG": "it_IT.UTF-8", "LC_ALL": "C.UTF-8"}, "en"),
        ({"LANG": "en_GB.UTF-8", "LC_MESSAGES": "it_CH"}, "it"),
        ({"LANG": "en_GB.UTF-8", "LANGUAGE": "de:it:en"}, "it"),
        ({"LANG": "fr_FR.UTF-8"}, "en"),
        ({"LANGUAGE": "", "LANG": "it"}, "it"),
    ],
)
def test_the_desktop_chooses_the_language(environment: dict[str, str], language: str) -> None:
    assert language_of(environment) == language
    assert language in LANGUAGES
