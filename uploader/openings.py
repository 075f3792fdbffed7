# SPDX-License-Identifier: Apache-2.0
"""An opening of withheld records on its way to the platform: the statement, with the frames and pictures that it opens.

One request carries all of it, so the platform takes it whole or not at all. It may be repeated and may have been answered
unheard: the same opening again is the same entry of the log.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Final

import msgspec

from uploader.client import Answer, PlatformClient, Request
from uploader.statements import checked_entry
from uploader.transfer import session_path

BODY_BYTES: Final = 32 * 1024 * 1024
"""Largest request that the platform takes. Source: docs/architecture.md, The platform's interface."""


def send_opening(
    client: PlatformClient, session_id: str, statement: bytes, *, frames: Sequence[bytes], pictures: Sequence[bytes]
) -> Answer:
    """Sends a signed opening; done when it stands in the organisation log and its records are in the session there.

    Args:
        client: of the platform that confirmed the session.
        session_id: 32 hexadecimal digits.
        statement: the envelope.
        frames: of its records, SEALED, in its order.
        pictures: the encrypted pictures that these frames name.
    """
    body = {"statement": statement.decode(), "frames": _texts(frames), "pictures": _texts(pictures)}
    path = session_path(session_id, "/openings")
    return checked_entry(client.send(Request("opening", "POST", path, msgspec.json.encode(body))))


def _texts(parts: Sequence[bytes]) -> list[str]:
    return [base64.b64encode(part).decode() for part in parts]
