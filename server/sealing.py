# SPDX-License-Identifier: Apache-2.0
"""Taking a sealed session: whole, verified, once, and with a receipt that is durable before it is given.

Order, and what a crash leaves at each point:

1. The seal is read with the granted session key; every file it needs must be here, else 409 with the missing list.
2. The session is put together from its files and verified step by step, without any key that opens content: 422 with
   the step. Who comes while this is done for another session of theirs, or for two of others, is told at once to come
   again later (503 `busy`, `Retry-After`). Then it is held against what was granted: person, device, project, and the
   grant itself or, after an offline start, the policy. A crash until here leaves blobs, and the client asks again.
3. One transaction: not sealed meanwhile, what was cosigned is a prefix of what is sealed (but for a stated loss), the
   seal and then its receipt enter the organisation log, and the session is marked. A crash leaves all of it or nothing.
   The receipt's time is never below a time that the platform signed before, even where its clock was set back.
4. The same seal again gets the same receipt; another seal of the session gets 409. The segments are not compared: a
   removal or an opening changes them, here or where they come from, and the seal says of which record they are.
5. What was sent before and is none of what was sealed in the end (the person removed it meanwhile) is wiped.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from typing import Annotated, Final

import msgspec
from sqlalchemy import Connection

from server import overlap, sessions, statements
from server.access.tokens import Caller
from server.core import Core
from server.faults import RefusalError
from server.orglog import About
from server.rewriting import wipe_if_possible
from server.store import rows, tables, unwanted
from server.witness import proved_us
from session import IntegrityFault
from session.disk import environment_fault
from session.events import Digest
from session.frames import ABSENT, SEALED, read_segment
from session.log.merkle import Tree
from session.redact import Ranges
from session.seal import SEAL_BYTES, SEAL_NAME, Seal, read_seal
from session.segments import BLOBS, MAX_SEGMENT_BYTES, blob_of, read_file, segment_name
from session.trust.directory import open_directory
from session.trust.dsse import read_envelope, strict_json
from session.trust.statements import Grant, Receipt, sign
from session.verify import TrustAnchor, verify_source
from session.verify.folder import DIRECTORY, MAX_SEGMENTS, POLICY
from session.verify.result import Verification

REMOVALS_MOST: Final = 256
"""Most statements that come with a seal; later ones come by themselves."""


class SealRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A seal and what it is over: segments in order, and the digests of the session's directory and policy.

    `removals`: the person's statements on what went after the seal and before the session was sent.
    """

    seal: Annotated[str, msgspec.Meta(min_length=1, max_length=SEAL_BYTES)]
    segments: Annotated[tuple[Digest, ...], msgspec.Meta(min_length=1, max_length=MAX_SEGMENTS)]
    directory: Digest
    policy: Digest
    removals: Annotated[tuple[str, ...], msgspec.Meta(max_length=REMOVALS_MOST)] = ()


class _Scan(msgspec.Struct, frozen=True):
    """What the frames say: the blobs of captures that are not removed, the types that are here, and the tree over all."""

    captures: tuple[str, ...]
    kinds: tuple[int, ...]
    tree: Tree


class _Stored:
    """A session's files where they lie, under the names that they have in a session's folder (a verifier's `Source`)."""

    def __init__(
        self, core: Core, session_id: str, segments: tuple[str, ...], captures: tuple[str, ...], files: Mapping[str, bytes]
    ) -> None:
        named = {segment_name(index): sha256 for index, sha256 in enumerate(segments)}
        named |= {f"{BLOBS}/{sha256}": sha256 for sha256 in captures}
        self._paths = {name: core.blobs.path(session_id, sha256) for name, sha256 in named.items()}
        self._files = files

    def entries(self) -> Iterator[tuple[str, int]]:
        """Names and sizes. Raises `EnvironmentFault` where a file cannot be read."""
        try:
            yield from ((name, path.stat().st_size) for name, path in self._paths.items())
        except OSError as error:
            raise environment_fault(error, "reading the session") from error
        yield from ((name, len(octets)) for name, octets in self._files.items())

    def read(self, name: str, limit_bytes: int) -> bytes:
        """One file. Raises `IntegrityFault` where it is larger, `EnvironmentFault` where it cannot be read."""
        if name in self._paths:
            return read_file(self._paths[name], limit_bytes, name)
        octets = self._files[name]
        if len(octets) > limit_bytes:
            raise IntegrityFault(f"{name} is larger than {limit_bytes} bytes.")
        return octets


