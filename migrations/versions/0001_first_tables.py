"""first tables

Revision ID: 0001
Revises: 
"""

from alembic import op
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

revision = '0001'
down_revision = None
branch_labels = None
depends_on = None

# Counts per run, channel and status, kept by the database so that no code path can forget them. One row a key, in the
# order of the key: two statements that touch the same runs lock them in the same order and cannot deadlock.
COUNT = """
CREATE FUNCTION count_calls_{event}() RETURNS trigger LANGUAGE plpgsql AS $$
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
# Beside the counts per status and apart from them: a call counts on the day whose `dialed_at` it has, once, whatever
# becomes of it. One that loses its `dialed_at`, because its trunk did not take it, counts no more on that day: it is
# dialled again by another, and must count once. Rows in the order of the key, as there.
COUNT_DIALLED = """
CREATE FUNCTION count_dialled_calls() RETURNS trigger LANGUAGE plpgsql AS $$
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
# Name of the trigger, its event, function and transition tables.
TRIGGERS = (
    ("count_insert", "INSERT", "count_calls_insert", "NEW TABLE AS added"),
    ("count_update", "UPDATE", "count_calls_update", "NEW TABLE AS added OLD TABLE AS removed"),
    ("count_delete", "DELETE", "count_calls_delete", "OLD TABLE AS removed"),
    ("count_dialled", "UPDATE", "count_dialled_calls", "NEW TABLE AS added OLD TABLE AS removed"),
)
# Of ten million calls the default would leave two million dead rows before it comes; a few counts are written at every
# step of every call.
AUTOVACUUM = {
    "calls": "autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02",
    "run_counts": "autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000",
}


