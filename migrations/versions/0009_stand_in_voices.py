"""calls that the built-in voice spoke in place of another

Revision ID: 0009
Revises: 0008
"""

from alembic import op
import sqlalchemy as sa

revision = '0009'
down_revision = '0008'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('calls', sa.Column('stand_in_voice', sa.Boolean(), nullable=True))


def downgrade() -> None:
    op.drop_column('calls', 'stand_in_voice')
