# SPDX-License-Identifier: Apache-2.0
"""What retention asks of the platform: which sessions hold something whose time has passed, and what they look like.

Nothing is removed by itself: only a statement of the organisation's root key does (`server.statements.take_retention`).
An outline has no content: types, commitments and leaves, from which the root of the seal follows.
"""

from __future__ import annotations

import base64
from typing import Final

from server.core import Core
from server.faults import unknown
from server.rewriting import frames_of
from server.sessions import naming_receipt_key
from server.store import rows
from session.frames import SEALED, Frame
from session.policy import parse_policy
from session.retention import DAY_US, KEPT_FOR_A_TIME, Outline, Outlined, due

LISTED: Final = 200
"""Most sessions in one answer. Source: docs/architecture.md, The platform's interface."""


def listing(core: Core, after: str) -> dict[str, object]:
    """The next sessions, by id after `after`, that hold something whose time has passed; `next` is where to go on."""
    now_us = core.now_us()
    found: list[str] = []
    with core.reading() as connection:
        policies = {sha256: parse_policy(toml) for sha256, toml in rows.policies(connection)}
        for session_id, policy, sealed_us, kinds in rows.sealed_by(connection, now_us - DAY_US, after):
            here = KEPT_FOR_A_TIME if kinds is None else {int(kind) for kind in kinds.split()}
            if due(policies[policy], sealed_us, now_us) & here:
                found.append(session_id)
            if len(found) == LISTED:
                break
    return {"sessions": found, "next": found[-1] if found else after}


def outline(core: Core, session_id: str) -> Outline:
    """One sealed session without content. Raises `RefusalError` 404."""
    with core.reading() as connection:
        sealed = rows.seal(connection, session_id)
        policy = rows.policy(connection, sealed.policy) if sealed is not None else None
        naming = naming_receipt_key(connection, sealed) if sealed is not None else b""
    if sealed is None or policy is None:
        raise unknown("session")
    return Outline(
        seal=sealed.envelope.decode(),
        receipt=sealed.receipt.decode(),
        policy=policy.decode(),
        records=tuple(_outlined(frame) for frame in frames_of(core, sealed)),
        directory=naming.decode(),
    )


def _outlined(frame: Frame) -> Outlined:
    here = int(frame.flags == SEALED)
    if frame.kind in KEPT_FOR_A_TIME:
        return Outlined(frame.kind, here, frame.commit.hex(), base64.b64encode(frame.public).decode())
    return Outlined(frame.kind, here, frame.leaf.hex(), "")
