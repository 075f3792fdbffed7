# SPDX-License-Identifier: Apache-2.0
"""The organisation log: `GET /v1/log/checkpoint`, `…/consistency/{old}/{size}`, `…/entries/{index}`."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Response

from server.access import roles
from server.access.tokens import Caller
from server.faults import unknown
from server.orglog import About, signed_head
from server.routes.parameters import CoreOf, IndexPath, bytes_response, gives, json_response

router = APIRouter()


@router.get("/v1/log/checkpoint", dependencies=[Depends(roles.MEMBER)], responses=gives(200, media_type="text/plain"))
def checkpoint(core: CoreOf) -> Response:
    """The head as a signed and cosigned note."""
    with core.reading() as connection:
        organisation = core.organisation(connection).fingerprint
        head = core.log.head(connection)
    return bytes_response(signed_head(head, organisation, core.keys, core.now_us() // 1_000_000), "text/plain")


@router.get("/v1/log/consistency/{old}/{size}", dependencies=[Depends(roles.MEMBER)], responses=gives(200))
def consistency(core: CoreOf, old: IndexPath, size: IndexPath) -> Response:
    """The RFC 6962 proof that the log of `size` entries continues the one of `old`; 404 for a head that it never had."""
    with core.reading() as connection:
        proof = core.log.consistency(connection, old, size)
    if proof is None:
        raise unknown("head")
    return json_response({"proof": proof})


@router.get("/v1/log/entries/{index}", responses=gives(200))
def entry(caller: Annotated[Caller, Depends(roles.MEMBER)], core: CoreOf, index: IndexPath) -> Response:
    """One entry: its leaf for every member, its statement for those whom it concerns."""
    with core.reading() as connection:
        found = core.log.entry(connection, index)
    if found is None:
        raise unknown("entry")
    statement = found.statement.decode() if _concerns(caller, found.about) else None
    return json_response({"index": index, "kind": found.about.kind, "leaf": found.leaf.hex(), "statement": statement})


def _concerns(caller: Caller, about: About) -> bool:
    """The directory concerns all; else the session's person, who reviews or approves its project, and admins."""
    member = caller.member
    if member is None:
        return False
    of_project = about.project in member.projects and bool({"reviewer", "approver"}.intersection(member.roles))
    return about.kind == "directory" or about.person == member.id or of_project or "admin" in member.roles
