# SPDX-License-Identifier: Apache-2.0
"""large-paste: what it asks about, the people it never asks, and that it is a fold."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec
import pytest
from detector_tapes import BROWSER, CHAT_PAGE, EDITOR, Windows, policy, shifted
from hypothesis import given
from hypothesis import strategies as st

import detectors
from detectors import abstain
from detectors.composite import opens_review
from detectors.large_paste import ALTERNATIVES, MOST_MOMENTS, LargePaste
from session.events import Clipboard, Edge, Event, Focus, Gap, Kind, Reason, Stats
from session.findings import Finding, State, Weight
from session.policy import Policy, default_policy_toml, parse_policy
from ui.strings import LANGUAGES

DETECTOR = LargePaste()
RULES = policy()
READER = "org.gnome.evince"
SIZE = 900


def found(desk: Windows | Sequence[Event], rules: Policy = RULES) -> Finding:
    events = desk.events() if isinstance(desk, Windows) else desk
    (finding,) = detectors.run((DETECTOR,), rules, events)
    return finding


def desk(app: str = READER, title: str = "") -> Windows:
    """An editor in which somebody writes, another window from second 60 to 90, the editor again."""
    made = Windows(keyboard=True).shows(0, EDITOR, "Draft").shows(60, app, title).shows(90, EDITOR, "Draft")
    return made.types(0, 60).types(95, 200)


def moved(size: int = SIZE, app: str = READER) -> Windows:
    return desk(app).copy(80, app, size).paste(100, EDITOR, size)


def several(*sizes: int, every_s: float = 30) -> Windows:
    """Back and forth between a reader and the editor, one copy and one paste each time."""
    made = Windows(keyboard=True).shows(0, EDITOR).types(0, 60)
    for number, size in enumerate(sizes):
        second = 60 + number * every_s
        made.shows(second, READER).copy(second + 7, READER, size).shows(second + 12, EDITOR).paste(second + 17, EDITOR, size)
    return made.until(60 + len(sizes) * every_s + 30)


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


def test_pastes_of_an_earlier_boot_do_not_count_with_those_of_this_one() -> None:
    before = several(300, 400).events()
    later = Windows(keyboard=True).shows(0, EDITOR).shows(60, READER).copy(67, READER, 500).shows(72, EDITOR)
    later.paste(77, EDITOR, 500).until(120)
    after = [msgspec.structs.replace(shifted(one, -3_000_000_000), seq=one.seq + 1000) for one in later.events()]
    assert found([*before, *after]).statistic == 500.0


def test_so_many_pastes_are_remembered_and_no_more() -> None:
    """However fast a record says that they came."""
    events: list[Event] = []
    for number in range(MOST_MOMENTS + 40):
        at_us = 5_000_000_000 + number * 1_000_000
        events.append(Event(2 * number + 1, Kind.FOCUS, Focus(at_us, at_us)))
        events.append(Event(2 * number + 2, Kind.CLIPBOARD, Clipboard(at_us, at_us, "paste", 300 + number, "")))
    state = DETECTOR.step(DETECTOR.start(RULES), events)
    assert len(state.pastes) == MOST_MOMENTS


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
    ("pastes into nobody knows what", desk().copy(80, READER, 900).paste(100, "", 900)),
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
    assert found(moved().types(60, 70, 25).types(70, 90, 24)).state is State.RAISED  # 146 of them
    assert found(moved().types(60, 90, 25)).state is State.CLEAR


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


def test_a_clock_that_began_anew_finds_no_copy_of_the_old_one() -> None:
    before = desk().copy(80, READER, SIZE).events()
    after = (
        Windows(keyboard=True).shows(0, EDITOR).paste(10, EDITOR, SIZE).until(20).events(mono_us=1_000_000, first_seq=500)
    )
    assert found([*before, *after]).statistic == 0.0


@pytest.mark.parametrize(
    ("reason", "scope"), [(Reason.PAUSE, "session"), (Reason.DIED, "clipboard"), (Reason.QUEUE_FULL, "clipboard")]
)
def test_for_ten_minutes_after_a_gap_any_paste_may_be_ones_own(reason: Reason, scope: str) -> None:
    def later(second: float) -> Windows:
        made = desk().gap(30, Edge.BEGIN, reason, scope).gap(40, Edge.END, reason, scope).shows(41, EDITOR)
        return made.copy(80, READER, SIZE).paste(second, EDITOR, SIZE).until(second + 60)

    assert found(later(640)).statistic == 0.0
    assert found(later(640.1)).statistic == 900.0


def test_what_is_told_right_after_a_removed_record_may_be_ones_own() -> None:
    """At the stop no FOCUS comes after it, which would say when it was."""
    events = desk().events()
    moments = desk().copy(80, READER, SIZE).paste(100, EDITOR, SIZE).events()
    told = [e.body for e in moments if isinstance(e.body, Clipboard) and e.body.action != "none"]
    closing = [Event(events[-1].seq + 2 + number, Kind.CLIPBOARD, body) for number, body in enumerate(told)]
    assert found([*events, *closing]).statistic == 900.0
    assert found([*events, Event(events[-1].seq + 1, Kind.CLIPBOARD, None), *closing]).statistic == 0.0


@pytest.mark.parametrize("scope", ["window", "keyboard"])
def test_typing_that_went_unseen_may_have_been_anywhere(scope: str) -> None:
    made = moved().gap(20, Edge.BEGIN, Reason.DIED, scope).gap(25, Edge.END, Reason.DIED, scope).shows(26, EDITOR)
    abstained(made, abstain.ORIGIN_NOT_KNOWN)
    assert found(made.gap(30, Edge.POINT, Reason.SUSPEND, "session", since=29)).reason == abstain.ORIGIN_NOT_KNOWN


@pytest.mark.parametrize("kind", [Kind.FOCUS, Kind.STATS])
def test_a_removed_record_may_have_held_typing_anywhere(kind: Kind) -> None:
    events = moved().events()
    first = next(index for index, e in enumerate(events) if e.kind == kind)
    events[first] = Event(events[first].seq, kind, None)
    abstained(events, abstain.ORIGIN_NOT_KNOWN)


def test_what_is_pasted_into_a_tool_is_not_asked_about() -> None:
    made = desk().copy(80, READER, SIZE).shows(95, "claude").paste(100, "claude", SIZE).shows(105, EDITOR)
    assert found(made).statistic == 0.0


def test_a_copy_of_ones_own_explains_a_paste_of_its_size_for_ten_minutes() -> None:
    def again(second: float) -> Windows:
        made = desk().copy(20, EDITOR, SIZE).shows(second - 10, READER).copy(second - 7, READER, SIZE)
        return made.shows(second - 5, EDITOR).paste(second, EDITOR, SIZE).until(second + 60)

    assert found(again(620)).statistic == 0.0
    assert found(again(620.1)).statistic == 900.0


def test_a_gap_of_another_sensor_or_a_sleep_changes_nothing() -> None:
    assert found(moved().gap(70, Edge.BEGIN, Reason.DENIED, "capture")).state is State.RAISED
    assert found(moved().gap(70, Edge.POINT, Reason.SUSPEND, "session", since=69)).state is State.RAISED


def abstained(made: Windows | Sequence[Event], reason: str, rules: Policy = RULES) -> None:
    finding = found(made, rules)
    assert (finding.state, finding.reason) == (State.NOT_EVALUATED, reason)
    # Nothing but the reason, which is never recorded, may tell one abstention from another.
    assert (finding.statistic, finding.evidence, finding.alternatives, finding.weight) == (0.0, (), (), Weight.B)
    assert finding.explanation == "finding.large-paste.not-evaluated"


def without(kind: Kind) -> list[Event]:
    return [e for e in moved().events() if e.kind != kind]


def unreadable(kind: Kind) -> list[Event]:
    return [Event(e.seq, e.kind, None if e.kind == kind else e.body) for e in moved().events()]


def test_what_the_policy_turns_off_is_not_evaluated() -> None:
    abstained(moved(), abstain.CLIPBOARD_OFF, parse_policy(default_policy_toml()))
    abstained(moved(), abstain.FOCUS_OFF, policy(focus="off"))
    abstained(moved(), abstain.NOT_OBSERVED, policy(statistics="off"))


def test_what_cannot_be_read_or_was_never_observed_is_not_evaluated() -> None:
    abstained(unreadable(Kind.CLIPBOARD), abstain.CLIPBOARD_WITHHELD)
    abstained(unreadable(Kind.STATS), abstain.WITHHELD)
    abstained(unreadable(Kind.FOCUS), abstain.FOCUS_WITHHELD)
    abstained(without(Kind.CLIPBOARD), abstain.CLIPBOARD_NOT_OBSERVED)
    abstained(without(Kind.STATS), abstain.NOT_OBSERVED)
    abstained(without(Kind.FOCUS), abstain.WINDOW_NOT_OBSERVED)
    for scope, reason in (("clipboard", abstain.CLIPBOARD_NOT_OBSERVED), ("keyboard", abstain.NOT_OBSERVED)):
        abstained(moved().gap(5, Edge.BEGIN, Reason.ABSENT, scope), reason)
    abstained(moved().gap(5, Edge.BEGIN, Reason.ABSENT, "window"), abstain.WINDOW_NOT_OBSERVED)
    abstained([], abstain.CLIPBOARD_NOT_OBSERVED)


@pytest.mark.parametrize(("tool", "reason"), [("expander", abstain.ASSISTIVE), ("VNC", abstain.REMOTE)])
def test_declared_assistive_input_or_remote_desktop_is_not_evaluated(tool: str, reason: str) -> None:
    abstained(moved().declares(100, tool), reason)


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
    assert len(state.copies) <= 256
    assert len(state.moments.waiting) <= 256
