"""rights and one-time passwords of accounts

Revision ID: 0003
Revises: 0002
"""

from alembic import op
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('accounts', sa.Column('rights', postgresql.ARRAY(sa.Text()), server_default='{}', nullable=False))
    op.add_column('accounts', sa.Column('one_time_until', sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column('accounts', 'one_time_until')
    op.drop_column('accounts', 'rights')
