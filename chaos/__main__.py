"""`python -m chaos`: the whole table, some rows of it, or a soak; exits with 1 when a promise did not hold."""

import argparse
import asyncio
import time
from itertools import groupby

from rich.console import Console

from app.core.logging import configure_logging
from chaos.rig import Rig, rig
from chaos.rows.soak import soak
from chaos.scale import Scale
from chaos.table import ROWS, Result, Row, run_row, show
from chaos.witness import Numbers


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="chaos", description="Faults during thousands of calls.")
    parser.add_argument(
        "--rounds", type=float, default=100.0, help="percent of the table's counts (default 100)"
    )
    parser.add_argument("--rows", default="", help="numbers of rows, with commas between them; default: all")
    parser.add_argument("--quick", action="store_true", help="the short form of each row")
    parser.add_argument(
        "--soak-minutes", type=float, default=0.0, help="a soak of so long instead of the table"
    )
    return parser.parse_args()


async def _table(rows: list[Row], scale: Scale, console: Console) -> list[Result]:
    results: list[Result] = []

    async def run(row: Row, one: Rig | None, numbers: Numbers) -> None:
        result = await run_row(row, one, numbers, scale)
        results.append(result)
        held = "held" if not result.report.broken else f"BROKEN {result.report.broken}"
        console.print(f"{result.number} {result.fault}: {result.report.line}: {held} ({result.took_s:.0f} s)")

    shared = [row for row in rows if row.shared is not None]
    if shared:
        async with rig() as one:
            numbers = Numbers()
            for row in shared:
                await run(row, one, numbers)
    alone = [row for row in rows if row.alone is not None]
    for _, together in groupby(alone, lambda row: row.together or row.number):
        await asyncio.gather(*(run(row, None, Numbers()) for row in together))
    order = [row.number for row in ROWS]
    return sorted(results, key=lambda result: order.index(result.number))


async def _soak(minutes: float, scale: Scale) -> list[Result]:
    started = time.monotonic()
    async with rig(warm=False) as one:
        report = await soak(one, Numbers(), scale, minutes)
    return [Result("14", "soak, 50 calls at once", report, time.monotonic() - started)]


def main() -> int:
    """Run what was asked for; the exit code."""
    asked = _asked()
    console = Console(highlight=False, soft_wrap=True, width=160)
    configure_logging("error", "console")
    scale = Scale(quick=asked.quick, percent=asked.rounds)
    wanted = {number.strip() for number in asked.rows.split(",") if number.strip()}
    rows = [row for row in ROWS if not wanted or row.number in wanted or row.number.rstrip("ab") in wanted]
    if asked.soak_minutes:
        results = asyncio.run(_soak(asked.soak_minutes, scale))
    else:
        results = asyncio.run(_table(rows, scale, console))
    show(results, console)
    return 1 if any(result.report.broken for result in results) else 0


if __name__ == "__main__":
    raise SystemExit(main())
