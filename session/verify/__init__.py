# SPDX-License-Identifier: Apache-2.0
"""Verifying a sealed session offline: numbered steps, each saying what it proves and what it does not.

Rules:

1. Nothing but the folder and what the reader trusts is asked: no network, no clock, no platform.
2. Bytes never raise: whatever lies in the folder, the answer is a `Verification`. Sizes and counts are bounded first.
3. The first step that fails ends it and is named. A step that does not apply is neither good nor bad.

What no step can prove is written in docs/threat-model.md, "What a signature cannot prove".
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from session import InputFault, IntegrityFault
from session.account import Account, rules_of, walked
from session.account.clocks import clock_changes
from session.crypto.hpke import ReadingKey
from session.crypto.signing import six_words
from session.events import Kind
from session.frames import ABSENT
from session.redact import Ranges
from session.seal import Seal
from session.table import TYPES
from session.trust.statements import Grant, Receipt
from session.verify.checkpoints import check_cosignatures, check_tree
from session.verify.contents import Contents, Keys, check_contents, check_time, opened_keys, unwrapped_keys
from session.verify.directories import read_directories
from session.verify.folder import FolderSource, Names, Source, read_names
from session.verify.later import Later, case_of, check_statements, seen_openings
from session.verify.opening import Ground, Opened, TrustAnchor, check_ground, check_opening
from session.verify.records import Records, check_blobs, check_records, read_frames
from session.verify.result import SeenGap, SeenOpening, SeenRemoval, Step, Verification
from session.verify.sealed import Presence, check_presence, check_receipt, check_seal
from session.verify.steps import Ledger
from session.verify.times import Mark, Times, proved_times

__all__ = ["Step", "Times", "TrustAnchor", "Verification", "verify_session", "verify_source"]


def verify_session(
    folder: Path,
    *,
    trust: TrustAnchor | None = None,
    reading_key: ReadingKey | None = None,
    epoch_key: ReadingKey | None = None,
) -> Verification:
    """Whether the sealed session in `folder` is whole and unchanged, step by step.

    Args:
        folder: of the session.
        trust: what the reader trusts; without it the result says which fingerprint they must compare.
        reading_key: the trainer's, to check what is inside.
        epoch_key: a reviewer's review key of the epoch, to check what is inside; the reading key goes first.

    Raises:
        InputFault: `folder` is no folder.
        EnvironmentFault: a file cannot be read. Never for what is in it.
    """
    if not folder.is_dir():
        raise InputFault("There is no session in this place: give the folder of one.")
    return verify_source(FolderSource(folder), trust=trust, key=reading_key or epoch_key)


def verify_source(source: Source, *, trust: TrustAnchor | None = None, key: ReadingKey | None = None) -> Verification:
    """As `verify_session`, for files that lie elsewhere than in a folder; `key` is the trainer's or a review key."""
    walk = _Walk(source, trust, key)
    failed = ""
    try:
        walk.run()
    except IntegrityFault as fault:
        failed = str(fault)
        walk.ledger.enter(passed=False, detail=failed)
    return walk.result()


