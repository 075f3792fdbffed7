# SPDX-License-Identifier: Apache-2.0
"""What the replay needs no window for: view and axis, layout, colours, words, standing."""

from __future__ import annotations

import re
import string
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from replay_desks import verification

from session import verify
from session.events import Reason
from session.findings import State
from session.verify.result import Step
from session.verify.steps import STEPS
from ui.replay.gaps import Look
from ui.replay.layout import LEGEND, MARGIN, Shows, lay_out
from ui.replay.standing import Standing
from ui.replay.view import LEAST_SPAN_US, View, axis_ticks, clock_words, local, zone_named
from ui.strings import LANGUAGES, Words
from ui.style import DARK, LIGHT, TEXT_CONTRAST, Palette, contrast

ROME = ZoneInfo("Europe/Rome")
MORNING_US = 1_795_422_600_000_000  # 2026-11-23 08:30 UTC
WHOLE = View(MORNING_US, MORNING_US + 8 * 3_600_000_000)

views = st.builds(lambda a, n: View(a, a + n), st.integers(0, 2**52), st.integers(1_000_000, 2**50))


@given(views, st.floats(0.01, 100), st.floats(0, 1))
def test_zooming_keeps_the_moment_under_the_pointer_or_stops_at_the_ends(view: View, factor: float, share: float) -> None:
    whole = View(view.from_us - view.span_us * 3, view.to_us + view.span_us * 3)
    about_us = view.from_us + round(view.span_us * share)
    zoomed = view.zoomed(factor, about_us, whole)
    assert whole.from_us <= zoomed.from_us < zoomed.to_us <= whole.to_us
    assert zoomed.span_us <= max(whole.span_us, LEAST_SPAN_US)
    if whole.from_us < zoomed.from_us and zoomed.to_us < whole.to_us:
        before = (about_us - view.from_us) / view.span_us
        after = (about_us - zoomed.from_us) / zoomed.span_us
        assert abs(before - after) < 1e-4


@given(views, st.integers(-(2**51), 2**51))
def test_panning_never_leaves_the_session(view: View, by_us: int) -> None:
    whole = View(view.from_us - 10_000_000, view.to_us + 10_000_000)
    panned = view.panned(by_us, whole)
    assert panned.span_us == view.span_us
    assert whole.from_us <= panned.from_us
    assert panned.to_us <= whole.to_us


@given(views, st.integers(-(2**50), 2**50), st.integers(1, 2**50))
def test_a_view_wider_than_the_session_becomes_the_session(view: View, before: int, after: int) -> None:
    assert View(view.from_us - abs(before), view.to_us + after).within(view) == view


@given(views, st.floats(0, 1))
def test_places_and_times_are_inverse(view: View, share: float) -> None:
    t_us = view.from_us + round(view.span_us * share)
    x = view.x_of(t_us, 200.0, 1200.0)
    assert 199.9 <= x <= 1400.1
    assert abs(view.t_of(x, 200.0, 1200.0) - t_us) <= view.span_us * 1e-6 + 1


@given(views, st.sampled_from([UTC, ROME, ZoneInfo("Asia/Kolkata")]), st.integers(1, 30))
def test_ticks_are_few_even_and_inside(view: View, zone: ZoneInfo, most: int) -> None:
    ticks = axis_ticks(view, zone, most)
    assert len(ticks) <= most + 1
    assert all(view.from_us <= tick.t_us < view.to_us for tick in ticks)
    assert len({b.t_us - a.t_us for a, b in pairwise(ticks)}) <= 1


def test_ticks_stand_at_round_times_of_the_zone() -> None:
    assert [t.words for t in axis_ticks(WHOLE, ROME, 9)][:3] == ["10:00", "11:00", "12:00"]
    assert [t.words for t in axis_ticks(WHOLE, ZoneInfo("Asia/Kolkata"), 9)][:2] == ["14:00", "15:00"]
    half_a_minute = View(MORNING_US + 1_300_000, MORNING_US + 31_300_000)
    assert [t.words for t in axis_ticks(half_a_minute, UTC, 7)] == [f"08:30:{s:02}" for s in (5, 10, 15, 20, 25, 30)]


