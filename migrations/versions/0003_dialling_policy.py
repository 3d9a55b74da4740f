"""whom an account may dial, and how often a day

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

# Beside the counts per status and apart from them: a call counts on the day whose `dialed_at` it gets, once, whatever
# becomes of it. Rows in the order of the key, as there.
COUNT = """
CREATE FUNCTION count_dialled_calls() RETURNS trigger LANGUAGE plpgsql AS $$
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
    op.add_column('accounts', sa.Column('dial_prefixes', postgresql.ARRAY(sa.Text()), nullable=True))
    op.add_column('accounts', sa.Column('calls_a_day', sa.BigInteger(), nullable=True))
    op.create_table('dialled_days',
    sa.Column('account_id', sa.BigInteger(), nullable=False),
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('calls', sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['accounts.id'], name=op.f('fk_dialled_days_account_id')),
    sa.PrimaryKeyConstraint('account_id', 'day', name=op.f('pk_dialled_days'))
    )
    op.execute(COUNT)
    op.execute(
        "CREATE TRIGGER count_dialled AFTER UPDATE ON calls REFERENCING NEW TABLE AS added OLD TABLE AS removed "
        "FOR EACH STATEMENT EXECUTE FUNCTION count_dialled_calls()"
    )


def downgrade() -> None:
    op.execute("DROP TRIGGER count_dialled ON calls")
    op.execute("DROP FUNCTION count_dialled_calls()")
    op.drop_table('dialled_days')
    op.drop_column('accounts', 'calls_a_day')
    op.drop_column('accounts', 'dial_prefixes')
