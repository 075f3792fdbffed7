# SPDX-License-Identifier: Apache-2.0
"""What is beside the window in front, on its way into FOCUS: in order, within the size, counted beyond the backlog."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable

import msgspec
from format_payloads import payloads
from hypothesis import given
from recorder_parts import MONO0_US, T0_US, front, policy, titles_in_full
from verifier_both import stand_alone

from agent.minimise import BACKLOG_BESIDE, Minimiser, TickBodies
from agent.sensor import Beside, Looks
from session.events import WATCHED_DEVICES, Disclosure, Focus, Kind, Nearby
from session.frames import decode_payload, encode_payload
from session.ports import ClockReading
from session.table import TYPES

START = ClockReading(T0_US, MONO0_US, MONO0_US)
FULL = policy(titles_in_full)
PLAIN = policy()


def at(ms: int) -> int:
    return MONO0_US + ms * 1000


def reading(ms: int) -> ClockReading:
    return ClockReading(T0_US + ms * 1000, at(ms), at(ms))


def beside(mono_us: int) -> Beside:
    return Beside(mono_us=mono_us, scope="keyboard", kind="device-came", what="keyboard", number=1)


def times(ms: int) -> tuple[int, int]:
    return reading(ms).t_us, reading(ms).mono_us


def drain(minimiser: Minimiser, end: ClockReading) -> list[TickBodies]:
    ticks = [minimiser.tick(end)]
    while minimiser.waiting:
        ticks.append(minimiser.tick(end))
        assert len(ticks) < 200, "draining does not end"
    return ticks


def focuses(ticks: Iterable[TickBodies]) -> list[Focus]:
    return [tick.focus for tick in ticks if tick.focus is not None]


def test_each_tick_says_what_is_looked_for_and_what_came_or_went() -> None:
    minimiser = Minimiser(PLAIN, START)
    assert minimiser.tick(reading(0)).focus == Focus(*times(0))
    for seen in (Looks(at(1), WATCHED_DEVICES), front(at(2)), beside(at(3)), Looks(at(4), 4)):
        minimiser.take(seen)
    focus = minimiser.tick(reading(5000)).focus
    assert focus is not None
    assert (len(focus.changes), focus.watched) == (1, WATCHED_DEVICES + 4)
    assert focus.nearby == (Nearby(at(3), "device-came", "keyboard", 1),)
    minimiser.interrupt(at(6000))
    assert minimiser.tick(reading(10_000)).focus == Focus(*times(10_000), watched=WATCHED_DEVICES + 4)


@given(payloads(Focus))
def test_both_verifiers_know_these_fields(body: Focus) -> None:
    fields = stand_alone().KINDS[int(Kind.FOCUS)].fields
    assert [name for name, _, _ in fields] == list(Focus.__struct_fields__)
    values = json.loads(msgspec.json.encode(body))[1:]
    assert all(check(value) for (_, check, _), value in zip(fields, values, strict=True))


def test_what_is_beside_waits_behind_the_windows_in_order_and_within_the_size() -> None:
    titles = [hashlib.sha256(bytes([number])).hexdigest() for number in range(20)]
    minimiser = Minimiser(FULL, START)
    for number, title in enumerate(titles):
        minimiser.take(beside(at(number)))
        minimiser.take(front(at(number), window=number + 1, title=title))
    bodies = focuses(drain(minimiser, reading(5000)))
    for body in bodies:
        octets = encode_payload(body)
        assert len(octets) < TYPES[Kind.FOCUS].pad
        assert decode_payload(octets, Focus, 65536) == body
    assert [change.title for body in bodies for change in body.changes] == titles
    assert [one.mono_us for body in bodies for one in body.nearby] == [at(number) for number in range(20)]


def test_what_is_beside_beyond_the_backlog_is_counted() -> None:
    minimiser = Minimiser(PLAIN, START)
    for number in range(BACKLOG_BESIDE + 5):
        minimiser.take(beside(at(number)))
    ticks = drain(minimiser, reading(5000))
    assert ticks[0].overflowed
    assert sum(focus.dropped for focus in focuses(ticks)) == 5
    assert sum(len(focus.nearby) for focus in focuses(ticks)) == BACKLOG_BESIDE


def test_where_the_policy_does_not_record_the_front_nothing_beside_it_is_kept() -> None:
    minimiser = Minimiser(policy(focus=Disclosure.OFF), START)
    minimiser.take(Looks(at(1), WATCHED_DEVICES))
    minimiser.take(beside(at(2)))
    assert not minimiser.waiting
    assert minimiser.tick(reading(5000)).focus is None
