"""Reads what went wrong in PostgreSQL by its SQLSTATE (PostgreSQL manual, appendix A), never by its text."""

import asyncpg
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError, PendingRollbackError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from app.core.errors import (
    ConflictError,
    InvalidError,
    Item,
    ProblemError,
    StorageFullError,
    UnavailableError,
)

_DOWN = Item(None, "database_unavailable", "The database cannot be reached. Try again in a few seconds.")
_BUSY = Item(None, "database_busy", "The database is too busy. Try again in a few seconds.")
_MEANWHILE = Item(
    None, "changed_meanwhile", "Another request changed this at the same moment. Read it and try again."
)
_FULL = Item(None, "storage_full", "The database has no room left. Its operator must make some.")
_VALUE = Item(None, "invalid_value", "A value is outside what can be stored. Shorten it or mend its form.")


def database_problem(error: BaseException) -> ProblemError | None:
    """The problem that a client is told of, or None when the fault is ours (a wrong statement)."""
    if isinstance(error, PoolTimeoutError):
        return UnavailableError(_BUSY)
    if isinstance(error, PendingRollbackError):
        # The connection broke at an earlier statement of this request.
        return UnavailableError(_DOWN)
    cause = error.orig if isinstance(error, DBAPIError) else error
    state = getattr(cause, "sqlstate", None)
    if state:
        return _by_state(str(state))
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return UnavailableError(_DOWN)
    if isinstance(error, (OperationalError, InterfaceError)) or isinstance(cause, asyncpg.InterfaceError):
        return UnavailableError(_DOWN)
    if isinstance(cause, (OSError, TimeoutError)):
        return UnavailableError(_DOWN)
    return None


def _by_state(state: str) -> ProblemError | None:
    if state in {"53100", "53200"}:
        return StorageFullError(_FULL)
    if state in {"40001", "40P01", "55P03", "57014"}:
        return UnavailableError(_BUSY, retry_after=1)
    if state in {"23505", "23503"}:
        return ConflictError(_MEANWHILE)
    if state[:2] in {"08", "53", "57", "58", "XX"} or state in {"25006", "25P03", "28000", "28P01", "3D000"}:
        return UnavailableError(_DOWN)
    if state.startswith("22"):
        return InvalidError(_VALUE)
    return None
