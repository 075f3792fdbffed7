# SPDX-License-Identifier: Apache-2.0
"""Steps 7 and 8: the tree under the session key, and the platform's times over it."""

from __future__ import annotations

from collections.abc import Sequence

from session import IntegrityFault
from session.events import Moment
from session.log.checkpoint import origin_of, parse_checkpoint
from session.log.cosign import verify_cosignature
from session.log.note import parse_note, verify_note
from session.trust.directory import Directory
from session.trust.dsse import STATEMENT_BYTES
from session.trust.judged import claimed_receipt
from session.trust.statements import Grant, Receipt
from session.verify.folder import RECEIPT, Names, Source
from session.verify.opening import Ground, Opened
from session.verify.records import Records
from session.verify.times import SECOND_US, Mark


def check_tree(records: Records, opened: Opened) -> tuple[dict[int, str], str]:
    """Step 7. Each checkpoint is the session key's, over the root of all records before it; the last covers all others.

    Returns the signed text of each checkpoint by the size that it covers.
    """
    origin = origin_of(opened.statement.organisation, opened.statement.session)
    checkpoints = records.checkpoints()
    texts: dict[int, str] = {}
    for seq, body in checkpoints.items():
        note = parse_note(body.note.encode())
        verify_note(note, origin, opened.session_public)
        if len(note.signatures) != 1:
            raise IntegrityFault(f"the checkpoint in record {seq} carries signatures besides the session key's")
        said = parse_checkpoint(note.text)
        if said.origin != origin:
            raise IntegrityFault(f"the checkpoint in record {seq} is of another session")
        if said.size != seq or said.root != records.checkpoint_roots[seq]:
            raise IntegrityFault(
                f"the checkpoint in record {seq} is not over the records before it: one of them was changed"
            )
        texts[seq] = note.text
    last = checkpoints.get(records.size - 1)
    if last is None or last.moment is not Moment.SEAL:
        raise IntegrityFault("the last record is not the checkpoint of moment 'seal'")
    return texts, f"{len(checkpoints)} checkpoints"


def check_cosignatures(  # noqa: PLR0913 - what the steps before established
    source: Source,
    names: Names,
    records: Records,
    *,
    ground: Ground,
    opened: Opened,
    texts: dict[int, str],
    later: Sequence[Directory],
) -> tuple[tuple[Mark, ...], str]:
    """Step 8. Each cosignature is the platform's over a checkpoint of this session, and its times never go back.

    No key of the chain was revoked by the time of any cosignature: what was cosigned before stands, and who took a key adds
    nothing to it. Without a cosignature the receipt's time judges, for which step 12 answers. Without either nobody knows
    when this was made, and none was revoked at all. A grant proves no time by which anything existed. `later` are the
    directories beside START's.
    """
    cosigns = records.cosigns()
    marks: list[Mark] = []
    latest_us = (opened.not_before_us or 0) // SECOND_US * SECOND_US
    for seq, body in cosigns.items():
        if ground.directory is None:
            raise IntegrityFault(f"record {seq} is a cosignature, and a personal session has no platform")
        if body.size not in texts:
            raise IntegrityFault(f"the cosignature in record {seq} is over a checkpoint that is not here")
        platform = ground.directory.platform
        witness = bytes.fromhex(platform.witness_key)
        time_us = verify_cosignature(texts[body.size], body.line, platform.witness_name, witness) * SECOND_US
        if time_us < latest_us:
            raise IntegrityFault(f"the cosignature in record {seq} is earlier than the one before it, or than the grant")
        latest_us = time_us
        marks.append(Mark(size=body.size, time_us=time_us, seq=seq))
    receipt = receipt_of(source, names) if not marks else None
    judged_us = marks[0].time_us if marks else receipt.received_us if receipt is not None else None
    last_us = marks[-1].time_us if marks else judged_us
    check_revocations(ground, opened, judged_us, last_us, witnessed=bool(marks), later=later)
    return tuple(marks), f"{len(marks)} cosignatures" if marks else "no time is proved by the platform"


def receipt_of(source: Source, names: Names) -> Receipt | None:
    """The receipt as it stands, whoever signed it, which step 12 judges; None without one, or where it is none."""
    return claimed_receipt(source.read(RECEIPT, STATEMENT_BYTES)) if RECEIPT in names.fixed else None


def check_revocations(  # noqa: PLR0913 - two times, and whose keys
    ground: Ground,
    opened: Opened,
    first_us: int | None,
    last_us: int | None,
    *,
    witnessed: bool,
    later: Sequence[Directory] = (),
) -> None:
    """No key that this rests on was revoked when used, in any of these directories; where a time is None, none at all.

    The chain's keys, and the witness key where it cosigned (`witnessed`), are used up to `last_us`, that of the last
    cosignature; the root key, and the grant key where it granted, by `first_us`, that of the first. A platform's key that
    had no part in a session takes nothing from it.

    Raises:
        IntegrityFault: one was; names whose.
    """
    used = {
        "person": (opened.person_public.hex(), last_us),
        "device": (opened.chain.device.device_key, last_us),
        "session": (opened.statement.session_key, last_us),
    }
    if ground.directory is not None:
        used["root"] = (ground.directory.root_key, first_us)
        if isinstance(opened.statement, Grant):
            used["grant"] = (ground.directory.platform.grant_key, first_us)
        if witnessed:
            used["witness"] = (ground.directory.platform.witness_key, last_us)
    for directory in (ground.directory, ground.newest, *later):
        for whose, (public_key, used_us) in used.items():
            revoked_us = directory.revoked_us(public_key) if directory is not None else None
            if revoked_us is not None and (used_us is None or revoked_us <= used_us):
                raise IntegrityFault(f"the {whose} key was revoked before a time at which this rests on it")
