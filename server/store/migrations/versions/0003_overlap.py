# SPDX-License-Identifier: Apache-2.0
"""Where sealed sessions count as work, what two of one person count at once, and what of it cannot have passed."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """To this revision."""
    op.create_table(
        "worked",
        sa.Column("session", sa.String(length=32), nullable=False),
        sa.Column("person", sa.String(length=128), nullable=False),
        sa.Column("started_us", sa.BigInteger(), nullable=False),
        sa.Column("from_us", sa.BigInteger(), nullable=False),
        sa.Column("to_us", sa.BigInteger(), nullable=False),
        sa.Column("spans", sa.LargeBinary(), nullable=False),
        sa.Column("overlap_us", sa.BigInteger(), nullable=False),
        sa.Column("beyond_us", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["session"], ["sessions.session"], name=op.f("fk_worked_session")),
        sa.PrimaryKeyConstraint("session", name=op.f("pk_worked")),
    )
    with op.batch_alter_table("worked", schema=None) as batch_op:
        batch_op.create_index("ix_worked_person_to_us", ["person", "to_us"], unique=False)


def downgrade() -> None:
    """Back to the one before."""
    op.drop_table("worked")
