"""Files and functions stay small enough to be read at once."""

import ast
from pathlib import Path

import pytest

MOST_LINES = 300
MOST_LINES_OF_A_FUNCTION = 40
ROOT = Path(__file__).parents[2]
FOLDERS = ("app", "workers", "chaos", "bench", "scripts")


def sources():
    return [path for folder in FOLDERS for path in sorted((ROOT / folder).rglob("*.py"))]


def functions(path):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name, node.end_lineno - node.lineno + 1


@pytest.mark.parametrize("folder", FOLDERS)
def test_there_is_something_to_measure(folder):
    assert any(list(functions(path)) for path in sources() if path.is_relative_to(ROOT / folder))


def test_no_file_is_over_300_lines():
    counted = {str(path.relative_to(ROOT)): path.read_text().count("\n") for path in sources()}
    assert {path: lines for path, lines in counted.items() if lines > MOST_LINES} == {}


def test_no_function_is_over_40_lines():
    long = {
        f"{path.relative_to(ROOT)}: {name}": lines
        for path in sources()
        for name, lines in functions(path)
        if lines > MOST_LINES_OF_A_FUNCTION
    }
    assert long == {}
