# SPDX-License-Identifier: Apache-2.0
"""What came, went or stayed nearby, as it is drawn, pointed at, stepped through, read aloud and exported."""

from __future__ import annotations

from itertools import combinations, pairwise
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QRectF, Qt
from PySide6.QtGui import QHelpEvent, QImage, QPainter, QTextDocument
from PySide6.QtWidgets import QApplication, QFrame, QLabel, QPushButton, QToolTip
from pytestqt.qtbot import QtBot
from replay_canvas import RULES, Painted, Written, ink, painted, pixels_of
from replay_desks import PLAIN, Desk, verification
from replay_sessions import ORIGIN_US, source

from session.desks import SessionCase
from session.events import Reason
from session.policy import default_policy_toml, parse_policy
from ui.replay.canvas import Canvas, Inks, Type
from ui.replay.html import page_of
from ui.replay.layout import Shows, lay_out
from ui.replay.model import ReplayModel
from ui.replay.nearby import CAME, KINDS, OVERLAY, RUNNER_CAME, RUNNER_WENT, WENT, mark_words
from ui.replay.nearby_card import MARKS
from ui.replay.nearby_row import MOST_TOLD, places
from ui.replay.painter import layout_of
from ui.replay.render import Appearance, draw
from ui.replay.scene import Scene
from ui.replay.standing import Standing
from ui.replay.timeline import Timeline
from ui.replay.view import View, local, zone_named
from ui.replay.window import ReplayWindow
from ui.strings import Words
from ui.style import DARK, LIGHT

pytestmark = pytest.mark.usefixtures("qapp")

EN, IT = Words("en"), Words("it")
S = 1_000_000
NOT_OBSERVED = "Not observed: windows that stay over the one in front."


def desk_of(*told: tuple[float, str, str, int], watched: int = 3) -> Desk:
    """Ten minutes of work in one window, with these things nearby, each told a tick later."""
    desk = Desk()
    desk.focus(5, (0, 1))
    desk.nearby(5, watched=watched)
    for second in range(5, 601, 5):
        desk.tape.tick(second, source(20, moves=5))
        if second % 30 == 0:
            desk.checkpoint(second)
    for one in told:
        desk.nearby(one[0] + 5, one, watched=watched)
    desk.tape.events = [event for event in desk.tape.events if getattr(event.body, "watched", watched) == watched]
    return desk


def docked() -> Desk:
    """A keyboard goes and two come, half a minute apart; a window stays; a pointer comes."""
    return desk_of(
        (60, WENT, "keyboard", 1), (90, CAME, "keyboard", 2), (300, OVERLAY, "kept-above", 1), (500, CAME, "pointer", 1)
    )


def scene_of(desk: Desk, size: tuple[int, int] = (1366, 768)) -> Scene:
    model = ReplayModel.from_events("", desk.tape.events, RULES)
    return Scene(
        model=model,
        standing=Standing.of(verification(), EN),
        layout=layout_of(model, *size),
        view=View(model.start_us, model.end_us),
        zone=zone_named(model.zone),
        words=EN,
        pictures={},
    )


def case_of(desk: Desk, *, sealed: bool = True) -> SessionCase:
    return SessionCase(
        session_id="ab" * 16,
        folder=Path("/nowhere"),
        reader=desk.reader(),
        verification=verification() if sealed else None,
        policy=parse_policy(default_policy_toml()),
        reads_as="reviewer",
        said=None,
    )


def window_of(qtbot: QtBot, desk: Desk, words: Words = EN) -> ReplayWindow:
    made = ReplayWindow(case_of(desk), words, LIGHT)
    qtbot.addWidget(made)
    made.resize(*PLAIN)
    made.show()
    qtbot.waitExposed(made)
    return made


def timeline_of(qtbot: QtBot, desk: Desk) -> Timeline:
    reader = desk.reader()
    made = Timeline(
        reader, ReplayModel.from_events("", reader.events(), RULES), verification(), LIGHT, words=EN, zone=zone_named("")
    )
    qtbot.addWidget(made)
    made.resize(1366, 768)
    made.show()
    qtbot.waitExposed(made)
    return made


def centre(timeline: Timeline, number: int) -> QPoint:
    """The middle of the place of that number."""
    scene = timeline._scene()
    row = scene.layout.row("nearby")
    assert row is not None
    place = places(scene, row)[number]
    return QPoint(round(place.left + place.width / 2), round(row.top + row.height / 2))


