"""partial indexes of calls that no step between claim and end touches; autovacuum of calls and counts

Revision ID: 0008
Revises: 0007
"""

from alembic import op
import sqlalchemy as sa

revision = '0008'
down_revision = '0007'
branch_labels = None
depends_on = None

OPEN = 'ended_at IS NULL'
NEW = {
    'ix_calls_queued': (['run_id', 'channel', 'id'], f'line_id IS NULL AND {OPEN}'),
    'ix_calls_held': (['line_id'], f'line_id IS NOT NULL AND {OPEN}'),
    'ix_calls_expires_at': (['expires_at'], f'expires_at IS NOT NULL AND {OPEN}'),
}
OLD = {
    'ix_calls_queued': (['run_id', 'channel', 'id'], 'status = 0'),
    'ix_calls_held': (['line_id'], 'status IN (1, 2, 3, 4, 10)'),
    'ix_calls_expires_at': (['expires_at'], 'status = 11'),
}


def _replace(indexes: dict[str, tuple[list[str], str]]) -> None:
    for name, (columns, where) in indexes.items():
        op.drop_index(name, table_name='calls')
        op.create_index(name, 'calls', columns, unique=False, postgresql_where=sa.text(where))


def upgrade() -> None:
    _replace(NEW)
    # Of ten million calls the default would leave two million dead rows before it comes.
    op.execute("ALTER TABLE calls SET (autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02)")
    # A few rows that are written at every step of every call.
    op.execute("ALTER TABLE run_counts SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000)")


def downgrade() -> None:
    op.execute("ALTER TABLE run_counts RESET (autovacuum_vacuum_scale_factor, autovacuum_vacuum_threshold)")
    op.execute("ALTER TABLE calls RESET (autovacuum_vacuum_scale_factor, autovacuum_analyze_scale_factor)")
    _replace(OLD)
