# SPDX-License-Identifier: Apache-2.0
"""Openings of withheld records as a trainer's own machine signs and sends them; `changes` make them wrong."""

from __future__ import annotations

import base64
from pathlib import Path

import msgspec
import requests
from server_running import Member, RunningPlatform, sha256
from server_statements import About, head_of

from session.appeal import opening_of, to_send
from session.crypto.signing import SigningKey
from session.segments import session_frames
from session.trust.statements import LogHead, sign


def disclosure(
    platform: RunningPlatform,
    author: Member,
    about: About,
    *seqs: int,
    key: SigningKey | None = None,
    frames: tuple[bytes, ...] | None = None,
    pictures: tuple[bytes, ...] | None = None,
    **changes: object,
) -> dict[str, object]:
    """The request that opens these records of `about`."""
    head = head_of(platform)
    opening = opening_of(
        about.sealed.folder,
        seqs,
        about.sealed.keys.content,
        directory=platform.organisation.directory(),
        person=author.person,
        at_us=platform.clock.read().t_us,
        head=LogHead(int(str(head["log_size"])), str(head["log_root"])),
    )
    carried = to_send(about.sealed.folder, seqs)
    signed = sign(msgspec.structs.replace(opening, **changes), key or author.person_key)
    return {
        "statement": signed.decode(),
        "frames": [text_of(one) for one in (carried.frames if frames is None else frames)],
        "pictures": [text_of(one) for one in (carried.pictures if pictures is None else pictures)],
    }


def text_of(part: bytes) -> str:
    return base64.b64encode(part).decode()


def disclose(author: Member, about: About, body: dict[str, object]) -> requests.Response:
    """As `author`, to the session's address."""
    return author.client.post(f"/v1/sessions/{about.id}/openings", json=body)


def assert_refused(answer: requests.Response, status: int, code: str, field: str = "") -> None:
    """That the platform said no, with this status and code, naming this field."""
    assert (answer.status_code, answer.json()["error"]) == (status, code), answer.text
    assert str(answer.json()["detail"]).startswith(field), answer.text


def manifest(reader: Member, sent: About) -> dict[str, list[str]]:
    answer = reader.client.get(f"/v1/sessions/{sent.id}")
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def fetched(reader: Member, sent: About, folder: Path) -> Path:
    """The session as the platform gives it now, as a folder."""
    given = manifest(reader, sent)
    for part in ("blobs", "statements"):
        (folder / part).mkdir(parents=True)
    names = {f"{index:06d}.fws": digest for index, digest in enumerate(given["segments"])}
    for name, digest in (names | {f"blobs/{digest}": digest for digest in given["blobs"]}).items():
        octets = reader.client.get(f"/v1/sessions/{sent.id}/blobs/{digest}").content
        assert sha256(octets) == digest
        (folder / name).write_bytes(octets)
    texts = {"seal.dsse": "seal", "receipt.dsse": "receipt", "statements/directory.dsse": "directory"}
    for name, field in (texts | {"statements/policy.toml": "policy"}).items():
        (folder / name).write_text(str(given[field]), encoding="utf-8", newline="")
    for text in given["statements"]:
        (folder / f"statements/{sha256(text.encode())}.dsse").write_text(text, encoding="utf-8", newline="")
    return folder


def flags(folder: Path) -> dict[int, int]:
    return {frame.seq: frame.flags for _, _, frame in session_frames(folder)}
