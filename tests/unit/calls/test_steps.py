"""A call's status is written by statements of one module, from the table of allowed steps, and by nothing else."""

import ast
import re
from itertools import product
from pathlib import Path

import pytest

from app.calls.followup import may_be_followed
from app.calls.state import ALLOWED, TERMINAL, CallStatus
from app.calls.steps import end, step, step_sql, steps_sql
from app.runs.state import GOING_ON

_ROOT = Path(__file__).parents[3]
_OWNER = _ROOT / "app" / "calls" / "steps.py"
_TEXT = re.compile(r"\bUPDATE\s+(?:ONLY\s+)?calls\b", re.IGNORECASE)


def _product_files() -> list[Path]:
    return [
        path for folder in ("app", "workers") for path in (_ROOT / folder).rglob("*.py") if path != _OWNER
    ]


def _statements(source: str) -> list[str]:
    """What writes to `calls` in a module: SQL text, and SQLAlchemy's ``update(Call)`` unless it sets other columns."""
    tree = ast.parse(source)
    innocent = set()
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "values":
            names = {keyword.arg for keyword in node.keywords}
            if names and not node.args and None not in names and "status" not in names:
                innocent |= {id(inner) for inner in ast.walk(node)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and _TEXT.search(node.value):
            found.append(node.value)
        elif (
            isinstance(node, ast.Call)
            and getattr(node.func, "id", getattr(node.func, "attr", "")) == "update"
            and any(
                getattr(argument, "id", getattr(argument, "attr", "")) == "Call" for argument in node.args
            )
            and id(node) not in innocent
        ):
            found.append(ast.unparse(node))
    return found


def test_nothing_else_writes_a_status() -> None:
    elsewhere = {str(path.relative_to(_ROOT)): _statements(path.read_text()) for path in _product_files()}
    assert {name: found for name, found in elsewhere.items() if found} == {}


@pytest.mark.parametrize(
    "source",
    [
        'text("UPDATE calls SET status = 9")',
        'text(f"""\n  update calls AS c\n  set status = {x}""")',
        "update(Call).where(Call.id == 1).values(status=CallStatus.FAILED)",
        "update(models.Call).values({'status': 1})",
        "statement = update(Call)",
        "update(Call).values(**changes)",
    ],
)
def test_a_statement_elsewhere_would_be_found(source: str) -> None:
    assert _statements(source)


def test_other_columns_may_be_written_elsewhere() -> None:
    assert not _statements("update(Call).where(Call.id == 1).values(dialled='98')")
    assert not _statements("update(Run).values(status=1)")


@pytest.mark.parametrize(("source", "to"), product(CallStatus, CallStatus))
def test_only_steps_of_the_table_can_be_built(source: CallStatus, to: CallStatus) -> None:
    if to in ALLOWED[source]:
        assert f"calls.status IN ({source:d})" in _as_text(to, source)
        assert _built(to, source) is not None
    else:
        with pytest.raises(ValueError, match=f"from {source.name} to {to.name}"):
            _built(to, source)
        with pytest.raises(ValueError, match="cannot step"):
            _as_text(to, source)


def _built(to: CallStatus, source: CallStatus) -> object:
    if may_be_followed(to):
        return end(to, of={source}, where=(), values={}, going_on=GOING_ON)
    return step(to, of={source})


def _as_text(to: CallStatus, source: CallStatus) -> str:
    return step_sql("x", targets={to}, of={source}, values={}, rows="r", going_on=GOING_ON)


@pytest.mark.parametrize("to", sorted(TERMINAL - {CallStatus.TERMINATED}))
def test_no_call_ends_without_what_follows_it(to: CallStatus) -> None:
    with pytest.raises(ValueError, match=f"follow a call that ends {to.name}"):
        step(to, of=())
    with pytest.raises(ValueError, match="states of a run that goes on"):
        step_sql("x", targets={to}, of=(), values={}, rows="r")
    with pytest.raises(ValueError, match="states of a run that goes on"):
        steps_sql({}, same=(), going_on=())
