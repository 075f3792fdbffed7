# SPDX-License-Identifier: Apache-2.0
"""The trainer's sign: the same state in tray and window, told in words and in shape, and only what can be done now."""

from __future__ import annotations

import itertools
from datetime import UTC

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QFrame, QPushButton, QScrollArea, QWidget
from pytestqt.qtbot import QtBot
from trainer_fakes import PERSONAL, TWO, buttons, card, pressed, said

from session.desks import ProjectChoice, Stage, TrainerState, TrainerStatus
from session.trust.lifetime import Due, Term
from ui.strings import Words
from ui.trainer.icons import SIZES, state_icon
from ui.trainer.telling import card_title, gap_words, length, size_words, stage_words, state_words, time_words
from ui.trainer.tray import Tray
from ui.trainer.verbs import SELDOM, Offer, Verb, named, offers, runs, waiting, waits_for_admission
from ui.trainer.window import TodayWindow

# The offscreen platform has no tray, and says so of every icon that is shown.
TRAYLESS = "systemTrayWindowChanged"
pytestmark = [pytest.mark.usefixtures("qapp"), pytest.mark.qt_log_ignore(TRAYLESS)]
EN, IT = Words("en"), Words("it")
RECORDING = TrainerStatus(
    TrainerState.RECORDING, "Example Labs", "ada", session_id="0" * 32, project="heart", worked_us=3_661_000_000
)
IDLE = TrainerStatus(organisation="Example Labs", person="ada")
STATES = {
    TrainerState.IDLE: "Not recording",
    TrainerState.STARTING: "Starting …",
    TrainerState.RECORDING: "Recording",
    TrainerState.PAUSED: "Paused",
    TrainerState.PRIVATE: "Private time",
    TrainerState.STOPPING: "Ending the session …",
    TrainerState.PROBLEM: "Something is in the way",
}


def _in(state: TrainerState, **changes: object) -> TrainerStatus:
    fields = {name: getattr(RECORDING, name) for name in RECORDING.__struct_fields__}
    return TrainerStatus(**(fields | {"state": state} | changes))


# --- words


@pytest.mark.parametrize(
    ("length_us", "told"),
    [(0, "0:00:00"), (59_999_999, "0:00:59"), (3_661_000_000, "1:01:01"), (360_000_000_000, "100:00:00"), (-5, "0:00:00")],
)
def test_work_time_is_whole_seconds_and_never_rounded_up(length_us: int, told: str) -> None:
    assert length(length_us) == told


@pytest.mark.parametrize(
    ("octets", "told"), [(0, "0 kB"), (1, "1 kB"), (999_499, "999 kB"), (1_000_000, "1.0 MB"), (12_340_000, "12.3 MB")]
)
def test_a_size_is_never_nothing_while_something_is_there(octets: int, told: str) -> None:
    assert size_words(octets, EN) == told


def test_every_state_has_its_words_and_says_when_the_platform_is_away() -> None:
    for state, told in STATES.items():
        assert state_words(_in(state), EN) == told
        assert state_words(_in(state, offline=True), EN) == f"{told}, offline"
        assert state_words(_in(state), IT) != told


def test_time_is_told_only_while_a_session_runs() -> None:
    for state in TrainerState:
        told = time_words(_in(state), EN, "Cardiology answers")
        runs_now = state in {TrainerState.RECORDING, TrainerState.PAUSED, TrainerState.PRIVATE}
        assert told == ("Cardiology answers: 1:01:01 of work" if runs_now else "")
    assert time_words(RECORDING, EN, "") == "1:01:01 of work"


def test_a_gap_is_told_by_scope_and_reason_and_a_newer_versions_too() -> None:
    assert gap_words("capture: denied", EN) == "Screenshots: Permission denied"
    assert gap_words("capture: moonlight", EN) == "Screenshots: Reason from a newer version"
    assert gap_words("smell: denied", EN) == "Another sensor: Permission denied"


def test_a_card_says_when_it_was_and_where_it_is_on_its_way() -> None:
    assert card_title(card(Stage.HELD), EN, UTC) == "2026-11-23 08:30, 1:01:01 of work"
    assert stage_words(card(Stage.HELD), EN, UTC) == "Sealed; on hold until 08:30"
    sending = card(Stage.SENDING, sent_bytes=1_500_000, total_bytes=9_000_000)
    assert stage_words(sending, EN) == "Being sent: 1.5 MB of 9.0 MB"
    assert stage_words(card(Stage.KEPT), EN) == "Sealed; kept on this computer"


