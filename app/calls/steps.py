"""The only writer of a call's status: every UPDATE that changes one is built here, from the table of allowed steps.

A statement names the states that it takes calls from, and each pair is checked against the table when the module that
builds it is imported. So a step that the table does not know cannot be written, and a row that is in another state by
then is left as it is. `tests/unit/calls/test_steps.py` finds statements elsewhere.

A statement that ends calls queues what follows them as well (`app.calls.followup`). It is built by `end` or as text;
`step` refuses to build it.
"""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, Select, Update, bindparam, column, select, text, update

from app.calls.followup import Nothing, Text, after, every_end, may_be_followed
from app.calls.models import Call
from app.calls.state import ALLOWED, CallStatus, Channel

_STEPPED = ("id", "run_id", "recipient_id", "channel", "status")
"""Columns of the calls that took a step, as what follows them needs to know them."""


def step(to: CallStatus, *, of: Iterable[CallStatus]) -> Update:
    """``UPDATE calls SET status = to`` for those in one of the states `of`; callers add which ones, and other values.

    Raises:
        ValueError: the table does not allow one of the steps, or something may follow: see `end`.
    """
    if may_be_followed(to):
        message = f"something may follow a call that ends {to.name}; build the statement with end()"
        raise ValueError(message)
    return _update(to, of)


def end(
    to: CallStatus,
    *,
    of: Iterable[CallStatus],
    where: Iterable[ColumnElement[bool]],
    values: Mapping[str, Any],
    going_on: Collection[int],
) -> Select[tuple[int]]:
    """The same for an end that something may follow: one statement, which returns the ids of the calls that ended.

    Args:
        to: how they end.
        of: states from which they end.
        where: which ones.
        values: other columns.
        going_on: states of a run whose calls may be followed.

    Raises:
        ValueError: the table does not allow one of the steps.
    """
    ended = _update(to, of).where(*where).values(**values)
    stepped = ended.returning(*(getattr(Call, name) for name in _STEPPED)).cte("stepped")
    followed = text(_followed(going_on)).columns(column("id")).cte("followed")
    return select(stepped.c.id).add_cte(stepped, followed)


def step_sql(
    to: str,
    *,
    targets: Collection[CallStatus],
    of: Iterable[CallStatus],
    values: Mapping[str, str],
    rows: str,
    returning: Iterable[str] = (),
    going_on: Collection[int] = (),
) -> str:
    """The same as text, for a statement that chooses its rows, and perhaps the next state of each, by itself.

    It is the end of a WITH list: ``stepped``, a row for each call that took the step, and what follows.

    Args:
        to: SQL of the next state.
        targets: every state that `to` can be.
        of: states from which they are entered.
        values: SQL of other columns, by name.
        rows: name of a table expression with a column ``id``; its columns may be used in `to` and `values`.
        returning: columns of ``stepped`` besides ``id``.
        going_on: states of a run whose calls may be followed; needed when one of the targets is such an end.

    Raises:
        ValueError: the table does not allow one of the steps, or `going_on` is missing.
    """
    sources = ", ".join(str(int(status)) for status in _checked(of, targets))
    changed = ", ".join(f"{name} = {value}" for name, value in {"status": to, **values}.items())
    returned = ", ".join(f"calls.{name}" for name in dict.fromkeys((*_STEPPED, *returning)))
    stepped = (
        f"stepped AS (UPDATE calls SET {changed} FROM {rows} WHERE calls.id = {rows}.id"  # noqa: S608
        f" AND calls.status IN ({sources}) RETURNING {returned})"
    )
    if not any(may_be_followed(target) for target in targets):
        return stepped
    return f"{stepped}, followed AS ({_followed(going_on)})"


def steps_sql(columns: Mapping[str, str], same: Iterable[str], going_on: Collection[int]) -> str:
    """Many steps at once, each row with its own guard (`app.calls.state.guard_of`), for calls of one line.

    Binds ``line_id``, ``in_doubt``, and arrays ``call_id``, ``status``, ``guard`` and one a column. A value that is
    NULL leaves the column as it is. Returns the ids of the calls that took their step.

    Args:
        columns: SQL types of other columns, by name.
        same: columns by which a step is known as the one that the row has already. With ``in_doubt`` such a row counts
            as changed: the answer to an earlier try may have been lost. The status alone would not do, for the line may
            have been declared gone in between, which ends the call.
        going_on: states of a run whose calls may be followed.
    """
    arrays = {"call_id": "bigint", "status": "smallint", "guard": "smallint", **columns}
    return (
        "WITH stepped AS (UPDATE calls AS c SET status = s.status"  # noqa: S608
        + "".join(f", {name} = coalesce(s.{name}, c.{name})" for name in columns)
        + f" FROM unnest({', '.join(f'CAST(:{name} AS {kind}[])' for name, kind in arrays.items())})"
        + f" AS s({', '.join(('id', 'status', 'guard', *columns))})"
        + " WHERE c.id = s.id AND c.line_id = :line_id AND ((s.guard >> c.status) & 1 = 1"
        + " OR (CAST(:in_doubt AS boolean) AND c.status = s.status"
        + "".join(f" AND (s.{name} IS NULL OR c.{name} = s.{name})" for name in same)
        + f")) RETURNING {', '.join(f'c.{name}' for name in _STEPPED)})"
        + f", followed AS ({_followed(going_on)}) SELECT id FROM stepped"  # noqa: S608
    )


def _update(to: CallStatus, of: Iterable[CallStatus]) -> Update:
    chosen: BindParameter[list[int]] = bindparam(
        "from_states", _checked(of, (to,)), expanding=True, literal_execute=True
    )
    return update(Call).where(Call.status.in_(chosen)).values(status=to)


def _followed(going_on: Collection[int]) -> str:
    """The INSERT of what follows the calls in ``stepped``: its condition is the policy, written out end by end.

    The unique index on attempts lets each in once, however often an end is reported.
    """
    if not going_on:
        message = "an end that something may follow needs the states of a run that goes on"
        raise ValueError(message)
    followups = {one: after(one) for one in every_end()}
    if unknown := set(followups.values()) - {Text(), Nothing()}:
        message = f"no statement queues {unknown}"
        raise ValueError(message)
    written = ", ".join(
        f"({one.channel:d}, {one.status:d}, {one.asked}, {one.goes_on})"
        for one, followup in followups.items()
        if followup == Text()
    )
    states = ", ".join(str(int(state)) for state in sorted(going_on))
    return (
        "INSERT INTO calls (run_id, recipient_id, channel)"  # noqa: S608
        f" SELECT stepped.run_id, stepped.recipient_id, {Channel.SMS:d}"
        " FROM stepped JOIN runs ON runs.id = stepped.run_id"
        " WHERE (stepped.channel, stepped.status, coalesce(stepped.status = ANY (runs.failover), FALSE),"
        f" runs.state IN ({states})) IN ({written})"
        " ORDER BY stepped.id ON CONFLICT DO NOTHING"
    )


def _checked(sources: Iterable[CallStatus], targets: Iterable[CallStatus]) -> list[int]:
    """The sources as stored, in order."""
    chosen = sorted(sources)
    for to in targets:
        for source in chosen:
            if to not in ALLOWED[source]:
                message = f"a call cannot step from {source.name} to {to.name}; see app.calls.state.ALLOWED"
                raise ValueError(message)
    return [int(source) for source in chosen]
