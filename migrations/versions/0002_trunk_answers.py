"""what a line's trunk answers

Revision ID: 0002
Revises: 0001
"""

from alembic import op
import sqlalchemy as sa

revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("lines", sa.Column("trunk_says", sa.Text()))
    op.add_column("lines", sa.Column("trunk_silent_since", sa.DateTime(timezone=True)))


def downgrade() -> None:
    op.drop_column("lines", "trunk_silent_since")
    op.drop_column("lines", "trunk_says")
