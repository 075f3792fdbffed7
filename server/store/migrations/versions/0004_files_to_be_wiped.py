# SPDX-License-Identifier: Apache-2.0
"""Files that are to be overwritten and deleted, since a removal took them out of their session, and what retention finds."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """To this revision."""
    op.create_table(
        "unwanted",
        sa.Column("session", sa.String(length=32), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["session"], ["sessions.session"], name=op.f("fk_unwanted_session")),
        sa.PrimaryKeyConstraint("session", "sha256", name=op.f("pk_unwanted")),
    )
    op.add_column("seals", sa.Column("kinds", sa.Text()))


def downgrade() -> None:
    """Back to the one before."""
    op.drop_column("seals", "kinds")
    op.drop_table("unwanted")
