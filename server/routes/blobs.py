# SPDX-License-Identifier: Apache-2.0
"""Blobs by digest: `POST …/missing`, `HEAD`, `PUT` and `GET /v1/sessions/{id}/blobs/{sha256}`.

A `PUT` is authenticated, found to be the caller's own open session and within its bounds before the first byte of its
body is read; the bytes are hashed while they arrive, and the answer follows only when they are on the disk.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Annotated

import msgspec
from fastapi import APIRouter, Depends, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from server import sessions
from server.access import roles
from server.access.tokens import Caller
from server.bodies import JsonBody, declared_length, too_large
from server.core import Core
from server.faults import RefusalError, unknown
from server.quota import Coming
from server.ranges import parse_range
from server.routes.parameters import NO_STORE, OCTETS, CoreOf, DigestPath, SessionPath, gives, json_response, takes
from server.store import rows
from server.store.blobs_fs import Arriving
from session import IntegrityFault
from session.events import Digest

router = APIRouter()
CHUNK_BYTES = 1024 * 1024
"""How much of a body is gathered before it goes to the disk in one step."""


class MissingRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which blobs the client has."""

    digests: Annotated[tuple[Digest, ...], msgspec.Meta(max_length=1000)]


MISSING = JsonBody(MissingRequest)


@router.post("/v1/sessions/{session_id}/missing", responses=gives(200), openapi_extra=takes(MISSING))
def missing(
    caller: Annotated[Caller, Depends(roles.TRAINER)],
    core: CoreOf,
    session_id: SessionPath,
    body: Annotated[MissingRequest, Depends(MISSING)],
) -> Response:
    """Which of these blobs the session lacks here, in the order asked."""
    with core.reading() as connection:
        sessions.own(connection, caller, session_id)
        have = rows.present(connection, session_id, body.digests)
    return json_response({"missing": [digest for digest in dict.fromkeys(body.digests) if digest not in have]})


@router.head("/v1/sessions/{session_id}/blobs/{sha256}", response_class=Response)
def head(
    caller: Annotated[Caller, Depends(roles.TRAINER)], core: CoreOf, session_id: SessionPath, sha256: DigestPath
) -> Response:
    """200 with its length where the blob is there, 404 where it is not."""
    with core.reading() as connection:
        sessions.own(connection, caller, session_id)
        size_bytes = rows.blob_size(connection, session_id, sha256)
    if size_bytes is None:
        raise unknown("file")
    return Response(headers={**NO_STORE, "Content-Length": str(size_bytes)}, media_type=OCTETS)


def _admitted(core: Core, caller: Caller, sha256: str, coming: Coming) -> bool:
    """Whether the blob is here already. Raises `RefusalError` where it may not come."""
    session_id = coming.session
    with core.reading() as connection:
        sessions.own(connection, caller, session_id)
        if rows.blob_size(connection, session_id, sha256) is not None:
            return True
        sessions.still_open(connection, session_id)
        core.quota.check(connection, coming)
    return False


def _kept(core: Core, arriving: Arriving, session_id: str, sha256: str) -> bool:
    """Puts the blob in place, then says so; False where another request was first."""
    try:
        arriving.finish()
    except IntegrityFault as error:
        raise RefusalError(422, "digest", str(error)) from error
    with core.writing() as connection:
        if not rows.is_sealed(connection, session_id):
            return rows.add_blob(connection, session_id, sha256, arriving.size_bytes, core.now_us())
    with core.rewriting, core.reading() as connection:  # it came too late, and may be what was removed meanwhile
        if rows.blob_size(connection, session_id, sha256) is None:
            core.blobs.wipe(session_id, sha256)
        sessions.still_open(connection, session_id)
    raise unknown("session")  # sealed sessions stay sealed


@router.put(
    "/v1/sessions/{session_id}/blobs/{sha256}",
    responses=gives(200, 201),
    openapi_extra={
        "requestBody": {"required": True, "content": {OCTETS: {"schema": {"type": "string", "format": "binary"}}}}
    },
)
async def put(
    caller: Annotated[Caller, Depends(roles.TRAINER)],
    core: CoreOf,
    session_id: SessionPath,
    sha256: DigestPath,
    request: Request,
) -> Response:
    """Keeps a blob: 201 when it is on the disk, 200 where it was there before, 422 and nothing kept on other bytes."""
    limit = core.config.limits.blob_max_bytes
    length = declared_length(request)
    if length is None:
        raise RefusalError(411, "length", "Content-Length: a file is taken only with its length.")
    if length > limit:
        raise too_large(limit)
    coming = core.quota.announce(caller.person, session_id, length)
    try:
        if await run_in_threadpool(_admitted, core, caller, sha256, coming):
            return json_response({"sha256": sha256}, 200)
        arriving = await run_in_threadpool(core.blobs.arrive, session_id, sha256)
        added = await _taken(core, arriving, request, coming, sha256)
    finally:
        core.quota.settle(coming)
    return json_response({"sha256": sha256}, 201 if added else 200)


async def _taken(core: Core, arriving: Arriving, request: Request, coming: Coming, sha256: str) -> bool:
    finished = False
    try:
        await _receive(request, arriving, coming.size_bytes)
        finished = True
        return await run_in_threadpool(_kept, core, arriving, coming.session, sha256)
    finally:
        if not finished:
            arriving.abandon()


async def _receive(request: Request, arriving: Arriving, length: int) -> None:
    gathered = bytearray()
    async for piece in request.stream():
        gathered += piece
        if arriving.size_bytes + len(gathered) > length:
            raise too_large(length)
        if len(gathered) >= CHUNK_BYTES:
            await run_in_threadpool(arriving.write, bytes(gathered))
            gathered.clear()
    await run_in_threadpool(arriving.write, bytes(gathered))


class _Streamed(StreamingResponse):
    """Closes what it reads from as soon as the answer ends, however it ends: a reader who goes leaves no file open."""

    def __init__(self, pieces: Generator[bytes], status: int, headers: dict[str, str], media_type: str) -> None:
        super().__init__(pieces, status, headers=headers, media_type=media_type)
        self._pieces = pieces

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._pieces.close()


@router.get(
    "/v1/sessions/{session_id}/blobs/{sha256}",
    response_class=StreamingResponse,
    responses=gives(200, 206, media_type=OCTETS),
)
def get(
    caller: Annotated[Caller, Depends(roles.READER)],
    core: CoreOf,
    session_id: SessionPath,
    sha256: DigestPath,
    request: Request,
) -> Response:
    """The bytes, or one range of them; entered in the organisation log before the first byte leaves."""
    size_bytes = sessions.logged_blob(core, caller, session_id, sha256)
    asked = parse_range(request.headers.get("Range"), size_bytes)
    start, end = asked or (0, size_bytes)
    headers = {**NO_STORE, "Accept-Ranges": "bytes", "Content-Length": str(end - start), "ETag": f'"{sha256}"'}
    if asked:
        headers["Content-Range"] = f"bytes {start}-{end - 1}/{size_bytes}"
    try:
        pieces = core.blobs.read(session_id, sha256, start, end)
    except FileNotFoundError:
        raise unknown("file") from None  # removed since the question
    return _Streamed(pieces, 206 if asked else 200, headers=headers, media_type=OCTETS)
