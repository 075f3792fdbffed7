# SPDX-License-Identifier: Apache-2.0
"""The painter: what is drawn is in its place, in its colour, and in words that fit."""

from __future__ import annotations

from io import BytesIO
from itertools import combinations

import msgspec
import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtWidgets import QApplication
from replay_canvas import RULES, Painted, Written, ink, painted, pixels_of
from replay_desks import Desk, bare, half_a_minute, long_day, verification
from replay_sessions import source

from session.events import Edge, Event, Focus, FocusChange, Kind, Moment, Reason
from session.verify.result import Step
from ui.replay.canvas import Canvas, Inks, Type, hatch_colour
from ui.replay.gaps import LOOKS, Look
from ui.replay.lanes import app_colours, nice_top
from ui.replay.model import ReplayModel
from ui.replay.painter import ReplayPainter, layout_of
from ui.replay.render import Appearance
from ui.replay.scene import Scene
from ui.replay.standing import Standing
from ui.replay.view import View, zone_named
from ui.strings import Words
from ui.style import DARK, LIGHT

pytestmark = pytest.mark.usefixtures("qapp")

SIZES = [
    Appearance(size=(1366, 768)),
    Appearance(size=(1600, 900)),
    Appearance(size=(1600, 900), dark=True),
    Appearance(size=(1920, 1080), scale=2.0),
    Appearance(size=(1280, 720), scale=1.5, dark=True),
]
LANES = ("app:0", "keyboard", "pointer", "scrolling", "typing", "shots")


def busy(seconds: int = 600) -> Desk:
    """Every tick has keys, pointer and scrolling, one window in front all the time."""
    desk = Desk()
    desk.focus(5, (0, 1))
    for second in range(5, seconds + 1, 5):
        desk.tape.tick(second, source(20, moves=5, scrolls=2))
        if second % 30 == 0:
            desk.checkpoint(second)
    return desk


