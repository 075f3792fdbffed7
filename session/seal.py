# SPDX-License-Identifier: Apache-2.0
"""The SEAL: one envelope by the session key over the whole record, and who may read it from now on.

Rules:

1. The seal is not a record: it names size and root of all records, the last of which is the CHECKPOINT of moment "seal".
2. What it says is taken from the files as they lie on disk, never from memory, so it cannot vouch for what was not written.
3. One session is sealed once. Afterwards its signing and content keys are destroyed (`forget_session_keys`); the trainer
   reads by START's wraps, a reviewer by the wraps here, and before the seal no reviewer can open anything.

Source: docs/session-format.md, Seal.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, Literal

import msgspec

from session import InputFault, IntegrityFault
from session.crypto.hpke import wrap, wrap_info
from session.crypto.signing import SigningKey
from session.disk import Disk, RealDisk, environment_fault, write_whole
from session.events import (
    U53,
    Checkpoint,
    Digest,
    Disclosure,
    Kind,
    Moment,
    Opening,
    Payload,
    Redact,
    SessionId,
    Short,
    Start,
)
from session.frames import PUBLIC
from session.log.merkle import Frontier
from session.policy import Policy, parse_policy, policy_digest
from session.segments import open_file, public_body, session_frames
from session.trust.directory import Directory, ReviewKey, accept, open_directory
from session.trust.dsse import open_envelope, read_envelope, seal_envelope, strict_json
from session.trust.statements import NO_DIRECTORY, Grant, Personal

if TYPE_CHECKING:
    from session.ports import KeyStore

PAYLOAD_TYPE: Final = "application/vnd.fairwitness.seal.v1+json"
SEAL_NAME: Final = "seal.dsse"
SEAL_BYTES: Final = 512 * 1024
"""Greatest seal. A long list of removed ranges is what takes room. Source: docs/session-format.md, Seal."""

Range = tuple[U53, U53]
KeyClassName = Literal["s", "w"]


class SealWrap(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One content key for one review key. `recipient`: SHA-256 of the review key; `key_class`: "s" sent, "w" withheld."""

    recipient: Digest
    epoch: U53
    key_class: KeyClassName
    wrapped: Annotated[str, msgspec.Meta(max_length=256)]