# --- drawn


@pytest.mark.parametrize(
    "look",
    [
        Appearance(size=(1366, 768)),
        Appearance(size=(1920, 1080), scale=2.0, dark=True),
        Appearance(size=(1280, 720), scale=1.5),
    ],
    ids=str,
)
def test_marks_are_drawn_at_their_time_and_nowhere_else(look: Appearance) -> None:
    picture = painted(docked(), look=look)
    mark = (DARK if look.dark else LIGHT).text
    for second in (60, 90, 300, 500):
        assert picture.share(mark, "nearby", second - 6, second + 6, inset=0) > 0.02, second
    for begin, end in ((0, 50), (110, 290), (320, 490), (520, 600)):
        assert picture.share(mark, "nearby", begin, end, inset=0) == 0, (begin, end)


def shape(kind: str, colour: str) -> np.ndarray:
    image = QImage(40, 40, QImage.Format.Format_RGB32)
    image.fill(0xFFFFFF)
    with QPainter(image) as painter:
        Canvas(painter, LIGHT, Type(), Inks(LIGHT)).glyph(QRectF(5, 5, 30, 30), kind, colour)
    return pixels_of(image) != ink("#ffffff")


def test_kinds_are_told_apart_without_colour() -> None:
    shapes = {kind: shape(kind, "#000000") for kind in KINDS}
    for one, other in combinations(KINDS, 2):
        assert float(np.mean(shapes[one] != shapes[other])) > 0.05, (one, other)
    for came, went in ((CAME, WENT), (RUNNER_CAME, RUNNER_WENT)):
        assert shapes[came].mean() > shapes[went].mean(), "what came is full, what went is empty"


def test_marks_that_would_lie_on_each_other_share_a_place_and_each_kind_is_drawn_once() -> None:
    desk = desk_of(*[(300 + number / 4, KINDS[number % 2], "keyboard", 1) for number in range(6)], (599.9, OVERLAY, "x", 1))
    scene = scene_of(desk)
    row = scene.layout.row("nearby")
    assert row is not None
    first, last = places(scene, row)
    assert (first.kinds, len(first.marks)) == ((CAME, WENT), 6)
    assert first.right < last.left
    assert last.right <= scene.layout.plot_left + scene.layout.plot_width


def test_no_two_places_overlap_however_many_marks_there_are() -> None:
    desk = desk_of(*[(number / 3, KINDS[number % len(KINDS)], "keyboard", 1) for number in range(1700)])
    scene = scene_of(desk)
    row = scene.layout.row("nearby")
    assert row is not None
    shown = places(scene, row)
    assert sum(len(place.marks) for place in shown) == 1700
    assert all(one.right < other.left for one, other in pairwise(shown))
    assert shown[-1].right <= scene.layout.plot_left + scene.layout.plot_width


def test_only_what_the_view_shows_has_a_place() -> None:
    scene = scene_of(docked())
    row = scene.layout.row("nearby")
    assert row is not None
    narrow = Scene(
        scene.model,
        scene.standing,
        scene.layout,
        View(ORIGIN_US + 80 * S, ORIGIN_US + 310 * S),
        scene.zone,
        EN,
        {},
    )
    assert [place.kinds for place in places(narrow, row)] == [(CAME,), (OVERLAY,)]


def test_words_stand_beside_a_mark_where_they_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    written = Written(monkeypatch)
    painted(docked())
    said = written.said()
    assert "2 keyboards were connected" in said
    assert "A window of another program stayed over the one in front" in said
    assert "A keyboard was disconnected" not in said  # the next mark stands there
    assert {"Nearby", "4", "Connected", "Disconnected", "A window on top"} <= set(said)


def test_the_legend_explains_no_mark_that_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    written = Written(monkeypatch)
    painted(desk_of((300, CAME, "keyboard", 1)))
    assert "Connected" in written.said()
    unseen = {EN(f"legend.{kind}") for kind in KINDS if kind != CAME}
    assert not unseen & set(written.said())
    painted(desk_of(*((60 * number, kind, "x", 1) for number, kind in enumerate(KINDS)), watched=7))
    assert unseen <= set(written.said())