class _Walk:
    """One verification: what is established so far."""

    def __init__(self, source: Source, trust: TrustAnchor | None, key: ReadingKey | None) -> None:
        self._source = source
        self._trust = trust
        self._key = key
        self.ledger = Ledger()
        self._names = Names()
        self._records = Records()
        self._ground: Ground | None = None
        self._opened: Opened | None = None
        self._marks: tuple[Mark, ...] = ()
        self._seal: Seal | None = None
        self._later: Later | None = None
        self._openings: tuple[SeenOpening, ...] = ()
        self._presence: Presence | None = None
        self._receipt: Receipt | None = None
        self._contents: Contents | None = None

    def run(self) -> None:
        """Walks the steps; raises `IntegrityFault` at the first that fails."""
        source, records, enter = self._source, self._records, self._enter
        self._names = names = read_names(source)
        enter(f"segments: {len(names.segments)}, blobs: {len(names.blobs)}")
        enter(read_frames(source, names, records))
        enter(check_records(records))
        enter(check_blobs(source, names, records))
        ground, detail = check_ground(source, names, records, self._trust)
        self._ground = ground
        enter(detail)
        opened, detail = check_opening(records, ground, self._trust)
        self._opened = opened
        enter(detail)
        texts, detail = check_tree(records, opened)
        enter(detail)
        directories = read_directories(source, names, ground)
        self._marks, detail = check_cosignatures(
            source, names, records, ground=ground, opened=opened, texts=texts, later=tuple(directories.good.values())
        )
        self._enter(detail, applies=bool(self._marks))
        case = case_of(source, names, records, ground, opened, directories, self._marks)
        seal, detail = check_seal(case)
        self._seal = seal
        enter(detail)
        later, detail = check_statements(case)
        self._later = later
        self._openings = seen_openings(case, later)
        self._enter(detail, applies=bool(names.statements))
        self._presence, detail = check_presence(records, seal, ground.policy, later)
        enter(detail)
        self._receipt, detail = check_receipt(case, seal, self._marks, later)
        self._enter(detail, applies=self._receipt is not None)
        self._run_contents(seal, ground, opened, later)

    def _run_contents(self, seal: Seal, ground: Ground, opened: Opened, later: Later) -> None:
        if self._key is None:
            self._enter("no key was given", applies=False)
            self._enter("the SUMMARY is not readable without a key", applies=False)
            return
        keys = unwrapped_keys(self._records, opened.statement.organisation, seal, self._key)
        single = opened_keys(later.openings, self._key)
        if not keys and not single:
            self._enter("the key that was given is not that of a reader of this session", applies=False)
            self._enter("the SUMMARY is not readable with this key", applies=False)
            return
        contents, detail = check_contents(self._source, self._names, self._records, ground.policy, Keys(keys, single))
        self._contents = contents
        self._enter(detail)
        summed = check_time(self._records, ground.policy, contents)
        self._enter(summed or "there is no SUMMARY", applies=summed is not None)

    def _enter(self, detail: str, *, applies: bool = True) -> None:
        self.ledger.enter(passed=True if applies else None, detail=detail)

    def result(self) -> Verification:
        """What is established, whether or not a step failed."""
        steps = self.ledger.finish()
        failed = next((step for step in steps if step.passed is False), None)
        organisation = self._opened.statement.organisation if self._opened else ""
        statement = self._opened.statement if self._opened else None
        presence = self._presence or Presence(removed=0, withheld=0, named=0)
        opened = max(presence.named, self._contents.withheld_opened if self._contents else 0)
        accounted, landmarks = self._account()
        return Verification(
            verified=failed is None,
            failed_step=failed,
            steps=steps,
            trusted=self._trust is not None and organisation == self._trust.root_fingerprint,
            organisation=organisation,
            words=six_words(organisation) if organisation else (),
            self_signed=self._ground is not None and self._ground.directory is None,
            opening="" if statement is None else "grant" if isinstance(statement, Grant) else statement.mode,
            session_id=statement.session if statement else "",
            person=statement.person if statement else "",
            device=statement.device if statement else "",
            project=self._seal.project if self._seal else "",
            policy_name=self._ground.policy.name if self._ground else "",
            policy_sha256=statement.policy_sha256 if statement else "",
            root=self._seal.root if self._seal else "",
            times=self._times(accounted, landmarks),
            records=self._records.size,
            captures=len(self._records.captures()),
            removed=presence.removed,
            lost=self._lost(),
            continues=self._records.start.continues if self._opened else "",
            newer=sum(kind not in TYPES for kind in self._records.kinds),
            withheld=presence.withheld,
            opened=opened,
            claimed=self._claimed(presence.withheld - opened),
            gaps=self._gaps(),
            receipt=self._receipt is not None,
            account=accounted,
            removals=self._removals(),
            openings=self._openings,
        )

    def _removals(self) -> tuple[SeenRemoval, ...]:
        records, redacted = self._records, Ranges(self._seal.redacted if self._seal else ())
        found = []
        for one in self._later.removals if self._later else ():
            named = Ranges(one.ranges)
            gone = Counter(
                kind
                for seq, kind in enumerate(records.kinds)
                if records.flags[seq] == ABSENT and seq in named and seq not in redacted
            )
            found.append(SeenRemoval(by=one.by, at_us=one.at_us, reason=one.reason, kinds=tuple(sorted(gone.items()))))
        return tuple(sorted(found, key=lambda one: (one.at_us, one.by, one.reason)))

    def _lost(self) -> int:
        loss = self._seal.loss if self._seal else None
        return loss.cosigned_size - loss.recovered_size if loss else 0

    def _account(self) -> tuple[Account | None, Iterable[tuple[int, int]]]:
        if self._ground is None:
            return None, ()
        return walked(self._records.events(), rules_of(self._ground.policy))

    def _times(self, accounted: Account | None, landmarks: Iterable[tuple[int, int]]) -> Times:
        if self._opened is None:
            return Times()
        events = self._records.events()
        return proved_times(
            not_before_us=self._opened.not_before_us,
            marks=self._marks,
            received_us=self._receipt.received_us if self._receipt else None,
            claimed_start_us=accounted.started_us if accounted else None,
            claimed_end_us=accounted.ended_us if accounted else None,
            accounted=accounted,
            landmarks=landmarks,
            events=events,
            clock=clock_changes(events),
            witnessed=self._ground is not None and self._ground.directory is not None,
        )

    def _claimed(self, unopened: int) -> tuple[str, ...]:
        lines = ["Times between two cosignatures are those of the machine's own clock."]
        if unopened > 0 and any(kind == Kind.RAW for kind in self._records.kinds):
            lines.append(
                "Statistics and findings about timing rest on records that are withheld: nobody else can recompute them."
            )
        return tuple(lines)

    def _gaps(self) -> tuple[SeenGap, ...]:
        return tuple(
            SeenGap(
                seq=seq,
                t_us=gap.t_us,
                edge=gap.edge.name.lower(),
                reason=gap.reason.value,
                scope=gap.scope,
                from_us=gap.from_us,
                lost=gap.lost,
            )
            for seq, gap in self._records.gaps()
        )
