# SPDX-License-Identifier: Apache-2.0
"""Joining: invitations, `POST /v1/devices`, `/v1/enrol` and `/v1/admin-tokens`, `GET /v1/enrolments`."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from server import admitting, enrolment, inviting
from server.access import roles
from server.access.tokens import Caller
from server.bodies import JsonBody, RawBody
from server.enrolment import DeviceInvitationRequest, EnrolRequest, InvitationRequest
from server.faults import RefusalError
from server.routes.parameters import DSSE, CoreOf, DigestPath, gives, json_response, takes

router = APIRouter()
INVITATION = JsonBody(InvitationRequest)
DEVICE = JsonBody(DeviceInvitationRequest)
ENROL = JsonBody(EnrolRequest)
ADMISSION = RawBody("statement_max_bytes", DSSE)


@router.post(
    "/v1/invitations",
    dependencies=[Depends(roles.ADMIN)],
    status_code=201,
    responses=gives(201),
    openapi_extra=takes(INVITATION),
)
def invite(core: CoreOf, body: Annotated[InvitationRequest, Depends(INVITATION)]) -> Response:
    """A new one-time code for a person; it reaches them outside the platform."""
    code, expires_us = enrolment.invite(core, body)
    return json_response({"code": code, "expires_us": expires_us}, 201)


@router.get("/v1/invitations", dependencies=[Depends(roles.ADMIN)], responses=gives(200))
def invited(core: CoreOf) -> Response:
    """The codes of admins that still open something, by their digests."""
    return json_response({"invitations": inviting.listing(core)})


@router.delete("/v1/invitations/{sha256}", dependencies=[Depends(roles.ADMIN)], status_code=204)
def withdraw(core: CoreOf, sha256: DigestPath) -> Response:
    """From now on the code of that digest opens nothing; the same again is no error."""
    inviting.withdraw(core, sha256)
    return Response(status_code=204)


def within_devices(request: Request, caller: Annotated[Caller, Depends(roles.OWN_DEVICE)]) -> None:
    """Counts one try of the caller. Raises `RefusalError` 429."""
    request.app.state.device_rate.count(caller.person)


@router.post(
    "/v1/devices", dependencies=[Depends(within_devices)], status_code=201, responses=gives(201), openapi_extra=takes(DEVICE)
)
def invite_device(
    caller: Annotated[Caller, Depends(roles.OWN_DEVICE)],
    core: CoreOf,
    body: Annotated[DeviceInvitationRequest, Depends(DEVICE)],
) -> Response:
    """A new one-time code for a further device of the caller, good for ten minutes and for that device's key alone."""
    code, expires_us = enrolment.invite_device(core, caller, body)
    return json_response({"code": code, "expires_us": expires_us}, 201)


@router.post(
    "/v1/enrol",
    dependencies=[Depends(roles.BY_CODE)],
    status_code=201,
    responses=gives(201),
    openapi_extra=takes(ENROL),
)
def enrol(core: CoreOf, request: Request, body: Annotated[EnrolRequest, Depends(ENROL)]) -> Response:
    """Uses a code up; the token opens the directory at once, and the rest when the directory names the keys.

    Only codes that open nothing are counted: whoever has a good one is let in, whatever others try.
    """
    if not enrolment.opens(core, body.code):
        request.app.state.enrol_rate.count(request.client.host if request.client else "")
    return json_response(enrolment.enrol(core, body), 201)


@router.post(
    "/v1/admin-tokens",
    dependencies=[Depends(roles.BY_ROOT_KEY)],
    responses=gives(200, 201),
    openapi_extra=takes(ADMISSION),
)
def admit(core: CoreOf, request: Request, body: Annotated[bytes, Depends(ADMISSION)]) -> Response:
    """Admits a token of an admin whose digest the root key signed: 201, or 200 where it is admitted already.

    Only what the root key did not sign is counted, as with codes.
    """
    try:
        added, person = admitting.admit(core, body)
    except RefusalError as refusal:
        if refusal.code == "signature":
            request.app.state.enrol_rate.count(request.client.host if request.client else "")
        raise
    return json_response({"person": person}, 201 if added else 200)


@router.get("/v1/enrolments", dependencies=[Depends(roles.ADMIN)], responses=gives(200))
def waiting(core: CoreOf) -> Response:
    """The keys that people posted and the directory does not name yet."""
    return json_response({"enrolments": enrolment.waiting(core)})
