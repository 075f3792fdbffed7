# SPDX-License-Identifier: Apache-2.0
"""Decisions and replies as people's own machines sign them, and a platform with a sealed session to say them about."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Protocol

import requests
from server_running import Member, RunningPlatform, sha256
from server_sessions import Sending, short_session
from trust_builders import SealedSession

from session.crypto.signing import SigningKey
from session.events import Kind
from session.frames import SEALED
from session.log.checkpoint import parse_checkpoint
from session.log.note import parse_note
from session.segments import blob_of, session_frames
from session.trust.statements import Decision, Removal, Reply, sign

_NUMBERS = itertools.count()


class About(Protocol):
    """A sealed session, for what is said about it."""

    @property
    def id(self) -> str: ...

    @property
    def sealed(self) -> SealedSession: ...


def sealed_session(platform: RunningPlatform, trainer: Member, folder: Path) -> Sending:
    """One that the platform confirmed."""
    sending = short_session(platform, trainer, folder, f"said {next(_NUMBERS)}").seal_whole()
    sending.put_files()
    assert sending.put_seal().status_code == 201
    return sending


def head_of(platform: RunningPlatform) -> dict[str, object]:
    """The head of the organisation log, as statements name it."""
    text = parse_note(platform.admin.client.get("/v1/log/checkpoint").content).text
    checkpoint = parse_checkpoint(text)
    return {"log_size": checkpoint.size, "log_root": checkpoint.root.hex()}


def decision(
    platform: RunningPlatform, author: Member, about: About, *, key: SigningKey | None = None, **changes: object
) -> bytes:
    """A decision of `author` on record 2, signed; `key` and `changes` make it wrong."""
    fields: dict[str, object] = {
        "organisation": platform.organisation.fingerprint,
        "session": about.id,
        "seal_sha256": sha256(about.sealed.seal_raw),
        "finding": 2,
        "outcome": "not upheld",
        "reason": "The pauses fit the text that was written.",
        "person": author.person,
        "at_us": platform.clock.read().t_us,
        **head_of(platform),
    }
    return sign(Decision(**(fields | changes)), key or author.person_key)  # type: ignore[arg-type]


def reply(
    platform: RunningPlatform,
    author: Member,
    about: About,
    decided: bytes,
    *,
    key: SigningKey | None = None,
    **changes: object,
) -> bytes:
    """The reply of `author` to a decision, signed."""
    fields: dict[str, object] = {
        "organisation": platform.organisation.fingerprint,
        "session": about.id,
        "decision_sha256": sha256(decided),
        "text": "I wrote it on paper first.",
        "person": author.person,
        "at_us": platform.clock.read().t_us,
        **head_of(platform),
    }
    return sign(Reply(**(fields | changes)), key or author.person_key)  # type: ignore[arg-type]


def removal(
    platform: RunningPlatform,
    author: Member,
    about: About,
    *seqs: int,
    key: SigningKey | None = None,
    blobs: tuple[str, ...] | None = None,
    **changes: object,
) -> bytes:
    """The removal by `author` of these records, signed, with the pictures that they name."""
    frames = {frame.seq: frame for _, _, frame in session_frames(about.sealed.folder)}
    fields: dict[str, object] = {
        "organisation": platform.organisation.fingerprint,
        "session": about.id,
        "seal_sha256": sha256(about.sealed.seal_raw),
        "ranges": tuple((seq, seq) for seq in seqs),
        "blobs": tuple(blob_of(frames[seq]) for seq in seqs if blob_of(frames[seq])) if blobs is None else blobs,
        "reason": "private",
        "by": "person",
        "at_us": platform.clock.read().t_us,
        **head_of(platform),
    }
    return sign(Removal(**(fields | changes)), key or author.person_key)  # type: ignore[arg-type]


def seqs_of(about: About, *kinds: Kind) -> list[int]:
    """Records of these types whose sealed part is in the trainer's folder, in order."""
    found = session_frames(about.sealed.folder)
    return [frame.seq for _, _, frame in found if frame.kind in kinds and frame.flags == SEALED]


def post(author: Member, about: About, raw: bytes) -> requests.Response:
    """As `author`, to the session's address."""
    return author.client.post(f"/v1/sessions/{about.id}/statements", data=raw)


def refused(answer: requests.Response) -> tuple[int, str]:
    """Status and code."""
    return answer.status_code, str(answer.json()["error"])
