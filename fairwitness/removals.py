# SPDX-License-Identifier: Apache-2.0
"""Taking something out of a sealed session: signed by its trainer, gone here, then gone at the platform.

Order, and what a crash leaves at each point:

1. The signed removal is durable in `news/unsent/`: from here on it is finished by whoever comes next (`finish_removals`).
2. It lies in the session's `statements/`; only then sealed parts give way to their commitments, and pictures go.
3. A session that waits to be sent is sent without them, its removals beside the seal. One that was sent: the removal is
   posted until the platform says that it stands in its log. Only then `news/unsent/` forgets it.

The same again changes nothing. What somebody was given before stays in their head, and perhaps on their disk.
"""

from __future__ import annotations

import hashlib
import logging
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final

import msgspec

from agent.opening import PERSONAL
from fairwitness.places import Places
from fairwitness.statements import keep, move_in, news_folder, person_key
from fairwitness.wiring import Enrolment
from session import EnvironmentFault, FairWitnessError, InputFault, IntegrityFault
from session.crypto.signing import SigningKey, fingerprint
from session.disk import RealDisk, environment_fault
from session.events import Event, Opening
from session.frames import SEALED
from session.ports import Clock, KeyStore, Outcome
from session.redact import Ranges, is_redactable
from session.removal import batches, records
from session.seal import SEAL_BYTES, SEAL_NAME, opening_statement
from session.segments import blob_of, public_body, read_file, session_frames
from session.trust.dsse import STATEMENT_BYTES, read_envelope, strict_json
from session.trust.statements import REMOVED_MOST, LogHead, Removal, sign
from uploader.client import PlatformClient
from uploader.folders import RECEIPT, carry_out
from uploader.orglog import head_seen
from uploader.statements import post_statement

_LOG: Final = logging.getLogger("fairwitness.removals")
_TAIL: Final = ".removal.dsse"
REASON_MOST: Final = 128
"""Most characters of a removal's reason. Source: docs/session-format.md, 10."""
NOT_SEALED: Final = "This session is not sealed yet. Take it out in its review, before you seal it."
NOT_YOURS: Final = "Only the person who recorded a session takes something out of it, on a computer that has their key."
NOTHING: Final = "seq: nothing is left in these records that may be taken out."


class Going(msgspec.Struct, frozen=True):
    """What a removal would take out of a sealed session.

    Args:
        pictures: each seq, with the digest of its picture, "" for none.
        kinds: how many of each type byte, in the order of the type table.
        twins: how many screenshots were not asked for and equal one that was.
    """

    pictures: dict[int, str]
    kinds: tuple[tuple[int, int], ...]
    twins: int = 0


def going(folder: Path, events: Sequence[Event], ranges: Iterable[tuple[int, int]]) -> Going:
    """What would go with the records in `ranges` (first and last included): what may be removed and is still there.

    Args:
        folder: of a sealed session.
        events: its records as far as the trainer's key opens them; twins are found by what stands inside.
        ranges: of seqs.

    Raises:
        InputFault: it is not sealed, a seq is beyond its records, one alone may not be removed, or nothing is left.
    """
    if not (folder / SEAL_NAME).is_file():
        raise InputFault(NOT_SEALED)
    frames = {frame.seq: frame for _, _, frame in session_frames(folder)}
    asked: set[int] = set()
    for first, last in ranges:
        if not 0 <= first <= last < len(frames):
            raise InputFault(f"seq: {first} to {last} is not within the {len(frames)} records of this session.")
        if first == last and not is_redactable(frames[first].kind):
            raise InputFault(f"seq: record {first} is of a type that stays.")
        asked.update(range(first, last + 1))
    there = {seq for seq, frame in frames.items() if frame.flags == SEALED and is_redactable(frame.kind)}
    found = records(events, asked & there)
    whole = Ranges(found.ranges)
    wanted = sorted(seq for seq in there if seq in whole or seq in asked)
    if not wanted:
        raise InputFault(NOTHING)
    kinds = Counter(frames[seq].kind for seq in wanted)
    return Going({seq: blob_of(frames[seq]) for seq in wanted}, tuple(sorted(kinds.items())), found.twins)


