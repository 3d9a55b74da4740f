"""All rows, in the order of the table, and how they are shown."""

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table

from chaos import sms
from chaos.rig import Rig
from chaos.rows import (
    clocks,
    copies,
    database,
    disks,
    doorbell,
    drains,
    freezes,
    kills,
    life,
    network,
    races,
    texts,
    trunks,
)
from chaos.scale import Scale
from chaos.witness import Numbers, Report

OnRig = Callable[[Rig, Numbers, Scale], Awaitable[Report]]
Alone = Callable[[Scale], Awaitable[Report]]


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the table.

    Attributes:
        number, fault: as the table shows them.
        shared: runs on one rig with the others that do, one after the other.
        alone: brings its own rig.
        together: of rows that bring their own, those with the same word here run at once.
    """

    number: str
    fault: str
    shared: OnRig | None = None
    alone: Alone | None = None
    together: str = ""


_AT_THE_END = "at the end"
"""Rows that wait for leases most of the time, and one that waits for nothing."""

ROWS = (
    Row("1", "kill -9 of a random process", kills.random_kills),
    Row("2", "kills at named points", kills.kills_at_points),
    Row("3", "SIGTERM of a line in mid-call, then twice", drains.drains),
    Row("4", "FLUSHALL", doorbell.flushed),
    Row("5", "Redis killed and restarted", doorbell.restarted),
    Row("6", "database stopped immediately and started", database.crashes),
    Row("7", "SIGSTOP of a line beyond its lease", freezes.freezes),
    Row("8", "latency, resets and silence before database and Redis", network.bad_network),
    Row("9", "disk full; blob store gone", alone=disks.no_room, together=_AT_THE_END),
    Row("10a", "clock jumps by an hour", clocks.jumps),
    Row("10b", "everything down at a run's time", clocks.down_at_its_time),
    Row("11", "64 begins at once; one key from 64 clients", races.races),
    Row("12", "trunk gone, silent, odd; 10,000 digits", trunks.odd_trunks),
    Row("15", "texts that swell beside live calls", texts.swelling),
    Row("16", "the database put back from a copy of mid-run", copies.old_copies),
    Row("13", "a call's life in any order", alone=life.any_order, together=_AT_THE_END),
    Row(
        "S1",
        "kill -9 of a line of messages, at random and at named points",
        alone=sms.killed,
        together=_AT_THE_END,
    ),
    Row("S2", "SIGTERM of a line of messages", alone=sms.drained, together=_AT_THE_END),
    Row("S3", "the message centre killed and restarted", alone=sms.absent, together=_AT_THE_END),
    Row("S4", "inboxes that stay full, lines killed", alone=sms.full, together=_AT_THE_END),
)


@dataclass(frozen=True, slots=True)
class Result:
    """What came of one row, and in how many seconds."""

    number: str
    fault: str
    report: Report
    took_s: float


async def run_row(row: Row, rig: Rig | None, numbers: Numbers, scale: Scale) -> Result:
    """Run one row; what it raises is a promise that did not hold."""
    started = time.monotonic()
    try:
        if row.shared is not None and rig is not None:
            report = await row.shared(rig, numbers, scale)
        elif row.alone is not None:
            report = await row.alone(scale)
        else:
            report = Report(broken=["not run"])
    except Exception as error:  # noqa: BLE001 - a row that breaks off must not keep the others from running
        report = Report(broken=[f"broke off: {error!r}"[:500]])
    return Result(row.number, row.fault, report, time.monotonic() - started)


def show(results: list[Result], console: Console) -> None:
    """Print the table."""
    table = Table(title="Chaos", show_lines=True)
    for heading in ("#", "fault", "figures", "held", "s"):
        table.add_column(heading, overflow="fold")
    for result in results:
        held = "yes" if not result.report.broken else "NO: " + "; ".join(result.report.broken[:4])
        table.add_row(result.number, result.fault, result.report.line, held, f"{result.took_s:.0f}")
    console.print(table)