# --- verbs


@pytest.mark.parametrize(
    ("state", "verbs"),
    [
        (TrainerState.STARTING, []),
        (TrainerState.RECORDING, ["pause", "private", "stop", "declare", "note", "assistance"]),
        (TrainerState.PAUSED, ["resume", "private", "stop", "declare", "note", "assistance"]),
        (TrainerState.PRIVATE, ["resume", "stop"]),
        (TrainerState.STOPPING, []),
        (TrainerState.PROBLEM, []),
    ],
)
def test_each_state_offers_what_can_be_done_in_it_and_no_more(state: TrainerState, verbs: list[str]) -> None:
    assert [str(one.verb) for one in offers(_in(state), TWO, EN)] == verbs


def test_without_an_organisation_one_can_start_for_oneself_or_join() -> None:
    offered = offers(TrainerStatus(), PERSONAL, EN)
    assert [(one.verb, one.words, one.about) for one in offered] == [
        (Verb.START, "Start a personal session", ""),
        (Verb.JOIN, "Join an organisation …", ""),
        (Verb.ASSISTANCE, "Assistive tools …", ""),
    ]


def test_the_project_of_the_newest_session_is_offered_first() -> None:
    assert [one.about for one in offers(IDLE, TWO, EN) if one.verb is Verb.START] == ["heart", "law"]
    again = TrainerStatus(organisation="Example Labs", sessions=(card(Stage.KEPT, project="law"),))
    assert [one.words for one in offers(again, TWO, EN) if one.verb is Verb.START] == [
        "Start: Legal drafting",
        "Start: Cardiology answers",
    ]


def test_who_is_enrolled_and_has_no_project_waits_for_admission() -> None:
    assert waits_for_admission(IDLE, ())
    assert not waits_for_admission(IDLE, TWO)
    assert not waits_for_admission(TrainerStatus(), ())
    assert [one.verb for one in offers(IDLE, (), EN)] == [Verb.ASSISTANCE]


def test_a_session_that_begins_counts_as_running_once_it_has_a_number() -> None:
    assert [state for state in TrainerState if runs(_in(state, session_id=""))] == ["recording", "paused", "private"]
    assert runs(_in(TrainerState.STARTING))


def test_a_project_that_is_gone_is_named_by_its_id_and_only_reviews_wait() -> None:
    assert (named("law", TWO), named("gone", TWO)) == ("Legal drafting", "gone")
    cards = (card(Stage.KEPT, session_id="a"), card(Stage.REVIEW, session_id="b"))
    assert waiting(TrainerStatus(sessions=cards)) == ("b",)


# --- shapes


def _grey(state: TrainerState, *, offline: bool = False, size_px: int = 16) -> list[int]:
    image = state_icon(state, offline=offline).pixmap(size_px, size_px).toImage()
    assert (image.width(), image.height()) == (size_px, size_px)
    on_grey = QImage(image.size(), QImage.Format.Format_RGB32)
    on_grey.fill(Qt.GlobalColor.gray)
    for y, x in itertools.product(range(size_px), repeat=2):
        above, alpha = image.pixelColor(x, y), image.pixelColor(x, y).alphaF()
        mixed = (0.299 * above.red() + 0.587 * above.green() + 0.114 * above.blue()) * alpha + 160 * (1 - alpha)
        on_grey.setPixel(x, y, int(mixed))
    return [on_grey.pixel(x, y) & 0xFF for y, x in itertools.product(range(size_px), repeat=2)]


def test_states_are_told_apart_in_grey_at_sixteen_pixels() -> None:
    # Starting and ending share their three dots: both say that nothing is asked of the person, and soon something else.
    signs = {
        (state, offline): _grey(state, offline=offline)
        for state in TrainerState
        for offline in (False, True)
        if state is not TrainerState.STOPPING
    }
    for (one, first), (other, second) in itertools.combinations(signs.items(), 2):
        clearly = sum(abs(a - b) > 48 for a, b in zip(first, second, strict=True))
        assert clearly >= 8, f"{one} and {other} differ in {clearly} pixels"


def test_a_sign_exists_in_every_size_that_panels_ask_for() -> None:
    sizes = {size.width() for size in state_icon(TrainerState.RECORDING).availableSizes()}
    assert sizes == set(SIZES)


# --- tray


@pytest.fixture
def done() -> list[object]:
    return []


