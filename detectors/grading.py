# SPDX-License-Identifier: Apache-2.0
"""What was seen of AI tools, parted by what the policy says of them, and the answer that follows.

Rules:

1. The policy comes first: what it allows is never asked about, whatever was seen.
2. What it wants declared is asked about until the session holds a declaration; one is enough, wherever it stands.
3. An application counts as certain where its entry is confirmed, all else as likely: a title alone is never class A.
"""

from __future__ import annotations

from typing import Final

import msgspec

from detectors.answer import MOST_EVIDENCE
from detectors.catalogue.match import Match
from session.events import Declare, Event
from session.findings import State, Weight
from session.policy import AiTools

FAMILY: Final = "ai-tool"


class Amount(msgspec.Struct, frozen=True):
    """How much of one grade was seen, in the detector's unit; `certain` is the part that an application told."""

    whole: int = 0
    certain: int = 0
    evidence: tuple[int, ...] = ()


class Answer(msgspec.Struct, frozen=True):
    """What the amounts come to.

    Args:
        key: last part of the explanation: raised, declare, declared, allowed or clear.
        statistic: what is asked about, in the detector's unit; reaches the threshold exactly when `state` is raised.
    """

    state: State
    key: str
    weight: Weight
    statistic: int
    evidence: tuple[int, ...] = ()


class Grades(msgspec.Struct, frozen=True):
    """What was seen, by the policy's grade. Under one policy it only ever grows."""

    rules: AiTools
    forbidden: Amount = Amount()
    declare: Amount = Amount()
    allowed: Amount = Amount()
    declared: bool = False

    def saw(self, match: Match, amount: int, evidence: tuple[int, ...]) -> Grades:
        """With `amount` more of the tool `match`; evidence are the seqs that carry it."""
        grade = self.rules.grade_of(match.kind, match.name)
        before: Amount = getattr(self, grade)
        after = Amount(
            whole=before.whole + amount,
            certain=before.certain + (amount if match.basis == "application" and match.confirmed else 0),
            evidence=tuple(dict.fromkeys((*before.evidence, *evidence)))[:MOST_EVIDENCE],
        )
        return msgspec.structs.replace(self, **{grade: after})

    def heard(self, event: Event) -> Grades:
        """With a declaration, where `event` is one. What was declared of assistive tools makes detectors abstain besides."""
        if self.declared or not isinstance(event.body, Declare):
            return self
        return msgspec.structs.replace(self, declared=True)

    def answer(self, least: int) -> Answer:
        """What to say where `least` is the threshold."""
        undeclared = Amount() if self.declared else self.declare
        for key, amount in (("raised", self.forbidden), ("declare", undeclared)):
            if amount.whole >= least:
                weight = Weight.A if amount.certain >= least else Weight.B
                return Answer(State.RAISED, key, weight, amount.whole, amount.evidence)
        below = max(self.forbidden.whole, undeclared.whole)
        for key, amount in (("declared", self.declare), ("allowed", self.allowed)):
            if amount.whole >= least:
                return Answer(State.CLEAR, key, Weight.B, below)
        return Answer(State.CLEAR, "clear", Weight.B, below)