def test_what_was_not_observed_is_said_in_its_row(monkeypatch: pytest.MonkeyPatch) -> None:
    for watched, told in (
        (0, EN("nearby.none")),
        (1, f"{EN('nearby.devices.quiet')} {NOT_OBSERVED}"),
        (3, EN("nearby.quiet")),
        (7, f"{EN('nearby.quiet')} {EN('nearby.runners.quiet')}"),
    ):
        written = Written(monkeypatch)
        painted(desk_of(watched=watched))
        assert told in written.said()


def test_beside_marks_what_was_not_observed_has_the_first_claim_on_the_room(monkeypatch: pytest.MonkeyPatch) -> None:
    written = Written(monkeypatch)
    painted(desk_of((60, WENT, "keyboard", 1), (180, CAME, "keyboard", 2), watched=1), look=Appearance(size=(940, 620)))
    assert NOT_OBSERVED in written.said()


def test_a_quiet_row_without_room_says_it_shorter_and_shortens_no_word(monkeypatch: pytest.MonkeyPatch) -> None:
    desk = desk_of()
    desk.away(200, 400, Reason.PAUSE)
    written = Written(monkeypatch)
    painted(desk, look=Appearance(size=(1100, 620)))
    assert EN("nearby.marks.none") in written.said()


@pytest.mark.parametrize(
    ("scope", "hatched"), [("session", 1), ("keyboard", 1), ("window", 1), ("runners", 1), ("capture", 0)]
)
def test_a_gap_of_what_tells_of_it_is_hatched_and_no_word_covers_that(scope: str, hatched: int) -> None:
    for told, watched in (((), 3), (((150, OVERLAY, "kept-above", 1),), 3), ((), 4)):
        desk = desk_of(*told, watched=watched)
        desk.away(200, 400, Reason.DENIED, scope)
        picture = painted(desk, look=Appearance(size=(1000, 620)))
        assert (picture.share(LIGHT.denied, "nearby", 202, 398) > 0.05) is bool(hatched)
        if hatched:
            assert clear(picture) <= {ink(LIGHT.denied), ink(LIGHT.card)}


def clear(picture: Painted) -> set[int]:
    """The colours of the gap: its hatch on the card, and nothing of a word."""
    return set(np.unique(picture.region("nearby", 202, 398)).tolist())


def test_a_mark_within_a_gap_is_still_seen() -> None:
    desk = desk_of((300, CAME, "keyboard", 1))
    desk.away(200, 400, Reason.DENIED, "window")
    assert painted(desk).share(LIGHT.text, "nearby", 294, 306, inset=0) > 0.02


@pytest.mark.parametrize("language", ["en", "it"])
@pytest.mark.parametrize("size", [(720, 480), (940, 620), (1366, 768), (1920, 1080)])
def test_words_of_the_row_fit_and_lie_on_no_other(
    monkeypatch: pytest.MonkeyPatch, size: tuple[int, int], language: str
) -> None:
    running = desk_of((0, RUNNER_CAME, "Ollama", 2), (300, CAME, "pointer", 1), (400, RUNNER_WENT, "W" * 128, 1), watched=4)
    for desk in (
        docked(),
        desk_of((60, WENT, "keyboard", 1), (180, CAME, "keyboard", 2), watched=1),
        running,
        desk_of(watched=7),
    ):
        written = Written(monkeypatch)
        look, reader = Appearance(size=size, language=language), desk.reader()
        draw(reader, ReplayModel.from_events("", reader.events(), RULES), Standing.of(verification(), Words(language)), look)
        for one, other in combinations(written.words, 2):
            assert not one.box.intersects(other.box), (one, other)
        monkeypatch.undo()


def test_the_row_leaves_room_for_the_pictures_on_a_small_screen() -> None:
    made = lay_out(1366, 768, Shows(apps=6, statistics=True, pictures=True, questions=3))
    assert {"nearby", "pictures"} <= {row.id for row in made.rows}
    row = made.row("nearby")
    assert row is not None
    assert row.height >= 12  # its name is read


# --- by pointer


def rest(timeline: Timeline, at: QPoint) -> None:
    """A pointer that rests there for a while."""
    QApplication.sendEvent(timeline, QHelpEvent(QEvent.Type.ToolTip, at, timeline.mapToGlobal(at)))


