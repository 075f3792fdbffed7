# SPDX-License-Identifier: Apache-2.0
"""The one thread that speaks to the platform while the agent runs: checkpoints first, then sealed sessions, then supplies.

Rules:

1. Checkpoints are never kept waiting by a session that is being sent: they go between any two of its files.
2. Nothing here writes a file of a running session. The outbox, the organisation's folder and the shelf of grants write
   their own.
3. Being offline is a state, not an error: everything waits in its place and is tried again with backoff.
4. Of the supplies, grants come right behind the directory, and the look at the log last: whoever is on line for a moment can
   start without a network afterwards. What stands in the way of one of the three keeps the others from nothing.
"""

from __future__ import annotations

import logging
import secrets
import threading
from collections.abc import Callable
from typing import Final

import msgspec

from session import EnvironmentFault, InputFault, PlatformFault
from session.log.merkle import Tree
from session.ports import Clock, Outcome
from uploader.client import Answer, PlatformClient
from uploader.organisation import GrantShelf, Organisation, refresh, top_up
from uploader.orglog import LogWatch
from uploader.outbox import Backoff, DurableOutbox
from uploader.transfer import send
from uploader.witness import WatchedSession, Witness, WitnessListener, WitnessTerms

_log = logging.getLogger("fairwitness.uplink")

REFRESH_US: Final = 3_600_000_000
"""How often the directory, policies and grants are asked for when nothing else calls for it."""
REST_US: Final = 30_000_000
"""Pause after a fault of this machine, such as a full disk."""
REVOKED: Final = (
    "Your organisation has revoked a key of this session. What is recorded from now on is not countersigned. "
    "Stop and seal: what was countersigned before stands. Then ask your admin for a new enrolment link."
)
IDLE_US: Final = 60_000_000
"""Longest sleep: a clock that was set back is noticed by then."""


class UplinkState(msgspec.Struct, frozen=True):
    """A snapshot for people: what was last in the way, in plain words, or ""; `offline` where no orderly answer came."""

    message: str = ""
    offline: bool = False


class Uplink:
    """See the module's rules. Built stopped; `start` and `stop` once each.

    Args:
        client: for this thread alone.
        organisation: kept up to date from here.
        outbox: sent from here.
        shelf: of grants, topped up from here.
        clock: waits are measured on its monotonic reading.
        randbelow: random source of the backoff.
    """

    def __init__(  # noqa: PLR0913 - the graph's parts, by name
        self,
        client: PlatformClient,
        organisation: Organisation,
        outbox: DurableOutbox,
        *,
        shelf: GrantShelf,
        clock: Clock,
        randbelow: Callable[[int], int] = secrets.randbelow,
    ) -> None:
        self._client, self._organisation, self._outbox, self._shelf = client, organisation, outbox, shelf
        self._clock, self._randbelow = clock, randbelow
        self._log = LogWatch(client, organisation)
        self._witness = Witness(client, organisation, clock=clock, randbelow=randbelow)
        self._refresh_at_us, self._refresh_attempts = 0, 0
        self._asked = threading.Event()  # apart from the time: a question while an answer is under way must not be lost
        self._state = UplinkState()
        self._woken, self._stopping = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._run, name="uplink", daemon=True)
        outbox.listen(self._woken.set)

    def start(self) -> None:
        """Begins; returns at once."""
        self._thread.start()

    def stop(self, timeout_s: float = 5) -> bool:
        """Ends after the request that runs. False where that took longer; the thread then ends with the program."""
        self._stopping.set()
        self._woken.set()
        if self._thread.is_alive():
            self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def watch(
        self, session_id: str, session_public: bytes, tree: Tree, listener: WitnessListener, *, terms: WitnessTerms
    ) -> WatchedSession:
        """Where a running session hands in its checkpoints; `listener` hears from this thread what became of them."""
        watched = WatchedSession(session_id, session_public, tree, listener, terms=terms, wake=self._woken.set)
        self._witness.watch(watched)
        return watched

    def end(self, session_id: str) -> None:
        """The session is over: its checkpoints need no cosignature any more."""
        self._witness.end(session_id)

    def ask_supplies(self) -> None:
        """Asks for grants and a newer directory soon: one was used, or a session began without."""
        self._asked.set()
        self._woken.set()

    def state(self) -> UplinkState:
        """What the trainer may read."""
        return msgspec.structs.replace(self._state, message=REVOKED) if self._witness.revoked() else self._state

    def turn(self) -> int:
        """Does what is due now, once, and returns for how long (µs) nothing else is."""
        try:
            self._witness.send_due()
            item = self._outbox.claim()
            if item is not None:
                send(item, self._client, self._outbox, between=self._between, log=self._log)
            elif self._asked.is_set() or self._clock.read().mono_us >= self._refresh_at_us:
                self._asked.clear()
                self._supply()
            return self._rest_us()
        except EnvironmentFault as fault:
            _log.warning("uplink=fault")
            self._state = UplinkState(str(fault))
            return REST_US

    def _run(self) -> None:
        while not self._stopping.is_set():
            rest_us = self.turn()
            self._woken.wait(rest_us / 1_000_000)
            self._woken.clear()
        self._client.close()

    def _between(self) -> bool:
        self._witness.send_due()
        return not self._stopping.is_set()

    def _supply(self) -> None:
        refreshed = refresh(self._client, self._organisation)
        answers = [refreshed]
        if refreshed.outcome is not Outcome.STOP and (refreshed.malformed or refreshed.outcome is not Outcome.RETRY):
            # a platform that misses a policy, or whose directory or log lies, grants all the same
            supplied = self._top_up()
            answers += [self._look_at_log(), supplied] if refreshed.done else [supplied]
        self._next_refresh(next((one for one in answers if not one.done), refreshed))

    def _top_up(self) -> Answer:
        try:
            return top_up(self._client, self._organisation, self._shelf)
        except EnvironmentFault as fault:  # the key store is locked, or the disk full
            return Answer(Outcome.STOP, words=str(fault))

    def _look_at_log(self) -> Answer:
        try:
            self._log.look()
        except (PlatformFault, InputFault) as fault:
            return Answer(Outcome.NEVER, words=str(fault))
        except EnvironmentFault as fault:
            return Answer(Outcome.RETRY, words=str(fault))
        return Answer(Outcome.DONE)

    def _next_refresh(self, answer: Answer) -> None:
        if answer.done:
            self._refresh_attempts, wait_us = 0, REFRESH_US
        else:
            wait_us = max(Backoff().wait_us(self._refresh_attempts, self._randbelow), answer.retry_after_us)
            self._refresh_attempts += 1
        self._refresh_at_us = self._clock.read().mono_us + wait_us
        offline = answer.outcome is Outcome.RETRY and not answer.malformed
        self._state = UplinkState(answer.words, offline=offline)

    def _rest_us(self) -> int:
        reading = self._clock.read()
        waits = [IDLE_US, 0 if self._asked.is_set() else max(0, self._refresh_at_us - reading.mono_us)]
        checkpoint_us, session_us = self._witness.due_in_us(), self._outbox.next_due_us()
        if checkpoint_us is not None:
            waits.append(checkpoint_us)
        if session_us is not None:
            waits.append(max(0, session_us - reading.t_us))
        return min(waits)
