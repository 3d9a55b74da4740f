"""recipients are no longer checked against campaigns row by row

Revision ID: 0010
Revises: 0009
"""

from alembic import op

revision = '0010'
down_revision = '0009'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_constraint('fk_recipients_campaign_id', 'recipients', type_='foreignkey')


def downgrade() -> None:
    op.create_foreign_key('fk_recipients_campaign_id', 'recipients', 'campaigns', ['campaign_id'], ['id'])
