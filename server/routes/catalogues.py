# SPDX-License-Identifier: Apache-2.0
"""Catalogues of AI tools by digest: `GET` and `PUT /v1/catalogues/{sha256}`.

What stands in one the admin's program checks before, and every agent again; here it is bytes that a policy names.
"""

from __future__ import annotations

import hashlib
from typing import Annotated

from fastapi import APIRouter, Depends, Response

from server.access import roles
from server.bodies import RawBody
from server.faults import RefusalError, unknown
from server.routes.parameters import CoreOf, DigestPath, bytes_response, gives, json_response, takes
from server.store import rows

JSON = "application/json"

router = APIRouter()
BODY = RawBody("catalogue_max_bytes", JSON)


@router.get("/v1/catalogues/{sha256}", dependencies=[Depends(roles.MEMBER)], responses=gives(200, media_type=JSON))
def read(core: CoreOf, sha256: DigestPath) -> Response:
    """The bytes of a catalogue."""
    with core.reading() as connection:
        body = rows.catalogue(connection, sha256)
    if body is None:
        raise unknown("catalogue")
    return bytes_response(body, JSON)


@router.put(
    "/v1/catalogues/{sha256}", dependencies=[Depends(roles.ADMIN)], responses=gives(200, 201), openapi_extra=takes(BODY)
)
def add(core: CoreOf, sha256: DigestPath, body: Annotated[bytes, Depends(BODY)]) -> Response:
    """Keeps a catalogue: 201, or 200 where it was kept before."""
    if hashlib.sha256(body).hexdigest() != sha256:
        raise RefusalError(422, "digest", "The bytes do not have the SHA-256 that the address names.")
    with core.writing() as connection:
        added = rows.add_catalogue(connection, sha256, body, core.now_us())
    return json_response({"sha256": sha256}, 201 if added else 200)
