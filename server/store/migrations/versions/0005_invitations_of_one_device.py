# SPDX-License-Identifier: Apache-2.0
"""Invitations that are good for one device key."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """To this revision."""
    with op.batch_alter_table("invitations", schema=None) as batch_op:
        batch_op.add_column(sa.Column("device_key", sa.String(length=64), server_default="", nullable=False))


def downgrade() -> None:
    """Back to the one before."""
    with op.batch_alter_table("invitations", schema=None) as batch_op:
        batch_op.drop_column("device_key")
