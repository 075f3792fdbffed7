# SPDX-License-Identifier: Apache-2.0
"""A team whose findings on trial may be counted, and what its trainer records and types."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

import pytest
from review_people import POLICY, Team, finding
from server_sessions import LiveSession

from fairwitness import cli_rates
from session.events import Ack, Kind
from session.policy import policy_digest
from session.rates.counts import begins_us, period_of

COUNTED = POLICY.replace(b"shadow = false", b'rates = "sums"\nshadow = true ')
"""The policy of a team whose findings are on trial and may be counted."""


def recorded(team: Team, name: str, *states: str, language: str = "en") -> Path:
    """A sealed session of ada's with the question on injected input in these states."""
    folder = team.home("ada") / "spool" / name
    folder.parent.mkdir(parents=True, exist_ok=True)
    live = LiveSession(team.platform, team.people["ada"], folder, name)
    live.add(Kind.ACK, Ack(live.reading.t_us, policy_digest(team.platform.organisation.policy), "0" * 64, language))
    live.tick()
    for state in states:
        live.add(Kind.FINDING, finding(live.reading.t_us, state, shadow=live.policy.findings.shadow))
    live.seal_whole()
    return folder


def three(team: Team) -> int:
    """Three sessions, and the period that they are of; the time is after its end."""
    for name, state in (("one", "raised"), ("two", "clear"), ("three", "not evaluated")):
        recorded(team, name, state, language="it" if name == "one" else "en")
    period = period_of(team.platform.clock.read().t_us)
    team.platform.clock.reach(begins_us(period + 1))
    return period


def command(team: Team, capsys: pytest.CaptureFixture[str], *words: str) -> str:
    """What `fairwitness rates` prints with these arguments, at the platform's time."""
    named = {name: f"--{name}" in words for name in ("send", "decline", "yes", "json")}
    chosen = Namespace(home=team.home("ada"), table=False, no_language="--no-language" in words, **named)
    assert cli_rates.rates_at(chosen, team.platform.clock) == 0
    return capsys.readouterr().out
