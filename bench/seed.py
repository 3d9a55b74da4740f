"""Rows for the bench, made in the database itself."""

from bench.stage import Connection

MESSAGE = "नमस्ते, यो परीक्षण सन्देश हो।"
NAMES = ("सीता", "राम", "गीता", "हरि", "लक्ष्मी")


async def add_account(connection: Connection, email: str = "bench@example.org") -> int:
    """An account that nobody can log in to; its id."""
    return int(
        await connection.fetchval(
            "INSERT INTO accounts (email, username, password_hash) VALUES ($1, $1, '-') RETURNING id", email
        )
    )


async def add_campaign(connection: Connection, account_id: int, recipients: int) -> int:
    """A PHONE campaign of `recipients` mobile numbers with three tags each; its id."""
    campaign_id = await connection.fetchval(
        "INSERT INTO campaigns (account_id, name, services, voice_input, message, recipient_count, usable_tags) "
        "VALUES ($1, 'Bench', 'PHONE', 'np_rija', $2, $3, '{tags_name,tags_amount,tags_due}') RETURNING id",
        account_id,
        MESSAGE,
        recipients,
    )
    await connection.execute(
        "INSERT INTO recipients (campaign_id, number, national, tags) "
        "SELECT $1, '+97798' || lpad(n::text, 8, '0'), '98' || lpad(n::text, 8, '0'), "
        "jsonb_build_object('tags_name', 'सीता ' || n, 'tags_amount', (n * 7 % 5000)::text, 'tags_due', '2026-12-01') "
        "FROM generate_series(0, $2::bigint - 1) AS n ORDER BY n",
        campaign_id,
        recipients,
        timeout=900,
    )
    await connection.execute("VACUUM ANALYZE recipients", timeout=900)
    return int(campaign_id)


async def add_run(connection: Connection, campaign_id: int, *, state: int = 0, message: str = MESSAGE) -> int:
    """A run of the whole campaign, due now; by default scheduled, so that a control worker starts it."""
    return int(
        await connection.fetchval(
            "INSERT INTO runs (campaign_id, account_id, state, services, message, voice_input, first, ring_timeout_s, "
            "recipients, scheduled_for, started_at) "
            "SELECT id, account_id, $2::smallint, services, $3, voice_input, 'message', 5, recipient_count, now(), "
            "CASE WHEN $2::smallint > 0 THEN now() END FROM campaigns WHERE id = $1 RETURNING id",
            campaign_id,
            state,
            message,
        )
    )


async def add_queued_calls(connection: Connection, run_id: int) -> None:
    """A queued call for every recipient of the run's campaign; the run then has nothing left to fan out."""
    await connection.execute(
        "INSERT INTO calls (run_id, recipient_id) SELECT r.id, p.id FROM runs r "
        "JOIN recipients p ON p.campaign_id = r.campaign_id WHERE r.id = $1 ORDER BY p.id",
        run_id,
        timeout=900,
    )
    await connection.execute("UPDATE runs SET fanout_done_at = now() WHERE id = $1", run_id)
    await connection.execute("VACUUM ANALYZE calls", timeout=900)
