# SPDX-License-Identifier: Apache-2.0
"""ai-tool: what the policy says first, what raises it, what never does, and that it is a fold."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from detector_tapes import BROWSER, CHAT_PAGE, EDITOR, Windows, policy, shifted
from hypothesis import given
from hypothesis import strategies as st

import detectors
from detectors import abstain
from detectors.ai_tool import ALTERNATIVES, AiTool
from detectors.catalogue.match import shipped
from detectors.composite import opens_review
from detectors.paste_chain import PasteChain
from session.events import Clipboard, Declare, Edge, Event, Focus, FocusChange, Gap, Kind, Note, Reason
from session.findings import Finding, State, Weight
from session.policy import Policy
from ui.strings import LANGUAGES

DETECTOR = AiTool()
FORBIDDEN, DECLARE, ALLOWED = (policy(grade) for grade in ("forbidden", "declare", "allowed"))


def found(desk: Windows | Sequence[Event], rules: Policy = FORBIDDEN) -> Finding:
    events = desk.events() if isinstance(desk, Windows) else desk
    (finding,) = detectors.run((DETECTOR,), rules, events)
    return finding


def page(title: str = CHAT_PAGE, app: str = BROWSER, *, since: float = 30, until: float = 70) -> Windows:
    """Writes, has one window in front for a while, writes on."""
    return Windows().shows(0, EDITOR, "Draft 2").shows(since, app, title).shows(until, EDITOR, "Draft 2").until(200)


def test_a_forbidden_page_in_front_for_a_while_asks_a_question_of_class_b() -> None:
    desk = page()
    finding = found(desk)
    assert (finding.state, finding.weight) == (State.RAISED, Weight.B)
    assert finding.explanation == "finding.ai-tool.raised"
    assert (finding.statistic, finding.threshold) == (40.0, 20.0)
    assert finding.alternatives == ALTERNATIVES
    told = [e for e in desk.events() if isinstance(e.body, Focus) and e.body.changes]
    assert finding.evidence == tuple(e.seq for e in told[1:]), "the records that told its beginning and its end"


def test_a_forbidden_program_in_front_is_of_class_a_without_any_title() -> None:
    finding = found(page("", "claude"), policy(titles="application"))
    assert (finding.state, finding.weight, finding.statistic) == (State.RAISED, Weight.A, 40.0)


@pytest.mark.parametrize("app", ["kimi.exe", "cluely.exe", "jan"])
def test_a_program_that_nobody_has_confirmed_is_of_class_b(app: str) -> None:
    """What an entry takes from memory alone never opens a review by itself."""
    finding = found(page("", app))
    assert (finding.state, finding.weight, finding.statistic) == (State.RAISED, Weight.B, 40.0)


def test_a_finding_names_the_version_of_the_list_it_was_made_with() -> None:
    assert found(page()).calibration == f"unmeasured-1 catalogue-{shipped().version}"


def test_titles_do_not_make_up_what_a_program_lacks_for_class_a() -> None:
    desk = page(until=90).shows(100, "claude", "").shows(110, EDITOR, "Draft 2").until(200)
    finding = found(desk)
    assert (finding.statistic, finding.weight) == (70.0, Weight.B)


def test_a_program_that_holds_a_model_among_other_things_is_of_class_b() -> None:
    assert found(page("main.py - Cursor", "cursor")).weight is Weight.B


def test_title_and_paste_together_do_not_open_a_review() -> None:
    desk = page().copy(60, BROWSER, 900).paste(75, EDITOR, 900)
    raised = [one for one in detectors.run(detectors.ALL, FORBIDDEN, desk.events()) if one.state is State.RAISED]
    assert [one.detector for one in raised] == ["ai-tool", "paste-chain"]
    assert not opens_review(raised)


def test_what_the_policy_allows_is_clear_however_long() -> None:
    finding = found(page(until=190), ALLOWED)
    assert (finding.state, finding.explanation) == (State.CLEAR, "finding.ai-tool.allowed")
    assert (finding.statistic, finding.evidence, finding.alternatives) == (0.0, (), ())


def test_the_page_that_the_project_is_about_is_allowed() -> None:
    assert found(page(), policy("forbidden", 'own = ["claude"]')).explanation == "finding.ai-tool.allowed"
    assert found(page(), policy("forbidden", 'own = ["Gemini"]')).explanation == "finding.ai-tool.raised"


def test_each_kind_has_its_own_grade() -> None:
    rules = policy("forbidden", '[ai_tools.kinds]\ntranslation = "allowed"\nchat = "declare"')
    assert found(page("Google Translate - Google Chrome"), rules).explanation == "finding.ai-tool.allowed"
    assert found(page(), rules).explanation == "finding.ai-tool.declare"
    assert found(page("WriteHuman - Google Chrome"), rules).explanation == "finding.ai-tool.raised"


def test_a_tool_to_be_declared_asks_for_a_declaration() -> None:
    finding = found(page(), DECLARE)
    assert (finding.state, finding.explanation) == (State.RAISED, "finding.ai-tool.declare")
    assert finding.statistic == 40.0


@pytest.mark.parametrize("second", [0, 50, 190])
def test_one_declaration_anywhere_answers_it(second: float) -> None:
    finding = found(page().declares(second, "a chat page"), DECLARE)
    assert (finding.state, finding.explanation) == (State.CLEAR, "finding.ai-tool.declared")
    assert (finding.statistic, finding.evidence) == (0.0, ())


def test_a_declaration_makes_nothing_allowed_that_is_forbidden() -> None:
    assert found(page().declares(50, "Claude")).explanation == "finding.ai-tool.raised"


@pytest.mark.parametrize(
    ("name", "desk"),
    [
        ("only an editor", Windows().shows(0, EDITOR, "ChatGPT").until(200)),
        ("a page about a tool", page("ChatGPT - Wikipedia - Google Chrome", until=190)),
        ("one glance", page(until=32.9)),
        ("nineteen seconds", page(until=49)),
        ("a tool in a terminal", page("claude", "gnome-terminal", until=190)),
        ("the demonstration's window without a browser's name", page("ChatGPT - Web Browser", "assistant", until=190)),
    ],
)
def test_it_stays_clear(name: str, desk: Windows) -> None:
    finding = found(desk)
    assert (finding.state, finding.explanation) == (State.CLEAR, "finding.ai-tool.clear"), name
    assert finding.statistic < finding.threshold
    assert (finding.evidence, finding.alternatives) == ((), ())


def test_twenty_glances_ask_nothing_and_seven_looks_do() -> None:
    glances, looks = Windows().shows(0, EDITOR), Windows().shows(0, EDITOR)
    for number in range(20):
        glances.shows(10 + number * 10, BROWSER, CHAT_PAGE).shows(12.5 + number * 10, EDITOR)
    for number in range(7):
        looks.shows(10 + number * 10, BROWSER, CHAT_PAGE).shows(13 + number * 10, EDITOR)
    assert (found(glances).state, found(glances).statistic) == (State.CLEAR, 0.0)
    assert (found(looks).state, found(looks).statistic) == (State.RAISED, 21.0)


def test_a_long_day_of_looks_names_no_more_records_than_a_finding_holds() -> None:
    desk = Windows().shows(0, EDITOR)
    for number in range(50):
        desk.shows(10 + number * 20, BROWSER, CHAT_PAGE).shows(20 + number * 20, EDITOR)
    finding = found(desk)
    assert (finding.statistic, len(finding.evidence)) == (500.0, 64)
    assert finding.evidence == tuple(sorted(set(finding.evidence)))


def test_pages_of_one_tool_one_after_the_other_are_one_stretch() -> None:
    desk = Windows().shows(0, EDITOR)
    for number in range(12):
        desk.shows(10 + number * 2, BROWSER, f"Question {number} - Claude - Google Chrome")
    assert found(desk.shows(34, EDITOR).until(100)).statistic == 24.0


def test_a_window_in_front_at_the_end_counts_to_the_last_tick() -> None:
    desk = Windows().shows(0, EDITOR).shows(30, BROWSER, CHAT_PAGE).until(49)
    assert desk.events()[-2].kind == Kind.FOCUS
    assert found(desk).statistic == 20.0


def test_a_change_that_is_told_a_tick_late_ends_the_window_when_it_happened() -> None:
    events = page(until=40).events()
    late = [index for index, e in enumerate(events) if isinstance(e.body, Focus) and len(e.body.changes) > 0][-1]
    body = events[late].body
    assert isinstance(body, Focus)
    after = events[late + 2].body
    assert isinstance(after, Focus)
    events[late] = Event(events[late].seq, Kind.FOCUS, Focus(body.t_us, body.mono_us))
    events[late + 2] = Event(events[late + 2].seq, Kind.FOCUS, Focus(after.t_us, after.mono_us, body.changes))
    assert found(events).statistic == found(page(until=40)).statistic == 10.0


def test_nothing_counts_while_nobody_looks() -> None:
    """Nor in the tick before: what ended the window in it might have been told by the next one."""
    desk = page(until=100).gap(45, Edge.BEGIN, Reason.PAUSE, "session").gap(95, Edge.END, Reason.PAUSE, "session")
    assert found(desk).statistic == 10.0
    assert found(page(until=100).gap(45, Edge.BEGIN, Reason.DIED, "window")).statistic == 0.0


def test_the_machine_that_slept_or_lost_its_network_still_showed_the_window() -> None:
    for reason in (Reason.SUSPEND, Reason.OFFLINE):
        assert found(page().gap(45, Edge.POINT, reason, "session", since=44)).statistic == 40.0
    assert found(page().gap(45, Edge.BEGIN, Reason.DIED, "capture")).statistic == 40.0


def test_lost_changes_take_back_what_was_seen_since() -> None:
    desk = page(until=100).gap(50, Edge.POINT, Reason.QUEUE_FULL, "window", since=42)
    assert found(desk).statistic == 7.0


def test_a_removed_record_ends_what_was_in_front() -> None:
    events = page(until=100).events()
    at = next(index for index, e in enumerate(events) if isinstance(e.body, Focus) and e.body.mono_us >= 7_055_000_000)
    events[at] = Event(events[at].seq, Kind.FOCUS, None)
    assert found(events).statistic == 15.0


def test_a_clock_that_begins_anew_ends_what_was_in_front() -> None:
    before = Windows().shows(0, BROWSER, CHAT_PAGE).until(12).events()
    after = Windows().shows(8, EDITOR, "").until(12).events(mono_us=1_000_000, first_seq=100)
    assert found([*before, *after]).statistic == found(before).statistic == 15.0


def abstained(desk: Windows | Sequence[Event], reason: str, rules: Policy = FORBIDDEN) -> None:
    finding = found(desk, rules)
    assert (finding.state, finding.reason) == (State.NOT_EVALUATED, reason)
    # Nothing but the reason, which is never recorded, may tell one abstention from another.
    assert (finding.statistic, finding.evidence, finding.alternatives, finding.weight) == (0.0, (), (), Weight.B)
    assert finding.explanation == "finding.ai-tool.not-evaluated"


def test_a_policy_without_focus_is_not_evaluated() -> None:
    abstained([], abstain.FOCUS_OFF, policy(focus="off"))


def test_focus_that_is_kept_back_is_still_evaluated_by_the_person_who_has_it() -> None:
    assert found(page(), policy(focus="withheld")).state is State.RAISED


def test_focus_that_cannot_be_read_is_not_evaluated() -> None:
    abstained(
        [Event(e.seq, e.kind, None if e.kind == Kind.FOCUS else e.body) for e in page().events()], abstain.FOCUS_WITHHELD
    )


def test_a_window_that_was_never_told_is_not_evaluated() -> None:
    abstained([], abstain.WINDOW_NOT_OBSERVED)
    abstained(Windows().until(60), abstain.WINDOW_NOT_OBSERVED)


def test_a_window_unobserved_for_most_of_the_session_is_not_evaluated() -> None:
    abstained(page().gap(80, Edge.BEGIN, Reason.DIED, "window"), abstain.WINDOW_NOT_OBSERVED)


@pytest.mark.parametrize("rules", [policy(titles="application"), policy("allowed", titles="application")])
def test_without_titles_no_page_is_said_to_be_absent(rules: Policy) -> None:
    abstained(page(""), abstain.TITLES_OFF, rules)
    abstained(page("", "claude", until=40), abstain.TITLES_OFF, rules)


def test_without_titles_a_program_is_still_answered_for() -> None:
    assert found(page("", "claude"), policy("allowed", titles="application")).explanation == "finding.ai-tool.allowed"
    declared = page("", "claude").declares(0, "Claude")
    assert found(declared, policy("declare", titles="application")).explanation == "finding.ai-tool.declared"


@pytest.mark.parametrize(("tool", "reason"), [("Dictation", abstain.ASSISTIVE), ("remote desktop", abstain.REMOTE)])
def test_declared_assistive_input_or_remote_desktop_is_not_evaluated(tool: str, reason: str) -> None:
    abstained(page().declares(100, tool), reason)


apps = st.sampled_from([EDITOR, BROWSER, "claude", "cursor", ""])
titles = st.sampled_from(["", CHAT_PAGE, "Google Translate - Google Chrome", "ChatGPT - Wikipedia", "New tab"])
seconds = st.floats(0, 120).map(lambda second: round(second, 1))
scopes = st.sampled_from(["window", "clipboard", "session", "capture"])
rules_of = st.sampled_from([FORBIDDEN, DECLARE, ALLOWED, policy("forbidden", '[ai_tools.kinds]\nchat = "declare"')])


@st.composite
def sessions(draw: st.DrawFn) -> list[Event]:
    desk = Windows()
    for _ in range(draw(st.integers(0, 12))):
        desk.shows(draw(seconds), draw(apps), draw(titles))
    for _ in range(draw(st.integers(0, 3))):
        second = draw(seconds)
        desk.gap(second, draw(st.sampled_from(Edge)), draw(st.sampled_from(Reason)), draw(scopes), since=max(0, second - 9))
    for _ in range(draw(st.integers(0, 2))):
        desk.declares(draw(seconds), draw(st.sampled_from(["chat", "chat", "assistive"])))
    events = desk.until(draw(seconds)).events()
    removed = draw(st.sets(st.integers(0, len(events) - 1), max_size=4))
    return [Event(e.seq, e.kind, None) if index in removed else e for index, e in enumerate(events)]


@given(sessions(), rules_of, st.lists(st.integers(0, 60), max_size=8))
def test_every_cutting_gives_the_same_state_and_finding(events: list[Event], rules: Policy, cuts: list[int]) -> None:
    whole = DETECTOR.step(DETECTOR.start(rules), events)
    state, last = DETECTOR.start(rules), 0
    for cut in [*sorted(min(c, len(events)) for c in cuts), len(events)]:
        state = DETECTOR.step(state, events[last:cut])
        DETECTOR.finish(state)  # interim results leave no trace
        last = cut
    assert state == whole
    assert DETECTOR.finish(state) == DETECTOR.finish(whole)


@given(sessions(), st.integers(-6_000_000_000, 2**50))
def test_the_origin_of_time_does_not_matter(events: list[Event], by_us: int) -> None:
    assert found([shifted(e, by_us) for e in events]) == found(events)


@given(sessions(), rules_of)
def test_raised_says_the_same_as_its_numbers(events: list[Event], rules: Policy) -> None:
    finding = found(events, rules)
    assert finding.statistic >= 0.0
    assert (finding.state is State.RAISED) == (finding.statistic >= finding.threshold)
    assert bool(finding.evidence) == (finding.state is State.RAISED)
    assert len(finding.evidence) <= 64
    assert {e.kind for e in events if e.seq in finding.evidence} <= {Kind.FOCUS}


@given(
    sessions(),
    rules_of,
    st.integers(0, 200),
    st.sampled_from([Reason.PAUSE, Reason.DIED]),
    st.sampled_from(["window", "session"]),
)
def test_a_gap_more_never_makes_a_question(events: list[Event], rules: Policy, at: int, reason: Reason, scope: str) -> None:
    before = found(events, rules)
    near = next((e.body for e in events[at:] if isinstance(e.body, Focus)), None)
    mono_us = near.mono_us if near else 7_000_000_000
    dark = Event(0, Kind.GAP, Gap(0, mono_us, Edge.BEGIN, reason, scope))
    after = found([*events[:at], dark, *events[at:]], rules)
    if before.explanation == after.explanation:  # else a smaller amount of another grade may be what is left to ask about
        assert after.statistic <= before.statistic
    if before.state is not State.RAISED:
        assert after.state is not State.RAISED
    if before.state is State.NOT_EVALUATED:
        assert after.state is State.NOT_EVALUATED


number = st.integers(0, 2**53 - 1)
anything = st.builds(
    Event,
    seq=st.integers(0, 2**53),
    kind=st.sampled_from([*Kind, 130, 230]),
    body=st.one_of(
        st.none(),
        st.builds(Note, st.just(0), st.just("")),
        st.builds(Gap, number, number, st.sampled_from(Edge), st.sampled_from(Reason), scopes, number),
        st.builds(Declare, number, number, st.text(max_size=12), st.just("")),
        st.builds(Clipboard, number, number, st.sampled_from(["copy", "paste", "none", "?"]), number, apps),
        st.builds(
            Focus, number, number, st.lists(st.builds(FocusChange, number, number, apps, titles), max_size=3).map(tuple)
        ),
    ),
)


@given(st.lists(anything, max_size=30))
def test_no_record_whatever_makes_it_or_its_sister_fail(events: list[Event]) -> None:
    for detector in (DETECTOR, PasteChain()):
        (finding,) = detectors.run((detector,), FORBIDDEN, events)
        assert finding.state in State


def test_every_sentence_of_the_family_is_there_in_every_language() -> None:
    words = ("title", "raised", "declare", "declared", "allowed", "clear", "not-evaluated")
    keys = {f"finding.{one.id}.{word}" for one in (DETECTOR, PasteChain()) for word in words}
    keys |= {key for one in (detectors.ai_tool, detectors.paste_chain) for key in one.ALTERNATIVES}
    for language, table in LANGUAGES.items():
        assert keys <= table.keys(), language


def test_each_card_names_its_threshold_and_its_code() -> None:
    cards = Path(__file__).resolve().parents[2] / "docs" / "detectors"
    for detector, threshold in (("ai-tool", "**20 s.**"), ("paste-chain", "**200 bytes.**")):
        card = (cards / f"{detector}.md").read_text(encoding="utf-8")
        assert threshold in card
        assert f"detectors/{detector.replace('-', '_')}.py" in card
        assert {f"calibration `{one.calibration}`" in card for one in detectors.ALL if one.id == detector} == {True}


def test_the_card_counts_the_entries_of_the_list() -> None:
    card = (Path(__file__).resolve().parents[2] / "docs" / "detectors" / "ai-tool.md").read_text(encoding="utf-8")
    assert f"{len(shipped().tools)} entries" in card