def seal(core: Core, caller: Caller, session_id: str, request: SealRequest) -> tuple[bool, bytes]:
    """Whether the session is sealed by this request (or was, by the same before), and its receipt.

    Raises:
        RefusalError: 404 not the caller's session; 409 `missing`, `sealed` (another seal) or `history` (what was cosigned
            is no part of it); 422 `verify` with the step that failed; 503 `busy`, with `Retry-After`.
    """
    raw = request.seal.encode()
    with core.reading() as connection:
        row = sessions.own(connection, caller, session_id)
        before = _sealed_before(connection, session_id, raw, request)
        if before is not None:
            return False, before
        _check_present(connection, session_id, request, request.segments)
        organisation = core.organisation(connection).fingerprint
        newest = core.in_force(connection).envelope
    with core.checking.taken(row.person):
        scan = _scan(core, session_id, request)
        with core.reading() as connection:
            _check_present(connection, session_id, request, scan.captures)
        trust = TrustAnchor(root_fingerprint=organisation, directory=newest)
        outcome, statement = _verified(core, row, raw, request, scan, trust)
    return _settle(core, row, raw, request, scan, outcome, statement)


def _sealed_before(connection: Connection, session_id: str, raw: bytes, request: SealRequest) -> bytes | None:
    """The receipt where the same was sealed before. Raises `RefusalError` 409 where another was."""
    sealed = rows.seal(connection, session_id)
    if sealed is None:
        return None
    if (sealed.envelope, sealed.directory, sealed.policy) != (raw, request.directory, request.policy):
        raise RefusalError(409, "sealed", "This session was sealed before, otherwise. There is one seal a session.")
    return sealed.receipt


def _check_present(connection: Connection, session_id: str, request: SealRequest, digests: tuple[str, ...]) -> None:
    have = rows.present(connection, session_id, digests)
    missing = [digest for digest in dict.fromkeys(digests) if digest not in have]
    if rows.directory(connection, request.directory) is None:
        missing.append(request.directory)
    if rows.policy(connection, request.policy) is None:
        missing.append(request.policy)
    if missing:
        detail = f"{len(missing)} files are not here yet: send them, then seal again."
        raise RefusalError(409, "missing", detail, more={"missing": missing})


def _scan(core: Core, session_id: str, request: SealRequest) -> _Scan:
    captures: dict[str, None] = {}
    kinds: set[int] = set()
    tree = Tree()
    removed = Ranges(one for raw in request.removals for one in statements.claimed_removal(raw.encode()).ranges)
    try:
        for sha256 in request.segments:
            segment = read_file(core.blobs.path(session_id, sha256), MAX_SEGMENT_BYTES, "a segment")
            for frame, _ in read_segment(segment):
                tree.append(frame.leaf)
                kinds |= {frame.kind} if frame.flags == SEALED else set()
                if frame.flags == SEALED and frame.seq in removed:
                    raise RefusalError(422, "input", f"removals: record {frame.seq} is still here.")
                named = blob_of(frame) if frame.flags != ABSENT else ""
                if named:
                    captures[named] = None
    except IntegrityFault as error:
        raise RefusalError(422, "verify", f"frames: {error}", more={"step": "frames"}) from error
    return _Scan(tuple(captures), tuple(sorted(kinds)), tree)


def _verified(  # noqa: PLR0913, PLR0917 - what is put together, and against what it is held
    core: Core, row: rows.SessionRow, raw: bytes, request: SealRequest, scan: _Scan, trust: TrustAnchor
) -> tuple[Verification, Seal]:
    """The outcome of the verifier on the session put together from its files. Raises `RefusalError` 422."""
    try:
        statement = read_seal(raw, row.session_public)
    except IntegrityFault as error:
        raise RefusalError(422, "verify", f"seal: {error}", more={"step": "seal"}) from error
    with core.reading() as connection:
        files = {
            SEAL_NAME: raw,
            DIRECTORY: rows.directory(connection, request.directory) or b"",
            POLICY: rows.policy(connection, request.policy) or b"",
        }
        sealed_under = statement.directory_sha256
        newer = rows.directory(connection, sealed_under) if sealed_under != request.directory else None
    files |= {f"statements/{hashlib.sha256(one.encode()).hexdigest()}.dsse": one.encode() for one in request.removals}
    if newer is not None:  # published while the session ran; the reviewers are those that it names
        files[f"statements/{statement.directory_sha256}.dsse"] = newer
    outcome = verify_source(_Stored(core, row.session, request.segments, scan.captures, files), trust=trust)
    if outcome.failed_step is not None:
        step = outcome.failed_step
        more = {"step": step.name, "number": step.number}
        raise RefusalError(422, "verify", f"step {step.number}, {step.name}: {step.detail}", more=more)
    if (outcome.session_id, outcome.person, outcome.device) != (row.session, row.person, row.device):
        raise RefusalError(
            422, "verify", "opening: another session, person or device than granted.", more={"step": "opening"}
        )
    if statement.project != row.project:
        raise RefusalError(422, "verify", "seal: for another project than granted.", more={"step": "seal"})
    if outcome.opening == "grant" and statement.opening_sha256 != hashlib.sha256(row.grant).hexdigest():
        raise RefusalError(422, "verify", "opening: another grant than this platform's.", more={"step": "opening"})
    _check_policy(core, row, outcome.policy_sha256, files[DIRECTORY])
    return outcome, statement


