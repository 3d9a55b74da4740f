"""an account's own abbreviations

Revision ID: 0005
Revises: 0004
"""

from alembic import op
import sqlalchemy as sa

revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('abbreviations',
    sa.Column('account_id', sa.BigInteger(), nullable=False),
    sa.Column('written', sa.Text(), nullable=False),
    sa.Column('spoken', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['accounts.id'], name=op.f('fk_abbreviations_account_id')),
    sa.PrimaryKeyConstraint('account_id', 'written', name=op.f('pk_abbreviations'))
    )


def downgrade() -> None:
    op.drop_table('abbreviations')