def test_words_that_one_line_does_not_hold_are_broken_between_them_and_the_last_is_shortened(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    written = Written(monkeypatch)
    image = QImage(400, 60, QImage.Format.Format_RGB32)
    painter = QPainter(image)
    told = "one line does not hold all of these words, and two do not either"
    Canvas(painter, LIGHT, Type(), Inks(LIGHT)).lines(QRectF(10, 0, 120, 31), told)
    painter.end()
    first, last = written.words
    assert f"{first.asked} {last.asked}" == told
    assert first.words == first.asked, "the first line holds whole words"
    assert last.words != last.asked
    assert first.box.bottom() <= last.box.top()
    assert all(one.box.left() >= 10 and one.box.right() <= 130 for one in (first, last))


def with_gap(reason: Reason, scope: str = "session") -> Desk:
    """200 s of work, 200 s of a gap, 200 s of work."""
    desk = busy(200)
    desk.away(200, 400, reason, scope)
    desk.focus(405, (400, 1))
    for second in range(405, 601, 5):
        desk.tape.tick(second, source(20, moves=5, scrolls=2))
    desk.checkpoint(600)
    return desk


@pytest.mark.parametrize("look", SIZES, ids=str)
@pytest.mark.parametrize("reason", [Reason.PAUSE, Reason.PRIVATE, Reason.CRASH, Reason.SUSPEND, Reason.DENIED, Reason.CLOCK])
def test_a_gap_is_hatched_over_every_lane_and_nowhere_else(reason: Reason, look: Appearance) -> None:
    picture = painted(with_gap(reason), look=look)
    palette = DARK if look.dark else LIGHT
    hatch = hatch_colour(palette, LOOKS.get(reason, Look.OTHER))
    for row in (*LANES, "gaps"):
        inside = picture.region(row, 200, 400)
        drawn = np.unique(inside)
        if row != "gaps":  # there the reason stands in words
            assert set(drawn.tolist()) <= {ink(hatch), ink(palette.card)}, row
        assert 0.05 < float(np.mean(inside == ink(hatch))) < 0.75, row
        for begin, end in ((0, 199), (401, 600)):
            assert picture.share(hatch, row, begin, end) == 0, row


def test_no_two_looks_are_alike_even_without_colour() -> None:
    tiles = []
    for look in Look:
        brush = Inks(LIGHT).brush(look, 1.0)
        tiles.append((look, pixels_of(brush.textureImage()) != ink(LIGHT.card)))
    for (one, inked), (other, also) in combinations(tiles, 2):
        assert not np.array_equal(inked, also), (one, other)


@pytest.mark.parametrize(
    ("scope", "hatched"),
    [
        ("keyboard", {"keyboard", "typing"}),
        ("pointer", {"pointer", "scrolling"}),
        ("window", {"app:0"}),
        ("capture", {"shots"}),
        ("witness", set()),
    ],
)
def test_a_sensors_gap_hatches_its_own_lanes_only(scope: str, hatched: set[str]) -> None:
    picture = painted(with_gap(Reason.DENIED, scope))
    assert {row for row in LANES if picture.share(LIGHT.denied, row, 200, 400) > 0} == hatched
    assert picture.share(LIGHT.denied, "gaps", 200, 400) > 0


def test_the_platforms_gap_is_no_gap_of_observation() -> None:
    desk = busy()
    desk.away(200, 400, Reason.OFFLINE, "session")
    picture = painted(desk)
    assert all(picture.share(LIGHT.other_gap, row, 200, 400) == 0 for row in (*LANES, "gaps"))


def test_a_gap_of_a_millisecond_is_still_seen() -> None:
    desk = busy()
    desk.tape.gap(300.001, Edge.POINT, Reason.SUSPEND, since=300)
    picture = painted(desk, look=Appearance(scale=2.0))
    _, columns = np.nonzero(picture.region("gaps", 290, 310, inset=0) == ink(LIGHT.suspend))
    assert len(set(columns.tolist())) >= 2 * 2


def test_observed_without_input_does_not_look_like_not_observed() -> None:
    desk = Desk()
    for second in range(5, 601, 5):
        desk.tape.tick(second)
    picture = painted(desk)
    for row in ("keyboard", "pointer", "scrolling"):
        assert picture.share(LIGHT.track, row, 0, 600) == 1.0
    paused = painted(with_gap(Reason.PAUSE))
    assert paused.share(LIGHT.track, "keyboard", 200, 400) == 0


@pytest.mark.parametrize("look", SIZES, ids=str)
def test_what_was_there_is_marked_where_it_was(look: Appearance) -> None:
    desk = Desk()
    for second in range(5, 601, 5):
        keys, moves, scrolls = 9 * (second <= 200), 5 * (200 < second <= 400), 2 * (second > 400)
        desk.tape.tick(second, source(keys, moves=moves, scrolls=scrolls))
    picture = painted(desk, look=look)
    engaged = DARK.engaged if look.dark else LIGHT.engaged
    marked = {
        row: [round(picture.share(engaged, row, at, at + 198), 2) for at in (1, 201, 401)]
        for row in ("keyboard", "pointer", "scrolling")
    }
    assert marked == {"keyboard": [1, 0, 0], "pointer": [0, 1, 0], "scrolling": [0, 0, 1]}


def test_an_application_has_its_colour_while_it_is_in_front() -> None:
    desk = Desk()
    desk.focus(5, (0, 0))
    desk.focus(205, (200, 1))
    desk.tape.tick(300)
    picture = painted(desk)
    colours = app_colours(LIGHT, picture.model.apps)
    assert [row.name for row in picture.model.apps] == ["Firefox", "Writer"]
    assert picture.share(colours[0], "app:0", 0, 199) == 1.0
    assert picture.share(colours[0], "app:0", 201, 300) == 0
    assert picture.share(colours[1], "app:1", 0, 199) == 0
    assert picture.share(colours[1], "app:1", 201, 300) == 1.0


def test_an_application_keeps_its_colour_and_no_two_share_one() -> None:
    models = [ReplayModel.from_events("", desk.tape.events, RULES) for desk in (long_day(pictures=False), half_a_minute())]
    for model in models:
        named = [c for row, c in zip(model.apps, app_colours(LIGHT, model.apps), strict=True) if row.name]
        assert len(set(named)) == len(named)
    alone = Desk()
    alone.focus(5, (0, 1))
    alone.tape.tick(10)
    again = ReplayModel.from_events("", alone.tape.events, RULES)
    assert app_colours(LIGHT, again.apps) == app_colours(LIGHT, again.apps[:1])


def test_typing_is_as_high_as_it_was_fast() -> None:
    desk = Desk()
    for second in range(5, 601, 5):
        desk.tape.tick(second, source(10 if second <= 300 else 5))
    picture = painted(desk)
    row = picture.layout.row("typing")
    assert row is not None
    assert nice_top(120) == 120
    assert picture.share(LIGHT.typing, "typing", 2, 298) == pytest.approx(1.0, abs=0.02)
    assert picture.share(LIGHT.typing, "typing", 302, 598) == pytest.approx(0.5, abs=0.02)


def test_a_peak_that_is_narrower_than_a_pixel_is_not_lost() -> None:
    desk = Desk()
    for number in range(1, 5761):
        desk.tape.tick(number * 5, source(40 if number == 3000 else 0))
    picture = painted(desk)
    assert picture.share(LIGHT.typing_peak, "typing", 14_800, 15_200) > 0
    assert picture.share(LIGHT.typing_peak, "typing", 0, 14_800) == 0


@pytest.mark.parametrize("greatest", [0.0, 59, 60, 61, 120, 399, 601, 999, 1000, 1001, 7_000, 10**9])
def test_the_scale_holds_what_it_shows(greatest: float) -> None:
    assert greatest <= nice_top(greatest) <= max(60, greatest * 2.5)


@pytest.mark.parametrize("look", SIZES, ids=str)
def test_a_finding_that_asks_is_marked_at_its_evidence(look: Appearance) -> None:
    desk = Desk()
    seqs = [desk.tape.tick(second, source(9)) for second in range(5, 601, 5)]
    desk.finding(600, "raised", tuple(seqs[40:80]))
    picture = painted(desk, look=look)
    palette = DARK if look.dark else LIGHT
    assert picture.share(palette.ask_fill, "findings", 202, 398) > 0.5
    assert picture.share(palette.ask_fill, "findings", 0, 198) == 0
    assert picture.share(palette.ask_fill, "findings", 402, 600) == 0
    assert picture.share(palette.ask, "findings", 280, 320) > 0  # its sign


@pytest.mark.parametrize("state", ["clear", "not evaluated", "of the future"])
def test_a_finding_that_does_not_ask_marks_nothing(state: str) -> None:
    desk = busy()
    desk.finding(600, state, (5, 6))
    picture = painted(desk)
    assert not picture.anywhere(LIGHT.ask_fill)
    assert not picture.anywhere(LIGHT.ask)


def test_time_confirmed_by_the_platform_has_a_line_and_the_rest_has_none() -> None:
    desk = busy(300)
    for second in range(305, 601, 5):
        desk.tape.tick(second)
        if second % 30 == 0:
            desk.checkpoint(second, cosigned=False)
    desk.checkpoint(600, cosigned=False, moment=Moment.STOP)
    picture = painted(desk)
    assert picture.share(LIGHT.good, "work", 2, 298, inset=0) > 0.1
    assert picture.share(LIGHT.good, "work", 302, 600, inset=0) == 0
    assert picture.share(LIGHT.work, "work", 2, 598) > 0.5


@pytest.mark.parametrize(
    "checked",
    [
        None,
        verification(trusted=False),
        verification(verified=False, failed_step=Step(1, "a", passed=False, proves="", does_not_prove="", detail="")),
    ],
    ids=["unchecked", "stranger", "broken"],
)
def test_what_nobody_verified_confirms_nothing(checked: object) -> None:
    picture = painted(busy(), checked=checked)  # type: ignore[arg-type]
    assert not picture.anywhere(LIGHT.good)


def test_screenshots_stand_at_their_times() -> None:
    desk = busy()
    seqs = [desk.capture(second) for second in (100, 500)]
    for seq, colour in zip(seqs, ("#ff00ff", "#00ffff"), strict=True):
        desk.images[seq] = solid(colour)
    picture = painted(desk)
    for second in (100, 500):
        assert picture.share(LIGHT.work, "shots", second - 3, second + 3, inset=0) > 0.1
    assert picture.share(LIGHT.work, "shots", 200, 400) == 0
    for second, colour in ((100, "#ff00ff"), (500, "#00ffff")):
        _, columns = np.nonzero(picture.pixels == ink(colour))
        assert columns.min() - 12 < picture.x(second) < columns.max() + 12
        assert columns.max() - columns.min() > 80


def solid(colour: str) -> bytes:
    out = BytesIO()
    Image.new("RGB", (960, 540), colour).save(out, "PNG")
    return out.getvalue()


def test_removed_screenshots_leave_a_hollow_mark_and_no_picture() -> None:
    desk = busy(300)
    desk.tape.add(Kind.CAPTURE, None, blob="0" * 64)
    for second in range(305, 601, 5):
        desk.tape.tick(second)
    picture = painted(desk)
    assert picture.layout.row("pictures") is None
    assert picture.share(LIGHT.removed, "shots", 295, 305, inset=0) > 0
    assert picture.share(LIGHT.work, "shots", 295, 305, inset=0) == 0


@pytest.mark.parametrize("encoded", [b"", b"no picture at all", b"\x89PNG\r\n\x1a\n" + bytes(64)])
def test_a_picture_that_cannot_be_read_says_so(monkeypatch: pytest.MonkeyPatch, encoded: bytes) -> None:
    desk = busy()
    desk.images[desk.capture(300)] = encoded
    written = Written(monkeypatch)
    painted(desk)
    assert "Cannot be shown" in written.said()


def scene_of(desk: Desk, size: tuple[int, int]) -> Scene:
    model = ReplayModel.from_events("", desk.tape.events, RULES)
    words = Words()
    return Scene(
        model=model,
        standing=Standing.of(verification(), words),
        layout=layout_of(model, *size),
        view=View(model.start_us, model.end_us),
        zone=zone_named(model.zone),
        words=words,
        pictures={},
    )


@pytest.mark.parametrize("scale", [1.0, 1.5, 2.0])
@pytest.mark.parametrize("size", [(1366, 768), (300, 200)])
def test_nothing_is_painted_outside_its_surface_wherever_that_lies(scale: float, size: tuple[int, int]) -> None:
    image = QImage(round(1600 * scale), round(900 * scale), QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(scale)
    image.fill(QColor("#ff00ff"))
    with QPainter(image) as painter:
        painter.translate(100, 60)
        ReplayPainter(LIGHT).paint(painter, scene_of(long_day(pictures=False), size))
    outside = pixels_of(image).copy()
    left, top, right, bottom = (round(v * scale) for v in (100, 60, 100 + size[0], 60 + size[1]))
    assert not (outside[top:bottom, left:right] == ink("#ff00ff")).any()
    outside[top:bottom, left:right] = ink("#ff00ff")
    assert (outside == ink("#ff00ff")).all()


@pytest.mark.parametrize("size", [(300, 200), (720, 480), (1024, 600), (5000, 300)])
@pytest.mark.parametrize("recipe", [long_day, half_a_minute, bare])
def test_odd_sizes_are_drawn_all_the_same(recipe: type[Desk], size: tuple[int, int]) -> None:
    image = painted(recipe(), look=Appearance(size=size)).image
    assert (image.width(), image.height()) == size


def crowded() -> Desk:
    """Long names, many findings, many gaps of all kinds, some in each other."""
    desk = long_day(pictures=True)
    for number, reason in enumerate(Reason):
        desk.away(600 + 900 * number, 1200 + 900 * number, reason, ("keyboard", "window", "capture", "session")[number % 4])
    seqs = tuple(event.seq for event in desk.tape.events if event.kind == Kind.STATS)
    for number in range(4):
        desk.finding(28_800, "raised", seqs[number * 900 : number * 900 + 24], shadow=True)
    desk.finding(28_800, "clear")
    return desk


@pytest.mark.parametrize("look", [a for a in SIZES if not a.dark], ids=str)
@pytest.mark.parametrize("recipe", [long_day, half_a_minute, bare, crowded])
def test_words_fit_and_never_lie_on_each_other(
    monkeypatch: pytest.MonkeyPatch, recipe: type[Desk], look: Appearance
) -> None:
    written = Written(monkeypatch)
    painted(recipe(), look=look)
    surface = QRectF(0, 0, *look.size)
    assert len(written.words) > 20
    for word in written.words:
        assert surface.contains(word.box), word
    for one, other in combinations(written.words, 2):
        assert not one.box.intersects(other.box), (one, other)


@pytest.mark.parametrize("recipe", [long_day, half_a_minute, bare])
def test_nothing_that_matters_is_shortened_on_a_small_screen(monkeypatch: pytest.MonkeyPatch, recipe: type[Desk]) -> None:
    written = Written(monkeypatch)
    painted(recipe(), look=Appearance(size=(1366, 768)))
    assert [word.asked for word in written.words if word.words != word.asked] == []


def test_the_figures_in_italian_are_whole_beside_the_panel_of_a_small_window(monkeypatch: pytest.MonkeyPatch) -> None:
    written = Written(monkeypatch)
    painted(half_a_minute(), look=Appearance(size=(940, 620), language="it"))
    assert Words("it")("questions.none") in written.said()


def test_a_name_that_is_too_long_is_shortened_not_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    desk = busy()
    name = "An application with a name that nobody would read to its end"
    changed = FocusChange(desk.tape.at(1)[1], 2, name)
    desk.tape.add(Kind.FOCUS, Focus(*desk.tape.at(600), (changed,)))
    written = Written(monkeypatch)
    painted(desk)
    assert [word.words for word in written.words if word.asked == name] == ["An …"]


def test_state_comes_first_and_then_when_and_how_long(monkeypatch: pytest.MonkeyPatch) -> None:
    written = Written(monkeypatch)
    painted(long_day())
    said = written.said()
    top = sorted(written.words, key=lambda word: (word.box.top(), word.box.left()))
    assert "Verified" in [word.words for word in top[:2]]
    assert "Monday 23 November 2026" in said
    assert "09:30:00 to 17:30:00, Europe/Rome time" in said
    assert said.count("6:53:20") == 2  # the figure, and its lane
    assert {"36", "5 gaps", "1 question", "1:10:40 without any sensor", "Text from software:", "Not answered yet."} <= set(
        said
    )


def test_empty_lanes_say_why(monkeypatch: pytest.MonkeyPatch) -> None:
    written = Written(monkeypatch)
    painted(bare())
    assert {
        "Applications are recorded; their content stays with the trainer, or was removed.",
        "Statistics are recorded; their content stays with the trainer, or was removed.",
        "No screenshots were taken.",
        "No findings were recorded.",
        "No gaps.",
    } <= set(written.said())


def test_a_newer_finding_is_shown_as_one_that_we_cannot_explain(monkeypatch: pytest.MonkeyPatch) -> None:
    desk = busy()
    desk.finding(600, "raised", (5,))
    last = desk.tape.events[-1]
    body = msgspec.structs.replace(last.body, detector="of-tomorrow", explanation="finding.of-tomorrow.raised")
    desk.tape.events[-1] = Event(last.seq, last.kind, body)
    written = Written(monkeypatch)
    painted(desk)
    assert "A newer question:" in written.said()


def test_the_legend_explains_what_is_there_and_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    written = Written(monkeypatch)
    painted(with_gap(Reason.SUSPEND))
    said = written.said()
    assert "Asleep or locked" in said
    assert "Stopped without warning" not in said
    assert "Not confirmed" not in said


def test_both_palettes_draw_the_same_things() -> None:
    light, dark = painted(long_day()), painted(long_day(), look=Appearance(dark=True))
    assert not light.anywhere(DARK.window)
    assert not dark.anywhere(LIGHT.window)
    for row in ("keyboard", "pointer"):
        assert light.share(LIGHT.engaged, row, 0, 7200) == dark.share(DARK.engaged, row, 0, 7200) > 0.5


def test_fonts_and_their_widths_are_kept_but_not_for_ever(qapp: QApplication) -> None:
    kinds = Type()
    assert kinds.writes("Verified, and 12:30")
    assert not kinds.writes("\U0010fffe")
    for number in range(5000):
        kinds.width(str(number), 12)
    assert len(kinds._widths) <= 2048


def test_half_a_minute_at_twice_the_scale_is_the_same_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    written = Written(monkeypatch)
    once = painted(half_a_minute())
    said = written.said()
    written.words.clear()
    twice: Painted = painted(half_a_minute(), look=Appearance(scale=2.0))
    assert written.said() == said
    assert twice.pixels.shape == (1800, 3200)
    assert once.layout == twice.layout