def _check_policy(core: Core, row: rows.SessionRow, policy_sha256: str, directory: bytes) -> None:
    """The session ran under the policy that it was granted for, or began offline before it heard of that one.

    The verifier has seen to it that START's directory gives this policy to the project. Nothing proves when an offline start
    was: so an old policy serves no longer than a grant under it would have, by the times that the platform itself knows.

    Raises:
        RefusalError: 422 `verify`, the policy was over too long before the platform first heard of the session.
    """
    if strict_json(read_envelope(row.grant)[1], Grant).policy_sha256 == policy_sha256:
        return
    began = open_directory(directory)
    over_us = began.expires_us
    with core.reading() as connection:
        for envelope, accepted_us in rows.directories_after(connection, began.version):
            project = open_directory(envelope).project(row.project)
            if project is None or project.policy_sha256 != policy_sha256:
                over_us = min(over_us, accepted_us)
                break
    heard_us = row.cosigned_first_us or core.now_us()
    if heard_us > over_us + core.config.limits.grant_s * 1_000_000:
        detail = "opening: the policy of this offline start was replaced, or its directory expired, too long before."
        raise RefusalError(422, "verify", detail, more={"step": "opening"})


def _settle(  # noqa: PLR0913, PLR0917 - all that a sealed session is
    core: Core,
    row: rows.SessionRow,
    raw: bytes,
    request: SealRequest,
    scan: _Scan,
    outcome: Verification,
    statement: Seal,
) -> tuple[bool, bytes]:
    with core.writing() as connection:
        before = _sealed_before(connection, row.session, raw, request)
        if before is not None:
            return False, before
        latest = rows.session(connection, row.session) or row
        _check_history(connection, latest, scan.tree, statement)
        now_us = proved_us(core, latest)
        signing = core.receipt_key(connection, now_us)
        about = About("seal", row.session, row.person, statement.project)
        index = core.log.append(connection, raw, about, now_us)
        head = core.log.head(connection)
        receipt = Receipt(
            organisation=statement.organisation,
            session=row.session,
            person=row.person,
            seal_sha256=hashlib.sha256(raw).hexdigest(),
            root=statement.root,
            size=statement.size,
            received_us=now_us,
            log_size=head.size,
            log_root=head.root,
            log_index=index,
            log_proof=core.log.proof(connection, index),
        )
        envelope = sign(receipt, signing)
        core.log.append(connection, envelope, msgspec.structs.replace(about, kind="receipt"), now_us)
        sealed = rows.SealRow(
            session=row.session,
            envelope=raw,
            receipt=envelope,
            segments=" ".join(request.segments),
            captures=" ".join(scan.captures),
            directory=request.directory,
            policy=request.policy,
            project=statement.project,
            started_us=outcome.times.claimed_start_us or 0,
            worked_us=outcome.account.worked_us if outcome.account else 0,
            sealed_us=now_us,
            kinds=" ".join(str(kind) for kind in scan.kinds),
        )
        rows.put(connection, tables.seals, sealed)
        overlap.enter(connection, row.person, overlap.worked_of(outcome), outcome.times.beyond_us)
        _put_aside(connection, sealed)
        for one in request.removals:
            statements.enter_sealed(core, connection, row, sealed, one.encode())
    wipe_if_possible(core)
    return True, envelope


def _put_aside(connection: Connection, sealed: rows.SealRow) -> None:
    """What came of the session and is no part of it in the end is nobody's any more."""
    named = {*sealed.segments.split(), *sealed.captures.split()}
    unwanted.note(connection, sealed.session, [one for one in rows.blobs_of(connection, sealed.session) if one not in named])


def _check_history(connection: Connection, row: rows.SessionRow, tree: Tree, statement: Seal) -> None:
    """What was cosigned must be a part of what is sealed: all of it, or with a loss all that the seal says is left.

    Cosigned sizes above `recovered_size` are what was lost: nothing is there to hold them against. An earlier cosigned
    size needs no look of its own: the witness took each only as a prefix of the next.
    """
    loss = statement.loss
    if loss is not None and loss.cosigned_size != row.cosigned_size:
        raise RefusalError(
            409,
            "history",
            f"The seal states a loss up to record {loss.cosigned_size}; the platform cosigned {row.cosigned_size} records.",
        )
    kept = rows.cosigned_up_to(connection, row.session, row.cosigned_size if loss is None else loss.recovered_size)
    if kept is None or (kept.size <= tree.size and tree.root(kept.size) == kept.root):
        return
    raise RefusalError(
        409,
        "history",
        f"The platform cosigned {kept.size} records that are not those of this seal."
        + (" A true loss must be stated in the seal." if loss is None else " They lie before the loss that it states."),
    )
