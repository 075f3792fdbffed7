# SPDX-License-Identifier: Apache-2.0
"""A sealed session's files change at the platform: sealed parts go, or come back, and every leaf stays what it was.

Order, and what a crash leaves at each point:

1. The new segments (and pictures that come) are durable beside the old ones. A crash until here leaves files that
   nothing names; the next rewriting of the session wipes them.
2. One transaction of the caller's, with the statement that asks for it: the session consists of the new files, and each
   old one is noted as unwanted. From here on nobody is given an old file.
3. Unwanted files are overwritten where they lie, then deleted, and their notes go. A crash before the end is made good
   at the next start (`server.serve`).

One session is rewritten at a time: whoever calls holds `Core.rewriting` from before 1 to the end of 2. A disk that
writes elsewhere (flash, copy on write) keeps old blocks for a while all the same, and backups are not reached.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from typing import Final

import msgspec
from sqlalchemy import Connection

from server.core import Core
from server.faults import RefusalError
from server.store import rows, unwanted
from session import EnvironmentFault
from session.crypto.aead import MAX_BLOB_BYTES
from session.disk import environment_fault
from session.events import Kind
from session.frames import MAGIC, SEALED, Frame, encode_frame, read_segment
from session.segments import MAX_SEGMENT_BYTES, blob_of, read_file

_LOG: Final = logging.getLogger("fairwitness.server.rewriting")
_NO_PICTURES: Final[Mapping[str, bytes]] = {}


class Rewritten(msgspec.Struct, frozen=True):
    """What a sealed session consists of once `enter` has said so; all its files are durable.

    Args:
        segments, captures: by digest.
        sizes: bytes of each file that was not there before, by digest.
        unwanted: digests of files that nothing names then.
        records: how many frames are other than before.
        kinds: the type bytes that have a sealed part then.
    """

    segments: tuple[str, ...]
    captures: tuple[str, ...]
    sizes: dict[str, int]
    unwanted: tuple[str, ...]
    records: int
    kinds: tuple[int, ...] = ()


def rewrite(
    core: Core, sealed: rows.SealRow, replace: Callable[[Frame], Frame], pictures: Mapping[str, bytes] = _NO_PICTURES
) -> Rewritten:
    """Writes the segments of a sealed session with some frames replaced; nothing names them yet.

    Args:
        core: the platform.
        sealed: the session as it is.
        replace: what shall stand in the place of each frame: the frame itself, `frame.absent()`, or the SEALED frame of an
            ABSENT one, always with the same leaf.
        pictures: encrypted pictures that come with SEALED frames of captures, by their SHA-256, which is checked.

    Raises:
        RefusalError: 422 where a new frame has another leaf than the old, a picture is missing or nobody names it, or a
            segment would grow beyond 16 MiB. Nothing changed.
        EnvironmentFault: the disk; nothing changed.
    """
    held = (*sealed.segments.split(), *sealed.captures.split())
    sizes: dict[str, int] = {}
    try:
        return _rewritten(core, sealed, replace, pictures, sizes)
    except RefusalError:
        for sha256 in sizes.keys() - set(held):
            with suppress(OSError):  # what stays is nobody's, and the next rewriting wipes it
                core.blobs.wipe(sealed.session, sha256)
        raise


def _rewritten(
    core: Core,
    sealed: rows.SealRow,
    replace: Callable[[Frame], Frame],
    pictures: Mapping[str, bytes],
    sizes: dict[str, int],
) -> Rewritten:
    """As `rewrite`; one segment is in memory at a time. `sizes` is told of each file that is kept."""
    segments: list[str] = []
    captures: dict[str, None] = {}
    kinds: set[int] = set()
    records = 0
    for sha256, segment in _segments(core, sealed):
        parts, offset, changed = [MAGIC], len(MAGIC), 0
        for frame, end in read_segment(segment):
            instead = replace(frame)
            if instead.leaf != frame.leaf:
                raise RefusalError(422, "input", f"records: {frame.seq} would be another record than the sealed one.")
            changed += instead != frame
            parts.append(segment[offset:end] if instead == frame else encode_frame(instead))
            kinds |= {instead.kind} if instead.flags == SEALED else set()
            if instead.kind == Kind.CAPTURE and instead.flags == SEALED:
                captures[blob_of(instead)] = None
            offset = end
        records += changed
        if changed and sum(map(len, parts)) > MAX_SEGMENT_BYTES:
            raise RefusalError(422, "input", "records: a segment would grow beyond what one may hold.")
        segments.append(_kept(core, sealed.session, b"".join(parts), sizes) if changed else sha256)
    held = (*sealed.segments.split(), *sealed.captures.split())
    _check_pictures(captures, held, pictures)
    for octets in pictures.values():
        _kept(core, sealed.session, octets, sizes)
    # a try that a crash ended left files that nothing names, and that hold what may be removed by now
    strays = core.blobs.names(sealed.session)
    gone = [one for one in dict.fromkeys((*held, *strays)) if one not in {*segments, *captures}]
    new = {digest: size_bytes for digest, size_bytes in sizes.items() if digest not in held}
    return Rewritten(tuple(segments), tuple(captures), new, tuple(gone), records, tuple(sorted(kinds)))


def frames_of(core: Core, sealed: rows.SealRow) -> Iterator[Frame]:
    """Every frame of a sealed session as it is now, in order. Raises `EnvironmentFault` where a file cannot be read."""
    for _, segment in _segments(core, sealed):
        yield from (frame for frame, _ in read_segment(segment))


def enter(core: Core, connection: Connection, session_id: str, made: Rewritten) -> None:
    """From the end of this transaction on the session consists of the new files. `connection` must be writing."""
    for sha256, size_bytes in made.sizes.items():
        rows.add_blob(connection, session_id, sha256, size_bytes, core.now_us())
    unwanted.forget(connection, [(session_id, sha256) for sha256 in made.sizes])
    kinds = " ".join(str(kind) for kind in made.kinds)
    rows.set_files(connection, session_id, " ".join(made.segments), " ".join(made.captures), kinds)
    unwanted.note(connection, session_id, made.unwanted)


def wipe_unwanted(core: Core) -> int:
    """Overwrites and deletes every file that is noted as unwanted; returns how many. May be repeated at any time.

    Raises:
        EnvironmentFault: the disk; what is left stays noted.
    """
    with core.rewriting:
        with core.reading() as connection:
            found = unwanted.listed(connection)
        for session_id, sha256 in found:
            try:
                core.blobs.wipe(session_id, sha256)
            except OSError as error:
                raise environment_fault(error, "deleting what was removed") from error
        if found:
            with core.writing() as connection:
                unwanted.forget(connection, found)
            core.database.settle()
    return len(found)


def wipe_if_possible(core: Core) -> None:
    """As `wipe_unwanted`; where the disk does not let us now, the next start does it. What asked for it stands already."""
    try:
        wipe_unwanted(core)
    except EnvironmentFault:
        _LOG.error("wipe=failed")


def _segments(core: Core, sealed: rows.SealRow) -> Iterator[tuple[str, bytes]]:
    for sha256 in sealed.segments.split():
        yield sha256, read_file(core.blobs.path(sealed.session, sha256), MAX_SEGMENT_BYTES, "a segment")


def _check_pictures(captures: Mapping[str, None], held: tuple[str, ...], pictures: Mapping[str, bytes]) -> None:
    if not set(captures) <= {*held, *pictures}:
        raise RefusalError(422, "input", "records: the picture of a record did not come with it.")
    for sha256, octets in pictures.items():
        if len(octets) > MAX_BLOB_BYTES or sha256 not in captures or hashlib.sha256(octets).hexdigest() != sha256:
            raise RefusalError(422, "input", "records: a picture came that none of these records names.")


def _kept(core: Core, session_id: str, octets: bytes, sizes: dict[str, int]) -> str:
    """The digest under which `octets` lie there, durably."""
    sha256 = hashlib.sha256(octets).hexdigest()
    sizes[sha256] = len(octets)
    arriving = core.blobs.arrive(session_id, sha256)
    try:
        arriving.write(octets)
        arriving.finish()
    finally:
        arriving.abandon()
    return sha256
