# SPDX-License-Identifier: Apache-2.0
"""Devices: `GET /v1/devices`."""

from __future__ import annotations

from fastapi import APIRouter, Depends, Response

from server import devices
from server.access import roles
from server.routes.parameters import CoreOf, gives, json_response

router = APIRouter()


@router.get("/v1/devices", dependencies=[Depends(roles.ADMIN)], responses=gives(200))
def listing(core: CoreOf) -> Response:
    """The devices that people enrolled, each with its certificate."""
    return json_response({"devices": devices.listing(core)})