@pytest.mark.qt_log_ignore("does not support raise")
def test_a_pointer_that_rests_on_a_mark_reads_what_it_is_and_elsewhere_nothing(qtbot: QtBot) -> None:
    timeline = timeline_of(qtbot, docked())
    at = centre(timeline, 2)
    rest(timeline, at)
    clock = f"{local(ORIGIN_US + 300 * S, timeline._zone):%H:%M:%S}"
    assert QToolTip.text() == f"{clock}: A window of another program stayed over the one in front"
    for beside in (QPoint(60, 0), QPoint(0, 30)):
        rest(timeline, at)
        assert QToolTip.isVisible()
        rest(timeline, at + beside)
        qtbot.waitUntil(lambda: not QToolTip.isVisible())


@pytest.mark.qt_log_ignore("does not support raise")
def test_a_programs_name_is_no_markup_to_a_pointer_that_rests_there_nor_to_the_page(qtbot: QtBot) -> None:
    desk = desk_of((300, RUNNER_CAME, "<b>a</b>&lt;\u202eb", 1), watched=7)
    timeline = timeline_of(qtbot, desk)
    rest(timeline, centre(timeline, 0))
    shown = QTextDocument()
    shown.setHtml(QToolTip.text())
    assert shown.toPlainText().endswith(": A program that runs AI models was running: <b>a</b>&lt;�b")
    assert "was running: &lt;b&gt;a&lt;/b&gt;&amp;lt;�b<" in page_of(case_of(desk), EN)


@pytest.mark.parametrize("words", [EN, IT], ids=["en", "it"])
def test_a_long_name_widens_nothing_beside_the_lanes(qtbot: QtBot, words: Words) -> None:
    window = window_of(qtbot, desk_of((300, RUNNER_CAME, "W" * 128, 1), watched=7), words)
    frame = frame_of(window, words("lane.nearby"))
    told = [one.text() for one in frame.findChildren(QLabel)]
    assert f"{words('nearby.runner-came')}: {'W' * 31}…" in told
    assert words("nearby.why.runners") in told
    assert words("nearby.why") not in told
    plain = frame_of(window_of(qtbot, desk_of((300, OVERLAY, "x", 1)), words), words("lane.nearby"))
    assert frame.minimumSizeHint().width() <= plain.minimumSizeHint().width()


@pytest.mark.qt_log_ignore("does not support raise")
def test_a_place_of_many_marks_tells_some_and_counts_the_others(qtbot: QtBot) -> None:
    timeline = timeline_of(qtbot, desk_of(*[(300 + n / 100, CAME, "keyboard", 1) for n in range(MOST_TOLD + 3)]))
    rest(timeline, centre(timeline, 0))
    lines = QToolTip.text().splitlines()
    assert len(lines) == MOST_TOLD + 1
    assert lines[-1] == "and 3 more moments"


def test_a_click_on_a_mark_puts_the_cursor_onto_its_moment(qtbot: QtBot) -> None:
    timeline = timeline_of(qtbot, docked())
    qtbot.mouseClick(timeline, Qt.MouseButton.LeftButton, pos=centre(timeline, 2) + QPoint(3, 0))
    assert timeline.cursor_us == ORIGIN_US + 300 * S
    qtbot.mouseClick(timeline, Qt.MouseButton.LeftButton, pos=centre(timeline, 2) + QPoint(40, 0))
    assert timeline.cursor_us == timeline._t_at(centre(timeline, 2).x() + 40)


# --- by keyboard, and read aloud


