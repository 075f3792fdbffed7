# SPDX-License-Identifier: Apache-2.0
"""The organisation log: `GET /v1/log/checkpoint`, `…/consistency/{old}/{size}`, `…/inclusion/{leaf}/{size}`, `…/entries`."""

from __future__ import annotations

from collections.abc import Collection
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from server.access import roles
from server.access.tokens import Caller
from server.faults import unknown
from server.orglog import About, Entry, concerning, signed_head
from server.routes.parameters import CoreOf, DigestPath, IndexPath, bytes_response, gives, json_response
from server.sessions import anothers

router = APIRouter()
BeginQuery = Annotated[int, Query(ge=0, le=2**53 - 1)]
SessionQuery = Annotated[str, Query(pattern="^([0-9a-f]{32})?$")]


@router.get("/v1/log/checkpoint", dependencies=[Depends(roles.MEMBER)], responses=gives(200, media_type="text/plain"))
def checkpoint(core: CoreOf) -> Response:
    """The head as a signed and cosigned note."""
    with core.reading() as connection:
        organisation = core.organisation(connection).fingerprint
        head, keys = core.log.head(connection), core.keys(connection)
    return bytes_response(signed_head(head, organisation, keys, core.now_us() // 1_000_000), "text/plain")


@router.get("/v1/log/consistency/{old}/{size}", dependencies=[Depends(roles.MEMBER)], responses=gives(200))
def consistency(core: CoreOf, old: IndexPath, size: IndexPath) -> Response:
    """The RFC 6962 proof that the log of `size` entries continues the one of `old`; 404 for a head that it never had."""
    with core.reading() as connection:
        proof = core.log.consistency(connection, old, size)
    if proof is None:
        raise unknown("head")
    return json_response({"proof": proof})


@router.get("/v1/log/inclusion/{leaf}/{size}", dependencies=[Depends(roles.MEMBER)], responses=gives(200))
def inclusion(core: CoreOf, leaf: DigestPath, size: IndexPath) -> Response:
    """Where the leaf (SHA256(0x00 | statement)) stands, and the RFC 6962 proof; 404 where that head does not hold it."""
    with core.reading() as connection:
        found = core.log.inclusion(connection, bytes.fromhex(leaf), size)
    if found is None:
        raise unknown("entry")
    return json_response({"index": found[0], "proof": found[1]})


@router.get("/v1/log/entries", responses=gives(200))
def entries(
    caller: Annotated[Caller, Depends(roles.MEMBER)],
    core: CoreOf,
    size: BeginQuery,
    begin: BeginQuery = 0,
    session: SessionQuery = "",
) -> Response:
    """The entries that concern the caller, each with its proof in the head of `size` entries; 404 for no such head."""
    member = caller.member
    reads = member is not None and {"reviewer", "approver"}.intersection(member.roles)
    projects = member.projects if member is not None and reads else ()
    everything = member is not None and "admin" in member.roles
    with core.reading() as connection:
        without = anothers(connection, caller)
        whose = concerning(caller.person, projects, everything=everything, session=session, without=without)
        found = core.log.entries(connection, whose, begin=begin, size=size)
    if found is None:
        raise unknown("head")
    return json_response({"entries": [_listed(one, proof) for one, proof in found]})


@router.get("/v1/log/entries/{index}", responses=gives(200))
def entry(caller: Annotated[Caller, Depends(roles.MEMBER)], core: CoreOf, index: IndexPath) -> Response:
    """One entry: its leaf for every member, its statement for those whom it concerns."""
    with core.reading() as connection:
        found, without = core.log.entry(connection, index), anothers(connection, caller)
    if found is None:
        raise unknown("entry")
    statement = (found.statement.decode() or None) if _concerns(caller, found.about, without) else None
    return json_response({"index": index, "kind": found.about.kind, "leaf": found.leaf.hex(), "statement": statement})


def _listed(entry: Entry, proof: tuple[str, ...]) -> dict[str, object]:
    """Of an entry whose text went under retention, its leaf and its session in place of the text."""
    row: dict[str, object] = {"index": entry.index, "kind": entry.about.kind, "statement": entry.statement.decode()}
    gone = {} if entry.statement else {"leaf": entry.leaf.hex(), "session": entry.about.session}
    return {**row, "proof": proof, **gone}


def _concerns(caller: Caller, about: About, without: Collection[str]) -> bool:
    """The directory concerns all; else the session's person, who reviews or approves its project, and admins."""
    member = caller.member
    if member is None:
        return False
    of_project = about.project in member.projects and bool({"reviewer", "approver"}.intersection(member.roles))
    own = about.person == member.id and about.session not in without
    return about.kind == "directory" or own or of_project or "admin" in member.roles
