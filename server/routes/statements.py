# SPDX-License-Identifier: Apache-2.0
"""Decisions and replies: `POST /v1/sessions/{id}/statements`, `GET /v1/statements`."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from server import statements
from server.access import roles
from server.access.tokens import Caller
from server.bodies import JsonBody, RawBody
from server.disclosing import OpeningRequest
from server.routes.parameters import DSSE, CoreOf, SessionPath, gives, json_response, takes

router = APIRouter()
BODY = RawBody("statement_max_bytes", DSSE)
OPENING = JsonBody(OpeningRequest, "opening_max_bytes")
AfterQuery = Annotated[int, Query(ge=0, le=2**53 - 1)]


@router.post("/v1/sessions/{session_id}/statements", responses=gives(200, 201), openapi_extra=takes(BODY))
def add(
    caller: Annotated[Caller, Depends(roles.READER)],
    core: CoreOf,
    session_id: SessionPath,
    body: Annotated[bytes, Depends(BODY)],
) -> Response:
    """Enters a decision or a reply in the organisation log: 201, or 200 where it stands there already."""
    added, index = statements.take(core, caller, session_id, body)
    return json_response({"index": index}, 201 if added else 200)


@router.post("/v1/sessions/{session_id}/openings", responses=gives(200, 201), openapi_extra=takes(OPENING))
def disclose(
    caller: Annotated[Caller, Depends(roles.TRAINER)],
    core: CoreOf,
    session_id: SessionPath,
    body: Annotated[OpeningRequest, Depends(OPENING)],
) -> Response:
    """Puts withheld records into the session and their opening into the log: 201, or 200 where they are there already."""
    added, index = statements.take_opening(core, caller, session_id, body)
    return json_response({"index": index}, 201 if added else 200)


@router.get("/v1/statements", responses=gives(200))
def news(caller: Annotated[Caller, Depends(roles.READER)], core: CoreOf, after: AfterQuery = 0) -> Response:
    """The decisions and replies after this place in the log that concern the caller, at most 200."""
    return json_response(statements.news(core, caller, after))
