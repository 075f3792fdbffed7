# SPDX-License-Identifier: Apache-2.0
"""Policies by digest: `GET` and `PUT /v1/policies/{sha256}`."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Response

from server.access import roles
from server.bodies import RawBody
from server.faults import RefusalError, unknown
from server.routes.parameters import TOML, CoreOf, DigestPath, bytes_response, gives, json_response, takes
from server.store import rows
from session.policy import parse_policy, policy_digest

router = APIRouter()
BODY = RawBody("policy_max_bytes", TOML)


@router.get("/v1/policies/{sha256}", dependencies=[Depends(roles.MEMBER)], responses=gives(200, media_type=TOML))
def read(core: CoreOf, sha256: DigestPath) -> Response:
    """The bytes of a policy."""
    with core.reading() as connection:
        toml = rows.policy(connection, sha256)
    if toml is None:
        raise unknown("policy")
    return bytes_response(toml, TOML)


@router.put(
    "/v1/policies/{sha256}", dependencies=[Depends(roles.ADMIN)], responses=gives(200, 201), openapi_extra=takes(BODY)
)
def add(core: CoreOf, sha256: DigestPath, body: Annotated[bytes, Depends(BODY)]) -> Response:
    """Keeps a policy: 201, or 200 where it was kept before. What it may not say is named by `parse_policy`."""
    if policy_digest(body) != sha256:
        raise RefusalError(422, "digest", "The bytes do not have the SHA-256 that the address names.")
    parse_policy(body)
    with core.writing() as connection:
        added = rows.add_policy(connection, sha256, body, core.now_us())
    return json_response({"sha256": sha256}, 201 if added else 200)
