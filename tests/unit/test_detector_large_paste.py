# SPDX-License-Identifier: Apache-2.0
"""large-paste: what it asks about, the people it never asks, and that it is a fold."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from detector_tapes import BROWSER, CHAT_PAGE, EDITOR, Windows, policy, shifted
from hypothesis import given
from hypothesis import strategies as st
from large_pastes import DETECTOR, READER, RULES, SIZE, desk, found, moved, several

import detectors
from detectors.composite import opens_review
from detectors.large_paste import ALTERNATIVES
from session.events import Clipboard, Edge, Event, Focus, Gap, Kind, Reason, Stats
from session.findings import Finding, State, Weight
from ui.strings import LANGUAGES


def test_a_long_paste_from_a_program_in_which_nothing_was_typed_asks_a_question_of_class_b() -> None:
    made = moved()
    finding = found(made)
    assert (finding.state, finding.weight, finding.family) == (State.RAISED, Weight.B, "insertion")
    assert (finding.statistic, finding.threshold) == (900.0, 800.0)
    assert (finding.explanation, finding.alternatives) == ("finding.large-paste.raised", ALTERNATIVES)
    named = [e for e in made.events() if e.seq in finding.evidence]
    assert [e.kind for e in named] == [Kind.FOCUS, Kind.CLIPBOARD, Kind.CLIPBOARD]
    assert [e.body.action for e in named if isinstance(e.body, Clipboard)] == ["copy", "paste"]
    assert not opens_review([finding])


def test_800_bytes_are_the_least_and_what_is_larger_than_text_is_none() -> None:
    assert found(moved(800)).state is State.RAISED
    assert (found(moved(799)).state, found(moved(799)).statistic) == (State.CLEAR, 799.0)
    assert found(moved(299)).statistic == 299.0
    assert found(moved(20_000)).state is State.RAISED
    assert (found(moved(20_001)).state, found(moved(20_001)).statistic) == (State.CLEAR, 0.0)


def test_three_of_different_size_within_ten_minutes_count_together() -> None:
    finding = found(several(300, 400, 500))
    assert (finding.state, finding.statistic) == (State.RAISED, 1200.0)
    assert len(finding.evidence) == 9
    assert found(several(300, 400)).statistic == 400.0
    assert found(several(299, 400, 500)).statistic == 500.0
    assert found(several(300, 400, 500, every_s=280)).statistic == 1200.0
    assert found(several(300, 400, 500, every_s=300)).statistic == 1200.0
    assert found(several(300, 400, 500, every_s=301)).statistic == 500.0


def test_of_pastes_alike_in_size_the_first_is_the_evidence_and_a_smaller_one_takes_nothing_away() -> None:
    first = found(moved())
    again = desk().copy(80, READER, SIZE).paste(100, EDITOR, SIZE).shows(120, READER).shows(135, EDITOR)
    for size in (SIZE, SIZE - 1):
        assert found(again.copy(130, READER, size).paste(140, EDITOR, size)) == first


def test_of_what_was_copied_twice_the_last_time_is_the_evidence() -> None:
    made = desk().copy(70, READER, SIZE).copy(80, READER, SIZE).paste(100, EDITOR, SIZE)
    told = [e.seq for e in made.events() if isinstance(e.body, Clipboard) and e.body.action != "none"]
    assert found(made).evidence[1:] == tuple(told[1:])


@pytest.mark.parametrize("size", [5000, 930])
def test_three_later_ones_that_are_no_more_together_take_nothing_away(size: int) -> None:
    made = several(size, every_s=700)
    for number, less in enumerate((300, 310, 320)):
        second = 800 + number * 30
        made.shows(second, READER).copy(second + 7, READER, less).shows(second + 12, EDITOR).paste(second + 17, EDITOR, less)
    finding = found(made.until(1000))
    assert (finding.statistic, len(finding.evidence)) == (size, 3)


def test_of_a_template_that_is_pasted_twice_the_first_time_is_the_evidence() -> None:
    made = several(300, 300, 400, 500)
    pastes = [e.seq for e in made.events() if isinstance(e.body, Clipboard) and e.body.action == "paste"]
    finding = found(made)
    assert (finding.statistic, len(finding.evidence)) == (1200.0, 9)
    assert [seq in finding.evidence for seq in pastes] == [True, False, True, True]


def test_a_paste_that_tells_a_size_of_its_own_has_that_one() -> None:
    """Part of what was copied, where a system tells so much; an X11 desktop knows the size of the copy alone."""
    assert found(desk().copy(80, READER, 1200).paste(100, EDITOR, 850)).statistic == 850.0
    assert found(desk().copy(80, READER, 1200).paste(100, EDITOR, 0)).statistic == 1200.0


def test_a_finding_names_64_records_at_most() -> None:
    events: list[Event] = []
    for number in range(70):
        at_us = 5_000_000_000 + number * 5_000_000
        events.append(Event(3 * number + 1, Kind.FOCUS, Focus(at_us, at_us)))
        events.append(Event(3 * number + 2, Kind.STATS, Stats(at_us, at_us, 5000)))
        events.append(Event(3 * number + 3, Kind.CLIPBOARD, Clipboard(at_us, at_us, "paste", 300 + number, "")))
    assert found(events).evidence == tuple(3 * number + 3 for number in range(64))


def test_pastes_of_an_earlier_boot_do_not_count_with_those_of_this_one() -> None:
    before = several(300, 400).events()
    later = Windows(keyboard=True).shows(0, EDITOR).shows(60, READER).copy(67, READER, 500).shows(72, EDITOR)
    later.paste(77, EDITOR, 500).until(120)
    after = [msgspec.structs.replace(shifted(one, -3_000_000_000), seq=one.seq + 1000) for one in later.events()]
    assert found([*before, *after]).statistic == 500.0


@pytest.mark.parametrize("action", ["copy", "paste"])
def test_so_many_of_a_kind_are_remembered_and_no_more(action: str) -> None:
    """However fast a record says that they came."""
    events: list[Event] = []
    for number in range(300):
        at_us = 5_000_000_000 + number * 1_000_000
        events.append(Event(2 * number + 1, Kind.FOCUS, Focus(at_us, at_us)))
        events.append(Event(2 * number + 2, Kind.CLIPBOARD, Clipboard(at_us, at_us, action, 300 + number, "")))
    state = DETECTOR.step(DETECTOR.start(RULES), events)
    assert len(state.pastes if action == "paste" else state.copies) == 256


def test_a_record_without_any_copy_is_asked_about_its_pastes_alone() -> None:
    """A corpus, or a system that tells sizes of pastes and no copies; an X11 desktop knows a size only from a copy."""
    made = Windows(keyboard=True).gap(0, Edge.BEGIN, Reason.ABSENT, "window").types(0, 60).paste(70, "", 900).until(200)
    assert (found(made).state, len(found(made).evidence)) == (State.RAISED, 1)
    late = Windows(keyboard=True).gap(30, Edge.POINT, Reason.DIED, "clipboard", since=29).types(0, 60).paste(700, "", 900)
    assert found(late.until(800)).statistic == 0.0  # it may have been copied in the gap


KEPT_PASSWORDS = "keepassxc"


INNOCENT = [
    ("moves paragraphs within the own draft", desk().copy(50, EDITOR, 4000).paste(120, EDITOR, 4000)),
    ("moves a paragraph half an hour later", desk().copy(50, EDITOR, 4000).paste(1900, EDITOR, 4000).until(2000)),
    (
        "drafts in another editor",
        Windows(keyboard=True)
        .shows(0, "gedit")
        .types(0, 60)
        .copy(70, "gedit", 1500)
        .shows(75, BROWSER)
        .paste(80, BROWSER, 1500),
    ),
    ("quotes the prompt on the page where it stands", desk(BROWSER).copy(70, BROWSER, 2500).paste(80, BROWSER, 2500)),
    (
        "asks the model that is rated what the task says",
        desk("claude").copy(30, EDITOR, 2500).paste(70, "claude", 2500).copy(20, READER, 2500),
    ),
    ("quotes a few lines of a paper", moved(500)),
    ("pastes a template three times", several(420, 420, 420)),
    ("uses a password manager", several(20, 24, 16, 64)),
    (
        "keeps a clipboard history that takes over",
        desk().copy(50, EDITOR, 900).copy(50.2, "klipper", 900).paste(100, EDITOR, 900),
    ),
    (
        "takes an earlier copy of the own text out of the history",
        desk().copy(20, EDITOR, 1800).copy(70, READER, 60).copy(97, "klipper", 1810).paste(105, EDITOR, 1810),
    ),
    ("pastes a screenshot", moved(180_000, "flameshot")),
    ("copies out of nobody knows what", desk().copy(80, "", 900).paste(100, EDITOR, 900)),
    ("copies in a window of nobody knows what", desk("").copy(80, READER, 900).paste(100, EDITOR, 900)),
    ("pastes into nobody knows what", desk().copy(80, READER, 900).paste(100, "", 900)),
    (
        "has the own text copied by a program that has no window in front",
        Windows(keyboard=True)
        .shows(0, EDITOR)
        .shows(20, "gedit")
        .types(20, 60)
        .shows(62, READER)
        .copy(80, "gedit", 900)
        .shows(90, EDITOR)
        .paste(100, EDITOR, 900),
    ),
    ("copies much and pastes none of it", desk().copy(80, READER, 900)),
    ("writes in the mail program that the text is copied from", moved(900, "thunderbird").types(60, 90, 25)),
]


@pytest.mark.parametrize(("name", "made"), INNOCENT, ids=[name for name, _ in INNOCENT])
def test_a_person_is_not_asked_who(name: str, made: Windows) -> None:
    finding = found(made)
    assert finding.state is State.CLEAR, name
    assert finding.statistic < finding.threshold
    assert (finding.evidence, finding.alternatives) == ((), ())


def test_a_paste_under_a_window_that_is_not_known_is_none_from_elsewhere() -> None:
    """The screen was locked for a moment, and the window was not told again."""
    made = desk().copy(80, READER, SIZE).paste(100, EDITOR, SIZE)
    assert found(made).state is State.RAISED
    for at, edge in ((96, Edge.BEGIN), (98, Edge.END)):
        made.gap(at, edge, Reason.LOCKED, "window")
    assert (found(made).state, found(made).statistic) == (State.CLEAR, 0.0)


def test_what_is_typed_as_a_window_goes_counts_for_it() -> None:
    """To the tick: within one nobody says where it was typed."""
    assert found(moved().types(85, 90, 150)).state is State.CLEAR
    assert found(moved().types(90, 95, 150)).state is State.CLEAR
    assert (
        found(
            Windows(keyboard=True)
            .shows(0, EDITOR)
            .shows(60, READER)
            .copy(80, READER, SIZE)
            .shows(89, EDITOR)
            .types(90, 95, 150)
            .paste(100, EDITOR, SIZE)
            .until(200)
        ).state
        is State.RAISED
    )


def test_what_is_typed_while_windows_change_counts_for_those_alone() -> None:
    made = Windows(keyboard=True).shows(0, EDITOR).shows(32, "gedit").types(30, 35, 150).shows(60, READER)
    assert found(made.copy(80, READER, SIZE).shows(90, EDITOR).paste(100, EDITOR, SIZE).until(200)).state is State.RAISED


@pytest.mark.parametrize("span_ms", [5000, 0])
def test_what_is_typed_before_any_window_is_known_may_have_been_typed_in_each(span_ms: int) -> None:
    """Also in a tick of no length, as the stop may write."""
    made = Windows(keyboard=True).types(0, 5, 150).shows(40, EDITOR).shows(60, READER).copy(80, READER, SIZE)
    events = made.shows(90, EDITOR).paste(100, EDITOR, SIZE).until(200).events()
    changed = [
        msgspec.structs.replace(one, body=msgspec.structs.replace(one.body, span_ms=span_ms))
        if isinstance(one.body, Stats)
        else one
        for one in events
    ]
    assert found(changed).state is State.CLEAR
    without = [one for one in changed if not (isinstance(one.body, Stats) and any(s.text_keys for s in one.body.sources))]
    assert found(without).state is State.RAISED


def test_149_keystrokes_are_no_work_in_a_program() -> None:
    assert found(moved().types(60, 85, 29).types(85, 90, 4)).state is State.RAISED
    assert found(moved().types(60, 85, 29).types(85, 90, 5)).state is State.CLEAR


def test_whoever_looks_into_a_hundred_programs_types_in_none_of_them() -> None:
    made = Windows(keyboard=True)
    for number in range(100):
        made.shows(number * 0.4, f"viewer-{number:02}")
    made.shows(45, EDITOR).types(50, 60, 150).shows(60, READER).copy(80, READER, SIZE).shows(90, EDITOR)
    assert found(made.paste(100, EDITOR, SIZE).until(200)).state is State.RAISED


@pytest.mark.parametrize(("programs", "state"), [(64, State.RAISED), (65, State.CLEAR)])
def test_keystrokes_are_told_apart_in_64_programs_and_those_in_further_ones_may_be_of_any(
    programs: int, state: State
) -> None:
    made = Windows(keyboard=True)
    for place, number in enumerate((*range(programs), 0)):  # and once more in the first
        made.shows(place * 10, f"writer-{number:02}").types(place * 10, place * 10 + 5, 150)
    end = 10 + programs * 10
    made.shows(end, READER).copy(end + 7, READER, SIZE).shows(end + 15, EDITOR).paste(end + 25, EDITOR, SIZE)
    assert found(made.until(end + 60)).state is state


@pytest.mark.parametrize("number", range(8))
def test_of_two_programs_that_come_in_one_tick_the_same_one_is_told_apart_on_every_computer(number: int) -> None:
    """The place is the last one; a reviewer has to reach the same answer."""
    last = Windows(keyboard=True).shows(0, f"b{number}").shows(2, f"a{number}").types(0, 5, 3).events()
    state = DETECTOR.start(RULES)
    state = msgspec.structs.replace(state, typed={f"writer-{n}": 150 for n in range(63)})
    typed = DETECTOR.step(state, last).typed
    assert {name: typed.get(name) for name in (f"a{number}", f"b{number}", "")} == {
        f"a{number}": 3,
        f"b{number}": None,
        "": 3,
    }


def test_what_was_typed_while_nobody_knows_where_may_have_been_anywhere() -> None:
    made = Windows(keyboard=True).types(0, 40).shows(60, READER).shows(90, EDITOR).types(95, 120)
    assert found(made.copy(80, READER, SIZE).paste(100, EDITOR, SIZE)).state is State.CLEAR


def test_one_who_declared_something_is_not_asked_again() -> None:
    finding = found(moved().declares(150, "my own notes"))
    assert (finding.state, finding.explanation) == (State.CLEAR, "finding.large-paste.declared")
    assert (finding.statistic, finding.evidence) == (0.0, ())
    assert found(desk().declares(150, "my own notes")).explanation == "finding.large-paste.clear"


@pytest.mark.parametrize("owner", [BROWSER, "klipper"])
@pytest.mark.parametrize("grade", ["forbidden", "declare", "allowed"])
def test_what_comes_from_a_tool_is_asked_about_once_if_at_all(owner: str, grade: str) -> None:
    made = desk(BROWSER, CHAT_PAGE).copy(80, owner, SIZE).paste(100, EDITOR, SIZE)
    findings = {one.detector: one for one in detectors.run(detectors.ALL, policy(grade), made.events())}
    assert (findings["paste-chain"].state is State.RAISED) == (grade != "allowed")
    assert findings["large-paste"].state is State.CLEAR
    assert findings["large-paste"].statistic == 0.0
    assert not opens_review(findings.values())


def test_a_program_that_holds_a_model_is_no_second_family() -> None:
    """It was in front for long, which is one question; that something was copied there would be the same program again."""
    findings = detectors.run(detectors.ALL, RULES, moved(app="cursor").events())
    assert [one.detector for one in findings if one.state is State.RAISED] == ["ai-tool"]
    assert not opens_review(findings)


def test_a_tool_in_front_and_a_long_paste_from_elsewhere_confirm_each_other() -> None:
    made = desk().shows(120, BROWSER, CHAT_PAGE).shows(160, EDITOR, "Draft").copy(80, READER, SIZE).paste(100, EDITOR, SIZE)
    findings = detectors.run(detectors.ALL, RULES, made.events())
    assert [one.detector for one in findings if one.state is State.RAISED] == ["ai-tool", "large-paste"]
    assert opens_review(findings)


def test_a_paste_that_is_told_before_its_copy_has_the_size_of_its_copy() -> None:
    made = desk().copy(50, EDITOR, 12).copy(80, READER, SIZE).paste(81, EDITOR, 12)
    events = made.events()
    copy, paste = [i for i, e in enumerate(events) if isinstance(e.body, Clipboard) and e.body.action != "none"][1:]
    events[copy], events[paste] = (
        Event(events[copy].seq, Kind.CLIPBOARD, events[paste].body),
        Event(events[paste].seq, Kind.CLIPBOARD, events[copy].body),
    )
    assert found(events).statistic == 900.0


@pytest.mark.parametrize(("app", "title"), [("claude", ""), (BROWSER, CHAT_PAGE), ("klipper", CHAT_PAGE)])
def test_what_is_pasted_into_a_tool_is_not_asked_about(app: str, title: str) -> None:
    def into(title: str) -> Finding:
        made = desk().copy(80, READER, SIZE).shows(95, app if app == "claude" else BROWSER, title)
        return found(made.paste(100, app, SIZE).shows(105, EDITOR))

    assert into(title).statistic == 0.0
    assert (into("").statistic == 0.0) == (app == "claude")


def test_a_program_that_holds_a_model_beside_much_else_is_pasted_into_as_any_other() -> None:
    made = desk().copy(80, READER, SIZE).shows(95, "cursor").paste(100, "cursor", SIZE).shows(105, EDITOR)
    assert found(made).statistic == 900.0


def test_a_copy_of_ones_own_explains_a_paste_of_its_size_for_ten_minutes() -> None:
    def again(second: float) -> Windows:
        made = desk().copy(20, EDITOR, SIZE).shows(second - 10, READER).copy(second - 7, READER, SIZE)
        return made.shows(second - 5, EDITOR).paste(second, EDITOR, SIZE).until(second + 60)

    assert found(again(620)).statistic == 0.0
    assert found(again(620.000001)).statistic == 900.0


@pytest.mark.parametrize(
    ("own", "size", "same"),
    [(1000, 1000, True), (950, 1000, True), (949, 1000, False), (1000, 950, True), (1000, 949, False)],
)
def test_sizes_are_the_same_where_they_differ_by_one_part_in_twenty_of_the_larger(
    own: int, size: int, *, same: bool
) -> None:
    finding = found(desk().copy(20, EDITOR, own).copy(80, READER, size).paste(100, EDITOR, size))
    assert finding.statistic == (0.0 if same else size)


def test_it_has_a_card_and_every_sentence_in_every_language() -> None:
    words = ("title", "raised", "declared", "clear", "not-evaluated")
    keys = {f"finding.large-paste.{word}" for word in words} | set(ALTERNATIVES)
    for language, table in LANGUAGES.items():
        assert keys <= table.keys(), language
    card = (Path(__file__).resolve().parents[2] / "docs" / "detectors" / "large-paste.md").read_text(encoding="utf-8")
    for said in ("**800 bytes.**", "detectors/large_paste.py", f"calibration `{DETECTOR.calibration}`"):
        assert said in card


owners = st.sampled_from([EDITOR, EDITOR, READER, READER, BROWSER, "claude", "klipper", ""])


seconds = st.floats(0, 900).map(lambda second: round(second, 1))


scopes = st.sampled_from(["window", "clipboard", "keyboard", "session", "capture"])


sizes = st.sampled_from([0, 12, 299, 300, 310, 400, 799, 800, 820, 5000, 20_001, 2**53 - 1])


@st.composite
def sessions(draw: st.DrawFn) -> list[Event]:
    made = desk(draw(owners), draw(st.sampled_from([CHAT_PAGE, ""]))) if draw(st.booleans()) else Windows(keyboard=True)
    if draw(st.booleans()):
        made.copy(80, READER, SIZE).paste(100, EDITOR, SIZE)
    for _ in range(draw(st.integers(0, 6))):
        made.shows(draw(seconds), draw(owners), draw(st.sampled_from([CHAT_PAGE, "New tab", ""])))
    for _ in range(draw(st.integers(0, 8))):
        add = draw(st.sampled_from([made.copy, made.paste]))
        add(draw(seconds), draw(owners), draw(sizes))
    for _ in range(draw(st.integers(0, 3))):
        second = draw(seconds)
        made.types(second, second + 30, draw(st.integers(0, 60)))
    for _ in range(draw(st.integers(0, 2))):
        second = draw(seconds)
        made.gap(second, draw(st.sampled_from(Edge)), draw(st.sampled_from(Reason)), draw(scopes), since=max(0, second - 9))
    if draw(st.integers(0, 4)) == 0:
        made.declares(draw(seconds), draw(st.sampled_from(["chat", "assistive"])))
    events = made.until(draw(seconds)).events()
    removed = draw(st.sets(st.integers(0, len(events) - 1), max_size=2))
    return [Event(e.seq, e.kind, None) if index in removed else e for index, e in enumerate(events)]


@given(sessions(), st.lists(st.integers(0, 600), max_size=8))
def test_every_cutting_gives_the_same_state_and_finding(events: list[Event], cuts: list[int]) -> None:
    whole = DETECTOR.step(DETECTOR.start(RULES), events)
    state, last = DETECTOR.start(RULES), 0
    for cut in [*sorted(min(c, len(events)) for c in cuts), len(events)]:
        state = DETECTOR.step(state, events[last:cut])
        DETECTOR.finish(state)  # interim results leave no trace
        last = cut
    assert state == whole
    assert DETECTOR.finish(state) == DETECTOR.finish(whole)


@given(sessions(), st.integers(-6_000_000_000, 2**50))
def test_the_origin_of_time_does_not_matter(events: list[Event], by_us: int) -> None:
    assert found([shifted(e, by_us) for e in events]) == found(events)


@given(sessions())
def test_raised_says_the_same_as_its_numbers(events: list[Event]) -> None:
    finding = found(events)
    assert 0.0 <= finding.statistic < 2**53
    assert (finding.state is State.RAISED) == (finding.statistic >= finding.threshold)
    assert bool(finding.evidence) == (finding.state is State.RAISED)
    assert len(finding.evidence) <= 64
    assert {e.kind for e in events if e.seq in finding.evidence} <= {Kind.FOCUS, Kind.CLIPBOARD}
    assert finding.weight is Weight.B


def _never_more(before: Finding, after: Finding) -> None:
    assert after.statistic <= before.statistic
    if before.state is not State.RAISED:
        assert after.state is not State.RAISED
    if before.state is State.NOT_EVALUATED:
        assert after.state is State.NOT_EVALUATED


@given(sessions(), st.integers(0, 600), scopes, st.sampled_from(Reason))
def test_a_gap_more_never_makes_a_question(events: list[Event], at: int, scope: str, reason: Reason) -> None:
    near = next((e.body for e in events[at:] if isinstance(e.body, Focus | Stats)), None)
    dark = Event(0, Kind.GAP, Gap(0, near.mono_us if near else 7_000_000_000, Edge.BEGIN, reason, scope))
    if (reason, scope) != (Reason.CRASH, "session"):  # it ends every other gap, for every detector
        _never_more(found(events), found([*events[:at], dark, *events[at:]]))


@given(sessions(), st.integers(0, 600), st.sampled_from([Kind.FOCUS, Kind.STATS, Kind.CLIPBOARD]))
def test_a_removed_record_more_never_makes_a_question(events: list[Event], at: int, kind: Kind) -> None:
    index = next((index for index, e in enumerate(events) if index >= at and e.kind == kind), -1)
    after = [Event(e.seq, e.kind, None) if number == index else e for number, e in enumerate(events)]
    _never_more(found(events), found(after))


def test_a_working_day_costs_little() -> None:
    """Every tick of eight hours has a copy or a paste, and typing in one of a hundred windows."""
    state, made = DETECTOR.start(RULES), Windows(keyboard=True)
    for number in range(720):
        made.shows(number * 5, f"app-{number % 100}").copy(number * 5 + 1, READER, 700 + number)
    for event in made.types(0, 3600, 3).events():
        state = DETECTOR.step(state, [event])
    assert len(state.typed) <= 65
    assert len(state.copies) == 121  # those of ten minutes
    assert len(state.moments.waiting) <= 256
