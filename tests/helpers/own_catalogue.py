# SPDX-License-Identifier: Apache-2.0
"""An organisation's own catalogue of AI tools: one tool that no other list knows, in the browsers that the program knows."""

from __future__ import annotations

import hashlib
from typing import Any

import msgspec

from detectors.catalogue.match import shipped
from session.policy import Policy

APP = "modelo-studio"
TITLE = "Modelo Studio"
TOOL: dict[str, Any] = {
    "name": "Modelo Studio",
    "kind": "chat",
    "source": "our own program",
    "confidence": "high",
    "exact": [TITLE],
    "linux": [APP],
}


def own_catalogue(*more: dict[str, Any], version: int = 1, **changes: object) -> bytes:
    """Its bytes: `TOOL` with these changes, and further tools; a field that is None is left out."""
    tool = {name: value for name, value in (TOOL | changes).items() if value is not None}
    browsers = msgspec.to_builtins(shipped().browsers)
    return msgspec.json.encode({"version": version, "browsers": browsers, "tools": [tool, *more]})


def digest(octets: bytes) -> str:
    """How a policy names it."""
    return hashlib.sha256(octets).hexdigest()


def naming(policy: Policy, sha256: str) -> Policy:
    """`policy`, naming this catalogue."""
    return msgspec.structs.replace(policy, ai_tools=msgspec.structs.replace(policy.ai_tools, catalogue=sha256))