def test_the_first_tick_of_a_day_carries_its_date() -> None:
    over_midnight = View(MORNING_US + 14 * 3_600_000_000, MORNING_US + 18 * 3_600_000_000)
    days = [(t.words, t.day) for t in axis_ticks(over_midnight, UTC, 5)]
    assert days == [("23:00", ""), ("00:00", "2026-11-24"), ("01:00", ""), ("02:00", "")]


def test_a_zone_that_nobody_knows_is_utc() -> None:
    assert zone_named("Europe/Rome") == ROME
    for name in ("", "Nowhere/Atall", "../etc/passwd", "Europe", "\0", "x" * 200):
        assert zone_named(name) is UTC


@given(st.integers(-5, 2**53 - 1))
def test_lengths_are_whole_seconds_rounded_down(length_us: int) -> None:
    hours, minutes, seconds = clock_words(length_us).split(":")
    assert int(hours) * 3600 + int(minutes) * 60 + int(seconds) == max(0, length_us) // 1_000_000
    assert (len(minutes), len(seconds)) == (2, 2)


@given(st.integers(0, 2**53 - 1))
def test_local_time_is_exact(t_us: int) -> None:
    assert local(t_us, UTC) - datetime(1970, 1, 1, tzinfo=UTC) == timedelta(microseconds=t_us)


shows = st.builds(
    Shows, apps=st.integers(0, 6), statistics=st.booleans(), pictures=st.booleans(), questions=st.integers(0, 9)
)


@given(st.integers(720, 4000), st.integers(300, 2400), shows)
def test_rows_follow_each_other_and_stay_on_the_card(width: int, height: int, shown: Shows) -> None:
    layout = lay_out(width, height, shown)
    assert all(above.bottom <= below.top for above, below in pairwise(layout.rows))
    assert layout.rows[0].top > layout.axis_top
    assert all(row.height > 0 for row in layout.rows)
    assert layout.plot_left + layout.plot_width <= width - MARGIN
    assert layout.card_bottom <= height - MARGIN
    if height >= 720:
        assert layout.rows[-1].bottom + LEGEND <= layout.card_bottom
        assert layout.sentences == min(shown.questions, 3)


@given(shows)
def test_every_lane_has_its_row(shown: Shows) -> None:
    names = {row.id for row in lay_out(1366, 768, shown).rows}
    assert {"work", "app:0", "shots", "findings", "gaps"} <= names
    assert ("typing" in names) is shown.statistics
    assert ("statistics" in names) is not shown.statistics
    assert ("pictures" in names) is shown.pictures


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
def test_words_can_be_read(palette: Palette) -> None:
    for ground in (palette.window, palette.card):
        for ink in (palette.text, palette.quiet, palette.good, palette.bad, palette.unknown, palette.ask):
            assert contrast(ink, ground) >= TEXT_CONTRAST, (ink, ground)
    # Signs are the card's colour cut out of their own; the cursor's time is the card's colour on the text's.
    for ground in (palette.good, palette.bad, palette.unknown, palette.ask, palette.text):
        assert contrast(palette.card, ground) >= TEXT_CONTRAST, ground
    assert contrast(palette.ask, palette.ask_fill) >= TEXT_CONTRAST


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
def test_marks_stand_out_from_their_ground(palette: Palette) -> None:
    """WCAG 2.2, 1.4.11: what carries meaning has 3:1; applications carry theirs by row and name as well, and get 1.9."""
    hatches = (palette.pause, palette.private, palette.crash, palette.suspend, palette.denied, palette.removed)
    for mark in (palette.engaged, palette.work, palette.typing, *hatches):
        assert contrast(mark, palette.card) >= 3.0, mark
    assert all(contrast(app, palette.card) >= 1.9 for app in palette.apps)
    assert contrast(palette.engaged, palette.track) >= 3.0


def test_contrast_is_that_of_wcag() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.478, abs=0.001)
    assert contrast("#ffffff", "#777777") == contrast("#777777", "#ffffff")


