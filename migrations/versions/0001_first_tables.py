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

# Counts per run and status, kept by the database so that no code path can forget them. One row a (run, status) in
# the order of the key: two statements that touch the same runs lock them in the same order and cannot deadlock.
COUNT = """
CREATE FUNCTION count_calls_{event}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO run_counts (run_id, status, n)
    SELECT run_id, status, sum(d) FROM ({rows}) AS deltas (run_id, status, d)
    GROUP BY run_id, status HAVING sum(d) <> 0 ORDER BY run_id, status
    ON CONFLICT (run_id, status) DO UPDATE SET n = run_counts.n + excluded.n;
    RETURN NULL;
END $$
"""
ADDED = "SELECT run_id, status, 1 FROM added"
REMOVED = "SELECT run_id, status, -1 FROM removed"
TRIGGERS = {
    "insert": (ADDED, "NEW TABLE AS added"),
    "update": (f"{ADDED} UNION ALL {REMOVED}", "NEW TABLE AS added OLD TABLE AS removed"),
    "delete": (REMOVED, "OLD TABLE AS removed"),
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
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_accounts')),
    sa.UniqueConstraint('email', name=op.f('uq_accounts_email'))
    )
    op.create_table('calls',
    sa.Column('id', sa.BigInteger(), nullable=False),
    sa.Column('uuid', sa.Uuid(), server_default=sa.text('gen_random_uuid()'), nullable=False),
    sa.Column('run_id', sa.BigInteger(), nullable=False),
    sa.Column('recipient_id', sa.BigInteger(), nullable=False),
    sa.Column('attempt', sa.SmallInteger(), server_default='1', nullable=False),
    sa.Column('status', sa.SmallInteger(), server_default='0', nullable=False),
    sa.Column('reason', sa.Text(), nullable=True),
    sa.Column('line_id', sa.BigInteger(), nullable=True),
    sa.Column('not_before', sa.DateTime(timezone=True), nullable=True),
    sa.Column('sip_status', sa.SmallInteger(), nullable=True),
    sa.Column('sip_call_id', sa.Text(), nullable=True),
    sa.Column('claimed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('dialed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('ringing_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('answered_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('audio_ms', sa.BigInteger(), nullable=True),
    sa.Column('played_ms', sa.BigInteger(), nullable=True),
    sa.Column('digits', sa.Text(), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_calls')),
    postgresql_with={'fillfactor': '60'}
    )
    op.create_index('ix_calls_held', 'calls', ['line_id'], unique=False, postgresql_where=sa.text('status BETWEEN 1 AND 4'))
    op.create_index('ix_calls_queued', 'calls', ['run_id', 'id'], unique=False, postgresql_where=sa.text('status = 0'))
    op.create_index('ix_calls_recipient_id_id', 'calls', ['recipient_id', 'id'], unique=False)
    op.create_index('uq_calls_run_id_recipient_id_attempt', 'calls', ['run_id', 'recipient_id', 'attempt'], unique=True)
    op.create_table('lines',
    sa.Column('id', sa.BigInteger(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('trunk', sa.Text(), nullable=False),
    sa.Column('places', sa.SmallInteger(), nullable=False),
    sa.Column('cps', sa.Double(), nullable=False),
    sa.Column('heartbeat', sa.BigInteger(), server_default='0', nullable=False),
    sa.Column('state', sa.SmallInteger(), server_default='0', nullable=False),
    sa.Column('host', sa.Text(), nullable=False),
    sa.Column('pid', sa.BigInteger(), nullable=False),
    sa.Column('started_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('seen_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_lines'))
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
    op.create_table('recipients',
    sa.Column('id', sa.BigInteger(), nullable=False),
    sa.Column('campaign_id', sa.BigInteger(), nullable=False),
    sa.Column('number', sa.Text(), nullable=False),
    sa.Column('national', sa.Text(), nullable=False),
    sa.Column('tags', postgresql.JSONB(astext_type=sa.Text()), server_default='{}', nullable=False),
    sa.Column('deleted_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['campaign_id'], ['campaigns.id'], name=op.f('fk_recipients_campaign_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_recipients'))
    )
    op.create_index('ix_recipients_campaign_id_id', 'recipients', ['campaign_id', 'id'], unique=False)
    op.create_index('uq_recipients_campaign_id_number', 'recipients', ['campaign_id', 'number'], unique=True, postgresql_where=sa.text('deleted_at IS NULL'))
    op.create_table('runs',
    sa.Column('id', sa.BigInteger(), nullable=False),
    sa.Column('campaign_id', sa.BigInteger(), nullable=False),
    sa.Column('account_id', sa.BigInteger(), nullable=False),
    sa.Column('state', sa.SmallInteger(), nullable=False),
    sa.Column('services', sa.Text(), nullable=False),
    sa.Column('statuses', postgresql.ARRAY(sa.SmallInteger()), nullable=True),
    sa.Column('individual', postgresql.ARRAY(sa.BigInteger()), nullable=True),
    sa.Column('message', sa.Text(), nullable=True),
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
    sa.Column('fanout_after', sa.BigInteger(), server_default='0', nullable=False),
    sa.Column('fanout_done_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['account_id'], ['accounts.id'], name=op.f('fk_runs_account_id')),
    sa.ForeignKeyConstraint(['campaign_id'], ['campaigns.id'], name=op.f('fk_runs_campaign_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_runs'))
    )
    op.create_index('ix_runs_campaign_id_id', 'runs', ['campaign_id', 'id'], unique=False)
    op.create_index('uq_runs_active_campaign', 'runs', ['campaign_id'], unique=True, postgresql_where=sa.text('state < 4'))
    op.create_table('run_counts',
    sa.Column('run_id', sa.BigInteger(), nullable=False),
    sa.Column('status', sa.SmallInteger(), nullable=False),
    sa.Column('n', sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(['run_id'], ['runs.id'], name=op.f('fk_run_counts_run_id')),
    sa.PrimaryKeyConstraint('run_id', 'status', name=op.f('pk_run_counts')),
    postgresql_with={'fillfactor': '50'}
    )
    for event, (rows, tables) in TRIGGERS.items():
        op.execute(COUNT.format(event=event, rows=rows))
        op.execute(
            f"CREATE TRIGGER count_{event} AFTER {event} ON calls REFERENCING {tables} "
            f"FOR EACH STATEMENT EXECUTE FUNCTION count_calls_{event}()"
        )


def downgrade() -> None:
    for event in TRIGGERS:
        op.execute(f"DROP TRIGGER count_{event} ON calls")
        op.execute(f"DROP FUNCTION count_calls_{event}()")
    op.drop_table('run_counts')
    op.drop_index('uq_runs_active_campaign', table_name='runs', postgresql_where=sa.text('state < 4'))
    op.drop_index('ix_runs_campaign_id_id', table_name='runs')
    op.drop_table('runs')
    op.drop_index('uq_recipients_campaign_id_number', table_name='recipients', postgresql_where=sa.text('deleted_at IS NULL'))
    op.drop_index('ix_recipients_campaign_id_id', table_name='recipients')
    op.drop_table('recipients')
    op.drop_index(op.f('ix_refresh_tokens_family'), table_name='refresh_tokens')
    op.drop_index(op.f('ix_refresh_tokens_expires_at'), table_name='refresh_tokens')
    op.drop_index(op.f('ix_refresh_tokens_account_id'), table_name='refresh_tokens')
    op.drop_table('refresh_tokens')
    op.drop_index(op.f('ix_idempotency_keys_created_at'), table_name='idempotency_keys')
    op.drop_table('idempotency_keys')
    op.drop_table('files')
    op.drop_index('ix_campaigns_account_id_id', table_name='campaigns', postgresql_where=sa.text('deleted_at IS NULL'))
    op.drop_table('campaigns')
    op.drop_index(op.f('ix_caller_numbers_account_id'), table_name='caller_numbers')
    op.drop_table('caller_numbers')
    op.drop_table('lines')
    op.drop_index('uq_calls_run_id_recipient_id_attempt', table_name='calls')
    op.drop_index('ix_calls_recipient_id_id', table_name='calls')
    op.drop_index('ix_calls_queued', table_name='calls', postgresql_where=sa.text('status = 0'))
    op.drop_index('ix_calls_held', table_name='calls', postgresql_where=sa.text('status BETWEEN 1 AND 4'))
    op.drop_table('calls')
    op.drop_table('accounts')
