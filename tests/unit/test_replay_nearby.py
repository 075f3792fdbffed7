# SPDX-License-Identifier: Apache-2.0
"""What came, went or stayed beside the window in front, as the replay has it: places, words, and what nobody looked for."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from replay_desks import Desk, bare
from replay_sessions import MONO_US, ORIGIN_US, SESSION_ID, Tape

from fairwitness.nearby import nearby
from session.account import AccountRules
from session.events import Event, Focus, Kind, Nearby, Redact
from session.policy import default_policy_toml, parse_policy
from session.removal import stretch
from ui.replay.model import ReplayModel
from ui.replay.moment import Moments, finding_details, told
from ui.replay.nearby import (
    KINDS,
    MOST_LETTERS,
    RUNNER_CAME,
    RUNNER_WENT,
    STAYED_US,
    Looked,
    NearbyMark,
    NearbySeen,
    evidence_us,
    looked_words,
    mark_words,
    marks_of,
    nearby_seen,
    shown_name,
    why_words,
)
from ui.strings import LANGUAGES, Words

RULES = AccountRules(crash_counts_s=300, private_counts=False)
EN, IT = Words("en"), Words("it")
S = 1_000_000
NOTED = default_policy_toml().replace(b"[ai_tools]\n", b'[ai_tools]\nlocal_models = "noted"\n')
END_US = ORIGIN_US + 600 * S


def at(second: float) -> int:
    return ORIGIN_US + round(second * S)


def seen_of(desk: Desk) -> NearbySeen:
    return model_of(desk.tape.events).nearby


def model_of(events: Sequence[Event]) -> ReplayModel:
    return ReplayModel.from_events(SESSION_ID, events, RULES)


def mark(kind: str, what: str, number: int = 1) -> NearbyMark:
    return NearbyMark(1, 0, kind, what, number)


def plugged() -> Desk:
    """Ten minutes: a keyboard goes and two come, a window stays, a pointer and a device for programs come."""
    desk = Desk()
    desk.work(0, 600)
    desk.nearby(65, (61, "device-went", "keyboard", 1), (64, "device-came", "keyboard", 2))
    desk.nearby(325, (200, "overlay", "kept-above", 1))
    desk.nearby(405, (401, "device-came", "pointer", 0), (401, "device-came", "automation", 1))
    return desk


def test_marks_stand_where_the_thing_was_seen_and_not_where_it_was_told() -> None:
    marks = seen_of(plugged()).marks
    assert [((one.t_us - ORIGIN_US) // S, one.kind, one.what, one.number) for one in marks] == [
        (61, "device-went", "keyboard", 1),
        (64, "device-came", "keyboard", 2),
        (200, "overlay", "kept-above", 1),
        (401, "device-came", "pointer", 0),
        (401, "device-came", "automation", 1),
    ]


@pytest.mark.parametrize("kind", ["page-came", "", "device", "runner", "overlay-gone", "device-came "])
def test_a_kind_that_is_not_known_is_not_shown_at_all(kind: str) -> None:
    desk = Desk()
    desk.nearby(10, (8, kind, "keyboard", 1))
    seen = seen_of(desk)
    assert seen.marks == ()
    assert (seen.devices, seen.overlays, seen.runners) == (Looked.ALL, Looked.ALL, None)
    assert looked_words(seen, EN) == (EN("nearby.quiet"),)


things = st.builds(
    Nearby,
    st.integers(0, MONO_US + 700 * S),
    st.sampled_from([*KINDS, "page-came"]),
    st.sampled_from(["keyboard", "pointer", "automation", "other", "kept-above", "Ollama", "of the future", ""]),
    st.integers(0, 2**53 - 1),
)
focuses = st.lists(
    st.tuples(st.integers(0, 600), st.lists(things, max_size=4), st.integers(0, 7), st.booleans()), max_size=8
)


def recorded(told_at: list[tuple[int, list[Nearby], int, bool]]) -> list[Event]:
    tape = Tape()
    for second, listed, watched, readable in sorted(told_at, key=lambda one: one[0]):
        body = Focus(*tape.at(second), nearby=tuple(listed), watched=watched)
        tape.add(Kind.FOCUS, body if readable else None)
    return tape.events


@given(focuses)
def test_marks_are_in_order_of_time_inside_the_session_and_of_known_kinds(
    told_at: list[tuple[int, list[Nearby], int, bool]],
) -> None:
    events = recorded(told_at)
    seen = nearby_seen(events, ORIGIN_US, END_US)
    assert list(seen.marks) == sorted(seen.marks, key=lambda one: (one.t_us, one.seq))
    assert all(ORIGIN_US <= one.t_us < END_US and one.kind in KINDS for one in seen.marks)
    known = [one for event in events if isinstance(event.body, Focus) for one in event.body.nearby if one.kind in KINDS]
    assert len(seen.marks) == len(known)
    for language in (EN, IT):
        assert all("{" not in mark_words(one, language) for one in seen.marks)
        assert seen.marks or looked_words(seen, language)


@given(focuses, st.data())
def test_a_session_cut_anywhere_has_the_marks_of_its_beginning_and_the_rest_has_the_others(
    told_at: list[tuple[int, list[Nearby], int, bool]], draw: st.DataObject
) -> None:
    events = recorded(told_at)
    cut = draw.draw(st.integers(0, len(events)))
    whole, first, rest = (nearby_seen(part, ORIGIN_US, END_US).marks for part in (events, events[:cut], events[cut:]))
    assert sorted([*first, *rest], key=lambda one: (one.t_us, one.seq)) == list(whole)


@given(focuses, st.integers(-(2**40), 2**40))
def test_a_session_at_another_time_has_the_same_marks_then(
    told_at: list[tuple[int, list[Nearby], int, bool]], later_us: int
) -> None:
    events = recorded(told_at)
    moved = [
        msgspec.structs.replace(event, body=msgspec.structs.replace(event.body, t_us=event.body.t_us + later_us))
        if isinstance(event.body, Focus)
        else event
        for event in events
    ]
    here = nearby_seen(events, ORIGIN_US, END_US)
    there = nearby_seen(moved, ORIGIN_US + later_us, END_US + later_us)
    assert [msgspec.structs.replace(one, t_us=one.t_us + later_us) for one in here.marks] == list(there.marks)
    assert (here.devices, here.overlays, here.runners) == (there.devices, there.overlays, there.runners)


@given(focuses, st.integers(-5, 605), st.sampled_from([-1, 1]))
def test_stepping_goes_to_the_nearest_mark_on_that_side(
    told_at: list[tuple[int, list[Nearby], int, bool]], second: int, step: int
) -> None:
    seen = nearby_seen(recorded(told_at), ORIGIN_US, END_US)
    beyond = [one.t_us for one in seen.marks if (one.t_us - at(second)) * step > 0]
    wanted = min(beyond, key=lambda t_us: abs(t_us - at(second)), default=None)
    assert seen.next(at(second), step) == wanted


def test_an_empty_session_has_no_place_for_a_mark() -> None:
    with pytest.raises(ValueError, match="no place"):
        nearby_seen([], 5, 5)


# --- what was looked for


@pytest.mark.parametrize(
    ("watched", "devices", "overlays", "said"),
    [
        ((3, 3), Looked.ALL, Looked.ALL, ("nearby.quiet",)),
        ((7, 7), Looked.ALL, Looked.ALL, ("nearby.quiet", "nearby.runners.quiet")),
        ((7, 3), Looked.ALL, Looked.ALL, ("nearby.quiet", "nearby.runners.quiet", "nearby.runners.part")),
        ((1, 1), Looked.ALL, Looked.NONE, ("nearby.devices.quiet", "nearby.overlays.none")),
        ((2, 2), Looked.NONE, Looked.ALL, ("nearby.overlays.quiet", "nearby.devices.none")),
        ((3, 1), Looked.ALL, Looked.PART, ("nearby.quiet", "nearby.overlays.part")),
        ((0, 1), Looked.PART, Looked.NONE, ("nearby.devices.quiet", "nearby.devices.part", "nearby.overlays.none")),
        ((0, 0), Looked.NONE, Looked.NONE, ("nearby.none",)),
        ((4, 4), Looked.NONE, Looked.NONE, ("nearby.runners.quiet", "nearby.none")),
        ((5, 4), Looked.PART, Looked.NONE, ("devices.quiet", "runners.quiet", "devices.part", "overlays.none")),
        ((), Looked.NONE, Looked.NONE, ("nearby.none",)),
    ],
)
def test_where_nobody_looked_it_says_not_observed_and_never_that_nothing_was_there(
    watched: tuple[int, ...], devices: Looked, overlays: Looked, said: tuple[str, ...]
) -> None:
    desk = Desk()
    for number, bits in enumerate(watched):
        desk.nearby(5 * number + 5, watched=bits)
    seen = seen_of(desk)
    assert (seen.devices, seen.overlays) == (devices, overlays)
    for words in (EN, IT):
        assert looked_words(seen, words) == tuple(words(f"nearby.{key.removeprefix('nearby.')}") for key in said)


def test_beside_marks_only_what_is_lacking_is_said() -> None:
    assert looked_words(seen_of(plugged()), EN) == (EN("nearby.devices.part"), EN("nearby.overlays.part"))
    desk = Desk()
    desk.nearby(10, (8, "device-came", "keyboard", 1))
    assert looked_words(seen_of(desk), EN) == ()
    desk = Desk()
    desk.nearby(10, (8, "device-came", "keyboard", 1), watched=1)
    assert looked_words(seen_of(desk), EN) == (EN("nearby.overlays.none"),)


def test_what_is_told_was_looked_for_whatever_the_bits_say() -> None:
    desk = Desk()
    desk.nearby(10, (8, "overlay", "unmanaged", 1), watched=0)
    seen = seen_of(desk)
    assert (seen.devices, seen.overlays) == (Looked.NONE, Looked.PART)


@pytest.mark.parametrize(
    ("watched", "told", "unasked", "noted"),
    [
        ((), (), None, Looked.NONE),
        ((3, 3), (), None, Looked.NONE),
        ((7, 3), (), Looked.PART, Looked.PART),
        ((7, 7), (), Looked.ALL, Looked.ALL),
        ((3, 3), ((1, RUNNER_CAME, "Ollama", 2),), Looked.PART, Looked.PART),
        ((3, 3), ((1, RUNNER_WENT, "", 0),), Looked.PART, Looked.PART),
        ((3, 3), ((1, "device-came", "keyboard", 1),), None, Looked.NONE),
    ],
)
def test_programs_are_spoken_of_only_where_the_policy_has_them_noted_or_a_record_tells_of_them(
    watched: tuple[int, ...], told: tuple[tuple[float, str, str, int], ...], unasked: Looked | None, noted: Looked
) -> None:
    desk = Desk()
    for number, bits in enumerate(watched):
        desk.nearby(5 * number + 5, *(told if number == 1 else ()), watched=bits)
    policies = (None, parse_policy(default_policy_toml()), parse_policy(NOTED))
    seen = [ReplayModel.from_reader(desk.reader(), policy).nearby for policy in policies]
    assert [one.runners for one in seen] == [unasked, unasked, noted]
    for words in (EN, IT):
        lacking = words(f"nearby.runners.{noted}") if noted is not Looked.ALL else ""
        assert [lacking in looked_words(one, words) for one in seen] == [bool(lacking) and unasked is not None] * 2 + [
            bool(lacking)
        ]
        if unasked is None:
            listing = "\n".join(nearby(desk.tape.events))
            assert not [one for one in (*looked_words(seen[0], words), *why_words(seen[0], words)) if "model" in one.lower()]
            assert "model" not in listing.lower()
            assert nearby(desk.tape.events, notes_runners=True)[-1] == EN("nearby.runners.none")


def test_how_ordinary_marks_are_is_said_of_the_kinds_that_are_there() -> None:
    device, runner = mark("device-went", "keyboard"), mark(RUNNER_CAME, "Ollama")
    for marks, keys in (((), ()), ((device,), ("",)), ((runner,), (".runners",)), ((runner, device), ("", ".runners"))):
        assert why_words(NearbySeen(marks), IT) == tuple(IT(f"nearby.why{key}") for key in keys)


def test_what_cannot_be_read_is_neither_quiet_nor_unobserved() -> None:
    seen = model_of(bare().tape.events).nearby
    assert seen == NearbySeen((), Looked.CLOSED, Looked.CLOSED)
    assert looked_words(seen, EN) == (EN("nearby.closed"),)
    noted = ReplayModel.from_reader(bare().reader(), parse_policy(NOTED)).nearby
    assert noted.looked == {Looked.CLOSED}
    assert looked_words(noted, EN) == (EN("nearby.closed"),)


def test_what_was_taken_out_takes_its_marks_along() -> None:
    events = plugged().tape.events
    gone = stretch(events, (at(190), at(210)))
    left = [
        Event(event.seq, event.kind, None) if any(a <= event.seq <= b for a, b in gone.ranges) else event for event in events
    ]
    tape = Tape(first_seq=len(left) + 1)
    tape.add(Kind.REDACT, Redact(END_US, gone.ranges, "private"))
    before, after = seen_of(plugged()).marks, model_of([*left, *tape.events]).nearby.marks
    assert [one for one in before if one.kind != "overlay"] == list(after)
    assert len(after) == len(before) - 1


# --- words


@pytest.mark.parametrize(
    ("one", "english", "italian"),
    [
        (mark("device-came", "keyboard"), "A keyboard was connected", "È stata collegata una tastiera"),
        (mark("device-came", "keyboard", 0), "A keyboard was connected", "È stata collegata una tastiera"),
        (mark("device-went", "pointer", 1200), "1,200 mice or other pointers were", "scollegati 1.200 mouse"),
        (mark("device-went", "of the future", 2), "2 other devices were disconnected", "scollegati altri 2 dispositivi"),
        (mark("device-came", "automation"), "A device that only programs use", "un dispositivo usato solo da programmi"),
        (mark("overlay", "unmanaged"), "A window of another program stayed", "La finestra di un altro programma"),
        (mark("overlay", "of the future", 3), "3 windows of other programs stayed", "3 finestre di altri programmi"),
        (mark(RUNNER_CAME, "Ollama", 7), "runs AI models was running: Ollama", "esegue modelli di IA: Ollama"),
        (mark(RUNNER_WENT, "{0} {name}"), "models was no longer running: {0} {name}", "esegue modelli di IA: {0} {name}"),
    ],
)
def test_a_mark_is_told_in_plain_words_with_its_number(one: NearbyMark, english: str, italian: str) -> None:
    assert english in mark_words(one, EN)
    assert italian in mark_words(one, IT)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("LM Studio", "LM Studio"),
        (" \tLM\r\n Studio\u2028", "LM Studio"),
        ("a\u202egnp.exe\u2069", "a�gnp.exe�"),
        ("a\x1b[31m\x00\x7f", "a�[31m��"),
        ("<b>&amp;</b> {0}", "<b>&amp;</b> {0}"),
        ("שלום", "שלום"),
        ("n" * MOST_LETTERS, "n" * MOST_LETTERS),
        ("n" * (MOST_LETTERS - 2) + " nn", "n" * (MOST_LETTERS - 2) + "…"),
        ("n" * 128, "n" * (MOST_LETTERS - 1) + "…"),
    ],
)
def test_a_programs_name_is_plain_text_of_one_line_and_stands_last(name: str, shown: str) -> None:
    for kind, words in ((RUNNER_CAME, EN), (RUNNER_WENT, IT)):
        assert mark_words(mark(kind, name), words) == f"{words(f'nearby.{kind}')}: {shown}"


@given(st.text(max_size=128))
def test_any_name_leaves_a_line_that_can_be_read(name: str) -> None:
    shown = shown_name(name)
    assert len(shown) <= MOST_LETTERS
    assert shown.isprintable()
    told = mark_words(mark(RUNNER_CAME, name), EN)
    assert told == f"{EN('nearby.runner-came')}: {shown}" if shown else told == EN("nearby.runner-came")
    assert shown or not name.strip()


def test_every_mark_has_its_words_in_every_language_and_none_names_a_product() -> None:
    for language, table in LANGUAGES.items():
        for kind in KINDS[:2]:
            for what in ("keyboard", "pointer", "automation", "other"):
                assert {f"nearby.{kind}.{what}.{ending}" for ending in ("one", "more")} <= table.keys(), language
        assert {f"legend.{kind}" for kind in KINDS} <= table.keys()
        assert {f"nearby.runners.{looked}" for looked in ("none", "part", "quiet")} <= table.keys()
    desk = Desk()
    desk.nearby(10, (8, "device-came", "Rubber Ducky {0} {number}", 2))
    (one,) = seen_of(desk).marks
    assert mark_words(one, EN) == "2 other devices were connected"


def test_the_document_has_the_words_that_people_read() -> None:
    page = (Path(__file__).parents[2] / "docs" / "replay.md").read_text(encoding="utf-8")
    rows = [[cell.strip(" `") for cell in line.split("|")[1:-1]] for line in page.splitlines() if line.startswith("| `")]
    told = {(kind, what): words for kind, what, _, words in rows}
    whats = ("keyboard", "pointer", "automation", "other")
    wanted = {(kind, what): mark_words(mark(kind, what), EN) for kind in KINDS[:2] for what in whats}
    wanted[("overlay", "any")] = mark_words(mark("overlay", "any"), EN)
    wanted |= {(kind, "such as Ollama"): mark_words(mark(kind, "Ollama"), EN) for kind in (RUNNER_CAME, RUNNER_WENT)}
    assert told == wanted
    assert {kind for kind, _ in told} == set(KINDS)


# --- moments and findings


def test_a_device_belongs_to_its_tick_and_a_window_to_the_two_minutes_that_it_stayed() -> None:
    desk = plugged()
    moments = Moments(model_of(desk.tape.events), desk.tape.events)
    sentence = "A window of another program stayed over the one in front"
    for second, there in ((199.9, False), (200, True), (200 + STAYED_US / S - 1, True), (200 + STAYED_US / S, False)):
        assert (sentence in told(moments.at(at(second)), EN)) is there, second
    gone = "A keyboard was disconnected"
    assert [gone in told(moments.at(at(second)), EN) for second in (60.9, 61, 65.9, 66)] == [False, True, True, False]


def test_a_findings_evidence_is_where_its_marks_stand() -> None:
    desk = plugged()
    records = [event for event in desk.tape.events if marks_of(event)]
    new, over, other = (
        desk.asked(600, name, tuple(one.seq for one in records)) for name in ("new-hardware", "overlay-window", "ai-tool")
    )
    details, events = finding_details(desk.tape.events), desk.tape.events
    assert details[new].moments == (at(61), at(64), at(325), at(401))  # no device in the second: its own time
    assert details[over].moments == (at(65), at(200), at(405))
    assert details[other].moments == (at(65), at(325), at(405))
    assert [(one.from_us, one.to_us) for one in model_of(events).findings] == [
        (at(61), at(401)),
        (at(65), at(405)),
        (at(65), at(405)),
    ]


def test_a_question_about_a_model_leads_to_when_it_was_first_seen_and_a_program_belongs_to_its_tick() -> None:
    desk = Desk()
    desk.work(0, 600)
    desk.nearby(65, (61, RUNNER_CAME, "Ollama", 3), (63, "device-came", "keyboard", 1), watched=7)
    desk.nearby(405, (401, RUNNER_WENT, "Ollama", 3), watched=7)
    records = [event for event in desk.tape.events if marks_of(event)]
    assert [evidence_us(event, "local-model") for event in records] == [(at(61),), ()]
    asked = desk.asked(600, "local-model", (records[0].seq,))
    assert finding_details(desk.tape.events)[asked].moments == (at(61),)
    (found,) = model_of(desk.tape.events).findings
    assert (found.from_us, found.to_us) == (at(61), at(61))
    moments = Moments(model_of(desk.tape.events), desk.tape.events)
    came = "A program that runs AI models was running: Ollama"
    assert [came in told(moments.at(at(second)), EN) for second in (60.9, 61, 65.9, 66)] == [False, True, True, False]
    gone = "A program that runs AI models was no longer running: Ollama"
    assert [gone in told(moments.at(at(second)), EN) for second in (400.9, 401, 406)] == [False, True, False]


def test_a_question_about_keyboards_does_not_lead_to_devices_for_programs() -> None:
    desk = Desk()
    desk.nearby(20, (11, "device-came", "automation", 1), (14, "device-came", "pointer", 1), (17, "overlay", "x", 1))
    event = desk.tape.events[-1]
    assert evidence_us(event, "new-hardware") == (at(14),)
    assert evidence_us(event, "overlay-window") == (at(17),)
    assert evidence_us(event, "a question of the future") == ()


# --- the command


def test_the_listing_has_the_marks_with_their_time_and_what_was_not_observed() -> None:
    desk = Desk(tape=Tape(origin_us=1_795_422_600_000_000))
    desk.nearby(10, (8, "device-went", "keyboard", 2), watched=1)
    assert nearby(desk.tape.events) == [
        "Nearby:",
        "  2026-11-23 08:30:08 UTC: 2 keyboards were disconnected",
        "Not observed: windows that stay over the one in front.",
    ]
    assert nearby(bare().tape.events) == [EN("nearby.closed")]
    assert nearby([]) == [EN("nearby.none")]
