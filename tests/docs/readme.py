"""The README taken apart: its fenced blocks, sections and tables."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "README.md").read_text(encoding="utf-8")
_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(kind: str, text: str = TEXT) -> list[str]:
    """The fenced blocks of a kind, in their order."""
    return [body for named, body in _BLOCK.findall(text) if named == kind]


def section(title: str) -> str:
    """What stands below a second-level heading, up to the next one."""
    _, found, rest = TEXT.partition(f"\n## {title}\n")
    assert found, f"The README has no section {title!r}"
    return rest.partition("\n## ")[0]


def first_cells(text: str) -> list[str]:
    """The first column of every table in `text`, without the headers."""
    tables = re.findall(r"^\|[ :|-]+\|\n((?:\|.*\n)+)", text + "\n", re.MULTILINE)
    return [row.split("|")[1].strip() for table in tables for row in table.splitlines()]