@pytest.fixture
def tray(qtbot: QtBot, done: list[object]) -> Tray:
    assert qtbot
    return Tray(
        EN, act=done.append, review=done.append, window=lambda: done.append("window"), leave=lambda: done.append("leave")
    )


def _menu(tray: Tray) -> list[str]:
    return [one.text() for one in tray.icon.contextMenu().actions() if not one.isSeparator()]


def _choose(tray: Tray, text: str) -> None:
    (found,) = [one for one in tray.icon.contextMenu().actions() if one.text() == text]
    found.trigger()


@pytest.mark.parametrize("state", list(TrainerState))
def test_the_menu_begins_with_the_state_and_holds_every_offer_of_every_day(tray: Tray, state: TrainerState) -> None:
    status = _in(state)
    tray.show(status, TWO)
    offered = [one.words for one in offers(status, TWO, EN) if one.verb not in SELDOM]
    assert _menu(tray) == [STATES[state], *offered, "Open Fair Witness", "Quit"]
    assert [one.isEnabled() for one in tray.icon.contextMenu().actions() if not one.isSeparator()] == [
        False,
        *(True for _ in offered),
        True,
        True,
    ]


@pytest.mark.qt_log_ignore(TRAYLESS, "This plugin does not support")  # off a screen nothing is raised, no keyboard is there
def test_a_menu_that_grows_while_it_is_open_stays_on_the_screen(tray: Tray) -> None:
    tray.show(_in(TrainerState.STARTING), ())
    menu = tray.icon.contextMenu()
    screen = menu.screen().availableGeometry()
    menu.popup(screen.bottomRight())
    before = menu.geometry()
    tray.show(_in(TrainerState.IDLE), TWO)
    assert menu.width() > before.width()
    assert menu.height() > before.height()
    assert screen.contains(menu.geometry())
    menu.close()


def test_what_is_chosen_in_the_menu_is_done(tray: Tray, done: list[object]) -> None:
    tray.show(RECORDING, TWO)
    for text in ("Private time", "Stop", "Open Fair Witness", "Quit"):
        _choose(tray, text)
    assert done == [Offer(Verb.PRIVATE, "Private time"), Offer(Verb.STOP, "Stop"), "window", "leave"]


def test_sessions_that_wait_for_review_are_in_the_menu_the_newest_five(tray: Tray, done: list[object]) -> None:
    cards = tuple(card(Stage.REVIEW, session_id=f"{n}", worked_us=n * 1_000_000) for n in range(7))
    tray.show(TrainerStatus(sessions=(*cards, card(Stage.KEPT))), PERSONAL)
    reviews = [text for text in _menu(tray) if text.startswith("Look through: ")]
    assert len(reviews) == 5
    _choose(tray, reviews[3])
    assert done == ["3"]


def test_the_tooltip_says_state_project_time_and_what_needs_doing(tray: Tray) -> None:
    tray.show(_in(TrainerState.PAUSED, offline=True, message="The disk is nearly full."), TWO)
    assert tray.icon.toolTip().split("\n") == [
        "Fair Witness",
        "Paused, offline",
        "Cardiology answers: 1:01:01 of work",
        "The disk is nearly full.",
    ]


def test_the_tooltip_says_what_of_the_organisation_ends_soon(tray: Tray) -> None:
    near = Due(Term.DIRECTORY, "", 1_795_422_600_000_000, 9)
    tray.show(_in(TrainerState.PAUSED, due=(near,)), TWO)
    assert "Your organisation" in tray.icon.toolTip().split("\n")[-1]
    assert "in 9 days, on 23 November 2026" in tray.icon.toolTip()


def test_a_menu_that_is_being_looked_at_is_left_alone_while_only_time_passes(tray: Tray) -> None:
    tray.show(RECORDING, TWO)
    before = tray.icon.contextMenu().actions()
    tray.show(_in(TrainerState.RECORDING, worked_us=9_000_000_000), TWO)
    assert tray.icon.contextMenu().actions() == before
    assert "2:30:00" in tray.icon.toolTip()


# --- window


@pytest.fixture
def window(qtbot: QtBot, done: list[object]) -> TodayWindow:
    made = TodayWindow(
        EN,
        act=done.append,
        review=lambda session: done.append(("review", session)),
        send_now=lambda session: done.append(("send", session)),
        seen=lambda: None,
        closing=lambda: True,
    )
    qtbot.addWidget(made)
    return made


