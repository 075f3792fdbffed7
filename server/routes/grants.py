# SPDX-License-Identifier: Apache-2.0
"""Grants in advance: `POST /v1/grants`."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Response

from server import granting
from server.access import roles
from server.access.tokens import Caller
from server.bodies import JsonBody
from server.granting import GrantRequest
from server.routes.parameters import CoreOf, gives, json_response, takes

router = APIRouter()
BODY = JsonBody(GrantRequest)


@router.post("/v1/grants", responses=gives(200), openapi_extra=takes(BODY))
def grant(
    caller: Annotated[Caller, Depends(roles.TRAINER)], core: CoreOf, body: Annotated[GrantRequest, Depends(BODY)]
) -> Response:
    """One grant for each session asked for, in that order."""
    return json_response({"grants": granting.grant(core, caller, body)})
