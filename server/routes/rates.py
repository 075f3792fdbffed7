# SPDX-License-Identifier: Apache-2.0
"""Reports of rates: `PUT` and `GET /v1/rates/{period}`."""

from __future__ import annotations

from typing import Annotated

import msgspec
from fastapi import APIRouter, Depends, Response

from server import rates
from server.access import roles
from server.access.tokens import Caller
from server.bodies import JsonBody
from server.routes.parameters import NO_STORE, CoreOf, PeriodPath, gives, json_response, takes
from session.rates.report import Posted

router = APIRouter()
BODY = JsonBody(Posted)


@router.put("/v1/rates/{period}", responses=gives(200, 201), openapi_extra=takes(BODY))
def add(
    caller: Annotated[Caller, Depends(roles.TRAINER)],
    core: CoreOf,
    period: PeriodPath,
    body: Annotated[Posted, Depends(BODY)],
) -> Response:
    """Keeps the caller's report of a period: 201, or 200 where this very one was kept before."""
    added = rates.take(core, caller, period, body)
    return json_response({"period": period}, 201 if added else 200)


@router.get("/v1/rates/{period}", dependencies=[Depends(roles.ADMIN)], responses=gives(200))
def read(core: CoreOf, period: PeriodPath) -> Response:
    """What is added up of a period: for each row of ten people or more their reports, and the sum of their shares."""
    return Response(msgspec.json.encode(rates.table(core, period)), headers=NO_STORE, media_type="application/json")