@pytest.mark.parametrize("state", list(TrainerState))
def test_the_window_says_the_state_and_what_it_means(window: TodayWindow, state: TrainerState) -> None:
    window.show_status(_in(state), TWO)
    text = said(window)
    assert STATES[state] in text
    assert EN(f"why.{state}") in text
    assert STATES[state] in window.accessibleDescription()
    assert "Example Labs, as ada" in text


def test_offline_is_said_calmly_and_goes_again(window: TodayWindow) -> None:
    window.show_status(_in(TrainerState.RECORDING, offline=True), TWO)
    assert "Recording, offline" in said(window)
    assert window.banner.text == EN("today.offline")
    assert window.banner.property("role") == "card"
    window.show_status(_in(TrainerState.PROBLEM, offline=True, message="The disk is full."), TWO)
    assert window.banner.text == "The disk is full.", "what needs doing comes before what does not"
    window.show_status(RECORDING, TWO)
    assert window.banner.text == ""


def test_a_problem_is_said_with_what_to_do(window: TodayWindow) -> None:
    window.show_status(TrainerStatus(TrainerState.PROBLEM, message="Free some disk space."), PERSONAL)
    assert (window.banner.text, window.banner.property("role")) == ("Free some disk space.", "problem")


def test_what_is_not_observed_is_named_but_a_pause_is_not_named_twice(window: TodayWindow) -> None:
    window.show_status(_in(TrainerState.RECORDING, open_gaps=("capture: denied", "session: pause", "window: absent")), TWO)
    told = "Not observed now: Screenshots: Permission denied; Applications: Not available on this desktop"
    assert told in said(window)
    window.show_status(RECORDING, TWO)
    assert "Not observed now" not in said(window)


def test_the_project_asks_for_a_declaration_only_while_recording(window: TodayWindow, done: list[object]) -> None:
    window.show_status(_in(TrainerState.PAUSED, asks=("pasted-text",)), TWO)
    assert window.ask.text == ""
    window.show_status(_in(TrainerState.RECORDING, asks=("pasted-text",)), TWO)
    assert window.ask.text == EN("today.ask")
    pressed(window.ask, "I used a tool …")
    assert done == [Offer(Verb.DECLARE, "I used a tool …")]


def _frame(window: TodayWindow) -> QFrame:
    (found,) = [one for one in window.findChildren(QFrame) if "1:01:01 of work. " in one.accessibleName()]
    return found


@pytest.mark.parametrize(
    ("stage", "told", "actions"),
    [
        (Stage.REVIEW, "Waits for you to look through it", ["Look through"]),
        (Stage.HELD, "Sealed; on hold until", ["Open", "Send now"]),
        (Stage.WAITING, "Waiting to send", ["Open"]),
        (Stage.SENDING, "Being sent: 0 kB of 0 kB", ["Open"]),
        (Stage.CONFIRMED, "Confirmed by the platform", ["Open"]),
        (Stage.REFUSED, "Not taken by the platform", ["Open", "Try again"]),
        (Stage.KEPT, "Sealed; kept on this computer", ["Open"]),
    ],
)
def test_a_card_says_its_stage_and_offers_what_can_be_done(
    window: TodayWindow, done: list[object], stage: Stage, told: str, actions: list[str]
) -> None:
    one = card(stage)
    window.show_status(TrainerStatus(sessions=(one,)), TWO)
    frame = _frame(window)
    assert told in said(frame)
    assert told in frame.accessibleName()
    assert "Cardiology answers: " in said(frame)
    assert buttons(frame) == actions
    for action in actions:
        pressed(frame, action)
    assert done == [("review", one.session_id), ("send", one.session_id)][: len(actions)]


def test_new_decisions_and_the_platforms_reason_are_on_the_card(window: TodayWindow) -> None:
    window.show_status(TrainerStatus(sessions=(card(Stage.CONFIRMED, unread=2, message="Done."),)), TWO)
    assert "2 new decisions" in said(window)
    assert "Done." not in said(window)
    window.show_status(TrainerStatus(sessions=(card(Stage.REFUSED, unread=1, message="Too old."),)), TWO)
    assert "1 new decision" in said(window).split("\n")
    assert "Too old." in said(window)


def test_the_platforms_reason_is_told_in_the_language_of_the_window(qtbot: QtBot) -> None:
    nothing = {"act": bool, "review": bool, "send_now": bool, "seen": bool, "closing": bool}
    window = TodayWindow(Words("it"), **nothing)  # type: ignore[arg-type] # each takes what it is given
    qtbot.addWidget(window)
    reason = "the platform's answer is not what it must be"
    window.show_status(TrainerStatus(sessions=(card(Stage.REFUSED, message=reason),)), TWO)
    assert "la risposta della piattaforma non è come deve essere" in said(window)


