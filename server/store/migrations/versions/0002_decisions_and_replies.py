# SPDX-License-Identifier: Apache-2.0
"""Decisions and replies, indexed."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """To this revision."""
    op.create_table(
        "statements",
        sa.Column("index", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("session", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("finding", sa.BigInteger(), nullable=True),
        sa.Column("author", sa.String(length=128), nullable=False),
        sa.Column("person", sa.String(length=128), nullable=False),
        sa.Column("project", sa.String(length=128), nullable=False),
        sa.Column("directory", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["index"], ["log_entries.index"], name=op.f("fk_statements_index")),
        sa.ForeignKeyConstraint(["session"], ["sessions.session"], name=op.f("fk_statements_session")),
        sa.PrimaryKeyConstraint("index", name=op.f("pk_statements")),
        sa.UniqueConstraint("sha256"),
    )
    with op.batch_alter_table("statements", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_statements_session"), ["session"], unique=False)
        batch_op.create_index(batch_op.f("ix_statements_person"), ["person"], unique=False)
        batch_op.create_index(batch_op.f("ix_statements_project"), ["project"], unique=False)


def downgrade() -> None:
    """Back to the one before."""
    op.drop_table("statements")
