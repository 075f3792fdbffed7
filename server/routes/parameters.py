# SPDX-License-Identifier: Apache-2.0
"""What the routes share: path parameters with their bounds, and how bytes and JSON leave."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import msgspec
from fastapi import Depends, Path, Response

from server.access.roles import core_of
from server.bodies import JsonBody, RawBody
from server.core import Core

SessionPath = Annotated[str, Path(pattern="^[0-9a-f]{32}$")]
DigestPath = Annotated[str, Path(pattern="^[0-9a-f]{64}$")]
IndexPath = Annotated[int, Path(ge=0, le=2**53 - 1)]
PeriodPath = Annotated[int, Path(ge=0, le=2**32 - 1)]
CoreOf = Annotated[Core, Depends(core_of)]

DSSE = "application/vnd.dsse+json"
OCTETS = "application/octet-stream"
TOML = "application/toml"
NO_STORE = {"Cache-Control": "no-store"}


def takes(body: JsonBody[Any] | RawBody) -> dict[str, Any]:
    """OpenAPI: what a route takes."""
    return {"requestBody": {"required": True, "content": body.content}}


def gives(*statuses: int, media_type: str = "application/json") -> dict[int | str, dict[str, Any]]:
    """OpenAPI: what a route gives."""
    schema: dict[str, Any] = {"type": "object"} if media_type.endswith("json") else {"type": "string", "format": "binary"}
    if media_type == DSSE:
        schema["required"] = ["payload", "payloadType", "signatures"]
    return {status: {"description": "As asked.", "content": {media_type: {"schema": schema}}} for status in statuses}


def json_response(value: object, status: int = 200) -> Response:
    """`value` as JSON."""
    return Response(msgspec.json.encode(value), status, headers=NO_STORE, media_type="application/json")


def bytes_response(octets: bytes, media_type: str, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """Bytes as they are."""
    return Response(octets, status, headers={**NO_STORE, **(headers or {})}, media_type=media_type)
