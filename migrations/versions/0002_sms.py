"""sms: a second channel beside the calls

Revision ID: 0002
Revises: 0001
"""

from alembic import op
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None

# As in 0001, with the channel in the key; rows are locked in the order of the key here as well.
COUNT = """
CREATE OR REPLACE FUNCTION count_calls_{event}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO run_counts (run_id, channel, status, n)
    SELECT run_id, channel, status, sum(d) FROM ({rows}) AS deltas (run_id, channel, status, d)
    GROUP BY run_id, channel, status HAVING sum(d) <> 0 ORDER BY run_id, channel, status
    ON CONFLICT (run_id, channel, status) DO UPDATE SET n = run_counts.n + excluded.n;{more}
    RETURN NULL;
END $$
"""
ADDED = "SELECT run_id, channel, status, 1 FROM added"
REMOVED = "SELECT run_id, channel, status, -1 FROM removed"
# The text for those whom the call did not reach, queued by the very statement that ends the call: neither a crash nor
# a run that finishes can come between, and the unique index lets it in once. 5 to 9 are the ends of a call, 1 and 2 a
# run that runs or is paused.
FAILOVER = """
    IF EXISTS (SELECT 1 FROM added JOIN runs ON runs.id = added.run_id
               WHERE added.channel = 0 AND added.status BETWEEN 5 AND 9 AND runs.failover IS NOT NULL) THEN
        INSERT INTO calls (run_id, recipient_id, channel)
        SELECT added.run_id, added.recipient_id, 1 FROM added JOIN runs ON runs.id = added.run_id
        WHERE added.channel = 0 AND added.status = ANY (runs.failover) AND runs.state IN (1, 2)
        ORDER BY added.id
        ON CONFLICT DO NOTHING;
    END IF;"""
ROWS = {"insert": ADDED, "update": f"{ADDED} UNION ALL {REMOVED}", "delete": REMOVED}

OLD_COUNT = """
CREATE OR REPLACE FUNCTION count_calls_{event}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO run_counts (run_id, status, n)
    SELECT run_id, status, sum(d) FROM ({rows}) AS deltas (run_id, status, d)
    GROUP BY run_id, status HAVING sum(d) <> 0 ORDER BY run_id, status
    ON CONFLICT (run_id, status) DO UPDATE SET n = run_counts.n + excluded.n;
    RETURN NULL;
END $$
"""


def upgrade() -> None:
    op.add_column('campaigns', sa.Column('sms_message', sa.Text(), nullable=True))
    op.add_column('campaigns', sa.Column('failover_target', postgresql.ARRAY(sa.SmallInteger()), nullable=True))
    op.add_column('runs', sa.Column('sms_message', sa.Text(), nullable=True))
    op.add_column('runs', sa.Column('failover', postgresql.ARRAY(sa.SmallInteger()), nullable=True))
    op.add_column('calls', sa.Column('channel', sa.SmallInteger(), server_default='0', nullable=False))
    op.add_column('calls', sa.Column('segments', sa.SmallInteger(), nullable=True))
    op.add_column('calls', sa.Column('expires_at', sa.DateTime(timezone=True), nullable=True))
    op.add_column('calls', sa.Column('network_code', sa.Text(), nullable=True))
    op.drop_index('uq_calls_run_id_recipient_id_attempt', table_name='calls')
    op.drop_index('ix_calls_queued', table_name='calls')
    op.drop_index('ix_calls_held', table_name='calls')
    op.create_index('uq_calls_attempt', 'calls', ['run_id', 'recipient_id', 'channel', 'attempt'], unique=True)
    op.create_index('ix_calls_queued', 'calls', ['run_id', 'channel', 'id'], unique=False, postgresql_where=sa.text('status = 0'))
    op.create_index('ix_calls_held', 'calls', ['line_id'], unique=False, postgresql_where=sa.text('status IN (1, 2, 3, 4, 10)'))
    op.create_index('ix_calls_expires_at', 'calls', ['expires_at'], unique=False, postgresql_where=sa.text('status = 11'))
    op.add_column('run_counts', sa.Column('channel', sa.SmallInteger(), server_default='0', nullable=False))
    op.alter_column('run_counts', 'channel', server_default=None)
    op.drop_constraint('pk_run_counts', 'run_counts', type_='primary')
    op.create_primary_key('pk_run_counts', 'run_counts', ['run_id', 'channel', 'status'])
    for event, rows in ROWS.items():
        op.execute(COUNT.format(event=event, rows=rows, more=FAILOVER if event == "update" else ""))
    op.create_table('sms_parts',
    sa.Column('call_id', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('nth', sa.SmallInteger(), nullable=False),
    sa.Column('trunk', sa.Text(), nullable=False),
    sa.Column('message_id', sa.Text(), nullable=False),
    sa.Column('status', sa.SmallInteger(), nullable=True),
    sa.Column('reason', sa.Text(), nullable=True),
    sa.Column('error', sa.Text(), nullable=True),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('call_id', 'nth', name=op.f('pk_sms_parts'))
    )
    op.create_index('ix_sms_parts_message_id_trunk', 'sms_parts', ['message_id', 'trunk'], unique=False)
    op.create_table('sms_receipts',
    sa.Column('id', sa.BigInteger(), nullable=False),
    sa.Column('trunk', sa.Text(), nullable=False),
    sa.Column('message_id', sa.Text(), nullable=True),
    sa.Column('status', sa.SmallInteger(), nullable=True),
    sa.Column('reason', sa.Text(), nullable=True),
    sa.Column('error', sa.Text(), nullable=True),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('received_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_sms_receipts'))
    )
    op.create_index('ix_sms_receipts_message_id_trunk', 'sms_receipts', ['message_id', 'trunk'], unique=False)
    op.create_index('ix_sms_receipts_received_at', 'sms_receipts', ['received_at'], unique=False)


def downgrade() -> None:
    op.drop_table('sms_receipts')
    op.drop_table('sms_parts')
    # What was sent has no place in the older tables.
    op.execute("DELETE FROM calls WHERE channel <> 0")
    op.execute("DELETE FROM run_counts WHERE channel <> 0")
    op.drop_constraint('pk_run_counts', 'run_counts', type_='primary')
    op.drop_column('run_counts', 'channel')
    op.create_primary_key('pk_run_counts', 'run_counts', ['run_id', 'status'])
    for event, rows in ROWS.items():
        op.execute(OLD_COUNT.format(event=event, rows=rows.replace("channel, ", "")))
    op.drop_index('ix_calls_expires_at', table_name='calls')
    op.drop_index('ix_calls_held', table_name='calls')
    op.drop_index('ix_calls_queued', table_name='calls')
    op.drop_index('uq_calls_attempt', table_name='calls')
    op.create_index('uq_calls_run_id_recipient_id_attempt', 'calls', ['run_id', 'recipient_id', 'attempt'], unique=True)
    op.create_index('ix_calls_queued', 'calls', ['run_id', 'id'], unique=False, postgresql_where=sa.text('status = 0'))
    op.create_index('ix_calls_held', 'calls', ['line_id'], unique=False, postgresql_where=sa.text('status BETWEEN 1 AND 4'))
    for column in ('network_code', 'expires_at', 'segments', 'channel'):
        op.drop_column('calls', column)
    for column in ('failover', 'sms_message'):
        op.drop_column('runs', column)
    for column in ('failover_target', 'sms_message'):
        op.drop_column('campaigns', column)