def upgrade() -> None:
    op.create_table('accounts',
    sa.Column('id', sa.BigInteger(), nullable=False),
    sa.Column('email', sa.Text(), nullable=False),
    sa.Column('username', sa.Text(), nullable=False),
    sa.Column('password_hash', sa.Text(), nullable=False),
    sa.Column('first_name', sa.Text(), server_default='', nullable=False),
    sa.Column('last_name', sa.Text(), server_default='', nullable=False),
    sa.Column('contact_number', sa.Text(), server_default='', nullable=False),
    sa.Column('address', sa.Text(), server_default='', nullable=False),
    sa.Column('is_verified_email', sa.Boolean(), server_default='false', nullable=False),
    sa.Column('is_verified_phone', sa.Boolean(), server_default='false', nullable=False),
    sa.Column('is_active', sa.Boolean(), server_default='true', nullable=False),
    sa.Column('dial_prefixes', postgresql.ARRAY(sa.Text()), nullable=True),
    sa.Column('calls_a_day', sa.BigInteger(), nullable=True),
    sa.Column('queue_priority', sa.SmallInteger(), server_default='2', nullable=False),
    sa.Column('max_cps', sa.Double(), nullable=True),
    sa.Column('max_calls', sa.BigInteger(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_accounts')),
    sa.UniqueConstraint('email', name=op.f('uq_accounts_email'))
    )
    op.create_table('calls',
    sa.Column('id', sa.BigInteger(), nullable=False),
    sa.Column('run_id', sa.BigInteger(), nullable=False),
    sa.Column('recipient_id', sa.BigInteger(), nullable=False),
    sa.Column('not_before', sa.DateTime(timezone=True), nullable=True),
    sa.Column('dialed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('ringing_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('answered_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('line_id', sa.Integer(), nullable=True),
    sa.Column('audio_ms', sa.Integer(), nullable=True),
    sa.Column('played_ms', sa.Integer(), nullable=True),
    sa.Column('channel', sa.SmallInteger(), server_default='0', nullable=False),
    sa.Column('attempt', sa.SmallInteger(), server_default='1', nullable=False),
    sa.Column('status', sa.SmallInteger(), server_default='0', nullable=False),
    sa.Column('sip_status', sa.SmallInteger(), nullable=True),
    sa.Column('segments', sa.SmallInteger(), nullable=True),
    sa.Column('stand_in_voice', sa.Boolean(), nullable=True),
    sa.Column('uuid', sa.Uuid(), server_default=sa.text('gen_random_uuid()'), nullable=False),
    sa.Column('reason', sa.Text(), nullable=True),
    sa.Column('sip_call_id', sa.Text(), nullable=True),
    sa.Column('digits', sa.Text(), nullable=True),
    sa.Column('dialled', sa.Text(), nullable=True),
    sa.Column('network_code', sa.Text(), nullable=True),
    sa.Column('refused_by', postgresql.ARRAY(sa.Text()), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_calls')),
    postgresql_with={'fillfactor': '60'}
    )
    op.create_index('ix_calls_expires_at', 'calls', ['expires_at'], unique=False, postgresql_where=sa.text('expires_at IS NOT NULL AND ended_at IS NULL'))
    op.create_index('ix_calls_held', 'calls', ['line_id'], unique=False, postgresql_where=sa.text('line_id IS NOT NULL AND ended_at IS NULL'))
    op.create_index('ix_calls_passed_on', 'calls', ['id'], unique=False, postgresql_where=sa.text('refused_by IS NOT NULL AND ended_at IS NULL'))
    op.create_index('ix_calls_queued', 'calls', ['run_id', 'channel', 'id'], unique=False, postgresql_where=sa.text('line_id IS NULL AND ended_at IS NULL'))
    op.create_index('ix_calls_recipient_id_id', 'calls', ['recipient_id', 'id'], unique=False)
    op.create_index('uq_calls_attempt', 'calls', ['run_id', 'recipient_id', 'channel', 'attempt'], unique=True)
    op.create_table('lines',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('trunk', sa.Text(), nullable=False),
    sa.Column('places', sa.SmallInteger(), nullable=False),
    sa.Column('cps', sa.Double(), nullable=False),
    sa.Column('heartbeat', sa.BigInteger(), server_default='0', nullable=False),
    sa.Column('state', sa.SmallInteger(), server_default='0', nullable=False),
    sa.Column('resting_until', sa.DateTime(timezone=True), nullable=True),
    sa.Column('host', sa.Text(), nullable=False),
    sa.Column('pid', sa.BigInteger(), nullable=False),
    sa.Column('started_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('seen_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_lines'))
    )
    op.create_table('recipients',
    sa.Column('id', sa.BigInteger(), nullable=False),
    sa.Column('campaign_id', sa.BigInteger(), nullable=False),
    sa.Column('number', sa.Text(), nullable=False),
    sa.Column('national', sa.Text(), nullable=False),
    sa.Column('tags', postgresql.JSONB(astext_type=sa.Text()), server_default='{}', nullable=False),
    sa.Column('deleted_at', sa.DateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_recipients'))
    )
    op.create_index('ix_recipients_campaign_id_id', 'recipients', ['campaign_id', 'id'], unique=False)
    op.create_index('uq_recipients_campaign_id_number', 'recipients', ['campaign_id', 'number'], unique=True, postgresql_where=sa.text('deleted_at IS NULL'))
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
    op.create_table('trunks',
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('max_cps', sa.Double(), nullable=True),
    sa.Column('max_calls', sa.BigInteger(), nullable=True),
    sa.Column('weight', sa.SmallInteger(), server_default='1', nullable=False),
    sa.PrimaryKeyConstraint('name', name=op.f('pk_trunks'))
    )
    op.create_table('abbreviations',
    sa.Column('account_id', sa.BigInteger(), nullable=False),
    sa.Column('written', sa.Text(), nullable=False),
    sa.Column('spoken', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['accounts.id'], name=op.f('fk_abbreviations_account_id')),
    sa.PrimaryKeyConstraint('account_id', 'written', name=op.f('pk_abbreviations'))
    )
    op.create_table('caller_numbers',
    sa.Column('id', sa.BigInteger(), nullable=False),
    sa.Column('account_id', sa.BigInteger(), nullable=False),
    sa.Column('number', sa.Text(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['accounts.id'], name=op.f('fk_caller_numbers_account_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_caller_numbers'))
    )
    op.create_index(op.f('ix_caller_numbers_account_id'), 'caller_numbers', ['account_id'], unique=False)
    op.create_table('campaigns',
    sa.Column('id', sa.BigInteger(), nullable=False),
    sa.Column('account_id', sa.BigInteger(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('services', sa.Text(), nullable=False),
    sa.Column('description', sa.Text(), server_default='', nullable=False),
    sa.Column('user_phone', postgresql.ARRAY(sa.BigInteger()), server_default='{}', nullable=False),
    sa.Column('message', sa.Text(), nullable=True),
    sa.Column('sms_message', sa.Text(), nullable=True),
    sa.Column('failover_target', postgresql.ARRAY(sa.SmallInteger()), nullable=True),
    sa.Column('audio_key', sa.Text(), nullable=True),
    sa.Column('audio_name', sa.Text(), nullable=True),
    sa.Column('audio_ms', sa.BigInteger(), nullable=True),
    sa.Column('voice_input', sa.Text(), nullable=False),
    sa.Column('usable_tags', postgresql.ARRAY(sa.Text()), server_default='{}', nullable=False),
    sa.Column('recipient_count', sa.BigInteger(), server_default='0', nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('deleted_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['account_id'], ['accounts.id'], name=op.f('fk_campaigns_account_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_campaigns'))
    )
    op.create_index('ix_campaigns_account_id_id', 'campaigns', ['account_id', 'id'], unique=False, postgresql_where=sa.text('deleted_at IS NULL'))
    op.create_table('dialled_days',
    sa.Column('account_id', sa.BigInteger(), nullable=False),
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('calls', sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['accounts.id'], name=op.f('fk_dialled_days_account_id')),
    sa.PrimaryKeyConstraint('account_id', 'day', name=op.f('pk_dialled_days'))
    )
    op.create_table('files',
    sa.Column('id', sa.BigInteger(), nullable=False),
    sa.Column('account_id', sa.BigInteger(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('sha256', sa.Text(), nullable=False),
    sa.Column('size', sa.BigInteger(), nullable=False),
    sa.Column('blob_key', sa.Text(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['accounts.id'], name=op.f('fk_files_account_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_files')),
    sa.UniqueConstraint('account_id', 'name', name=op.f('uq_files_account_id_name'))
    )
    op.create_table('idempotency_keys',
    sa.Column('account_id', sa.BigInteger(), nullable=False),
    sa.Column('key', sa.Text(), nullable=False),
    sa.Column('fingerprint', sa.LargeBinary(), nullable=False),
    sa.Column('status', sa.BigInteger(), nullable=True),
    sa.Column('body', sa.LargeBinary(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['accounts.id'], name=op.f('fk_idempotency_keys_account_id')),
    sa.PrimaryKeyConstraint('account_id', 'key', name=op.f('pk_idempotency_keys'))
    )
    op.create_index(op.f('ix_idempotency_keys_created_at'), 'idempotency_keys', ['created_at'], unique=False)
    op.create_table('refresh_tokens',
    sa.Column('id', sa.BigInteger(), nullable=False),
    sa.Column('account_id', sa.BigInteger(), nullable=False),
    sa.Column('family', sa.Uuid(), nullable=False),
    sa.Column('jti_hash', sa.LargeBinary(), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('used_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('revoked_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['account_id'], ['accounts.id'], name=op.f('fk_refresh_tokens_account_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_refresh_tokens')),
    sa.UniqueConstraint('jti_hash', name=op.f('uq_refresh_tokens_jti_hash'))
    )
    op.create_index(op.f('ix_refresh_tokens_account_id'), 'refresh_tokens', ['account_id'], unique=False)
    op.create_index(op.f('ix_refresh_tokens_expires_at'), 'refresh_tokens', ['expires_at'], unique=False)
    op.create_index(op.f('ix_refresh_tokens_family'), 'refresh_tokens', ['family'], unique=False)
    op.create_table('runs',
    sa.Column('id', sa.BigInteger(), nullable=False),
    sa.Column('campaign_id', sa.BigInteger(), nullable=False),
    sa.Column('account_id', sa.BigInteger(), nullable=False),
    sa.Column('state', sa.SmallInteger(), nullable=False),
    sa.Column('services', sa.Text(), nullable=False),
    sa.Column('statuses', postgresql.ARRAY(sa.SmallInteger()), nullable=True),
    sa.Column('individual', postgresql.ARRAY(sa.BigInteger()), nullable=True),
    sa.Column('message', sa.Text(), nullable=True),
    sa.Column('sms_message', sa.Text(), nullable=True),
    sa.Column('failover', postgresql.ARRAY(sa.SmallInteger()), nullable=True),
    sa.Column('voice_input', sa.Text(), nullable=False),
    sa.Column('audio_key', sa.Text(), nullable=True),
    sa.Column('audio_name', sa.Text(), nullable=True),
    sa.Column('first', sa.Text(), nullable=False),
    sa.Column('caller', sa.Text(), nullable=True),
    sa.Column('ring_timeout_s', sa.SmallInteger(), nullable=False),
    sa.Column('recipients', sa.BigInteger(), nullable=False),
    sa.Column('scheduled_for', sa.DateTime(timezone=True), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('started_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('finished_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('queue_priority', sa.SmallInteger(), server_default='2', nullable=False),
    sa.Column('max_cps', sa.Double(), nullable=True),
    sa.Column('max_calls', sa.BigInteger(), nullable=True),
    sa.Column('fanout_after', sa.BigInteger(), server_default='0', nullable=False),
    sa.Column('fanout_until', sa.BigInteger(), nullable=True),
    sa.Column('fanout_done_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['account_id'], ['accounts.id'], name=op.f('fk_runs_account_id')),
    sa.ForeignKeyConstraint(['campaign_id'], ['campaigns.id'], name=op.f('fk_runs_campaign_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_runs'))
    )
    op.create_index('ix_runs_campaign_id_id', 'runs', ['campaign_id', 'id'], unique=False)
    op.create_index('uq_runs_active_campaign', 'runs', ['campaign_id'], unique=True, postgresql_where=sa.text('state < 4'))
    op.create_table('run_counts',
    sa.Column('run_id', sa.BigInteger(), nullable=False),
    sa.Column('channel', sa.SmallInteger(), nullable=False),
    sa.Column('status', sa.SmallInteger(), nullable=False),
    sa.Column('n', sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(['run_id'], ['runs.id'], name=op.f('fk_run_counts_run_id')),
    sa.PrimaryKeyConstraint('run_id', 'channel', 'status', name=op.f('pk_run_counts')),
    postgresql_with={'fillfactor': '50'}
    )
    op.execute(COUNT.format(event="insert", rows=ADDED, more=""))
    op.execute(COUNT.format(event="update", rows=f"{ADDED} UNION ALL {REMOVED}", more=FAILOVER))
    op.execute(COUNT.format(event="delete", rows=REMOVED, more=""))
    op.execute(COUNT_DIALLED)
    for name, event, function, tables in TRIGGERS:
        op.execute(
            f"CREATE TRIGGER {name} AFTER {event} ON calls REFERENCING {tables} "
            f"FOR EACH STATEMENT EXECUTE FUNCTION {function}()"
        )
    for table, options in AUTOVACUUM.items():
        op.execute(f"ALTER TABLE {table} SET ({options})")


def downgrade() -> None:
    for name, _, function, _ in TRIGGERS:
        op.execute(f"DROP TRIGGER {name} ON calls")
        op.execute(f"DROP FUNCTION {function}()")
    op.drop_table('run_counts')
    op.drop_index('uq_runs_active_campaign', table_name='runs', postgresql_where=sa.text('state < 4'))
    op.drop_index('ix_runs_campaign_id_id', table_name='runs')
    op.drop_table('runs')
    op.drop_index(op.f('ix_refresh_tokens_family'), table_name='refresh_tokens')
    op.drop_index(op.f('ix_refresh_tokens_expires_at'), table_name='refresh_tokens')
    op.drop_index(op.f('ix_refresh_tokens_account_id'), table_name='refresh_tokens')
    op.drop_table('refresh_tokens')
    op.drop_index(op.f('ix_idempotency_keys_created_at'), table_name='idempotency_keys')
    op.drop_table('idempotency_keys')
    op.drop_table('files')
    op.drop_table('dialled_days')
    op.drop_index('ix_campaigns_account_id_id', table_name='campaigns', postgresql_where=sa.text('deleted_at IS NULL'))
    op.drop_table('campaigns')
    op.drop_index(op.f('ix_caller_numbers_account_id'), table_name='caller_numbers')
    op.drop_table('caller_numbers')
    op.drop_table('abbreviations')
    op.drop_table('trunks')
    op.drop_index('ix_sms_receipts_received_at', table_name='sms_receipts')
    op.drop_index('ix_sms_receipts_message_id_trunk', table_name='sms_receipts')
    op.drop_table('sms_receipts')
    op.drop_index('ix_sms_parts_message_id_trunk', table_name='sms_parts')
    op.drop_table('sms_parts')
    op.drop_index('uq_recipients_campaign_id_number', table_name='recipients', postgresql_where=sa.text('deleted_at IS NULL'))
    op.drop_index('ix_recipients_campaign_id_id', table_name='recipients')
    op.drop_table('recipients')
    op.drop_table('lines')
    op.drop_index('uq_calls_attempt', table_name='calls')
    op.drop_index('ix_calls_recipient_id_id', table_name='calls')
    op.drop_index('ix_calls_queued', table_name='calls', postgresql_where=sa.text('line_id IS NULL AND ended_at IS NULL'))
    op.drop_index('ix_calls_passed_on', table_name='calls', postgresql_where=sa.text('refused_by IS NOT NULL AND ended_at IS NULL'))
    op.drop_index('ix_calls_held', table_name='calls', postgresql_where=sa.text('line_id IS NOT NULL AND ended_at IS NULL'))
    op.drop_index('ix_calls_expires_at', table_name='calls', postgresql_where=sa.text('expires_at IS NOT NULL AND ended_at IS NULL'))
    op.drop_table('calls')
    op.drop_table('accounts')
