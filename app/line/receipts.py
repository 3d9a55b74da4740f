"""Messages and their receipts brought together in Postgres, in whichever order and on whichever session they come.

A receipt is stored first, and then looked up among the segments that the centre has taken, whose ids were stored when
the message became `sent`. One that came before that, or at the same moment, lies unmatched until a sweep, a second
later.

The ledger does not look for such receipts itself: a transaction that changes calls in two statements locks their counts
in an order of its own, and two such lock each other out (measured: a deadlock a second with three lines).
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from app.calls.models import Line, SmsPart, SmsReceipt
from app.calls.state import CallStatus
from app.calls.steps import step_sql
from app.runs.state import GOING_ON

KEPT = timedelta(days=14)
"""How long a receipt that names no message of ours is kept, for people to look at."""
CHUNK = 1000

_SAME_MESSAGE = "p.message_id = r.message_id AND p.trunk = r.trunk"
# Ids come round again: what has its end already is left alone, and of two receipts for one segment the first counts.
_MARK = text(
    f"""
    UPDATE sms_parts AS part SET status = f.status, reason = f.reason, error = f.error, ended_at = f.received_at
    FROM (
        SELECT DISTINCT ON (p.call_id, p.nth) p.call_id, p.nth, r.status, r.reason, r.error, r.received_at
        FROM sms_parts AS p JOIN sms_receipts AS r ON {_SAME_MESSAGE}
        WHERE p.call_id = ANY (:calls) AND p.status IS NULL ORDER BY p.call_id, p.nth, r.id
    ) AS f
    WHERE part.call_id = f.call_id AND part.nth = f.nth
    """  # noqa: S608 - of constants
)
_DECIDED = step_sql(
    "decided.status",
    targets={CallStatus.COMPLETED, CallStatus.UNANSWERED, CallStatus.FAILED},
    of={CallStatus.SENT},
    values={"reason": "decided.reason", "network_code": "decided.error", "ended_at": "decided.ended_at"},
    rows="decided",
    going_on=GOING_ON,
)
_EXPIRED = step_sql(
    f"{CallStatus.UNANSWERED:d}",
    targets={CallStatus.UNANSWERED},
    of={CallStatus.SENT},
    values={"reason": "'no_receipt'", "ended_at": ":now"},
    rows="expired",
    going_on=GOING_ON,
)
# One row a call that its segments have decided: as soon as one of them failed, else when all have ended. The numbers
# of the statuses rise from completed (5) to unanswered (7) to failed (8), and the worst decides.
_DECIDE = text(
    f"""
    WITH decided AS (
        SELECT call_id AS id, max(status) AS status, max(ended_at) AS ended_at,
               (array_agg(reason ORDER BY status DESC NULLS LAST, nth))[1] AS reason,
               (array_agg(error ORDER BY status DESC NULLS LAST, nth))[1] AS error
        FROM sms_parts WHERE call_id = ANY (:calls)
        GROUP BY call_id HAVING bool_or(status = {CallStatus.FAILED:d}) OR count(status) = count(*)
    ), {_DECIDED}
    SELECT count(*) FROM stepped
    """  # noqa: S608 - of constants
)
_DONE = text(
    f"DELETE FROM sms_receipts AS r USING sms_parts AS p WHERE p.call_id = ANY (:calls) AND {_SAME_MESSAGE}"  # noqa: S608
)
_EXPIRE = text(
    f"""
    WITH expired AS MATERIALIZED (
        SELECT id FROM calls WHERE status = {CallStatus.SENT:d} AND ended_at IS NULL AND expires_at <= :now
        ORDER BY expires_at LIMIT {CHUNK}
        FOR UPDATE SKIP LOCKED
    ), {_EXPIRED}
    SELECT count(*) FROM stepped
    """  # noqa: S608 - of constants
)


async def keep_parts(connection: AsyncConnection, line_id: int, sent: Mapping[int, Sequence[str]]) -> None:
    """Keep the ids of the segments, by call id, of messages that line `line_id` sends in this transaction."""
    if not any(sent.values()):
        return
    trunk = await connection.scalar(select(Line.trunk).where(Line.id == line_id))
    rows = [
        {"call_id": call_id, "nth": nth, "trunk": trunk, "message_id": message_id}
        for call_id, ids in sent.items()
        for nth, message_id in enumerate(ids, start=1)
    ]
    await connection.execute(insert(SmsPart).on_conflict_do_nothing(), rows)


async def keep_receipts(connection: AsyncConnection, receipts: Sequence[Mapping[str, Any]]) -> int:
    """Keep receipts, each a row of `SmsReceipt`, and end the messages that they decide.

    Returns:
        How many name no message that was sent: not yet, or not by us.
    """
    added = await connection.scalars(
        insert(SmsReceipt).returning(SmsReceipt.id, sort_by_parameter_order=True), list(receipts)
    )
    ids = list(added)
    await _settle(connection, "r.id = ANY (:some)", ids)
    left = await connection.scalars(select(SmsReceipt.id).where(SmsReceipt.id.in_(ids)))
    return len(left.all())


async def settle_since(connection: AsyncConnection, since: datetime) -> int:
    """Bring together what crossed and was received after `since`; how many messages it concerned."""
    return await _settle(connection, "r.received_at > :some", since)


async def expire(connection: AsyncConnection, now: datetime) -> int:
    """End a thousand of the messages that have had no receipt within their validity; how many."""
    return await connection.scalar(_EXPIRE, {"now": now}) or 0


async def drop_old(connection: AsyncConnection, now: datetime) -> int:
    """Drop receipts that nobody has claimed for long; how many."""
    return (await connection.execute(delete(SmsReceipt).where(SmsReceipt.received_at < now - KEPT))).rowcount


async def _settle(connection: AsyncConnection, among: str, some: object) -> int:
    found = text(
        f"SELECT DISTINCT p.call_id FROM sms_receipts r JOIN sms_parts p ON {_SAME_MESSAGE} WHERE {among}"  # noqa: S608
    )
    calls = sorted(await connection.scalars(found, {"some": some}))
    if not calls:
        return 0
    # Held before the segments are looked at: of two lines with a receipt each for one message, the later one sees
    # what the earlier one wrote.
    held = text("SELECT id FROM calls WHERE id = ANY (:calls) ORDER BY id FOR UPDATE")
    await connection.execute(held, {"calls": calls})
    await connection.execute(_MARK, {"calls": calls})
    await connection.execute(_DECIDE, {"calls": calls})
    await connection.execute(_DONE, {"calls": calls})
    return len(calls)
