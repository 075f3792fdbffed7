# SPDX-License-Identifier: Apache-2.0
"""paste-chain: the three moments in a row that ask, all that breaks the row, and that it is a fold."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from detector_tapes import BROWSER, CHAT_PAGE, EDITOR, Windows, policy, shifted
from hypothesis import given
from hypothesis import strategies as st

import detectors
from detectors import abstain
from detectors.ai_tool import AiTool
from detectors.paste_chain import ALTERNATIVES, PasteChain
from session.events import Clipboard, Edge, Event, Focus, Gap, Kind, Reason
from session.findings import Finding, State, Weight
from session.policy import Policy

DETECTOR = PasteChain()
FORBIDDEN, DECLARE, ALLOWED = (policy(grade) for grade in ("forbidden", "declare", "allowed"))
SIZE = 900


def found(desk: Windows | Sequence[Event], rules: Policy = FORBIDDEN) -> Finding:
    events = desk.events() if isinstance(desk, Windows) else desk
    (finding,) = detectors.run((DETECTOR,), rules, events)
    return finding


def windows(app: str = BROWSER, title: str = CHAT_PAGE) -> Windows:
    """An editor, a page from second 30 to 70, the editor again."""
    return Windows().shows(0, EDITOR, "Draft 2").shows(30, app, title).shows(70, EDITOR, "Draft 2").until(120)


def chain(copied: float = 60, pasted: float = 75, size: int = SIZE) -> Windows:
    return windows().copy(copied, BROWSER, size).paste(pasted, EDITOR, size)


def test_copied_in_a_forbidden_page_and_pasted_into_an_editor_asks_a_question_of_class_b() -> None:
    desk = chain()
    finding = found(desk)
    assert (finding.state, finding.weight) == (State.RAISED, Weight.B)
    assert finding.explanation == "finding.paste-chain.raised"
    assert (finding.statistic, finding.threshold) == (900.0, 200.0)
    assert finding.alternatives == ALTERNATIVES
    kinds = [e.kind for e in desk.events() if e.seq in finding.evidence]
    assert kinds == [Kind.FOCUS, Kind.CLIPBOARD, Kind.CLIPBOARD]
    bodies = [e.body for e in desk.events() if e.seq in finding.evidence]
    assert [body.action for body in bodies if isinstance(body, Clipboard)] == ["copy", "paste"]


def test_it_is_of_the_family_of_ai_tool() -> None:
    assert {one.family for one in detectors.run((AiTool(), DETECTOR), FORBIDDEN, chain().events())} == {"ai-tool"}


def test_a_chat_program_makes_it_class_a_and_needs_no_title() -> None:
    desk = windows("claude", "").copy(60, "claude", SIZE).paste(75, EDITOR, SIZE)
    finding = found(desk, policy(titles="application"))
    assert (finding.state, finding.weight) == (State.RAISED, Weight.A)


def test_a_chat_program_that_nobody_has_confirmed_makes_it_class_b() -> None:
    desk = windows("kimi.exe", "").copy(60, "kimi.exe", SIZE).paste(75, EDITOR, SIZE)
    assert (found(desk).state, found(desk).weight) == (State.RAISED, Weight.B)


def test_a_copy_by_a_tool_that_is_not_in_front_counts_by_its_owner() -> None:
    desk = Windows().shows(0, EDITOR).copy(60, "claude", SIZE).paste(75, EDITOR, SIZE).until(120)
    assert (found(desk).state, found(desk).weight) == (State.RAISED, Weight.A)


@pytest.mark.parametrize("owner", [BROWSER, "", "klipper"])
def test_a_copy_while_the_page_is_in_front_counts_whoever_owns_the_clipboard(owner: str) -> None:
    assert found(windows().copy(60, owner, SIZE).paste(75, EDITOR, SIZE)).state is State.RAISED


def test_a_clipboard_history_that_takes_it_over_breaks_no_chain() -> None:
    desk = windows().copy(60, BROWSER, SIZE).copy(60.1, "klipper", SIZE).paste(90, EDITOR, SIZE)
    assert found(desk).state is State.RAISED


def test_a_paste_of_unknown_size_counts_with_that_of_its_copy() -> None:
    assert found(windows().copy(60, BROWSER, SIZE).paste(75, EDITOR, 0)).statistic == 900.0
    assert found(windows().copy(60, BROWSER, 0).paste(75, EDITOR, SIZE)).statistic == 900.0


def test_pastes_add_up_and_small_ones_count_for_nothing() -> None:
    desk = chain().paste(85, EDITOR, 199).paste(95, EDITOR, 200)
    assert found(desk).statistic == 1100.0
    assert found(chain(size=199).paste(90, EDITOR, 199)).state is State.CLEAR


def test_ten_minutes_are_the_longest_way() -> None:
    def late(second: float) -> Windows:
        return windows().copy(60, BROWSER, SIZE).paste(second, EDITOR, SIZE).until(second + 60)

    assert found(late(660)).state is State.RAISED
    assert found(late(660.1)).state is State.CLEAR


def test_what_the_policy_says_comes_first() -> None:
    assert found(chain(), ALLOWED).explanation == "finding.paste-chain.allowed"
    assert found(chain(), policy("forbidden", 'own = ["Claude"]')).explanation == "finding.paste-chain.allowed"
    assert found(chain(), DECLARE).explanation == "finding.paste-chain.declare"
    assert found(chain(), DECLARE).state is State.RAISED
    declared = found(chain().declares(110, "Claude"), DECLARE)
    assert (declared.state, declared.explanation) == (State.CLEAR, "finding.paste-chain.declared")
    assert found(chain().declares(110, "Claude")).state is State.RAISED


@pytest.mark.parametrize(
    ("name", "desk"),
    [
        ("nothing was copied", windows().paste(75, EDITOR, SIZE)),
        ("nothing was pasted", windows().copy(60, BROWSER, SIZE)),
        ("pasted before it was copied", windows().paste(20, EDITOR, SIZE).copy(60, BROWSER, SIZE)),
        ("copied in the editor", windows().copy(20, EDITOR, SIZE).paste(75, EDITOR, SIZE)),
        ("copied in the editor after the page", chain(pasted=95).copy(80, EDITOR, SIZE)),
        (
            "copied on an ordinary page",
            windows(title="Beta blocker - PubMed").copy(60, BROWSER, SIZE).paste(75, EDITOR, SIZE),
        ),
        (
            "copied on a page about a tool",
            windows(title="ChatGPT - Wikipedia").copy(60, BROWSER, SIZE).paste(75, EDITOR, SIZE),
        ),
        ("pasted within the browser", windows().copy(60, BROWSER, SIZE).paste(65, BROWSER, SIZE)),
        ("kept by a history, pasted within the browser", windows().copy(60, "klipper", SIZE).paste(65, BROWSER, SIZE)),
        ("pasted into the page from the editor", windows().copy(20, EDITOR, SIZE).paste(40, BROWSER, SIZE)),
        ("from one tool into another", windows().copy(60, BROWSER, SIZE).paste(75, "claude", SIZE)),
        ("pasted into nobody knows what", windows().copy(60, BROWSER, SIZE).paste(75, "", SIZE)),
        ("own code from an editor with a model", windows("cursor", "a.py").copy(60, "cursor", SIZE).paste(75, EDITOR, SIZE)),
        ("the page left before the copy", windows().copy(80, BROWSER, SIZE).paste(90, EDITOR, SIZE)),
        ("a word", chain(size=12)),
    ],
)
def test_it_stays_clear(name: str, desk: Windows) -> None:
    finding = found(desk)
    assert (finding.state, finding.explanation) == (State.CLEAR, "finding.paste-chain.clear"), name
    assert (finding.statistic, finding.evidence, finding.alternatives) == (0.0, (), ())


def test_a_tools_page_in_another_browser_is_no_elsewhere() -> None:
    desk = Windows().shows(0, BROWSER, CHAT_PAGE).shows(30, "firefox", "ChatGPT — Mozilla Firefox").until(60)
    assert found(desk.copy(20, BROWSER, SIZE).paste(40, "firefox", SIZE)).state is State.CLEAR


def test_windows_that_are_told_a_tick_late_are_waited_for() -> None:
    """The editor came in front before the copy, but a busy tick told it only in the next one."""
    events = windows().copy(72, EDITOR, SIZE).paste(90, "xterm", SIZE).events()
    told = [index for index, e in enumerate(events) if isinstance(e.body, Focus) and e.body.changes][-1]
    body, after = events[told].body, events[told + 2].body
    assert isinstance(body, Focus)
    assert isinstance(after, Focus)
    copied = events[told + 1]
    assert isinstance(copied.body, Clipboard)
    assert copied.body.action == "copy"
    events[told] = Event(events[told].seq, Kind.CLIPBOARD, copied.body)  # a tick may write its copy first
    events[told + 1] = Event(copied.seq, Kind.FOCUS, Focus(body.t_us, body.mono_us))
    events[told + 2] = Event(events[told + 2].seq, Kind.FOCUS, Focus(after.t_us, after.mono_us, body.changes))
    assert found(events).state is State.CLEAR


def test_a_paste_by_a_clock_that_began_anew_follows_no_copy_of_the_old_one() -> None:
    before = Windows().shows(0, BROWSER, CHAT_PAGE).copy(10, BROWSER, SIZE).until(20).events()
    after = Windows().shows(0, EDITOR, "").paste(10, EDITOR, SIZE).until(20).events(mono_us=1_000_000, first_seq=100)
    assert found([*before, *after]).state is State.CLEAR


def test_a_size_beyond_reason_counts_as_four_gigabytes() -> None:
    assert found(chain(size=2**53 - 1)).statistic == 2**32


def test_a_copy_that_is_told_after_its_paste_came_before_it_all_the_same() -> None:
    """It takes a while to measure a copy; the paste is told at once, with the size of the copy before."""
    events = windows().copy(69.5, BROWSER, SIZE).paste(71, EDITOR, 12).events()
    first, second = (i for i, e in enumerate(events) if isinstance(e.body, Clipboard) and e.body.action != "none")
    copy, paste = events[first].body, events[second].body
    events[first] = Event(events[first].seq, Kind.CLIPBOARD, paste)
    events[second] = Event(events[second].seq, Kind.CLIPBOARD, copy)
    finding = found(events)
    assert (finding.state, finding.statistic) == (State.RAISED, 900.0)


def test_copies_that_are_told_minutes_late_are_judged_by_the_windows_of_their_moment() -> None:
    desk = windows()
    for number in range(20):
        desk.copy(50 + number / 10, BROWSER, 10)
    assert found(desk.copy(60, BROWSER, SIZE).paste(75, EDITOR, SIZE).until(300)).state is State.RAISED


@pytest.mark.parametrize(
    ("reason", "scope"), [(Reason.PAUSE, "session"), (Reason.DIED, "clipboard"), (Reason.QUEUE_FULL, "window")]
)
def test_no_chain_reaches_across_a_gap(reason: Reason, scope: str) -> None:
    desk = chain(pasted=110).gap(80, Edge.BEGIN, reason, scope).gap(85, Edge.END, reason, scope).until(200)
    assert found(desk.shows(86, EDITOR, "Draft 2")).state is State.CLEAR


def test_a_gap_of_another_sensor_or_a_sleep_changes_nothing() -> None:
    assert found(chain(pasted=110).gap(80, Edge.BEGIN, Reason.DENIED, "capture")).state is State.RAISED
    assert found(chain(pasted=110).gap(80, Edge.POINT, Reason.SUSPEND, "session", since=79)).state is State.RAISED


def test_a_removed_copy_in_between_might_have_been_another() -> None:
    events = chain(pasted=110).events()
    at = next(i for i, e in enumerate(events) if isinstance(e.body, Clipboard) and e.body.mono_us > 7_085_000_000)
    events[at] = Event(events[at].seq, Kind.CLIPBOARD, None)
    assert found(events).state is State.CLEAR


def abstained(desk: Windows | Sequence[Event], reason: str, rules: Policy = FORBIDDEN) -> None:
    finding = found(desk, rules)
    assert (finding.state, finding.reason) == (State.NOT_EVALUATED, reason)
    # Nothing but the reason, which is never recorded, may tell one abstention from another.
    assert (finding.statistic, finding.evidence, finding.alternatives, finding.weight) == (0.0, (), (), Weight.B)
    assert finding.explanation == "finding.paste-chain.not-evaluated"


def without(kind: Kind) -> list[Event]:
    return [e for e in chain().events() if e.kind != kind]


def unreadable(kind: Kind) -> list[Event]:
    return [Event(e.seq, e.kind, None if e.kind == kind else e.body) for e in chain().events()]


def test_what_the_policy_turns_off_is_not_evaluated() -> None:
    abstained([], abstain.CLIPBOARD_OFF, policy(clipboard="off"))
    abstained([], abstain.FOCUS_OFF, policy(focus="off"))
    abstained([], abstain.CLIPBOARD_OFF, policy(focus="off", clipboard="off"))


def test_what_cannot_be_read_or_was_never_observed_is_not_evaluated() -> None:
    abstained(unreadable(Kind.CLIPBOARD), abstain.CLIPBOARD_WITHHELD)
    abstained(unreadable(Kind.FOCUS), abstain.FOCUS_WITHHELD)
    abstained(without(Kind.CLIPBOARD), abstain.CLIPBOARD_NOT_OBSERVED)
    abstained(without(Kind.FOCUS), abstain.WINDOW_NOT_OBSERVED)
    abstained(chain().gap(5, Edge.BEGIN, Reason.ABSENT, "clipboard"), abstain.CLIPBOARD_NOT_OBSERVED)


def test_what_the_stop_writes_is_no_time_in_which_something_was_observed() -> None:
    """A minute without the clipboard; the stop ends the gap and writes twelve records more, all of its own moment."""
    desk = Windows().shows(0, EDITOR, "Draft").gap(0, Edge.BEGIN, Reason.ABSENT, "clipboard").until(59)
    events = desk.gap(59.9, Edge.END, Reason.ABSENT, "clipboard").events()
    last = next(event for event in reversed(events) if event.kind == Kind.CLIPBOARD)
    abstained(
        [*events, *[Event(events[-1].seq + 1 + n, Kind.CLIPBOARD, last.body) for n in range(12)]],
        abstain.CLIPBOARD_NOT_OBSERVED,
    )
    abstained(chain().gap(5, Edge.BEGIN, Reason.ABSENT, "window"), abstain.WINDOW_NOT_OBSERVED)


@pytest.mark.parametrize("kind", [Kind.CLIPBOARD, Kind.FOCUS])
def test_removed_records_are_no_time_in_which_something_was_observed(kind: Kind) -> None:
    """More than half of it unseen; then some of the unseen part is taken out, or of what the stop wrote at its moment."""
    scope = "clipboard" if kind is Kind.CLIPBOARD else "window"
    reason = abstain.CLIPBOARD_NOT_OBSERVED if kind is Kind.CLIPBOARD else abstain.WINDOW_NOT_OBSERVED
    desk = chain().gap(0, Edge.BEGIN, Reason.DIED, scope).gap(110, Edge.END, Reason.DIED, scope)
    events = desk.shows(120, EDITOR, "Draft 2").until(199).events()
    last = next(event for event in reversed(events) if event.kind == kind)
    stop = [Event(events[-1].seq + 1 + n, kind, last.body) for n in range(12)]
    abstained([*events, *stop], reason)
    abstained([*events, *[Event(one.seq, kind, None) for one in stop]], reason)
    unseen = [index for index, one in enumerate(events) if one.kind == kind][:10]
    abstained([Event(one.seq, kind, None) if index in unseen else one for index, one in enumerate(events)], reason)


def test_without_titles_no_page_is_said_to_be_absent() -> None:
    abstained(
        windows(title="").copy(60, BROWSER, SIZE).paste(75, EDITOR, SIZE), abstain.TITLES_OFF, policy(titles="application")
    )


@pytest.mark.parametrize(("tool", "reason"), [("expander", abstain.ASSISTIVE), ("VNC", abstain.REMOTE)])
def test_declared_assistive_input_or_remote_desktop_is_not_evaluated(tool: str, reason: str) -> None:
    abstained(chain().declares(100, tool), reason)


owners = st.sampled_from([EDITOR, EDITOR, BROWSER, BROWSER, "claude", "klipper", ""])
seconds = st.floats(0, 120).map(lambda second: round(second, 1))
scopes = st.sampled_from(["window", "clipboard", "session", "capture"])
rules_of = st.sampled_from([FORBIDDEN, DECLARE, ALLOWED])


@st.composite
def sessions(draw: st.DrawFn) -> list[Event]:
    desk = windows() if draw(st.booleans()) else Windows()
    for _ in range(draw(st.integers(0, 8))):
        desk.shows(draw(seconds), draw(owners), draw(st.sampled_from([CHAT_PAGE, "New tab", ""])))
    for _ in range(draw(st.integers(0, 8))):
        add = draw(st.sampled_from([desk.copy, desk.paste]))
        add(draw(seconds), draw(owners), draw(st.sampled_from([0, 12, 200, 5000, 2**53 - 1])))
    for _ in range(draw(st.integers(0, 2))):
        second = draw(seconds)
        desk.gap(second, draw(st.sampled_from(Edge)), draw(st.sampled_from(Reason)), draw(scopes), since=max(0, second - 9))
    if draw(st.booleans()):
        desk.declares(draw(seconds), draw(st.sampled_from(["chat", "assistive"])))
    events = desk.until(draw(seconds)).events()
    removed = draw(st.sets(st.integers(0, len(events) - 1), max_size=3))
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
    assert 0.0 <= finding.statistic < 2**53
    assert (finding.state is State.RAISED) == (finding.statistic >= finding.threshold)
    assert bool(finding.evidence) == (finding.state is State.RAISED)
    assert len(finding.evidence) <= 64
    assert {e.kind for e in events if e.seq in finding.evidence} <= {Kind.FOCUS, Kind.CLIPBOARD}


@given(sessions(), rules_of, st.integers(0, 80), scopes, st.sampled_from([Reason.PAUSE, Reason.DIED]))
def test_a_gap_more_never_makes_a_question(events: list[Event], rules: Policy, at: int, scope: str, reason: Reason) -> None:
    before = found(events, rules)
    near = next((e.body for e in events[at:] if isinstance(e.body, Focus)), None)
    dark = Event(0, Kind.GAP, Gap(0, near.mono_us if near else 7_000_000_000, Edge.BEGIN, reason, scope))
    after = found([*events[:at], dark, *events[at:]], rules)
    if before.explanation == after.explanation:  # else a smaller amount of another grade may be what is left to ask about
        assert after.statistic <= before.statistic
    if before.state is not State.RAISED:
        assert after.state is not State.RAISED
    if before.state is State.NOT_EVALUATED:
        assert after.state is State.NOT_EVALUATED


@given(sessions(), rules_of, st.integers(0, 80))
def test_a_removed_record_more_never_makes_a_question(events: list[Event], rules: Policy, at: int) -> None:
    before = found(events, rules)
    after = found([Event(e.seq, e.kind, None) if index == at else e for index, e in enumerate(events)], rules)
    if before.state is not State.RAISED and events[at : at + 1] and events[at].kind in (Kind.FOCUS, Kind.CLIPBOARD):
        assert after.state is not State.RAISED
