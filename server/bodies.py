# SPDX-License-Identifier: Apache-2.0
"""Bodies of requests: bounded before they are read, and JSON taken only when every field is known and stands once."""

# No postponed annotations here: FastAPI reads those of a callable object as they are.
import json
import re
from collections.abc import Mapping
from typing import Any, Generic, TypeVar

import msgspec
from fastapi import Request

from server.access.roles import core_of
from server.config import Limits
from server.faults import RefusalError

T = TypeVar("T", bound=msgspec.Struct)

_HALF = re.compile(rb"\\u[dD][89a-fA-F]")
_LENGTH = re.compile(r"[0-9]{1,18}")


def declared_length(request: Request) -> int | None:
    """The Content-Length, None without one. Raises `RefusalError` 422 for one that is no number."""
    text = request.headers.get("Content-Length")
    if text is None:
        return None
    if _LENGTH.fullmatch(text) is None:
        raise RefusalError(422, "input", "Content-Length: must be a number of bytes.")
    return int(text)


def too_large(limit: int) -> RefusalError:
    """413."""
    return RefusalError(413, "size", f"This body may have at most {limit} bytes.")


async def read_bounded(request: Request, limit: int) -> bytes:
    """The whole body. Raises `RefusalError` 413 as soon as it is known to be over `limit` bytes."""
    length = declared_length(request)
    if length is not None and length > limit:
        raise too_large(limit)
    pieces = []
    total = 0
    async for piece in request.stream():
        total += len(piece)
        if total > limit:
            raise too_large(limit)
        pieces.append(piece)
    return b"".join(pieces)


class RawBody:
    """Dependency: the body's bytes, at most the named limit of `Limits`."""

    def __init__(self, limit: str, media_type: str) -> None:
        self._limit = limit
        self.content: Mapping[str, Any] = {media_type: {"schema": {"type": "string", "format": "binary"}}}

    async def __call__(self, request: Request) -> bytes:
        """The bytes."""
        return await read_bounded(request, _limit(core_of(request).config.limits, self._limit))


class JsonBody(Generic[T]):
    """Dependency: the body as a value of `kind`. Refuses unknown and duplicate fields, naming them."""

    def __init__(self, kind: type[T], limit: str = "json_max_bytes") -> None:
        self._kind = kind
        self._limit = limit
        (schema,), components = msgspec.json.schema_components([kind], ref_template="#/$defs/{name}")
        self.content: Mapping[str, Any] = {"application/json": {"schema": _inlined(schema, components)}}

    async def __call__(self, request: Request) -> T:
        """The value. Raises `RefusalError` 413 or 422."""
        raw = await read_bounded(request, _limit(core_of(request).config.limits, self._limit))
        return decode(raw, self._kind)


def decode(raw: bytes, kind: type[T]) -> T:
    """The value in `raw`. Raises `RefusalError` 422 that names the field."""
    try:
        parsed = json.loads(raw.decode(), object_pairs_hook=_once, parse_constant=_no_constant)
        if _HALF.search(raw):
            json.dumps(parsed, ensure_ascii=False).encode()  # half a surrogate pair is no character, and UTF-8 cannot say it
        return msgspec.convert(parsed, kind, strict=True)
    except msgspec.ValidationError as error:
        raise RefusalError(422, "input", f"{error}.") from error
    except (ValueError, RecursionError) as error:
        raise RefusalError(422, "input", "The body is not JSON in UTF-8.") from error


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise RefusalError(422, "input", "A field of the body stands twice.")
    return found


def _no_constant(name: str) -> None:
    raise RefusalError(422, "input", f"{name} is not JSON.")


def _limit(limits: Limits, name: str) -> int:
    return int(getattr(limits, name))


def _inlined(schema: Any, components: Mapping[str, Any]) -> Any:  # noqa: ANN401 - JSON schema
    """The schema with its references put in place: an OpenAPI operation is self-contained then."""
    if isinstance(schema, list):
        return [_inlined(part, components) for part in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return _inlined(components[schema["$ref"].removeprefix("#/$defs/")], components)
    return {name: _inlined(part, components) for name, part in schema.items()}
