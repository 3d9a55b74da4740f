"""What a client is told of a fault in PostgreSQL, read by its SQLSTATE or by its kind."""

import asyncpg
import pytest
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from app.core.errors import Item, NotFoundError, ProblemError
from app.http.outages import database_problem
from app.http.statuses import status_of


class _FaultError(Exception):
    def __init__(self, sqlstate: str) -> None:
        super().__init__("detail that nobody outside may see")
        self.sqlstate = sqlstate


def _wrapped(cause: BaseException, *, invalidated: bool = False) -> DBAPIError:
    return DBAPIError("SELECT 1", {}, cause, connection_invalidated=invalidated)


@pytest.mark.parametrize(
    ("state", "code"),
    [
        ("08006", "database_unavailable"),
        ("57P01", "database_unavailable"),
        ("57P03", "database_unavailable"),
        ("53300", "database_unavailable"),
        ("25006", "database_unavailable"),
        ("28P01", "database_unavailable"),
        ("3D000", "database_unavailable"),
        ("57014", "database_busy"),
        ("40001", "database_busy"),
        ("40P01", "database_busy"),
        ("55P03", "database_busy"),
        ("53100", "storage_full"),
        ("23505", "changed_meanwhile"),
        ("23503", "changed_meanwhile"),
        ("22003", "invalid_value"),
        ("22021", "invalid_value"),
    ],
)
def test_a_state_is_told_alike_from_asyncpg_and_through_sqlalchemy(state, code):
    for error in (_FaultError(state), _wrapped(_FaultError(state))):
        problem = database_problem(error)
        assert problem is not None
        assert problem.items[0].code == code


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (PoolTimeoutError("QueuePool limit"), "database_busy"),
        (_wrapped(Exception("gone"), invalidated=True), "database_unavailable"),
        (OperationalError("SELECT 1", {}, Exception("gone")), "database_unavailable"),
        (InterfaceError("SELECT 1", {}, Exception("closed")), "database_unavailable"),
        (_wrapped(asyncpg.InterfaceError("connection is closed")), "database_unavailable"),
        (_wrapped(ConnectionRefusedError()), "database_unavailable"),
    ],
)
def test_a_fault_without_a_state_is_told_by_its_kind(error, code):
    problem = database_problem(error)

    assert problem is not None
    assert problem.items[0].code == code


@pytest.mark.parametrize("state", ["42P01", "42601", "23514"])
def test_a_wrong_statement_is_our_own_fault(state):
    assert database_problem(_wrapped(_FaultError(state))) is None


def test_a_problem_of_its_own_kind_has_its_parents_status():
    class LineNotFoundError(NotFoundError):
        pass

    assert status_of(LineNotFoundError(Item(None, "x", "y"))) == 404
    assert status_of(ProblemError(Item(None, "x", "y"))) == 422
