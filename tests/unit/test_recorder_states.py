# SPDX-License-Identifier: Apache-2.0
"""The recorder as a state machine: any verbs, observations, faults and clock changes in any order."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule, run_state_machine_as_test
from journal_disks import FullDisk
from recorder_desk import Desk, quiet_end
from recorder_parts import SECOND_US, began, ceased, front, keystroke, picture, stroke

from session.account import account, rules_of
from session.events import Edge, Focus, Gap, Kind, Raw, Reason, Stats
from session.ports import RecorderState

QUEUE = 40


class RecorderMachine(RuleBasedStateMachine):
    """`want` is what the person asked for last; the model counts what must be in the record and how long it worked."""

    def __init__(self) -> None:
        super().__init__()
        self.home = Path(tempfile.mkdtemp(prefix="recorder-states-"))
        self.disk = FullDisk()
        self.is_visible = True
        self.desk = Desk(self.home, disk=self.disk, queue_size=QUEUE, indicator=lambda: self.is_visible)
        self.want = RecorderState.RECORDING
        self.worked_us = 0
        self.queued = 0
        self.keys = 0
        self.lost = 0
        self.pictures = 0
        self.ended = False

    @initialize(is_visible=st.booleans())
    def begin(self, is_visible: bool) -> None:
        self.is_visible = is_visible
        self.desk.start()

    # --- time

    @rule(seconds=st.sampled_from([0.5, 1.0, 4.0, 5.0, 17.0, 65.0]))
    @precondition(lambda self: not self.ended)
    def pass_time(self, seconds: float) -> None:
        if self.desk.is_observed or self.desk.recorder.status().open_gaps.count("session: no-indicator"):
            self.worked_us += round(seconds * SECOND_US)
        self.desk.clock.advance(seconds)
        self._turn()

    @rule(seconds=st.sampled_from([30.0, 7200.0]))
    @precondition(lambda self: not self.ended)
    def suspend(self, seconds: float) -> None:
        self.desk.clock.suspend(seconds)  # whatever comes next is what the writer wakes to

    # --- observations

    @rule(count=st.integers(1, 60))
    @precondition(lambda self: not self.ended and self.desk.is_observed)
    def type_keys(self, count: int) -> None:
        for _ in range(count):
            self.desk.keyboard.play(keystroke(self.desk.clock.mono_us))
            if self.queued < QUEUE:
                self.keys += 1
                self.queued += 1
            else:
                self.lost += 1

    @rule(number=st.integers(1, 9))
    @precondition(lambda self: not self.ended and self.desk.is_observed and self.queued < QUEUE - 2)
    def look_around(self, number: int) -> None:
        self.desk.window.play(front(self.desk.clock.mono_us, window=number, app=f"app {number}"))
        self.desk.window.play(stroke(self.desk.clock.mono_us))
        self.queued += 2

    @rule()
    @precondition(lambda self: not self.ended and self.desk.is_observed and self.queued < QUEUE and self.disk.left > 0)
    def take_picture(self) -> None:
        self.desk.camera.play(picture(self.desk.clock.mono_us))
        self.queued += 1
        self._turn()
        self.pictures += 1

    @rule(sensor=st.sampled_from(["keyboard", "window", "capture"]), dies=st.booleans())
    @precondition(lambda self: not self.ended and self.desk.is_observed and self.queued < QUEUE)
    def change_sensor(self, sensor: str, dies: bool) -> None:
        played = {"keyboard": self.desk.keyboard, "window": self.desk.window, "capture": self.desk.camera}[sensor]
        played.play(ceased(self.desk.clock.mono_us, sensor) if dies else began(self.desk.clock.mono_us, sensor))
        self.queued += 1

    # --- the person, the desktop, the disk

    @rule()
    @precondition(lambda self: not self.ended)
    def pause(self) -> None:
        self.desk.recorder.pause()
        self.want = RecorderState.PAUSED
        self._turn()

    @rule()
    @precondition(lambda self: not self.ended)
    def private(self) -> None:
        self.desk.recorder.private()
        self.want = RecorderState.PRIVATE
        self._turn()

    @rule()
    @precondition(lambda self: not self.ended)
    def resume(self) -> None:
        self.desk.recorder.resume()
        self.want = RecorderState.RECORDING
        self._turn()

    @rule()
    @precondition(lambda self: not self.ended)
    def hide_or_show(self) -> None:
        self.is_visible = not self.is_visible

    @rule()
    @precondition(lambda self: not self.ended)
    def fill_or_empty_the_disk(self) -> None:
        self.disk.left = 0 if self.disk.left else 2**62

    @rule()
    @precondition(lambda self: not self.ended)
    def stop(self) -> None:
        self.desk.recorder.stop()
        self.ended = True
        self._turn()

    @rule(verb=st.sampled_from(["pause", "private", "resume"]))
    @precondition(lambda self: self.ended)
    def ask_after_the_end(self, verb: str) -> None:
        getattr(self.desk.recorder, verb)()
        if self.desk.thread.is_alive():
            self._turn()

    # --- what always holds

    @invariant()
    def observes_only_when_wanted_and_visible(self) -> None:
        if self.desk.thread.ident is None:
            return
        if self.want is not RecorderState.RECORDING or self.ended:
            assert not self.desk.is_observed
        starts = {(sensor.starts, sensor.stops) for sensor in self.desk.sensors}
        assert len(starts) == 1

    @invariant()
    def says_what_it_does(self) -> None:
        if self.desk.thread.ident is None:
            return
        status = self.desk.recorder.status()
        if status.state is RecorderState.RECORDING:
            assert self.desk.is_observed
        elif status.state in (RecorderState.PAUSED, RecorderState.PRIVATE, RecorderState.STOPPED):
            assert not self.desk.is_observed
        assert (status.state is RecorderState.PROBLEM) <= (status.message != "")
        assert [event.seq for event in self.desk.events] == list(range(len(self.desk.events)))

    def _turn(self) -> None:
        self.queued = 0
        self.desk.turn()

    def teardown(self) -> None:
        try:
            if self.desk.thread.ident is not None:
                self._end()
                self._check_record()
        finally:
            quiet_end(self.desk)
            shutil.rmtree(self.home)

    def _end(self) -> None:
        self.disk.left = 2**62
        if not self.ended:
            self.desk.recorder.stop()
            self._turn()
        elif self.desk.thread.is_alive():
            self.desk.clock.advance(5)
            self._turn()
        assert self.desk.recorder.join(5)

    def _check_record(self) -> None:
        events = self.desk.read_back()
        bodies = [event.body for event in events]
        assert sum(body.keys[0] for body in bodies if isinstance(body, Stats)) == self.keys
        assert sum(len(body.keys) for body in bodies if isinstance(body, Raw)) == self.keys
        assert sum(event.kind == Kind.CAPTURE for event in events) == self.pictures
        gaps = [body for body in bodies if isinstance(body, Gap)]
        assert sum(gap.lost for gap in gaps if gap.reason is Reason.QUEUE_FULL) == self.lost
        assert self._unclosed(gaps) == {}
        accounted = account(events, rules_of(self.desk.policy))
        assert accounted.worked_us == self.worked_us
        assert all(body.dropped == 0 for body in bodies if isinstance(body, (Focus, Raw)))

    @staticmethod
    def _unclosed(gaps: list[Gap]) -> dict[str, Reason]:
        """Gaps that begin and never end; along the way, each scope begins and ends in turn."""
        unclosed: dict[str, Reason] = {}
        for gap in gaps:
            if gap.edge is Edge.BEGIN:
                assert gap.scope not in unclosed
                unclosed[gap.scope] = gap.reason
            elif gap.edge is Edge.END:
                assert unclosed.pop(gap.scope) is gap.reason
        return unclosed


def test_any_order_of_verbs_observations_and_faults() -> None:
    run_state_machine_as_test(
        RecorderMachine,
        settings=settings(
            max_examples=40,
            stateful_step_count=30,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
        ),
    )
