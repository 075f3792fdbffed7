# SPDX-License-Identifier: Apache-2.0
"""The witness: `POST /v1/sessions/{id}/add-checkpoint`."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Response

from server import witness
from server.access import roles
from server.bodies import RawBody
from server.routes.parameters import CoreOf, SessionPath, bytes_response, gives, takes

router = APIRouter()
PLAIN = "text/plain"
BODY = RawBody("checkpoint_max_bytes", PLAIN)


@router.post(
    "/v1/sessions/{session_id}/add-checkpoint",
    dependencies=[Depends(roles.BY_SESSION_KEY)],
    responses=gives(200, 409, media_type=PLAIN),
    openapi_extra=takes(BODY),
)
def add_checkpoint(core: CoreOf, session_id: SessionPath, body: Annotated[bytes, Depends(BODY)]) -> Response:
    """A cosignature line; 409 with our latest note where another size was cosigned last."""
    return bytes_response(witness.add_checkpoint(core, session_id, body), PLAIN)
