# SPDX-License-Identifier: Apache-2.0
"""The tables. Everything private arrives encrypted: no column here holds what a session's content keys would open.

Evidence (envelopes, notes, statements) is kept as the bytes that were signed; other columns are an index over it.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

organisation = Table(
    "organisation",
    metadata,
    Column("only", Integer, CheckConstraint("only = 1", name="one"), primary_key=True),
    Column("fingerprint", String(64), nullable=False),
    Column("root_public", LargeBinary, nullable=False),
    Column("founded_us", BigInteger, nullable=False),
)

directories = Table(
    "directories",
    metadata,
    Column("version", BigInteger, primary_key=True, autoincrement=False),
    Column("sha256", String(64), nullable=False, unique=True),
    Column("envelope", LargeBinary, nullable=False),
    Column("accepted_us", BigInteger, nullable=False),
)

policies = Table(
    "policies",
    metadata,
    Column("sha256", String(64), primary_key=True),
    Column("toml", LargeBinary, nullable=False),
    Column("added_us", BigInteger, nullable=False),
)

catalogues = Table(
    "catalogues",
    metadata,
    Column("sha256", String(64), primary_key=True),
    Column("body", LargeBinary, nullable=False),
    Column("added_us", BigInteger, nullable=False),
)

invitations = Table(
    "invitations",
    metadata,
    Column("code_sha256", String(64), primary_key=True),
    Column("person", String(128), nullable=False),
    Column("name", String(128), nullable=False),
    Column("roles", Text, nullable=False),
    Column("projects", Text, nullable=False),
    Column("expires_us", BigInteger, nullable=False),
    Column("used_us", BigInteger),
    Column("device_key", String(64), nullable=False, server_default=""),
)

devices = Table(
    "devices",
    metadata,
    Column("person", String(128), primary_key=True),
    Column("device", String(128), primary_key=True),
    Column("name", String(128), nullable=False),
    Column("roles", Text, nullable=False),
    Column("projects", Text, nullable=False),
    Column("person_key", String(64), nullable=False),
    Column("reading_key", String(64), nullable=False),
    Column("certificate", LargeBinary, nullable=False),
    Column("enrolled_us", BigInteger, nullable=False),
)

tokens = Table(
    "tokens",
    metadata,
    Column("token_sha256", String(64), primary_key=True),
    Column("person", String(128), nullable=False),
    Column("person_key", String(64), nullable=False),
    Column("device_key", String(64), nullable=False),
    Column("issued_us", BigInteger, nullable=False),
    Column("named_us", BigInteger, nullable=False),
)

sessions = Table(
    "sessions",
    metadata,
    Column("session", String(32), primary_key=True),
    Column("person", String(128), nullable=False, index=True),
    Column("device", String(128), nullable=False),
    Column("project", String(128), nullable=False, index=True),
    Column("session_public", LargeBinary, nullable=False),
    Column("certificate", LargeBinary, nullable=False),
    Column("grant", LargeBinary, nullable=False),
    Column("granted_us", BigInteger, nullable=False),
    Column("start_by_us", BigInteger, nullable=False),
    Column("cosigned_size", BigInteger, nullable=False),
    Column("cosigned_root", LargeBinary, nullable=False),
    Column("cosigned_note", LargeBinary, nullable=False),
    Column("cosigned_first_us", BigInteger, nullable=False),
    Column("cosigned_last_us", BigInteger, nullable=False),
)

cosignatures = Table(
    "cosignatures",
    metadata,
    Column("session", String(32), ForeignKey("sessions.session"), primary_key=True),
    Column("size", BigInteger, primary_key=True, autoincrement=False),
    Column("root", LargeBinary, nullable=False),
    Column("first_us", BigInteger, nullable=False),
)

blobs = Table(
    "blobs",
    metadata,
    Column("session", String(32), ForeignKey("sessions.session"), primary_key=True),
    Column("sha256", String(64), primary_key=True),
    Column("size_bytes", BigInteger, nullable=False),
    Column("stored_us", BigInteger, nullable=False),
)

seals = Table(
    "seals",
    metadata,
    Column("session", String(32), ForeignKey("sessions.session"), primary_key=True),
    Column("envelope", LargeBinary, nullable=False),
    Column("receipt", LargeBinary, nullable=False),
    Column("segments", Text, nullable=False),
    Column("captures", Text, nullable=False),
    Column("directory", String(64), nullable=False),
    Column("policy", String(64), nullable=False),
    Column("project", String(128), nullable=False, index=True),
    Column("started_us", BigInteger, nullable=False),
    Column("worked_us", BigInteger, nullable=False),
    Column("sealed_us", BigInteger, nullable=False),
    Column("kinds", Text),
)

worked = Table(
    "worked",
    metadata,
    Column("session", String(32), ForeignKey("sessions.session"), primary_key=True),
    Column("person", String(128), nullable=False),
    Column("started_us", BigInteger, nullable=False),
    Column("from_us", BigInteger, nullable=False),
    Column("to_us", BigInteger, nullable=False),
    Column("spans", LargeBinary, nullable=False),
    Column("overlap_us", BigInteger, nullable=False),
    Column("beyond_us", BigInteger, nullable=False),
    Index("ix_worked_person_to_us", "person", "to_us"),
)

unwanted = Table(
    "unwanted",
    metadata,
    Column("session", String(32), ForeignKey("sessions.session"), primary_key=True),
    Column("sha256", String(64), primary_key=True),
)

accesses = Table(
    "accesses",
    metadata,
    Column("session", String(32), ForeignKey("sessions.session"), primary_key=True),
    Column("person", String(128), primary_key=True),
    Column("sha256", String(64), primary_key=True),
    Column("at_us", BigInteger, nullable=False),
)

statements = Table(
    "statements",
    metadata,
    Column("index", BigInteger, ForeignKey("log_entries.index"), primary_key=True, autoincrement=False),
    Column("sha256", String(64), nullable=False, unique=True),
    Column("session", String(32), ForeignKey("sessions.session"), nullable=False, index=True),
    Column("kind", String(32), nullable=False),
    Column("finding", BigInteger),
    Column("author", String(128), nullable=False),
    Column("person", String(128), nullable=False, index=True),
    Column("project", String(128), nullable=False, index=True),
    Column("directory", String(64), nullable=False),
)

rates_reports = Table(
    "rates_reports",
    metadata,
    Column("period", BigInteger, primary_key=True, autoincrement=False),
    Column("person", String(128), primary_key=True),
    Column("report", LargeBinary, nullable=False),
    Column("share", LargeBinary, nullable=False),
)

log_entries = Table(
    "log_entries",
    metadata,
    Column("index", BigInteger, primary_key=True, autoincrement=False),
    Column("leaf", LargeBinary, nullable=False),
    Column("statement", LargeBinary, nullable=False),
    Column("kind", String(32), nullable=False),
    Column("session", String(32), nullable=False),
    Column("person", String(128), nullable=False),
    Column("project", String(128), nullable=False),
    Column("added_us", BigInteger, nullable=False),
    Index("ix_log_entries_session_kind", "session", "kind"),
)
