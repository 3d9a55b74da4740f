"""whom a run reaches is fixed when it starts

Revision ID: 0006
Revises: 0005
"""

from alembic import op
import sqlalchemy as sa

revision = '0006'
down_revision = '0005'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('runs', sa.Column('fanout_until', sa.BigInteger(), nullable=True))
    op.execute(
        "UPDATE runs SET fanout_until = (SELECT max(id) FROM recipients WHERE recipients.campaign_id = runs.campaign_id) "
        "WHERE state > 0"
    )


def downgrade() -> None:
    op.drop_column('runs', 'fanout_until')
