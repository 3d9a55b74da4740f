"""an attempt is a time that a telephone may have rung, and no trunk's try

Revision ID: 0007
Revises: 0006
"""

from alembic import op

revision = '0007'
down_revision = '0006'
branch_labels = None
depends_on = None


def upgrade() -> None:
    # What stood above 1 were trunks that did not take the call; `refused_by` names each of them.
    op.execute("UPDATE calls SET attempt = 1 WHERE refused_by IS NOT NULL AND attempt > 1")


def downgrade() -> None:
    pass
