# SPDX-License-Identifier: Apache-2.0
"""Sessions: `PUT …/seal`, `GET …/receipt`, `GET /v1/sessions`, `GET /v1/sessions/{id}`."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Response

from server import sealing, sessions
from server.access import roles
from server.access.tokens import Caller
from server.bodies import JsonBody
from server.routes.parameters import DSSE, CoreOf, SessionPath, bytes_response, gives, json_response, takes
from server.sealing import SealRequest

router = APIRouter()
SEAL = JsonBody(SealRequest, "seal_max_bytes")


@router.put("/v1/sessions/{session_id}/seal", responses=gives(200, 201, media_type=DSSE), openapi_extra=takes(SEAL))
def seal(
    caller: Annotated[Caller, Depends(roles.TRAINER)],
    core: CoreOf,
    session_id: SessionPath,
    body: Annotated[SealRequest, Depends(SEAL)],
) -> Response:
    """The receipt: 201 for a session that is now sealed, 200 for the same again."""
    added, receipt = sealing.seal(core, caller, session_id, body)
    return bytes_response(receipt, DSSE, 201 if added else 200)


@router.get("/v1/sessions/{session_id}/receipt", responses=gives(200, media_type=DSSE))
def receipt(caller: Annotated[Caller, Depends(roles.READER)], core: CoreOf, session_id: SessionPath) -> Response:
    """The receipt of a sealed session."""
    with core.reading() as connection:
        _, sealed = sessions.readable(connection, caller, session_id)
    return bytes_response(sealed.receipt, DSSE)


@router.get("/v1/sessions", responses=gives(200))
def listing(caller: Annotated[Caller, Depends(roles.READER)], core: CoreOf) -> Response:
    """The sessions that the caller may know of, newest first."""
    return json_response({"sessions": sessions.listing(core, caller)})


@router.get("/v1/sessions/{session_id}", responses=gives(200))
def manifest(caller: Annotated[Caller, Depends(roles.READER)], core: CoreOf, session_id: SessionPath) -> Response:
    """What a session consists of; entered in the organisation log before it is given."""
    return json_response(sessions.manifest(core, caller, session_id))
