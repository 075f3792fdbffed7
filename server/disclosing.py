# SPDX-License-Identifier: Apache-2.0
"""What an opening puts back into a sealed session at the platform: withheld records, as they were sealed.

Nothing here opens anything: a frame is taken for the record that the seal is over by its leaf, which binds header, public
part and commitment. That the key in the opening is its key, whoever unwraps it sees by the same commitment.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from typing import Annotated

import msgspec

from server.core import Core
from server.faults import RefusalError
from server.rewriting import Rewritten, frames_of, rewrite
from server.store import rows
from session import IntegrityFault
from session.crypto.aead import KEY_BYTES
from session.crypto.hpke import check_wrapped
from session.crypto.signing import fingerprint
from session.frames import ABSENT, SEALED, Frame, read_frame
from session.log.note import decode_base64
from session.policy import parse_policy
from session.redact import Ranges
from session.seal import Seal
from session.segments import blob_of
from session.trust.directory import Directory
from session.trust.dsse import STATEMENT_BYTES, canonical_base64
from session.trust.openings import RECORDS_MOST
from session.trust.statements import OpeningStatement
from session.verify.later import withheld_rule


class OpeningRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A signed opening, the SEALED frames of its records in its order, and the encrypted pictures that they name.

    Frames and pictures are base64.
    """

    statement: Annotated[str, msgspec.Meta(min_length=1, max_length=STATEMENT_BYTES)]
    frames: Annotated[tuple[str, ...], msgspec.Meta(min_length=1, max_length=RECORDS_MOST)]
    pictures: Annotated[tuple[str, ...], msgspec.Meta(max_length=RECORDS_MOST)] = ()


def check_opening(seal: Seal, envelope: bytes, directory: Directory, opening: OpeningStatement) -> None:
    """Returns where the opening is about this seal (`envelope`: as signed), records of its session, and its reviewers.

    Raises:
        RefusalError: 422 names the field.
    """
    if opening.seal_sha256 != hashlib.sha256(envelope).hexdigest():
        raise RefusalError(422, "input", "seal_sha256: this session has another seal.")
    if len(set(opening.records)) != len(opening.records) or max(opening.records) >= seal.size:
        raise RefusalError(422, "input", "records: this session has no such records, or one stands twice.")
    project = directory.project(seal.project)
    in_force = project.review_key_at(opening.at_us) if project is not None else None
    expected = [] if in_force is None else [(fingerprint(bytes.fromhex(in_force.public_key)), in_force.epoch)]
    if not expected or [(one.recipient, one.epoch) for one in opening.wraps] != expected:
        raise RefusalError(422, "input", "wraps: not for the review key that is in force. Bring the directory up to date.")
    try:
        check_wrapped(canonical_base64(opening.wraps[0].wrapped), KEY_BYTES * len(opening.records))
    except IntegrityFault as error:
        raise RefusalError(422, "input", f"wraps: {error}") from error


def with_opened(
    core: Core,
    sealed: rows.SealRow,
    opening: OpeningStatement,
    request: OpeningRequest,
    removed: Collection[tuple[int, int]],
) -> Rewritten:
    """The session with what `opening` names, its new files durable (see `server.rewriting`).

    Args:
        core: the platform.
        sealed: the session as it is.
        opening: as the request carries it; its signature and seal were checked (`check_opening`).
        request: the frames and pictures.
        removed: ranges that were taken out, before the seal or after it, which nothing brings back.

    Raises:
        RefusalError: 422 where a record is not withheld, is here already or was removed, where a frame is not the one that
            was sealed, or the pictures are not those of the records; names the field.
        EnvironmentFault: the disk; nothing changed.
    """
    coming = _frames(opening.records, request.frames)
    _check_withheld(core, sealed, opening.records, Ranges(removed))
    pictures = {hashlib.sha256(one).hexdigest(): one for one in map(_decoded_picture, request.pictures)}
    if set(pictures) != {named for named in map(blob_of, coming.values()) if named}:
        raise RefusalError(422, "input", "pictures: these are not the pictures of the records.")
    if any(len(one) > core.config.limits.blob_max_bytes for one in pictures.values()):
        raise RefusalError(422, "input", "pictures: one is larger than a picture may be.")
    return rewrite(core, sealed, lambda frame: coming.get(frame.seq, frame), pictures)


def _frames(records: Sequence[int], texts: Sequence[str]) -> dict[int, Frame]:
    if len(records) != len(texts):
        raise RefusalError(422, "input", "frames: one for each of the records.")
    found: dict[int, Frame] = {}
    for seq, text in zip(records, texts, strict=True):
        try:
            raw = decode_base64(text)
            frame, end = read_frame(memoryview(raw), 0)
        except IntegrityFault as error:
            raise RefusalError(422, "input", f"frames: that of record {seq} is none ({error})") from error
        if end != len(raw) or frame.seq != seq or frame.flags != SEALED:
            raise RefusalError(422, "input", f"frames: that of record {seq} is not its sealed frame.")
        found[seq] = frame
    return found


def _check_withheld(core: Core, sealed: rows.SealRow, records: Sequence[int], removed: Ranges) -> None:
    """All of it before anything is written, so that a refusal leaves nothing."""
    with core.reading() as connection:
        withheld = withheld_rule(parse_policy(rows.policy(connection, sealed.policy) or b""))
    wanted = set(records)
    for frame in frames_of(core, sealed):
        if frame.seq in wanted and not withheld(frame.kind):
            raise RefusalError(422, "input", f"records: the policy does not withhold record {frame.seq}.")
        if frame.seq in wanted and frame.flags != ABSENT:
            raise RefusalError(422, "input", f"records: {frame.seq} was opened before.")
        if frame.seq in wanted and frame.seq in removed:
            raise RefusalError(422, "input", f"records: {frame.seq} was removed.")


def _decoded_picture(text: str) -> bytes:
    try:
        return decode_base64(text)
    except IntegrityFault as error:
        raise RefusalError(422, "input", "pictures: one is not base64.") from error
