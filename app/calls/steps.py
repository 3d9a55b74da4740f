"""The only writer of a call's status: every UPDATE that changes one is built here, from the table of allowed steps.

A statement names the states that it takes calls from, and each pair is checked against the table when the module that
builds it is imported. So a step that the table does not know cannot be written, and a row that is in another state by
then is left as it is. `tests/unit/calls/test_steps.py` finds statements elsewhere.
"""

from collections.abc import Iterable, Mapping

from sqlalchemy import BindParameter, Update, bindparam, update

from app.calls.models import Call
from app.calls.state import ALLOWED, CallStatus


def step(to: CallStatus, *, of: Iterable[CallStatus]) -> Update:
    """``UPDATE calls SET status = to`` for those in one of the states `of`; callers add which ones, and other values.

    Raises:
        ValueError: the table does not allow one of the steps.
    """
    chosen: BindParameter[list[int]] = bindparam(
        "from_states", _checked(of, (to,)), expanding=True, literal_execute=True
    )
    return update(Call).where(Call.status.in_(chosen)).values(status=to)


def step_sql(
    to: str,
    *,
    targets: Iterable[CallStatus],
    of: Iterable[CallStatus],
    values: Mapping[str, str],
    rows: str,
) -> str:
    """The same as text, for a statement that chooses its rows, and perhaps the next state of each, by itself.

    Args:
        to: SQL of the next state.
        targets: every state that `to` can be.
        of: states from which they are entered.
        values: SQL of other columns, by name.
        rows: name of a table expression with a column ``id``; its columns may be used in `to` and `values`.

    Raises:
        ValueError: the table does not allow one of the steps.
    """
    sources = ", ".join(str(int(status)) for status in _checked(of, targets))
    changed = ", ".join(f"{name} = {value}" for name, value in {"status": to, **values}.items())
    return (
        f"UPDATE calls SET {changed} FROM {rows} WHERE calls.id = {rows}.id AND calls.status IN ({sources})"  # noqa: S608
    )


def steps_sql(columns: Mapping[str, str], same: Iterable[str]) -> str:
    """Many steps at once, each row with its own guard (`app.calls.state.guard_of`), for calls of one line.

    Binds ``line_id``, ``in_doubt``, and arrays ``call_id``, ``status``, ``guard`` and one a column. A value that is
    NULL leaves the column as it is.

    Args:
        columns: SQL types of other columns, by name.
        same: columns by which a step is known as the one that the row has already. With ``in_doubt`` such a row counts
            as changed: the answer to an earlier try may have been lost. The status alone would not do, for the line may
            have been declared gone in between, which ends the call.
    """
    arrays = {"call_id": "bigint", "status": "smallint", "guard": "smallint", **columns}
    return (
        "UPDATE calls AS c SET status = s.status"  # noqa: S608
        + "".join(f", {name} = coalesce(s.{name}, c.{name})" for name in columns)
        + f" FROM unnest({', '.join(f'CAST(:{name} AS {kind}[])' for name, kind in arrays.items())})"
        + f" AS s({', '.join(('id', 'status', 'guard', *columns))})"
        + " WHERE c.id = s.id AND c.line_id = :line_id AND ((s.guard >> c.status) & 1 = 1"
        + " OR (CAST(:in_doubt AS boolean) AND c.status = s.status"
        + "".join(f" AND (s.{name} IS NULL OR c.{name} = s.{name})" for name in same)
        + ")) RETURNING c.id"
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
