"""failover between trunks: who refused a call, lines that rest, calls of the day that were handed back

Revision ID: 0011
Revises: 0010
"""

from alembic import op
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

revision = '0011'
down_revision = '0010'
branch_labels = None
depends_on = None

PASSED_ON = 'refused_by IS NOT NULL AND ended_at IS NULL'
# As in 0003, and a call that loses its `dialed_at`, because its trunk did not take it, counts no more on that day: it
# is dialled again by another, and must count once.
COUNT = """
CREATE OR REPLACE FUNCTION count_dialled_calls() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- Added up and not joined: the plan is kept from the first use, of a row or two, and a stop brings 20,000.
    INSERT INTO dialled_days (account_id, day, calls)
    SELECT runs.account_id, (moved.dialed_at AT TIME ZONE 'Asia/Kathmandu')::date AS day, sum(moved.n)
    FROM (
        SELECT run_id, dialed_at, 1 AS n FROM added WHERE dialed_at IS NOT NULL
        UNION ALL
        SELECT run_id, dialed_at, -1 FROM removed WHERE dialed_at IS NOT NULL
    ) AS moved JOIN runs ON runs.id = moved.run_id
    GROUP BY runs.account_id, day HAVING sum(moved.n) <> 0 ORDER BY runs.account_id, day
    ON CONFLICT (account_id, day) DO UPDATE SET calls = dialled_days.calls + excluded.calls;
    RETURN NULL;
END $$
"""
OLD_COUNT = """
CREATE OR REPLACE FUNCTION count_dialled_calls() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO dialled_days (account_id, day, calls)
    SELECT runs.account_id, (added.dialed_at AT TIME ZONE 'Asia/Kathmandu')::date AS day, count(*)
    FROM added JOIN removed ON removed.id = added.id JOIN runs ON runs.id = added.run_id
    WHERE added.dialed_at IS NOT NULL AND removed.dialed_at IS NULL
    GROUP BY runs.account_id, day ORDER BY runs.account_id, day
    ON CONFLICT (account_id, day) DO UPDATE SET calls = dialled_days.calls + excluded.calls;
    RETURN NULL;
END $$
"""


def upgrade() -> None:
    op.add_column('calls', sa.Column('refused_by', postgresql.ARRAY(sa.Text()), nullable=True))
    op.add_column('lines', sa.Column('resting_until', sa.DateTime(timezone=True), nullable=True))
    op.create_index('ix_calls_passed_on', 'calls', ['id'], unique=False, postgresql_where=sa.text(PASSED_ON))
    op.execute(COUNT)


def downgrade() -> None:
    op.execute(OLD_COUNT)
    op.drop_index('ix_calls_passed_on', table_name='calls', postgresql_where=sa.text(PASSED_ON))
    op.drop_column('lines', 'resting_until')
    op.drop_column('calls', 'refused_by')
