# SPDX-License-Identifier: Apache-2.0
"""still-screen: which screens are asked about, which never are, and that less that is known asks no more."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec
import pytest
from detector_days import SCOPES, UNSEEN, Diary, Tick, darkened, day_of, pointed, thinned
from detector_tapes import policy, shifted
from hypothesis import given, settings
from hypothesis import strategies as st
from replay_sessions import injected, source, unknown

from detectors import abstain
from detectors.composite import opens_review
from detectors.still_screen import ALTERNATIVES, Best, StillScreen, StillState
from session.events import Capture, Declare, Edge, Event, Gap, Kind, Reason
from session.findings import Finding, State, Weight
from session.policy import Policy, default_policy_toml, parse_policy

RULES = policy("allowed", captures="sent")
DETECTOR = StillScreen()
SCENE = "types on still screens"
MINUTE = 12
"""Ticks of a minute."""


def folded(events: Sequence[Event], rules: Policy = RULES) -> StillState:
    return DETECTOR.step(DETECTOR.start(rules), events)


def found(events: Sequence[Event], rules: Policy = RULES) -> Finding:
    return DETECTOR.finish(folded(events, rules))


def typed(minutes: int, *screens: str, text: int = 15, every: int = MINUTE // 2) -> list[Tick]:
    """Typing; a screenshot of these screens in every so many ticks."""
    typing = Tick((source(text),))
    return [msgspec.structs.replace(typing, screens=() if n % every else screens) for n in range(minutes * MINUTE + 1)]


def day(*ticks: Tick) -> list[Event]:
    diary = Diary()
    for tick in ticks:
        diary.tick(tick)
    return diary.tape.events


def edited(events: Sequence[Event], change: Callable[[Capture], Capture | None]) -> list[Event]:
    """The session with each screenshot changed."""
    return [msgspec.structs.replace(one, body=change(one.body)) if isinstance(one.body, Capture) else one for one in events]


# --- what is asked about


def test_typing_on_a_screen_that_stays_the_same_is_context() -> None:
    events = day(*typed(11, "page"))
    finding = found(events)
    assert (finding.state, finding.weight, finding.statistic) == (State.RAISED, Weight.C, 22.0)
    assert finding.alternatives == ALTERNATIVES
    assert {one.kind for one in events if one.seq in finding.evidence} == {Kind.CAPTURE}
    assert not opens_review([finding])


def test_with_several_monitors_all_have_to_stay_the_same() -> None:
    assert found(day(*typed(11, "page", "desk", "mail"))).state is State.RAISED
    ticks = typed(11, "page", "desk")
    moving = [msgspec.structs.replace(t, screens=("page", f"{n}") if t.screens else ()) for n, t in enumerate(ticks)]
    assert found(day(*moving)).state is State.CLEAR


def test_the_monitor_that_says_the_least_counts() -> None:
    ticks = typed(12, "page", "")
    for at in range(3, len(ticks), 24):
        ticks[at] = Tick(screens=("", "desk"))  # nobody types when the second one is looked at
    assert found(day(*ticks)).statistic == 0.0
    assert found(day(*typed(12, "page", ""))).state is State.RAISED


def test_keys_of_unknown_origin_count_and_those_of_software_do_not() -> None:
    ticks = typed(11, "page")
    assert found(day(*[msgspec.structs.replace(t, sources=(unknown(15),)) for t in ticks])).state is State.RAISED
    by_software = [msgspec.structs.replace(t, sources=(injected(15),)) for t in ticks]
    assert found(day(*by_software)).reason == abstain.FEW_PICTURES


def test_each_bound_is_what_its_card_says() -> None:
    assert found(day(*typed(10, "page"))).state is State.RAISED
    assert found(day(*typed(10, "page")[:-1])).state is State.CLEAR
    assert folded(day(*typed(10, "page")[:-1])).best == Best()
    # five of them amid typing, after the one that they equal; each with 20 keys around it, and 300 in all
    sparse = typed(20, "page", every=4 * MINUTE)
    assert found(day(*sparse)).statistic == 5.0
    assert found(day(*sparse)).state is State.RAISED
    assert found(day(*sparse[:-1])).reason == abstain.FEW_PICTURES
    around = [t.screens or after.screens for t, after in zip(sparse, [*sparse[1:], Tick()], strict=True)]
    for text, state in ((29, State.CLEAR), (30, State.RAISED)):
        typing = (source(text),)
        few = [msgspec.structs.replace(t, sources=typing if one else ()) for t, one in zip(sparse, around, strict=True)]
        assert found(day(*few)).state is state


def test_a_tick_needs_ten_keys_on_both_sides_of_its_beginning() -> None:
    for text, state in ((10, State.RAISED), (9, State.NOT_EVALUATED)):
        assert found(day(*typed(15, "page", text=text))).state is state
    ticks = typed(15, "page")
    before = [t if n % 6 != 5 else Tick() for n, t in enumerate(ticks)]
    assert found(day(*before)).reason == abstain.FEW_PICTURES


def test_of_many_screenshots_the_first_are_the_evidence() -> None:
    events = day(*typed(11, "page", "desk", every=1))
    finding = found(events)
    assert finding.statistic > 120
    captures = [one.seq for one in events if one.kind is Kind.CAPTURE]
    assert finding.evidence == tuple(captures[2:66])


# --- what is left alone


def test_reading_between_bouts_of_writing_elsewhere_is_not_asked_about() -> None:
    """The same page in each screenshot, and much text in between: nobody typed when a screenshot was taken."""
    pause, shot = [Tick()] * 3, Tick(screens=("page",))
    bout = [*[Tick((source(20),))] * 10, *pause, shot, *pause]
    assert found(day(*bout * 20)).reason == abstain.FEW_PICTURES


def test_a_letter_on_the_screen_is_enough() -> None:
    ticks = typed(30, "page")
    shots = [n for n, t in enumerate(ticks) if t.screens]
    for at in shots[15::16]:
        ticks[at:] = [msgspec.structs.replace(t, screens=(f"page {at}",) if t.screens else ()) for t in ticks[at:]]
    assert found(day(*ticks)).state is State.CLEAR


def test_typing_into_what_is_recorded_is_clear() -> None:
    finding = found(day_of("types into a page"))
    assert (finding.state, finding.statistic, finding.evidence) == (State.CLEAR, 0.0, ())


def test_a_painted_area_begins_anew() -> None:
    events = day(*typed(11, "page"))
    assert found(edited(events, lambda body: msgspec.structs.replace(body, masked=1))).reason == abstain.FEW_PICTURES
    middle = [one.seq for one in events if one.kind is Kind.CAPTURE][10]
    once = [
        msgspec.structs.replace(one, body=msgspec.structs.replace(one.body, masked=1)) if one.seq == middle else one
        for one in events
    ]
    assert found(once).state is State.CLEAR


def test_a_like_digest_alone_says_nothing() -> None:
    """It does not see letters: whoever types into an editor has the same one all day."""
    events = edited(day(*typed(11, "page")), lambda body: msgspec.structs.replace(body, same_as=0))
    assert len({one.body.dhash for one in events if isinstance(one.body, Capture)}) == 1
    assert found(events).state is State.CLEAR


def test_a_monitor_that_went_leaves_nothing_to_ask() -> None:
    assert found(day(*typed(1, "page", "desk"), *typed(20, "page"))).state is State.CLEAR
    assert found(day(*typed(1, "page"), *typed(11, "page", "desk"))).state is State.RAISED


# --- what was not seen


@pytest.mark.parametrize(
    ("scope", "reason"),
    [("capture", Reason.DIED), ("keyboard", Reason.DIED), ("session", Reason.PAUSE), ("session", Reason.CRASH)],
)
def test_no_stretch_reaches_across_a_gap(scope: str, reason: Reason) -> None:
    events = day(*typed(18, "page"))
    assert found(events).state is State.RAISED
    middle = len(events) // 2
    assert found(darkened(events, scope, reason, middle, middle)).state is State.CLEAR
    assert found(pointed(events, scope, reason, middle, 20)).state is State.CLEAR


def test_what_a_keyboard_sends_in_its_gap_does_not_count() -> None:
    events = darkened(day(*typed(18, "page")), "keyboard", Reason.DIED, 0, 0)
    open_to_the_end = [one for one in events if not (isinstance(one.body, Gap) and one.body.edge is Edge.END)]
    assert folded(open_to_the_end).amid == 0
    assert folded(events).amid > 30


def test_a_tick_after_a_hole_has_none_before_it() -> None:
    diary = Diary()
    for tick in typed(15, "page", every=1)[::2]:
        diary.second += 5
        diary.tick(tick)
    assert found(diary.tape.events).reason == abstain.FEW_PICTURES


def test_a_missing_network_hides_nothing() -> None:
    events = day(*typed(11, "page"))
    assert found(darkened(events, "session", Reason.OFFLINE, 40, 90)).state is State.RAISED


def test_a_removed_screenshot_may_have_shown_something() -> None:
    events = day(*typed(11, "page"), *typed(1, "other"), *typed(1, "page"))
    last = [one.seq for one in events if one.kind is Kind.CAPTURE][-1]
    finding = found(thinned(events, lambda one: one.seq == last))
    assert (finding.state, finding.reason) == (State.NOT_EVALUATED, abstain.CAPTURES_REMOVED)


def test_the_policy_says_what_can_be_seen() -> None:
    events = day(*typed(11, "page"))
    assert found(events, policy("allowed")).reason == abstain.CAPTURES_OFF
    toml = default_policy_toml().replace(b'captures = "off"', b'captures = "sent"')
    primary = parse_policy(toml.replace(b'monitors = "all"', b'monitors = "primary"'))
    assert found(events, primary).reason == abstain.ONE_SCREEN


@pytest.mark.parametrize(
    ("tool", "reason"), [("remote desktop", abstain.REMOTE), ("kvm", abstain.REMOTE), ("dictation", abstain.ASSISTIVE)]
)
def test_what_was_declared_answers_it(tool: str, reason: str) -> None:
    events = day(*typed(11, "page"))
    declared = Event(0, Kind.DECLARE, Declare(0, 0, tool, ""))
    assert found([*events, declared]).reason == reason


def test_a_screenshot_that_is_told_after_its_tick_counts_all_the_same() -> None:
    events = day(*typed(11, "page"), Tick())
    moved: list[Event] = []
    held: list[Event] = []
    for one in events:
        if one.kind is Kind.CAPTURE:
            held.append(one)
            continue
        moved.append(one)
        if one.kind is Kind.STATS:
            moved += held
            held = []
    assert moved != events
    assert found(moved) == found(events)


def test_a_clock_that_began_anew_ends_a_stretch() -> None:
    first, second = day(*typed(6, "page")), day(*typed(6, "page"))
    again = [shifted(msgspec.structs.replace(one, seq=one.seq + 10_000), -900_000_000) for one in second]
    first_seq = next(one.seq for one in first if one.kind is Kind.CAPTURE)
    same = edited(again, lambda body: msgspec.structs.replace(body, same_as=first_seq))
    assert found([*first, *same]).state is State.CLEAR


def test_more_than_a_desk_has_says_nothing() -> None:
    assert found(day(*typed(11, *(f"{n}" for n in range(33))))).reason == abstain.CAPTURES_REMOVED
    unsettled = [one for one in day(*typed(40, "page")) if one.kind is not Kind.STATS]
    assert found(unsettled).reason == abstain.CAPTURES_REMOVED


# --- properties, over days long enough for it

SCENE_DAYS = st.lists(
    st.sampled_from([SCENE, "types into a page", "nothing", "types", "software types a little"]), min_size=1, max_size=4
).map(lambda names: day_of(*names))
PLACES = st.integers(0, 1200)
NEAR = settings(max_examples=40, deadline=None)


def softer(before: Finding, after: Finding) -> None:
    assert before.state is State.RAISED or after.state is not State.RAISED
    if before.explanation == after.explanation:
        assert after.statistic <= before.statistic


@NEAR
@given(SCENE_DAYS, st.lists(PLACES, max_size=6), st.integers(-900_000, 2**50))
def test_cuts_and_the_origin_of_time_do_not_matter(events: list[Event], cuts: list[int], by_us: int) -> None:
    state, last = DETECTOR.start(RULES), 0
    for cut in [*sorted(min(cut, len(events)) for cut in cuts), len(events)]:
        state = DETECTOR.step(state, events[last:cut])
        last = cut
    assert state == folded(events)
    assert found([shifted(one, by_us) for one in events]) == found(events)


@NEAR
@given(SCENE_DAYS, st.sampled_from(SCOPES), st.sampled_from(UNSEEN), PLACES, PLACES, st.sampled_from([1, 20, 600]))
def test_a_gap_more_asks_no_more(  # noqa: PLR0917 - what a gap has
    events: list[Event], scope: str, reason: Reason, first: int, last: int, length_s: int
) -> None:
    softer(found(events), found(darkened(events, scope, reason, first, last)))
    softer(found(events), found(pointed(events, scope, reason, first, length_s)))


@NEAR
@given(SCENE_DAYS, st.sets(PLACES, max_size=40), st.sampled_from([Kind.STATS, Kind.CAPTURE]))
def test_what_is_removed_asks_no_more(events: list[Event], places: set[int], kind: Kind) -> None:
    softer(found(events), found(thinned(events, lambda one: one.kind is kind and one.seq in places)))