class Loss(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Cosigned records that are provably lost: `recovered_size` leaves are here, `cosigned_size` were cosigned."""

    recovered_size: U53
    cosigned_size: U53


class Seal(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the session key says of the whole. `redacted`: the union of all REDACT; `withheld`: names of the types."""

    organisation: Digest
    session: SessionId
    size: U53
    root: Digest
    opening_sha256: Digest
    policy_sha256: Digest
    directory_sha256: Digest
    project: Short
    wraps: Annotated[tuple[SealWrap, ...], msgspec.Meta(max_length=8)]
    redacted: tuple[Range, ...]
    withheld: tuple[str, ...]
    loss: Loss | None
    sealed_us: U53


class _Scan(msgspec.Struct):
    """What the seal needs of the records on disk."""

    opening: Opening
    start: Start
    size: int
    root: bytes
    redactions: tuple[Redact, ...]


def seal(  # noqa: PLR0913 - all but the first two go by name
    folder: Path,
    signing: SigningKey,
    *,
    content_keys: Mapping[str, bytes],
    project: str,
    sealed_us: int,
    directory: bytes | None = None,
    loss: Loss | None = None,
    disk: Disk | None = None,
) -> bytes:
    """Seals the session in `folder`: writes `seal.dsse` durably and returns its bytes. Appends and deletes nothing.

    Before it, the caller has appended SUMMARY and taken the checkpoint of moment "seal", all synced.

    Args:
        folder: of the session, with `statements/policy.toml` and, unless personal, `statements/directory.dsse`.
        signing: the session key.
        content_keys: CK_s under "s" and CK_w under "w", 32 bytes each.
        project: whose reviewers may read, one of the directory's; "" in a personal session.
        sealed_us: now, UTC.
        directory: a newer directory than the one of the start, where the agent holds one: its review keys are used. Where
            it has none in force for the project, those of the start's directory are, so that a session that was granted
            stays one that can be sealed and paid.
        loss: where cosigned records are provably lost.
        disk: how files are written; the system's unless a test watches.

    Raises:
        InputFault: it is sealed already, the last checkpoint is missing, the project is unknown or has no review key now.
        IntegrityFault: the records or statements are not what they must be.
        EnvironmentFault: the disk would not take it; nothing changed.
    """
    if (folder / SEAL_NAME).exists():
        raise InputFault("This session is sealed already; a session is sealed once.")
    scan = _scan(folder)
    opening = opening_statement(scan.opening.envelope)
    policy_toml = _read(folder / "statements" / "policy.toml", "the policy")
    if policy_digest(policy_toml) != scan.start.policy_sha256:
        raise IntegrityFault("statements/policy.toml is not the policy that this session began under")
    policy = parse_policy(policy_toml)
    disk = disk or RealDisk()
    held, newer = _directories(folder, scan.start, directory)
    in_force = newer or held
    if newer is not None and _can_review(held, project, sealed_us) and not _can_review(newer, project, sealed_us):
        in_force, newer = held, None  # the project was closed, or its key ended, while the session ran
    review_key = _review_key(in_force, project, sealed_us)
    directory_sha256 = scan.start.directory_sha256
    if newer is not None and directory is not None:
        directory_sha256 = _put_beside(folder, directory, disk)
    body = msgspec.json.encode(
        Seal(
            organisation=opening.organisation,
            session=scan.start.session_id,
            size=scan.size,
            root=scan.root.hex(),
            opening_sha256=hashlib.sha256(scan.opening.envelope.encode()).hexdigest(),
            policy_sha256=scan.start.policy_sha256,
            directory_sha256=directory_sha256,
            project=project,
            wraps=_wraps(scan.start, opening.organisation, policy, review_key, content_keys),
            redacted=merged_ranges(scan.redactions),
            withheld=withheld_names(policy),
            loss=loss,
            sealed_us=sealed_us,
        )
    )
    raw = seal_envelope(PAYLOAD_TYPE, body, signing)
    if len(raw) > SEAL_BYTES:
        raise InputFault("redacted: the removed records lie in too many separate ranges; remove whole stretches instead.")
    read_seal(raw, signing.public)
    try:
        write_whole(disk, folder, SEAL_NAME, raw)
    except OSError as error:
        raise environment_fault(error, "sealing the session") from error
    return raw


def read_seal(raw: bytes, session_public: bytes) -> Seal:
    """The seal in `raw`, signed by the session key `session_public` (32 raw bytes).

    Raises:
        IntegrityFault: too large, another spelling, another signer, or the signature does not hold.
    """
    return strict_json(open_envelope(raw, PAYLOAD_TYPE, session_public, max_bytes=SEAL_BYTES), Seal)


def opening_statement(envelope: str) -> Grant | Personal:
    """The GRANT or PERSONAL in the text of record 0, with its signature not yet checked.

    Raises:
        IntegrityFault: it is neither.
    """
    outer, body = read_envelope(envelope.encode())
    if outer.payload_type == Grant.payload_type:
        return strict_json(body, Grant)
    if outer.payload_type == Personal.payload_type:
        return strict_json(body, Personal)
    raise IntegrityFault(f"record 0 holds {outer.payload_type!r}, neither a grant nor a personal opening")


def required_keys(policy: Policy) -> tuple[KeyClassName, ...]:
    """Classes of the content keys that reviewers get: "s", and "w" only where the policy sends the timing."""
    return ("s", "w") if policy.disclosure_of(Kind.RAW) is Disclosure.SENT else ("s",)


def withheld_names(policy: Policy) -> tuple[str, ...]:
    """Names of the withheld types in the order of the type table."""
    return tuple(kind.name for kind in Kind if kind in policy.withheld)


def merged_ranges(redactions: tuple[Redact, ...]) -> tuple[tuple[int, int], ...]:
    """The union of all removed ranges: sorted, disjoint, neighbours joined."""
    merged: list[tuple[int, int]] = []
    for first, last in sorted(one for redaction in redactions for one in redaction.ranges):
        if merged and first <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(merged[-1][1], last))
        else:
            merged.append((first, last))
    return tuple(merged)


