# ruff: noqa: INP001
"""Write the README's table of settings anew from `app.core.settings`; with ``--check`` say whether it is current."""

import sys
from pathlib import Path
from typing import Any, get_args

from pydantic.fields import FieldInfo

from app.core.settings import Settings

README = Path(__file__).parent.parent / "README.md"
BEGIN = "<!-- settings: written by `make readme` -->"
END = "<!-- end of settings -->"
_BOUNDS = {"ge": "at least", "gt": "over", "le": "at most"}


def table() -> str:
    """The table in Markdown, a row for each setting that a person may set."""
    rows = ["| variable | default | meaning |", "| --- | --- | --- |"]
    prefix = Settings.model_config["env_prefix"]
    rows += [
        f"| `{prefix}{name.upper()}` | {_default(field.default)} | {_meaning(field)} |"
        for name, field in Settings.model_fields.items()
    ]
    return "\n".join(rows)


def _default(value: Any) -> str:
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    return f"`{value}`"


def _meaning(field: FieldInfo) -> str:
    """The description, with what the value is held to."""
    bounds = [
        f"{words} {getattr(bound, name):,}"
        for bound in field.metadata
        for name, words in _BOUNDS.items()
        if hasattr(bound, name)
    ]
    if len(bounds) == 2 and bounds[0].startswith(_BOUNDS["ge"]):
        bounds = [" to ".join(bound.rpartition(" ")[2] for bound in bounds)]
    choices = [str(choice) for choice in get_args(field.annotation) if isinstance(choice, str)]
    said = (field.description or "").replace("|", "\\|")
    if choices:
        return f"{said} One of {', '.join(f'`{choice}`' for choice in choices)}."
    if bounds:
        return f"{said} {', '.join(bounds).capitalize()}."
    return said


def renewed(readme: str) -> str:
    """`readme` with the table as it must be now; ValueError when the marks are not there."""
    before, begin, rest = readme.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        msg = f"The README must hold the lines {BEGIN!r} and {END!r}."
        raise ValueError(msg)
    return f"{before}{BEGIN}\n{table()}\n{END}{after}"


def main(arguments: list[str]) -> int:
    """Exit code 1 when ``--check`` finds the table out of date."""
    current = README.read_text(encoding="utf-8")
    wanted = renewed(current)
    if arguments == ["--check"]:
        if current != wanted:
            sys.stderr.write("The README's table of settings is out of date; write it anew: make readme\n")
        return int(current != wanted)
    README.write_text(wanted, encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