def test_hours_that_another_session_counts_too_are_on_the_card(window: TodayWindow) -> None:
    window.show_status(TrainerStatus(sessions=(card(Stage.CONFIRMED, overlap_us=720_000_000),)), TWO)
    told = "Of these, 0:12:00 are counted in another session of yours, which began earlier."
    assert told in said(window)
    assert told in _frame(window).accessibleName()
    window.show_status(TrainerStatus(sessions=(card(Stage.CONFIRMED),)), TWO)
    assert "another session" not in said(window)


def test_somebody_new_is_told_how_to_begin_and_whose_the_sessions_are(window: TodayWindow) -> None:
    window.show_status(TrainerStatus(), PERSONAL)
    assert EN("today.sessions.none") in said(window)
    assert EN("today.personal") in said(window)
    assert "Start a personal session" in buttons(window)
    for state in (TrainerState.STARTING, TrainerState.PROBLEM):
        window.show_status(TrainerStatus(state=state), PERSONAL)
        assert EN("today.sessions.yet") in said(window)
    for state in (TrainerState.RECORDING, TrainerState.PAUSED, TrainerState.PRIVATE, TrainerState.STOPPING):
        window.show_status(TrainerStatus(state=state, session_id="ab" * 16), PERSONAL)
        assert EN("today.sessions.running") in said(window)
        assert EN("today.sessions.none") not in said(window)
    window.show_status(IDLE, ())
    assert EN("today.waits") in said(window)
    assert EN("today.sessions.none") not in said(window)
    assert buttons(window) == ["Assistive tools …"]


def _shown(window: TodayWindow, qtbot: QtBot) -> None:
    window.show()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)


def test_the_likeliest_thing_to_do_has_the_focus_and_keeps_it_while_time_passes(window: TodayWindow, qtbot: QtBot) -> None:
    window.show_status(IDLE, TWO)
    _shown(window, qtbot)
    held = window.focusWidget()
    assert isinstance(held, QPushButton)
    assert held.text() == "Start: Cardiology answers"
    window.show_status(RECORDING, TWO)
    qtbot.waitUntil(lambda: isinstance(window.focusWidget(), QPushButton))
    held = window.focusWidget()
    assert isinstance(held, QPushButton)
    assert held.text() == "Pause"
    window.show_status(_in(TrainerState.RECORDING, worked_us=1), TWO)
    assert window.focusWidget() is held


def test_focus_in_the_list_is_not_taken_away_by_a_change_of_state(window: TodayWindow, qtbot: QtBot) -> None:
    window.show_status(TrainerStatus(sessions=(card(Stage.KEPT),)), PERSONAL)
    _shown(window, qtbot)
    (look,) = [one for one in window.findChildren(QPushButton) if one.text() == "Open"]
    look.setFocus()
    window.show_status(_in(TrainerState.RECORDING, sessions=(card(Stage.KEPT),)), PERSONAL)
    pause = next(one for one in window.findChildren(QPushButton) if one.text() == "Pause")
    qtbot.waitUntil(pause.isVisible)
    assert window.focusWidget() is look


def test_every_button_is_named_and_the_lists_too(window: TodayWindow) -> None:
    cards = tuple(card(stage, session_id=str(at)) for at, stage in enumerate(Stage))
    window.show_status(_in(TrainerState.RECORDING, sessions=cards), TWO)
    for one in window.findChildren(QPushButton):
        assert one.accessibleName() or not one.text()
    names = [one.accessibleName() for one in window.findChildren(QPushButton) if one.text() in ("Open", "Send now")]
    assert all("1:01:01" in name for name in names)
    assert [one.accessibleName() for one in window.findChildren(QScrollArea)] == ["Fair Witness"]
    assert "Your sessions" in [one.accessibleName() for one in window.findChildren(QWidget)]


def test_projects_without_names_alike_are_offered_one_by_one(window: TodayWindow, done: list[object]) -> None:
    six = tuple(ProjectChoice(f"p{n}", f"Project {n}") for n in range(6))
    window.show_status(IDLE, six)
    pressed(window, "Start: Project 5")
    assert done == [Offer(Verb.START, "Start: Project 5", "p5")]
