# SPDX-License-Identifier: Apache-2.0
"""The first schema."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """To this revision."""
    op.create_table(
        "devices",
        sa.Column("person", sa.String(length=128), nullable=False),
        sa.Column("device", sa.String(length=128), nullable=False),
        sa.Column("name", sa.String(length=128), nullable=False),
        sa.Column("roles", sa.Text(), nullable=False),
        sa.Column("projects", sa.Text(), nullable=False),
        sa.Column("person_key", sa.String(length=64), nullable=False),
        sa.Column("reading_key", sa.String(length=64), nullable=False),
        sa.Column("certificate", sa.LargeBinary(), nullable=False),
        sa.Column("enrolled_us", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("person", "device", name=op.f("pk_devices")),
    )
    op.create_table(
        "directories",
        sa.Column("version", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("envelope", sa.LargeBinary(), nullable=False),
        sa.Column("accepted_us", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("version", name=op.f("pk_directories")),
        sa.UniqueConstraint("sha256"),
    )
    op.create_table(
        "invitations",
        sa.Column("code_sha256", sa.String(length=64), nullable=False),
        sa.Column("person", sa.String(length=128), nullable=False),
        sa.Column("name", sa.String(length=128), nullable=False),
        sa.Column("roles", sa.Text(), nullable=False),
        sa.Column("projects", sa.Text(), nullable=False),
        sa.Column("expires_us", sa.BigInteger(), nullable=False),
        sa.Column("used_us", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("code_sha256", name=op.f("pk_invitations")),
    )
    op.create_table(
        "log_entries",
        sa.Column("index", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("leaf", sa.LargeBinary(), nullable=False),
        sa.Column("statement", sa.LargeBinary(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("session", sa.String(length=32), nullable=False),
        sa.Column("person", sa.String(length=128), nullable=False),
        sa.Column("project", sa.String(length=128), nullable=False),
        sa.Column("added_us", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("index", name=op.f("pk_log_entries")),
    )
    with op.batch_alter_table("log_entries", schema=None) as batch_op:
        batch_op.create_index("ix_log_entries_session_kind", ["session", "kind"], unique=False)

    op.create_table(
        "organisation",
        sa.Column("only", sa.Integer(), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("root_public", sa.LargeBinary(), nullable=False),
        sa.Column("founded_us", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("only", name=op.f("pk_organisation")),
    )
    op.create_table(
        "policies",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("toml", sa.LargeBinary(), nullable=False),
        sa.Column("added_us", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_policies")),
    )
    op.create_table(
        "sessions",
        sa.Column("session", sa.String(length=32), nullable=False),
        sa.Column("person", sa.String(length=128), nullable=False),
        sa.Column("device", sa.String(length=128), nullable=False),
        sa.Column("project", sa.String(length=128), nullable=False),
        sa.Column("session_public", sa.LargeBinary(), nullable=False),
        sa.Column("certificate", sa.LargeBinary(), nullable=False),
        sa.Column("grant", sa.LargeBinary(), nullable=False),
        sa.Column("granted_us", sa.BigInteger(), nullable=False),
        sa.Column("start_by_us", sa.BigInteger(), nullable=False),
        sa.Column("cosigned_size", sa.BigInteger(), nullable=False),
        sa.Column("cosigned_root", sa.LargeBinary(), nullable=False),
        sa.Column("cosigned_note", sa.LargeBinary(), nullable=False),
        sa.Column("cosigned_first_us", sa.BigInteger(), nullable=False),
        sa.Column("cosigned_last_us", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("session", name=op.f("pk_sessions")),
    )
    with op.batch_alter_table("sessions", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sessions_person"), ["person"], unique=False)
        batch_op.create_index(batch_op.f("ix_sessions_project"), ["project"], unique=False)

    op.create_table(
        "tokens",
        sa.Column("token_sha256", sa.String(length=64), nullable=False),
        sa.Column("person", sa.String(length=128), nullable=False),
        sa.Column("person_key", sa.String(length=64), nullable=False),
        sa.Column("device_key", sa.String(length=64), nullable=False),
        sa.Column("issued_us", sa.BigInteger(), nullable=False),
        sa.Column("named_us", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("token_sha256", name=op.f("pk_tokens")),
    )
    op.create_table(
        "accesses",
        sa.Column("session", sa.String(length=32), nullable=False),
        sa.Column("person", sa.String(length=128), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("at_us", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["session"], ["sessions.session"], name=op.f("fk_accesses_session")),
        sa.PrimaryKeyConstraint("session", "person", "sha256", name=op.f("pk_accesses")),
    )
    op.create_table(
        "blobs",
        sa.Column("session", sa.String(length=32), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("stored_us", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["session"], ["sessions.session"], name=op.f("fk_blobs_session")),
        sa.PrimaryKeyConstraint("session", "sha256", name=op.f("pk_blobs")),
    )
    op.create_table(
        "cosignatures",
        sa.Column("session", sa.String(length=32), nullable=False),
        sa.Column("size", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("root", sa.LargeBinary(), nullable=False),
        sa.Column("first_us", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["session"], ["sessions.session"], name=op.f("fk_cosignatures_session")),
        sa.PrimaryKeyConstraint("session", "size", name=op.f("pk_cosignatures")),
    )
    op.create_table(
        "seals",
        sa.Column("session", sa.String(length=32), nullable=False),
        sa.Column("envelope", sa.LargeBinary(), nullable=False),
        sa.Column("receipt", sa.LargeBinary(), nullable=False),
        sa.Column("segments", sa.Text(), nullable=False),
        sa.Column("captures", sa.Text(), nullable=False),
        sa.Column("directory", sa.String(length=64), nullable=False),
        sa.Column("policy", sa.String(length=64), nullable=False),
        sa.Column("project", sa.String(length=128), nullable=False),
        sa.Column("started_us", sa.BigInteger(), nullable=False),
        sa.Column("worked_us", sa.BigInteger(), nullable=False),
        sa.Column("sealed_us", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["session"], ["sessions.session"], name=op.f("fk_seals_session")),
        sa.PrimaryKeyConstraint("session", name=op.f("pk_seals")),
    )
    with op.batch_alter_table("seals", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_seals_project"), ["project"], unique=False)


def downgrade() -> None:
    """Back to the one before."""
    with op.batch_alter_table("seals", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_seals_project"))

    op.drop_table("seals")
    op.drop_table("cosignatures")
    op.drop_table("blobs")
    op.drop_table("accesses")
    op.drop_table("tokens")
    with op.batch_alter_table("sessions", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_sessions_project"))
        batch_op.drop_index(batch_op.f("ix_sessions_person"))

    op.drop_table("sessions")
    op.drop_table("policies")
    op.drop_table("organisation")
    with op.batch_alter_table("log_entries", schema=None) as batch_op:
        batch_op.drop_index("ix_log_entries_session_kind")

    op.drop_table("log_entries")
    op.drop_table("invitations")
    op.drop_table("directories")
    op.drop_table("devices")
