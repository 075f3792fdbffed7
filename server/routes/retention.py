# SPDX-License-Identifier: Apache-2.0
"""Retention: `POST /v1/sessions/{id}/retention`."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Response

from server import statements
from server.access import roles
from server.access.tokens import Caller
from server.bodies import RawBody
from server.routes.parameters import DSSE, CoreOf, SessionPath, gives, json_response, takes

router = APIRouter()
BODY = RawBody("statement_max_bytes", DSSE)


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
