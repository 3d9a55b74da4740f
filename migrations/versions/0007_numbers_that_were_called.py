"""calls keep the number they went to when the recipient's is changed

Revision ID: 0007
Revises: 0006
"""

from alembic import op
import sqlalchemy as sa

revision = '0007'
down_revision = '0006'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('calls', sa.Column('dialled', sa.Text(), nullable=True))


def downgrade() -> None:
    op.drop_column('calls', 'dialled')
