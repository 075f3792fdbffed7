# SPDX-License-Identifier: Apache-2.0
"""The directory: `GET` and `PUT /v1/directory`, and the platform's own keys in it: `GET /v1/platform-keys`."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from server import renewing
from server.access import roles
from server.bodies import RawBody
from server.faults import RefusalError
from server.routes.parameters import DSSE, CoreOf, bytes_response, gives, json_response, takes
from server.setup import check_ends, check_keys
from session import InputFault, IntegrityFault
from session.trust.directory import accept, open_directory

router = APIRouter()
BODY = RawBody("directory_max_bytes", DSSE)


@router.get("/v1/directory", dependencies=[Depends(roles.ENROLLED)], responses=gives(200, media_type=DSSE))
def read(core: CoreOf, request: Request) -> Response:
    """The directory in force; 304 where `If-None-Match` names it."""
    with core.reading() as connection:
        in_force = core.in_force(connection)
    tag = f'"{in_force.sha256}"'
    if tag in [part.strip() for part in request.headers.get("If-None-Match", "").split(",")]:
        return Response(status_code=304, headers={"ETag": tag})
    return bytes_response(in_force.envelope, DSSE, headers={"ETag": tag})


@router.put(
    "/v1/directory", dependencies=[Depends(roles.ADMIN)], status_code=204, response_class=Response, openapi_extra=takes(BODY)
)
def replace(core: CoreOf, body: Annotated[bytes, Depends(BODY)]) -> Response:
    """Puts a newer version in force: signed by the root, naming this platform's keys and at least one admin."""
    with core.writing() as connection:
        organisation = core.organisation(connection)
        try:
            offered = open_directory(body, organisation.root_public)
        except IntegrityFault as error:
            raise RefusalError(422, "directory", str(error)) from error
        held = core.in_force(connection)
        if held.envelope == body:
            return Response(status_code=204)
        try:
            accept(held.envelope, body, organisation.root_public)
        except IntegrityFault as error:
            raise RefusalError(409, "version", str(error)) from error
        check_keys(offered, core.read_keys())
        check_ends(held.directory, offered)
        if not any("admin" in person.roles for person in offered.people):
            raise InputFault("people: without an admin nobody could ever replace this directory.")
        core.adopt(connection, offered, body)
        renewing.forget_grants(connection, held.directory, offered, core.now_us())
    with core.reading() as connection:
        core.settle_keys(connection)
    return Response(status_code=204)


@router.get("/v1/platform-keys", dependencies=[Depends(roles.ADMIN)], responses=gives(200))
def platform_keys(core: CoreOf) -> Response:
    """The platform's public keys: those in force, and as they would be with the prepared ones; and its time."""
    return json_response(renewing.told(core))
