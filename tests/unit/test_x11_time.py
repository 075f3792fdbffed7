# SPDX-License-Identifier: Apache-2.0
"""The server's milliseconds on our clock, over the wrap-around and on another machine; waiting and telling."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from agent.gate import RETRY_S, Backoff, Gate
from agent.sensor import Observation, Press, SensorChange
from agent.x11.connection import ServerTime
from session.events import Injected, Reason

DAY_US = 86_400_000_000
NOWS = st.integers(60 * 1_000_000, 400 * DAY_US)


@given(NOWS, st.integers(0, ServerTime.OLDEST_MS))
def test_an_event_of_this_machine_has_its_own_time(now_us: int, age_ms: int) -> None:
    at_ms = now_us // 1000 - age_ms
    assert ServerTime().mono_us(at_ms % 2**32, now_us) == at_ms * 1000


def test_the_counter_wraps_after_49_days_and_nothing_jumps() -> None:
    clock = ServerTime()
    wrap_ms = 2**32
    times = [clock.mono_us(ms % 2**32, wrap_ms * 1000 + 5_000_000) for ms in range(wrap_ms - 3, wrap_ms + 3)]
    assert [b - a for a, b in pairwise(times)] == [1000] * 5


@given(NOWS, st.integers(0, 2**32 - 1), st.lists(st.integers(0, 5_000), max_size=20))
def test_on_another_machine_the_first_event_is_now_and_the_server_spaces_the_rest(
    now_us: int, first_ms: int, gaps_ms: list[int]
) -> None:
    clock = ServerTime()
    begun_us = clock.mono_us(first_ms, now_us)
    assert now_us - ServerTime.OLDEST_MS * 1000 - 1000 <= begun_us <= now_us
    elapsed_ms = 0
    for gap_ms in gaps_ms:
        elapsed_ms += gap_ms
        told_us = clock.mono_us((first_ms + elapsed_ms) % 2**32, now_us + elapsed_ms * 1000)
        assert abs(told_us - begun_us - elapsed_ms * 1000) <= 1000


@given(NOWS, st.integers(1, ServerTime.NEWEST_MS))
def test_an_event_that_seems_to_come_from_the_future_moves_no_other(now_us: int, ahead_ms: int) -> None:
    clock = ServerTime()
    assert clock.mono_us((now_us // 1000 + ahead_ms) % 2**32, now_us) == now_us // 1000 * 1000 + now_us % 1000
    assert clock.mono_us((now_us // 1000 - 10) % 2**32, now_us) == (now_us // 1000 - 10) * 1000


@given(NOWS, st.integers(0, 2**32 - 1))
def test_no_event_is_later_than_its_arrival(now_us: int, server_ms: int) -> None:
    assert ServerTime().mono_us(server_ms, now_us) <= now_us


def test_backoff_grows_to_its_bound_and_begins_anew_after_a_long_run() -> None:
    backoff = Backoff()
    assert [backoff.after(0) for _ in range(8)] == [*RETRY_S, RETRY_S[-1], RETRY_S[-1]]
    assert backoff.after(31_000_000) == RETRY_S[0]


def test_a_gate_tells_each_scope_each_change_once_and_nothing_when_closed() -> None:
    seen: list[Observation] = []
    gate = Gate(seen.append, ("keyboard", "pointer"))
    for obstacle in (Reason.ABSENT, Reason.ABSENT, None, None, Reason.DIED):
        gate.tell(obstacle)
    told = [(o.sensor, o.observing, o.reason) for o in seen if isinstance(o, SensorChange)]
    assert told == [
        (scope, reason is None, reason) for reason in (Reason.ABSENT, None, Reason.DIED) for scope in ("keyboard", "pointer")
    ]
    press = Press(mono_us=1, scroll=False, source=7, injected=Injected.NO)
    gate.forward(press)
    assert seen[-1] is press
    count = len(seen)
    gate.close()
    gate.tell(None)
    gate.forward(press)
    assert len(seen) == count
