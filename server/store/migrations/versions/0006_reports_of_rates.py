# SPDX-License-Identifier: Apache-2.0
"""Reports of rates: one a person and period."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """To this revision."""
    op.create_table(
        "rates_reports",
        sa.Column("period", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("person", sa.String(length=128), nullable=False),
        sa.Column("report", sa.LargeBinary(), nullable=False),
        sa.Column("share", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("period", "person", name=op.f("pk_rates_reports")),
    )


def downgrade() -> None:
    """Back to the one before."""
    op.drop_table("rates_reports")
