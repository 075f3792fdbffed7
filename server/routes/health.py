# SPDX-License-Identifier: Apache-2.0
"""`GET /v1/health`."""

from __future__ import annotations

from fastapi import APIRouter, Depends, Response

from server.access import roles
from server.routes.parameters import gives, json_response

router = APIRouter()


@router.get("/v1/health", dependencies=[Depends(roles.HEALTH)], responses=gives(200))
def health() -> Response:
    """Says that the platform answers."""
    return json_response({"status": "ok"})
