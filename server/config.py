# SPDX-License-Identifier: Apache-2.0
"""What a platform is started with: one frozen value, built once and passed down."""

from __future__ import annotations

from pathlib import Path

import msgspec

from server.forwarded import networks
from session import InputFault

MIB = 1024 * 1024


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """Every bound that the platform puts on what it is sent.

    Args:
        blob_max_bytes: one blob; a segment is at most 16 MiB. Source: docs/architecture.md, the platform's interface.
        session_max_bytes, session_max_blobs: all blobs of one session.
        unsealed_max_bytes: all blobs of all sessions of one person that are not sealed yet.
        json_max_bytes: any JSON body but a seal; seal_max_bytes: that.
        directory_max_bytes, policy_max_bytes, catalogue_max_bytes: their files.
        checkpoint_max_bytes: an add-checkpoint body: 63 proof lines of 45 bytes and a note.
            Source: C2SP tlog-witness v1.0.0, "add-checkpoint".
        invitation_s: how long an admin's code opens; enrol_per_minute: tries of one neighbourhood with
            codes that open nothing; of all ten times that; and a person's attempts to invite a device of their own.
        grants_open: unused grants of one device and project; grant_s: from a grant to its `start_by`;
            unsealed_most: sessions of one person granted within `grant_s` and not sealed, used or not.
            Source: docs/session-format.md, GRANT.
        statement_max_bytes: a statement about a session; statements_most: decisions and replies of one person on one
            session; removals_most: removals and openings of its trainer, who must never be told that it is too late.
            Source: docs/session-format.md, Bounds: far from the number that a session's folder may hold.
        opening_max_bytes: an opening with its frames and pictures in base64; a picture alone may have 20 MiB.
        head_s, body_s, answer_s: deadlines of a request's head, of its body before its rate is looked at, and of an answer
            that stands still; connections_most, connections_of_one: open at once, in all and of one neighbourhood (an
            IPv4 address, an IPv6 /64), which may be an office of 200 with four each; requests_most, requests_of_one:
            under way at once. Source: docs/architecture.md, the platform's interface.
        access_s: how long one Access statement covers further blobs of the same session and person.
    """

    blob_max_bytes: int = 20 * MIB
    session_max_bytes: int = 4096 * MIB
    session_max_blobs: int = 20_000
    unsealed_max_bytes: int = 8 * 4096 * MIB
    json_max_bytes: int = 256 * 1024
    seal_max_bytes: int = 2 * MIB
    directory_max_bytes: int = 4 * MIB
    policy_max_bytes: int = 64 * 1024
    catalogue_max_bytes: int = MIB
    checkpoint_max_bytes: int = 16 * 1024
    statement_max_bytes: int = 64 * 1024
    opening_max_bytes: int = 32 * MIB
    statements_most: int = 100
    removals_most: int = 2_000
    invitation_s: int = 7 * 86_400
    enrol_per_minute: int = 10
    grants_open: int = 20
    unsealed_most: int = 500
    grant_s: int = 14 * 86_400
    access_s: int = 3_600
    head_s: int = 10
    body_s: int = 20
    answer_s: int = 60
    connections_most: int = 4_000
    connections_of_one: int = 1_000
    requests_most: int = 500
    requests_of_one: int = 400


class ServerConfig(msgspec.Struct, frozen=True, kw_only=True):
    """Where a platform keeps what it has, and where it listens.

    Args:
        folder: its own folder: `platform.sqlite3`, `keys/`, `blobs/`, `incoming/`.
        trusted_proxies: networks of reverse proxies, whose word about a client's address is taken (`server.forwarded`).
        database_url: an SQLAlchemy URL of SQLite, "" for the file in `folder`.
        host, port: where to listen; port 0 takes a free one.
    """

    folder: Path
    host: str = "127.0.0.1"
    port: int = 8440
    database_url: str = ""
    limits: Limits = Limits()
    trusted_proxies: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuses what cannot work with `InputFault`, naming the field."""
        if not 0 <= self.port <= 65_535:
            raise InputFault("port: must be from 0 to 65535.")
        networks(self.trusted_proxies)
        if self.database_url and not self.database_url.startswith("sqlite:///"):
            raise InputFault("database_url: must begin with sqlite:/// - this version keeps its database in SQLite.")

    @property
    def database(self) -> str:
        """The SQLAlchemy URL in force."""
        return self.database_url or f"sqlite:///{(self.folder / 'platform.sqlite3').absolute()}"