def forget_session_keys(store: KeyStore, session_id: str) -> None:
    """Destroys what could still sign or encrypt for this session. Raises `EnvironmentFault` when the store is gone."""
    for name in ("signing", "content-s", "content-w"):
        store.delete(f"session/{session_id}/{name}")


def _review_key(directory: Directory | None, project_id: str, sealed_us: int) -> ReviewKey | None:
    """Whom the content keys are wrapped for; None in a personal session."""
    if directory is None:
        if project_id:
            raise InputFault("project: a personal session has no project and no reviewers.")
        return None
    project = directory.project(project_id)
    if project is None:
        raise InputFault(f"project: the directory knows no project {project_id!r}; choose one of yours.")
    review_key = project.review_key_at(sealed_us)
    if review_key is None:
        raise InputFault(
            f"project: {project_id} has no review key in force now; "
            "check the date of this computer, or ask your admin to issue one."
        )
    return review_key


def _wraps(
    start: Start, organisation: str, policy: Policy, review_key: ReviewKey | None, content_keys: Mapping[str, bytes]
) -> tuple[SealWrap, ...]:
    if review_key is None:
        return ()
    reader = bytes.fromhex(review_key.public_key)
    info = wrap_info(organisation, start.session_id, start.policy_sha256, reader, start.ckc_s, start.ckc_w)
    return tuple(
        SealWrap(
            recipient=hashlib.sha256(reader).hexdigest(),
            epoch=review_key.epoch,
            key_class=key_class,
            wrapped=base64.b64encode(wrap(content_keys[key_class], reader, info)).decode(),
        )
        for key_class in required_keys(policy)
    )


def _can_review(directory: Directory | None, project_id: str, sealed_us: int) -> bool:
    project = directory.project(project_id) if directory is not None else None
    return project is not None and project.review_key_at(sealed_us) is not None


def _directories(folder: Path, start: Start, newer: bytes | None) -> tuple[Directory | None, Directory | None]:
    """START's directory, and a newer one where that is given; both None in a personal session."""
    if start.directory_sha256 == NO_DIRECTORY:
        return None, None
    raw = _read(folder / "statements" / "directory.dsse", "the directory")
    if hashlib.sha256(raw).hexdigest() != start.directory_sha256:
        raise IntegrityFault("statements/directory.dsse is not the directory that this session began under")
    held = open_directory(raw)
    if newer is None or newer == raw:
        return held, None
    return held, accept(raw, newer, bytes.fromhex(held.root_key))


def _put_beside(folder: Path, directory: bytes, disk: Disk) -> str:
    digest = hashlib.sha256(directory).hexdigest()
    try:
        write_whole(disk, folder / "statements", f"{digest}.dsse", directory)
    except OSError as error:
        raise environment_fault(error, "sealing the session") from error
    return digest


def _read(path: Path, what: str) -> bytes:
    with open_file(path, f"reading {what} of the session") as file:
        return file.read()


def _scan(folder: Path) -> _Scan:
    opening: Opening | None = None
    start: Start | None = None
    last: Payload | None = None
    redactions: list[Redact] = []
    tree = Frontier()
    for _, _, frame in session_frames(folder):
        tree.append(frame.leaf)
        last = None if frame.flags != PUBLIC else public_body(frame)
        opening = last if isinstance(last, Opening) else opening
        start = last if isinstance(last, Start) else start
        if isinstance(last, Redact):
            redactions.append(last)
    if opening is None or start is None:
        raise IntegrityFault("the session has no opening or no START")
    if not (isinstance(last, Checkpoint) and last.moment is Moment.SEAL):
        raise InputFault("Take the checkpoint of moment 'seal' before sealing: it must be the last record.")
    return _Scan(opening=opening, start=start, size=tree.size, root=tree.root(), redactions=tuple(redactions))
