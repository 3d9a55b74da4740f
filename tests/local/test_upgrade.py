"""A data folder of the newest earlier version goes on under this one, with all that is in it."""

import asyncio

import asyncpg
from alembic import command

from app.local.home import Home
from app.local.migrate import _config, check, upgrade
from app.local.postgres import Postgres
from app.local.reach import settle

_OF_0_1_0 = "0001"
_ROWS = """
INSERT INTO accounts (id, email, username, password_hash) VALUES (1, 'old@example.com', 'old', 'kept');
INSERT INTO campaigns (id, account_id, name, services, voice_input, recipient_count)
VALUES (1, 1, 'भुक्तानी', 'PHONE', 'np_rija', 3), (2, 1, 'later', 'SMS', 'np_rija', 1);
INSERT INTO recipients (id, campaign_id, number, national, tags)
SELECT n, 1, '+97798000000' || n, '98000000' || n, '{"name": "सीता"}' FROM generate_series(10, 12) AS n;
INSERT INTO runs (id, campaign_id, account_id, state, services, message, voice_input, first, ring_timeout_s, recipients,
                  scheduled_for, started_at, fanout_until, fanout_done_at)
VALUES (1, 1, 1, 1, 'PHONE', 'नमस्ते', 'np_rija', 'message', 5, 3, now(), now(), 12, now()),
       (2, 2, 1, 0, 'SMS', NULL, 'np_rija', 'message', 5, 1, now() + interval '1 day', NULL, NULL, NULL);
INSERT INTO lines (id, kind, trunk, places, cps, state, host, pid)
VALUES (1, 'sip', 'sip:127.0.0.1:41000', 200, 20, 2, 'h', 1);
INSERT INTO calls (run_id, recipient_id, status, line_id, dialed_at, answered_at, ended_at)
VALUES (1, 10, 5, 1, now(), now(), now()), (1, 11, 2, 1, now(), NULL, NULL), (1, 12, 0, NULL, NULL, NULL, NULL);
UPDATE calls SET attempt = 2, refused_by = '{sip:127.0.0.1:42000}' WHERE recipient_id = 12;
"""


async def _as_it_was(url: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(_ROWS)
    finally:
        await connection.close()


async def _found(url: str, query: str) -> list[tuple[object, ...]]:
    connection = await asyncpg.connect(url)
    try:
        return [tuple(row) for row in await connection.fetch(query)]
    finally:
        await connection.close()


def test_a_data_folder_of_0_1_0_is_upgraded_with_all_that_is_in_it(home: Home) -> None:
    postgres = Postgres(home, {"fsync": "off"})
    postgres.start()
    url = postgres.url()
    try:
        command.upgrade(_config(url), _OF_0_1_0)
        asyncio.run(_as_it_was(url))
        upgrade(url)
        check(url)
        upgrade(url)  # harmless when repeated
        # Its lines called phones on this machine, so it is a trial's and stays one.
        assert asyncio.run(settle(url, trial=True)) == 0
        assert asyncio.run(_found(url, "SELECT trial, epoch FROM installation")) == [(True, 0)]
        runs = asyncio.run(_found(url, "SELECT id, state, message, held_why FROM runs ORDER BY id"))
        assert runs == [(1, 1, "नमस्ते", None), (2, 0, None, None)]
        counts = asyncio.run(
            _found(url, "SELECT status, n FROM run_counts WHERE run_id = 1 AND n > 0 ORDER BY status")
        )
        assert counts == [(0, 1), (2, 1), (5, 1)]
        # A trunk that did not take a call rang no phone, so the call is still its recipient's first attempt.
        tries = asyncio.run(
            _found(url, "SELECT attempt, cardinality(refused_by) FROM calls WHERE recipient_id = 12")
        )
        assert tries == [(1, 1)]
        assert asyncio.run(_found(url, "SELECT tags FROM recipients WHERE id = 10")) == [
            ('{"name": "सीता"}',)
        ]
    finally:
        postgres.stop()
