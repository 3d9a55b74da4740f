"""``python -m bench [SIZE] [--only ROW …]``: run the rows, print the table, write JSON and a picture."""

import argparse
import asyncio
import importlib
import json
import platform
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import psutil
from rich.console import Console
from rich.table import Table

from bench.figures import Figure
from bench.picture import draw
from bench.stage import RESULTS, Stage

ROWS = ("sip", "sms", "speech", "serving", "dispatch", "fairness", "lifecycle", "imports", "pages", "storage")
_FULL = 1_000_000


async def _measure(stage: Stage, rows: Sequence[str], console: Console) -> tuple[list[Figure], list[str]]:
    """The figures, and the rows that broke off: one of them must not cost twenty minutes of the others."""
    figures: list[Figure] = []
    broken: list[str] = []
    for row in rows:
        began = time.monotonic()
        module = importlib.import_module(f"bench.rows.{row}")
        try:
            found: list[Figure] = await module.measure(stage)
        except Exception:  # noqa: BLE001 - shown here, and the exit code tells
            console.print_exception()
            broken.append(row)
            continue
        for figure in found:
            console.print(" | ".join(figure.cells()), "" if figure.met else "  (missed)", markup=False)
        console.print(f"({row}: {time.monotonic() - began:.0f} s)", style="dim")
        figures += found
    return figures, broken


def _table(figures: Sequence[Figure]) -> Table:
    table = Table(*("name", "ours", "limit", "ratio", "goal", ""))
    for figure in figures:
        table.add_row(
            *figure.cells(), "met" if figure.met else "missed", style=None if figure.met else "bold"
        )
    return table


def _report(size: int, figures: Sequence[Figure], broken: Sequence[str], took_s: float) -> dict[str, object]:
    return {
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "size": size,
        "took_s": round(took_s),
        "python": platform.python_version(),
        "cores": psutil.cpu_count(),
        "load_before": [round(load, 2) for load in psutil.getloadavg()],
        "broken_off": list(broken),
        "figures": [figure.as_json() for figure in figures],
    }


def _write(report: dict[str, object], path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(report, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def main() -> int:
    """Run the bench; 1 when a row broke off, else 0: a missed goal is a result and not a fault."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("size", nargs="?", type=int, default=_FULL, help="recipients of the largest campaign")
    parser.add_argument(
        "--only", nargs="+", choices=ROWS, default=ROWS, help="measure these rows and write no file"
    )
    parser.add_argument("--json", type=Path, help="write the figures to this file as well")
    chosen = parser.parse_args()
    # Each figure at once, into a file as well: the whole takes its time.
    sys.stdout.reconfigure(line_buffering=True)
    console = Console(highlight=False, soft_wrap=True)
    began = time.monotonic()
    stage = Stage(chosen.size)
    try:
        stage.start()
        figures, broken = asyncio.run(_measure(stage, chosen.only, console))
    finally:
        stage.stop()
    console.print(_table(figures))
    report = _report(chosen.size, figures, broken, time.monotonic() - began)
    if chosen.json is not None:
        _write(report, chosen.json)
    if tuple(chosen.only) == ROWS:
        name = "full" if chosen.size >= _FULL else "short"
        _write(report, RESULTS / f"{name}.json")
        draw(figures, RESULTS / f"{name}.png")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