def remove_sealed(  # noqa: PLR0913, PLR0917 - whose, where, what, why and when
    places: Places, store: KeyStore, enrolment: Enrolment | None, folder: Path, what: Going, reason: str, clock: Clock
) -> None:
    """Signs the removal and takes it out here, durably. `send_removals` tells the platform.

    Raises:
        InputFault: the session is not in this computer's spool, or not the person's own, or the reason is too long.
        EnvironmentFault: disk or key store; what was signed is finished by the next call or start.
    """
    if folder.resolve() != (places.spool / folder.name).resolve():
        raise InputFault(f"path: only a session in {places.spool} can be changed. Copies elsewhere are yours to delete.")
    if len(reason) > REASON_MOST:
        raise InputFault(f"reason: at most {REASON_MOST} characters.")
    organisation, session, person = _opening_of(folder)
    key, head = _signer(store, enrolment, organisation, person)
    seal_sha256 = hashlib.sha256(read_file(folder / SEAL_NAME, SEAL_BYTES, "the seal")).hexdigest()
    for ranges, blobs in batches(what.pictures, most=REMOVED_MOST):
        removal = Removal(
            organisation=organisation,
            session=session,
            seal_sha256=seal_sha256,
            ranges=ranges,
            blobs=blobs,
            reason=reason,
            by="person",
            at_us=clock.read().t_us,
            log_size=head.size,
            log_root=head.root,
        )
        raw = sign(removal, key)
        keep(news_folder(places) / "unsent", f"{hashlib.sha256(raw).hexdigest()}{_TAIL}", raw)
    finish_removals(places)


def finish_removals(places: Places) -> None:
    """Carries out here what was signed. May be repeated at any time.

    Raises:
        EnvironmentFault: the disk. IntegrityFault: a session is damaged; all others are done.
    """
    faults: list[FairWitnessError] = []
    for path, raw, removal in _unsent(places):
        folder = places.spool / removal.session
        if not (folder / SEAL_NAME).is_file():
            continue
        try:
            move_in(places, folder, raw)
            carry_out(folder, removal)
            if not (folder / "statements" / "directory.dsse").is_file():  # a personal session: nobody else has it
                _forget(path)
        except FairWitnessError as fault:
            faults.append(fault)
    if faults:
        raise faults[0]


def send_removals(enrolment: Enrolment, client: PlatformClient) -> str:
    """Tells the platform of removals in sessions that it confirmed. Returns what was in the way, "" for nothing."""
    trouble = ""
    try:
        finish_removals(enrolment.places)
    except FairWitnessError as fault:
        trouble = str(fault)
    try:
        for path, raw, removal in _unsent(enrolment.places):
            folder = enrolment.places.spool / removal.session
            if (folder / SEAL_NAME).is_file() and not (folder / RECEIPT).is_file():
                continue  # it goes with the session
            answer = post_statement(client, removal.session, raw)
            if answer.done or (answer.outcome is Outcome.NEVER and not folder.is_dir()):
                _forget(path)
            else:
                trouble = answer.words
    except FairWitnessError as fault:
        trouble = str(fault)
    if trouble:
        _LOG.warning("removal=waits")
    return trouble


def _unsent(places: Places) -> Iterator[tuple[Path, bytes, Removal]]:
    for path in sorted((news_folder(places) / "unsent").glob(f"*{_TAIL}")):
        raw = read_file(path, STATEMENT_BYTES, "what was signed and not sent yet")
        yield path, raw, strict_json(read_envelope(raw)[1], Removal)


def _forget(path: Path) -> None:
    try:
        RealDisk().unlink(path)
        RealDisk().fsync_dir(path.parent)
    except OSError as error:
        raise environment_fault(error, "keeping what was removed") from error


def _opening_of(folder: Path) -> tuple[str, str, str]:
    """Organisation, session and person of the opening. Raises `IntegrityFault` where the record does not begin with one."""
    _, _, frame = next(session_frames(folder))
    body = public_body(frame)
    if not isinstance(body, Opening):
        raise IntegrityFault("the record does not begin with its opening")
    opening = opening_statement(body.envelope)
    return opening.organisation, opening.session, opening.person


def _signer(store: KeyStore, enrolment: Enrolment | None, organisation: str, person: str) -> tuple[SigningKey, LogHead]:
    """The key by which `person` signs, and the head of the organisation's log that this computer saw."""
    known = enrolment if enrolment is not None and enrolment.organisation.org_fp == organisation else None
    if known is not None and known.identity.person == person:
        return person_key(known), head_seen(known.organisation)
    name = f"person/{PERSONAL}/signing"
    seed = store.get(name)
    key = SigningKey.from_seed(seed, name) if seed is not None else None
    if key is None or fingerprint(key.public) != organisation:
        raise EnvironmentFault(NOT_YOURS)
    return key, LogHead()
