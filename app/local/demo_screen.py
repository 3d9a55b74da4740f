"""What the demo shows: a bar and a table that move on a terminal, lines where there is none."""

import time
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

from rich.console import Console, Group
from rich.live import Live
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

_ORDER = (
    "queued",
    "dialing",
    "ringing",
    "answered",
    "submitting",
    "sent",
    "completed",
    "hungup",
    "unanswered",
    "failed",
    "terminated",
)
_ENDED = frozenset({"completed", "hungup", "unanswered", "failed", "terminated"})
_LINE_EVERY_S = 2.0
_FEW = 2


class Screen:
    """The demo's side of the terminal."""

    def __init__(self) -> None:
        self._console = Console(highlight=False, soft_wrap=True)

    def say(self, line: str) -> None:
        """One line, as it stands."""
        self._console.print(line, markup=False)

    def step(self, title: str) -> None:
        """The heading of a step."""
        self._console.print(f"\n[bold cyan]»[/] [bold]{title}[/]")

    async def follow(self, title: str, states: AsyncIterator[dict[str, Any]]) -> dict[str, Any]:
        """Show the states of a run as they come; the last one."""
        if self._console.is_terminal:
            return await self._follow_live(title, states)
        return await self._follow_in_lines(title, states)

    async def _follow_live(self, title: str, states: AsyncIterator[dict[str, Any]]) -> dict[str, Any]:
        bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=self._console,
        )
        task = bar.add_task(title, total=None)
        run: dict[str, Any] = {}
        with Live(console=self._console, refresh_per_second=8) as live:
            async for run in states:
                bar.update(task, completed=ended(run), total=run["recipients"], description=_head(title, run))
                live.update(Group(bar, _counts_table([run["counts"]])))
        return run

    async def _follow_in_lines(self, title: str, states: AsyncIterator[dict[str, Any]]) -> dict[str, Any]:
        run: dict[str, Any] = {}
        shown, due = "", 0.0
        async for run in states:
            counts = ", ".join(f"{name} {run['counts'][name]}" for name in _ORDER if run["counts"].get(name))
            line = f"  {_head(title, run)}: {ended(run)} of {run['recipients']} ended ({counts or 'no call yet'})"
            now = time.monotonic()
            if line != shown and now >= due:
                self.say(line)
                shown, due = line, now + _LINE_EVERY_S
        if line != shown:
            self.say(line)
        return run

    def counts(self, runs: Mapping[str, Mapping[str, Any]]) -> None:
        """Calls per status, a column for each run by its title."""
        self._console.print(_counts_table([run["counts"] for run in runs.values()], list(runs)))

    def calls(self, calls: Sequence[Mapping[str, Any]], heard_ms: Mapping[str, int]) -> None:
        """A few calls of each status; `heard_ms` is what the phone says that it heard, by the call's number."""
        table = Table(title="A few calls", title_justify="left")
        for name in ("number", "status", "SIP", "reason"):
            table.add_column(name)
        table.add_column("played s", justify="right")
        table.add_column("heard s", justify="right")
        for status in _ORDER:
            for call in [call for call in calls if call["status"] == status][:_FEW]:
                table.add_row(
                    str(call["number"]),
                    status,
                    str(call["sip_status"] or ""),
                    str(call["reason"]),
                    f"{float(call['heard']):.1f}",
                    f"{heard_ms.get(str(call['number']), 0) / 1000:.1f}",
                )
        self._console.print(table)


def ended(run: Mapping[str, Any]) -> int:
    """Calls of the run that are over."""
    return sum(count for name, count in run["counts"].items() if name in _ENDED)


def _head(title: str, run: Mapping[str, Any]) -> str:
    return f"{title}, {str(run['status']).lower()}"


def _counts_table(columns: Sequence[Mapping[str, int]], titles: Sequence[str] = ("calls",)) -> Table:
    table = Table()
    table.add_column("status")
    for title in titles:
        table.add_column(title, justify="right")
    for name in _ORDER:
        if any(counts.get(name) for counts in columns):
            table.add_row(name, *(str(counts.get(name) or "") for counts in columns))
    return table
