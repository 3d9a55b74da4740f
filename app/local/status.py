"""`tingting status`: the engine at a glance, on a terminal or as JSON."""

import asyncio
import json
from dataclasses import asdict
from typing import Any

import typer
from rich.console import Console, Group
from rich.live import Live
from rich.markup import escape
from rich.table import Table

from app.db.engine import make_engine
from app.dispatch.engine_status import Engine, engine_now
from app.dispatch.leader_view import LineView
from workers.dispatcher import LEAD_LOCK

_SAMPLE_S = 1.0


async def show(url: str, *, as_json: bool, watch: bool) -> None:
    """Print the engine at the database at `url` once, or again every second until cancelled."""
    engine = make_engine(url, application="tingting status", pool_size=1)

    async def look() -> Engine:
        async with engine.connect() as connection:
            return await engine_now(connection, LEAD_LOCK)

    console = Console(highlight=False)
    try:
        before = await look()
        await asyncio.sleep(_SAMPLE_S)
        now = await look()
        if as_json:
            typer.echo(json.dumps(as_dict(now, now.rates(before)), ensure_ascii=False))
            return
        if not watch:
            console.print(tables(now, now.rates(before)))
            return
        with Live(tables(now, now.rates(before)), console=console) as live:
            while True:
                await asyncio.sleep(_SAMPLE_S)
                before, now = now, await look()
                live.update(tables(now, now.rates(before)))
    finally:
        await engine.dispose()


def as_dict(now: Engine, rates: dict[int, float]) -> dict[str, Any]:
    """All of it for machines."""
    return {
        "at": now.at.isoformat(),
        "leads": now.leads,
        "oldest_waiting_s": now.oldest_waiting_s,
        "lines": [
            {
                **asdict(line),
                "state": line.state.name.lower(),
                "silent_s": round(now.silent_s.get(line.id, 0.0), 1),
            }
            for line in now.lines
        ],
        "runs": [
            {
                **asdict(run),
                "state": run.state.name.lower(),
                "waiting_since": run.waiting_since.isoformat() if run.waiting_since else None,
                "rate": round(rates.get(run.id, 0.0), 2),
            }
            for run in now.runs
        ],
        "receipts": [asdict(kept) for kept in now.receipts],
    }


def _state(line: LineView) -> str:
    if line.trunk_silent_s is not None:
        return f"{line.state.name.lower()}, trunk silent for {line.trunk_silent_s:.0f} s"
    return "resting" if line.resting else line.state.name.lower()


def tables(now: Engine, rates: dict[int, float]) -> Group:
    """All of it for people."""
    lines = Table(*("line", "trunk", "state", "held", "places", "calls/s", "heard of"), title="Lines")
    for line in now.lines:
        silent = f"{now.silent_s.get(line.id, 0.0):.0f} s ago"
        lines.add_row(
            str(line.id),
            line.trunk,
            _state(line),
            str(line.held),
            str(line.places),
            f"{line.cps:g}",
            silent,
        )
    runs = Table(
        *("run", "account", "state", "priority", "queued", "deferred", "held", "ended", "ended/s"),
        title="Runs under way",
    )
    for run in now.runs:
        rate = rates.get(run.id, 0.0)
        figures = (f"{run.queued:,}", f"{run.deferred:,}", str(run.held), f"{run.ended:,}")
        runs.add_row(str(run.id), run.account, run.state.name.lower(), run.priority, *figures, f"{rate:.1f}")
    oldest = now.oldest_waiting_s
    said = "A control worker leads." if now.leads else "No control worker leads: nothing is dispatched."
    waiting = (
        "No call waits."
        if oldest is None
        else f"The oldest waiting call could have started {oldest:.0f} s ago."
    )
    held = dict.fromkeys(run.held_why for run in now.runs if run.held_why)
    paused = [f"Paused by the service itself: {escape(why)}" for why in held]
    return Group(said, waiting, lines, runs, *paused, *([_receipts(now)] if now.receipts else []))


def _receipts(now: Engine) -> Group:
    """The receipts that decided nothing, and what to do about them."""
    kept = Table(*("trunk", "unreadable", "naming no message", "the latest"), title="Receipts kept")
    for trunk in now.receipts:
        kept.add_row(trunk.trunk, f"{trunk.unreadable:,}", f"{trunk.unmatched:,}", escape(trunk.latest))
    advice = (
        "Messages whose receipts are kept end unanswered. Where receipts name no message, see whether "
        "TINGTING_SMS_RECEIPT_IDS fits the message centre."
    )
    return Group(kept, advice)