def test_keys_step_from_mark_to_mark_and_the_moment_says_each(qtbot: QtBot) -> None:
    window = window_of(qtbot, docked())
    with qtbot.waitActive(window):
        window.activateWindow()
    went = []
    for key in (*[Qt.Key.Key_O] * 5, *[Qt.Key.Key_U] * 4):
        qtbot.keyClick(window.timeline, key)
        went.append((window.t_us - ORIGIN_US) // S)
    assert went == [60, 90, 300, 500, 500, 300, 90, 60, 60]
    assert "A keyboard was disconnected" in window._moment_frame.accessibleDescription()


def test_without_marks_the_keys_lead_nowhere(qtbot: QtBot) -> None:
    window = window_of(qtbot, desk_of())
    with qtbot.waitActive(window):
        window.activateWindow()
    before = window.t_us
    qtbot.keyClick(window.timeline, Qt.Key.Key_O)
    qtbot.keyClick(window.timeline, Qt.Key.Key_U)
    assert window.t_us == before


def frame_of(window: ReplayWindow, name: str) -> QFrame:
    (found,) = (one for one in window.findChildren(QFrame) if one.accessibleName().startswith(f"{name}."))
    return found


def test_each_mark_has_a_button_that_a_screen_reader_can_tell_and_that_leads_there(qtbot: QtBot) -> None:
    window = window_of(qtbot, docked())
    frame = frame_of(window, "Nearby")
    buttons = frame.findChildren(QPushButton)
    assert [one.accessibleName().partition(": ")[2] for one in buttons] == [
        "A keyboard was disconnected",
        "2 keyboards were connected",
        "A window of another program stayed over the one in front",
        "A mouse or another pointer was connected",
    ]
    assert all(one.focusPolicy() & Qt.FocusPolicy.TabFocus for one in buttons)
    buttons[2].click()
    assert window.t_us == ORIGIN_US + 300 * S
    assert frame.accessibleName() == "Nearby. 4 marks of something nearby"


def test_more_marks_than_buttons_are_counted(qtbot: QtBot) -> None:
    window = window_of(qtbot, desk_of(*[(60 * n + 10, CAME, "keyboard", 1) for n in range(MARKS + 2)]))
    frame = frame_of(window, "Nearby")
    assert len(frame.findChildren(QPushButton)) == MARKS
    assert "and 2 more moments" in [one.text() for one in frame.findChildren(QLabel)]


@pytest.mark.parametrize(("words", "name"), [(EN, "Nearby"), (IT, "Accanto")], ids=["en", "it"])
@pytest.mark.parametrize(
    ("watched", "keys"),
    [(0, ("none",)), (1, ("devices.quiet", "overlays.none")), (3, ("quiet",)), (4, ("runners.quiet", "none"))],
)
def test_the_card_says_what_was_not_observed(
    qtbot: QtBot, words: Words, name: str, watched: int, keys: tuple[str, ...]
) -> None:
    frame = frame_of(window_of(qtbot, desk_of(watched=watched), words), name)
    told = [words(f"nearby.{key}") for key in keys]
    assert [one.text() for one in frame.findChildren(QLabel)] == [name, *told]
    assert frame.accessibleName() == f"{name}. {' '.join(told)}"


def test_a_findings_evidence_leads_onto_the_mark(qtbot: QtBot) -> None:
    desk = docked()
    told = [event for event in desk.tape.events if any(one.kind == OVERLAY for one in getattr(event.body, "nearby", ()))]
    desk.asked(600, "overlay-window", tuple(event.seq for event in told))
    window = window_of(qtbot, desk)
    (mark,) = (one for one in window._model.nearby.marks if one.kind == OVERLAY)
    clock = f"{local(mark.t_us, window.zone):%H:%M:%S}"
    (found,) = (
        one
        for one in window.findChildren(QPushButton)
        if one.accessibleName().startswith("Go to ") and one.accessibleName().endswith(clock)
    )
    found.click()
    assert window.t_us == mark.t_us
    assert mark_words(mark, EN) in window._told.text()


@pytest.mark.parametrize(
    ("desk", "told"),
    [
        (docked(), "4 marks of something nearby."),
        (desk_of(), "Nothing nearby while it was observed."),
        (desk_of(watched=2), "Nothing nearby while it was observed."),
        (desk_of(watched=4), "Nothing nearby while it was observed."),
        (desk_of(watched=0), "What is nearby was not observed."),
    ],
    ids=["marks", "quiet", "half", "third", "unobserved"],
)
def test_the_timeline_says_aloud_whether_there_is_something(qtbot: QtBot, desk: Desk, told: str) -> None:
    assert timeline_of(qtbot, desk).accessibleDescription().endswith(f" {told}")


# --- exported


@pytest.mark.parametrize("words", [EN, IT], ids=["en", "it"])
def test_the_page_lists_every_mark_with_its_time_and_what_was_not_observed(words: Words) -> None:
    desk = desk_of((60, WENT, "keyboard", 1), (90, CAME, "<b>x</b>", 2), watched=1)
    page = page_of(case_of(desk), words)
    section = page.partition(f"<h2>{words('lane.nearby')}</h2>")[2].partition("</section>")[0]
    assert section.count("<tr><td>") == 2
    assert words("nearby.device-went.keyboard.one") in section
    assert words("nearby.device-came.other.more", number=2) in section
    assert words("nearby.overlays.none") in section
    assert "<b>x" not in page
    quiet = page_of(case_of(desk_of(), sealed=False), words)
    assert words("nearby.quiet") in quiet
