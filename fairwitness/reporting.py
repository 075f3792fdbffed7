# SPDX-License-Identifier: Apache-2.0
"""A trainer's reports of rates behind the tray: whether one waits, what it holds, and sending or declining it.

Rules:

1. Nothing is sent and nothing is declined but by `send` and `decline`, which a person asked for.
2. Whether one waits is found without opening a session, once a period. What a window counted since then
   is believed instead.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Final

from fairwitness import rates
from fairwitness.wiring import Enrolment
from session import FairWitnessError
from session.ports import Clock
from session.rates.counts import REPORT_US, begins_us, period_of
from session.rates.shown import WAITS, Own

_LOG: Final = logging.getLogger("fairwitness.reporting")


class Reports:
    """For any thread; `until_us` is asked by one thread alone.

    Args:
        enrolment: of this device; raises `InputFault` where there is none.
        clock: for which period is asked about.
        changed: called when a report was sent or declined, or is known not to wait.
    """

    def __init__(self, enrolment: Callable[[], Enrolment], clock: Clock, changed: Callable[[], object]) -> None:
        self._enrolment, self._clock, self._changed = enrolment, clock, changed
        self._counted: tuple[str, int, int] = ("", 0, 0)
        """Organisation, period, and how many sessions of it may count."""

    def until_us(self, enrolment: Enrolment | None) -> int:
        """Until when the trainer may say what becomes of a report that waits, µs UTC; 0 where none does. Never fails."""
        now_us = self._clock.read().t_us
        period = rates.shown_period(now_us)
        if enrolment is None or period == period_of(now_us):
            return 0  # a period that has not ended asks for nothing, and no folder is looked at
        places, organisation = enrolment.places, enrolment.organisation.org_fp
        try:
            counted = self._counted
            if counted[:2] != (organisation, period):
                counted = self._counted = (organisation, period, rates.sessions_of(places, organisation, period))
            state = rates.standing(places, organisation, period, counted[2], now_us)
        except (FairWitnessError, OSError) as fault:  # no reminder; the command says what is in the way
            _LOG.warning("report=unknown: %s", type(fault).__name__)
            return 0
        return begins_us(period + 1) + REPORT_US if state in WAITS else 0

    def own(self) -> Own:
        """What a report would hold now. Raises `InputFault`, `EnvironmentFault`."""
        return self._shown(self._enrolment())

    def send(self, shown: Own) -> Own:
        """Sends what was shown, and says how it stands then. Raises as `rates.send` does."""
        enrolment = self._enrolment()
        client = enrolment.client(self._clock)
        try:
            rates.send(enrolment, shown, client)
        finally:
            client.close()
            self._changed()
        return self._shown(enrolment, shown.period)

    def decline(self, shown: Own) -> Own:
        """Notes that nothing is sent, and says how it stands then. Raises as `rates.decline` does."""
        enrolment = self._enrolment()
        rates.decline(enrolment, shown)
        self._changed()
        return self._shown(enrolment, shown.period)

    def _shown(self, enrolment: Enrolment, period: int | None = None) -> Own:
        wanted = rates.shown_period(self._clock.read().t_us) if period is None else period
        shown = rates.own(enrolment, wanted, self._clock)
        self._counted = (enrolment.organisation.org_fp, shown.period, shown.sessions)
        self._changed()
        return shown
