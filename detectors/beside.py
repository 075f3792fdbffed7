# SPDX-License-Identifier: Apache-2.0
"""What came, went or stayed beside the window in front, folded record by record: the same for every question about it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, TypeVar

import msgspec

from detectors.abstain import FOCUS_OFF, FOCUS_WITHHELD, Sight, abstention, declared_by, watch
from detectors.answer import MOST_EVIDENCE
from session.assistance import Assistance
from session.events import Declare, Disclosure, Event, Focus, Kind
from session.policy import Policy

_KINDS: Final = frozenset((Kind.FOCUS, Kind.GAP, Kind.DECLARE))


class Beside(msgspec.Struct, frozen=True, kw_only=True):
    """What a session came to so far.

    Args:
        off: the reason to abstain that the policy itself gives.
        watched: whether a record says that such things are looked for.
        said: whether the session holds a declaration.
        evidence: seqs of the records that told what counts.
    """

    off: str
    sight: Sight
    watched: bool = False
    said: bool = False
    evidence: tuple[int, ...] = ()

    def reason(self, unwatched: str, unobserved: str) -> str:
        """Why it cannot be known, "" where it can: `unwatched` where no record says that it is looked for."""
        reason = self.off or abstention(self.sight, withheld=FOCUS_WITHHELD, unobserved=unobserved)
        return reason if reason or self.watched else unwatched

    def with_evidence(self, seq: int) -> tuple[int, ...]:
        """The evidence and this record, each once."""
        return tuple(dict.fromkeys((*self.evidence, seq)))[:MOST_EVIDENCE]


State = TypeVar("State", bound=Beside)


def focus_off(policy: Policy) -> str:
    """The reason that this policy gives to every question about what is in front and beside it, or ""."""
    return FOCUS_OFF if policy.disclosure_of(Kind.FOCUS) is Disclosure.OFF else ""


def sight_of(scope: str, said: Assistance) -> Sight:
    """The view of a sensor of which FOCUS tells, before the first record."""
    return Sight(scope, told_by=Kind.FOCUS, declared=declared_by(said))


def fold(state: State, events: Sequence[Event], watched: int, told: Callable[[State, int, Focus], State]) -> State:
    """`state` after `events`, in order of seq. Cutting a session anywhere gives the same state.

    `watched`: the bit of FOCUS that says that such things are looked for. `told`: a state after what one FOCUS, of this seq,
    tells.
    """
    for event in events:
        if event.kind not in _KINDS:
            continue
        state = msgspec.structs.replace(state, sight=watch(state.sight, event))
        body = event.body
        if isinstance(body, Focus):
            state = told(
                msgspec.structs.replace(state, watched=state.watched or bool(body.watched & watched)), event.seq, body
            )
        elif isinstance(body, Declare):
            state = msgspec.structs.replace(state, said=True)
    return state
