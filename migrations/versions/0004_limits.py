"""limits: queue priority, calls a second and calls at once of accounts, runs and trunks

Revision ID: 0004
Revises: 0003
"""

from alembic import op
import sqlalchemy as sa

revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table in ('accounts', 'runs'):
        op.add_column(table, sa.Column('queue_priority', sa.SmallInteger(), server_default='2', nullable=False))
        op.add_column(table, sa.Column('max_cps', sa.Double(), nullable=True))
        op.add_column(table, sa.Column('max_calls', sa.BigInteger(), nullable=True))
    op.create_table('trunks',
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('max_cps', sa.Double(), nullable=True),
    sa.Column('max_calls', sa.BigInteger(), nullable=True),
    sa.Column('weight', sa.SmallInteger(), server_default='1', nullable=False),
    sa.PrimaryKeyConstraint('name', name=op.f('pk_trunks'))
    )


def downgrade() -> None:
    op.drop_table('trunks')
    for table in ('runs', 'accounts'):
        op.drop_column(table, 'max_calls')
        op.drop_column(table, 'max_cps')
        op.drop_column(table, 'queue_priority')
