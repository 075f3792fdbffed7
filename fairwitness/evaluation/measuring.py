# SPDX-License-Identifier: Apache-2.0
"""What the detectors answer on a corpus session as a whole, and on each two minutes of it alone."""

from __future__ import annotations

import msgspec

import detectors
from detectors import composite
from fairwitness.evaluation.corpus import CorpusSession
from fairwitness.evaluation.recorded import record, recordable
from session.events import Disclosure
from session.findings import Finding, State
from session.policy import Policy, default_policy_toml, parse_policy


class Answer(msgspec.Struct, frozen=True):
    """A finding, reduced to what is counted. `reason` is why it was not evaluated, "" where it was."""

    state: State
    statistic: float
    reason: str


class WindowAnswers(msgspec.Struct, frozen=True):
    """The answers on two minutes, in the order of `detectors.ALL`; `accepted` as in `recorded.Window`."""

    answers: tuple[Answer, ...]
    accepted: bool | None


class Measured(msgspec.Struct, frozen=True):
    """One session. `review`: whether the findings together would open one."""

    person: str
    answers: tuple[Answer, ...]
    review: bool
    windows: tuple[WindowAnswers, ...]


def evaluation_policy() -> Policy:
    """The policy as shipped, with clipboard sizes on: what it leaves out could not be evaluated."""
    shipped = parse_policy(default_policy_toml())
    return msgspec.structs.replace(
        shipped, disclosure=msgspec.structs.replace(shipped.disclosure, clipboard=Disclosure.SENT)
    )


def measure(session: CorpusSession, policy: Policy) -> Measured | None:
    """The answers of every detector; None where the session could not be recorded."""
    if not recordable(session):
        return None
    recorded = record(session, policy)
    found = detectors.run(detectors.ALL, policy, recorded.events)
    return Measured(
        person=session.person,
        answers=_answers(found),
        review=composite.opens_review(found),
        windows=tuple(
            WindowAnswers(_answers(detectors.run(detectors.ALL, policy, window.events)), window.accepted)
            for window in recorded.windows
        ),
    )


def _answers(found: tuple[Finding, ...]) -> tuple[Answer, ...]:
    return tuple(Answer(one.state, one.statistic, one.reason) for one in found)