@pytest.mark.parametrize(("width", "names_px"), [(1300, 184), (900, 184), (870, 160), (700, 160), (699, 120), (400, 120)])
def test_names_of_rows_have_room_where_there_is_some(width: int, names_px: int) -> None:
    made = lay_out(width, 600, Shows(2, statistics=True, pictures=True, questions=1))
    assert made.plot_left - made.gutter == names_px
    assert made.plot_left + made.plot_width <= width


def test_every_language_has_the_same_sentences_with_the_same_values() -> None:
    def fields(sentence: str) -> set[str]:
        return {name for _, name, _, _ in string.Formatter().parse(sentence) if name}

    english = LANGUAGES["en"]
    for language, table in LANGUAGES.items():
        assert table.keys() == english.keys(), language
        assert all(fields(table[key]) == fields(english[key]) for key in english)
        assert all(sentence.strip() == sentence and sentence for sentence in table.values())


def test_every_gap_and_look_has_its_words() -> None:
    table = LANGUAGES["en"]
    assert {f"gap.{reason.value}" for reason in Reason} <= table.keys()
    assert {f"look.{look.value}" for look in Look} <= table.keys()
    assert {f"state.{state.value}" for state in State} <= table.keys()
    assert {
        f"scope.{s}" for s in ("session", "keyboard", "pointer", "window", "capture", "runners", "clock", "idle")
    } <= table.keys()


def test_no_sentence_judges_or_counts_activity() -> None:
    banned = r"cheat|detect|suspicio|fraud|verdict|violat|percent|%|\bidle\b(?! time)|\bdata\b|\binfo\b|\bbot\b|productiv"
    for key, sentence in LANGUAGES["en"].items():
        if key != "rates.percent":  # of questions on trial, in sums of ten people or more
            assert not re.search(banned, sentence, re.IGNORECASE), sentence


def test_words_count_in_ones_and_more() -> None:
    words = Words()
    assert words.count("gaps", 1) == "1 gap"
    assert words.count("gaps", 1200) == "1,200 gaps"
    assert words.of("gap.from-the-future", "gap.unknown") == words("gap.unknown")


def test_standing_says_what_the_verifier_said_and_no_more() -> None:
    words = Words()
    assert Standing.of(None, words).sign == "dash"
    sound = Standing.of(verification(), words)
    assert (sound.sign, sound.title) == ("check", "Verified")
    assert "confirmed by the platform" in sound.sentence
    assert "not yet confirmed" in Standing.of(verification(receipt=False), words).sentence
    own = Standing.of(verification(self_signed=True, trusted=False, receipt=False), words)
    assert (own.sign, "own keys" in own.sentence) == ("check", True)
    stranger = Standing.of(verification(trusted=False), words)
    assert (stranger.sign, "acid amber brisk" in stranger.sentence) == ("dash", True)
    for changes, also in (({}, ""), ({"trusted": False}, "acid amber brisk"), ({"receipt": False}, "")):
        for lost, said in ((1, "1 countersigned record is lost"), (4000, "4,000 countersigned records are lost")):
            short = Standing.of(verification(lost=lost, **changes), words)
            assert said in short.sentence
            assert also in short.sentence
            assert "Complete" not in short.sentence
    step = Step(6, "the tree", passed=False, proves="", does_not_prove="", detail="record 4 is another")
    wrong = Standing.of(verification(verified=False, failed_step=step), words)
    assert (wrong.sign, wrong.sentence) == ("cross", "Step 6, the tree: record 4 is another")


def test_every_fixed_sentence_of_the_verifier_is_translated_and_others_are_said_as_they_are() -> None:
    fixed = [text for step in STEPS for text in (step.name, step.proves, step.does_not_prove)]
    directory = Path(verify.__file__).parent
    quoted = re.findall(
        r'"((?:The platform proves|No time is proved|Times between|Statistics and)[^"]*)"', sources(directory)
    )
    assert len(set(quoted)) == 6
    italian = Words("it")
    for text in (*fixed, *quoted):
        assert Words("en").verifier(text) == text
        assert italian.verifier(text) != text, "the verifier says it in other words: translate them anew"
    assert italian.verifier("a detail of one session") == "a detail of one session"


def sources(directory: Path) -> str:
    return "\n".join(path.read_text(encoding="utf-8") for path in sorted(directory.glob("*.py")))
