# SPDX-License-Identifier: Apache-2.0
"""What a policy's retention says of one sealed session: which types are to go, and since when. Pure.

Screenshots are kept for `captures_days`; counts, applications, copies and timing for `statistics_days`; questions, answers,
notes, declarations, sums and what was decided for `decisions_days`. When work began and ended, and its gaps, stay: they are
the public records that the hours follow from, and no removal names them.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import msgspec

from session.events import Kind
from session.policy import Policy
from session.redact import Ranges

DAY_US: Final = 86_400_000_000
CAPTURES: Final = frozenset({int(Kind.CAPTURE)})
STATISTICS: Final = frozenset(int(kind) for kind in (Kind.STATS, Kind.FOCUS, Kind.CLIPBOARD, Kind.RAW))
DECISIONS: Final = frozenset(
    int(kind) for kind in (Kind.ACK, Kind.DECLARE, Kind.NOTE, Kind.ANSWER, Kind.FINDING, Kind.CLOCK, Kind.SUMMARY)
)
KEPT_FOR_A_TIME: Final = CAPTURES | STATISTICS | DECISIONS
"""Every type that retention removes at some time."""


class Outlined(msgspec.Struct, frozen=True, array_like=True):
    """One record without its content, as a platform tells it to the root key's owner.

    Args:
        kind: its type byte.
        here: 1 where its sealed part is there, 0 where it is not, or has none.
        digest: hexadecimal; of a type in `KEPT_FOR_A_TIME` the commitment, of any other the leaf.
        public: base64 of the public part, of a type in `KEPT_FOR_A_TIME`; else "".
    """

    kind: int
    here: int
    digest: str
    public: str


class Outline(msgspec.Struct, frozen=True):
    """One sealed session without content: what was signed about it, and each record in order.

    `directory` is one that names the receipt's key, whatever key the platform has now.
    """

    seal: str
    receipt: str
    policy: str
    records: tuple[Outlined, ...]
    directory: str = ""


def due(policy: Policy, received_us: int, now_us: int) -> frozenset[int]:
    """The type bytes whose time has passed, for a session that the platform received at `received_us`; UTC, µs."""
    retention, passed_us = policy.retention, now_us - received_us
    captures = CAPTURES if passed_us >= retention.captures_days * DAY_US else frozenset()
    statistics = STATISTICS if passed_us >= retention.statistics_days * DAY_US else frozenset()
    return captures | statistics | (DECISIONS if passed_us >= retention.decisions_days * DAY_US else frozenset())


def questions_ended(kinds: Iterable[tuple[int, int]], organisation: Iterable[tuple[int, int]]) -> bool:
    """Whether the organisation removed every FINDING of a session, and so what people said about them.

    From then on a platform gives out no decision on them and no reply, only their place in the organisation log.

    Args:
        kinds: seq and type byte of each record.
        organisation: the ranges, both ends included, of its removals by the root key.
    """
    removed = Ranges(organisation)
    findings = [seq for seq, kind in kinds if kind == Kind.FINDING]
    return bool(findings) and all(seq in removed for seq in findings)
