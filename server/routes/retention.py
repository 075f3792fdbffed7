# SPDX-License-Identifier: Apache-2.0
"""Retention: `GET /v1/retention`, `GET /v1/sessions/{id}/outline`, `POST /v1/sessions/{id}/retention`."""

from __future__ import annotations

from typing import Annotated

import msgspec
from fastapi import APIRouter, Depends, Query, Response

from server import retaining, statements
from server.access import roles
from server.access.tokens import Caller
from server.bodies import RawBody
from server.routes.parameters import DSSE, NO_STORE, CoreOf, SessionPath, gives, json_response, takes

router = APIRouter()
JSON = "application/json"
AfterSession = Annotated[str, Query(pattern="^([0-9a-f]{32})?$")]
BODY = RawBody("statement_max_bytes", DSSE)


@router.get("/v1/retention", responses=gives(200))
def listing(_caller: Annotated[Caller, Depends(roles.ADMIN)], core: CoreOf, after: AfterSession = "") -> Response:
    """Sessions that hold something whose time has passed, at most 200, by their ids after `after`."""
    return json_response(retaining.listing(core, after))


@router.get("/v1/sessions/{session_id}/outline", responses=gives(200))
def outline(_caller: Annotated[Caller, Depends(roles.ADMIN)], core: CoreOf, session_id: SessionPath) -> Response:
    """A sealed session without content: what was signed about it, and of each record its type and a digest."""
    return Response(msgspec.json.encode(retaining.outline(core, session_id)), headers=NO_STORE, media_type=JSON)


@router.post("/v1/sessions/{session_id}/retention", responses=gives(200, 201), openapi_extra=takes(BODY))
def add(
    _caller: Annotated[Caller, Depends(roles.ADMIN)],
    core: CoreOf,
    session_id: SessionPath,
    body: Annotated[bytes, Depends(BODY)],
) -> Response:
    """Carries out a removal that the organisation's root key signed: 201, or 200 where it stands in the log already."""
    added, index = statements.take_retention(core, session_id, body)
    return json_response({"index": index}, 201 if added else 200)
