"""calls that wait for their time or their number

Revision ID: 0005
Revises: 0004
"""

from alembic import op
import sqlalchemy as sa

revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None

QUEUED = "line_id IS NULL AND ended_at IS NULL"
DEFERRED = "waiting_for IS NOT NULL AND ended_at IS NULL"
INDEXES = (
    ("ix_calls_queued", ["run_id", "channel", "id"], False, f"{QUEUED} AND waiting_for IS NULL"),
    (
        "uq_calls_number_in_progress",
        ["number"],
        True,
        "number IS NOT NULL AND line_id IS NOT NULL AND ended_at IS NULL",
    ),
    ("ix_calls_number_claimed_on", ["number", "claimed_on"], False, "number IS NOT NULL"),
    ("ix_calls_deferred", ["run_id", "waiting_for", "not_before"], False, DEFERRED),
    ("ix_calls_due", ["not_before"], False, f"{DEFERRED} AND not_before IS NOT NULL"),
    ("ix_calls_number_awaited", ["number", "id"], False, f"{DEFERRED} AND not_before IS NULL"),
)


def upgrade() -> None:
    op.add_column('calls', sa.Column('number', sa.BigInteger(), nullable=True))
    op.add_column('calls', sa.Column('claimed_on', sa.Date(), nullable=True))
    op.add_column('calls', sa.Column('waiting_for', sa.SmallInteger(), nullable=True))
    op.add_column('calls', sa.Column('days_waited', sa.SmallInteger(), nullable=True))
    op.drop_index('ix_calls_queued', table_name='calls')
    for name, columns, unique, where in INDEXES:
        op.create_index(name, 'calls', columns, unique=unique, postgresql_where=sa.text(where))


def downgrade() -> None:
    # A deferred call is queued again: what is older than this revision knows no other place for it.
    op.execute("UPDATE calls SET status = 0 WHERE status = 12")
    for name, *_ in INDEXES:
        op.drop_index(name, table_name='calls')
    op.create_index(
        'ix_calls_queued', 'calls', ['run_id', 'channel', 'id'], postgresql_where=sa.text(QUEUED)
    )
    for column in ('days_waited', 'waiting_for', 'claimed_on', 'number'):
        op.drop_column('calls', column)
