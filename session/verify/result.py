# SPDX-License-Identifier: Apache-2.0
"""What the verifier says: step by step, with what each proves and what it does not."""

from __future__ import annotations

import msgspec

from session.account import Account
from session.verify.times import Times


class Step(msgspec.Struct, frozen=True):
    """One numbered step. `passed` None: it does not apply here, or an earlier step failed; `detail` says which."""

    number: int
    name: str
    passed: bool | None
    proves: str
    does_not_prove: str
    detail: str


class SeenGap(msgspec.Struct, frozen=True):
    """A GAP record: `scope` was not observed. A span by itself, or one end of one (`edge` "point", "begin", "end")."""

    seq: int
    t_us: int
    edge: str
    reason: str
    scope: str
    from_us: int
    lost: int


class SeenRemoval(msgspec.Struct, frozen=True):
    """What one statement took out after the seal: by "person" (the trainer) or "organisation", and why.

    `at_us` is the author's clock. `kinds`: how many sealed parts of each type byte it names that are not here, and that no
    REDACT names, in the order of the type table; what two statements name counts for both.
    """

    by: str
    at_us: int
    reason: str
    kinds: tuple[tuple[int, int], ...]


class SeenOpening(msgspec.Struct, frozen=True):
    """An opening of withheld records: by whom, when by their own clock, and how many of each type byte."""

    person: str
    name: str
    at_us: int
    kinds: tuple[tuple[int, int], ...]


class Verification(msgspec.Struct, frozen=True):
    """The outcome. All but `verified`, `failed_step` and `steps` says only what the steps before a failure established.

    Args:
        verified: no step failed.
        failed_step: the one that did, or None.
        trusted: the organisation's fingerprint equals the one the reader trusts. False: the reader must compare
            `organisation`, or its `words`, with what reached them outside the platform.
        self_signed: a personal session: nobody but the person stands behind it.
        opening: "grant", "offline" or "personal", "" where unknown.
        times: what is proved of when, and what is only claimed.
        records, captures: how many there are; `removed`: sealed parts the trainer removed; `newer`: extension records.
        lost: how many countersigned records are missing, as the seal and the record tell; 0 for none.
        continues: id of the session that this one goes on from after such a loss, as START says, or "".
        withheld, opened: n and k of "k of n withheld records opened".
        claimed: what stands in the record that nobody else can recompute, in plain words.
        gaps: every record of something not observed.
        receipt: the platform confirmed that it has the whole.
        account: accounted time, from public records.
        removals: what was taken out after the seal, by whom and when, the oldest first.
        openings: who opened what of the withheld records, oldest first.
    """

    verified: bool
    failed_step: Step | None
    steps: tuple[Step, ...]
    trusted: bool
    organisation: str
    words: tuple[str, ...]
    self_signed: bool
    opening: str
    session_id: str
    person: str
    device: str
    project: str
    policy_name: str
    policy_sha256: str
    root: str
    times: Times
    records: int
    captures: int
    removed: int
    lost: int
    newer: int
    withheld: int
    opened: int
    claimed: tuple[str, ...]
    gaps: tuple[SeenGap, ...]
    receipt: bool
    account: Account | None
    continues: str = ""
    removals: tuple[SeenRemoval, ...] = ()
    openings: tuple[SeenOpening, ...] = ()

    def to_json(self) -> str:
        """The outcome as one line of JSON, with these names."""
        return msgspec.json.encode(self).decode()
