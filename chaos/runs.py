"""Runs one after the other, so that calls are under way for as long as a fault takes."""

from chaos.campaign import Begun, begin, ended, finish
from chaos.rig import Rig
from chaos.witness import Numbers, Report, judge, mixed

_SUMMED = ("calls", "dialled", "dialled twice", "without an end", "interrupted")


class Runs:
    """Runs of `calls` short calls each."""

    def __init__(self, rig: Rig, numbers: Numbers, calls: int) -> None:
        self._rig = rig
        self._numbers = numbers
        self._calls = calls
        self._begun: list[Begun] = []

    async def under_way(self) -> Begun:
        """The present run; another one is begun when it is over."""
        if not self._begun or await ended(self._rig, self._begun[-1]):
            self._begun.append(await begin(self._rig, self._numbers.take(self._calls, mixed())))
        return self._begun[-1]

    async def judge(self, report: Report) -> None:
        """Wait for the end of all of them, and judge them together."""
        for run in self._begun:
            await finish(self._rig, run)
        parts = [Report() for _ in self._begun]
        for run, part in zip(self._begun, parts, strict=True):
            await judge(self._rig, run.run_id, run.numbers, part)
        for name in _SUMMED:
            report.figures[name] = sum(int(str(part.figures[name])) for part in parts)
        report.broken += [broken for part in parts for broken in part.broken]
