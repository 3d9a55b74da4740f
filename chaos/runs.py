"""Runs one after the other, so that calls are under way for as long as a fault takes."""

from collections.abc import Sequence

from chaos.campaign import MESSAGE, Begun, begin, ended, finish
from chaos.rig import Rig
from chaos.witness import Numbers, Report, judge, mixed

_SUMMED = ("calls", "dialled", "dialled twice", "without an end", "interrupted")


class Runs:
    """Runs of `calls` calls each, to phones that behave as `endings` say (`mixed`: short calls).

    Attributes:
        begun: all of them, the present one last.
    """

    def __init__(
        self,
        rig: Rig,
        numbers: Numbers,
        calls: int,
        *,
        message: str = MESSAGE,
        endings: Sequence[int] | None = None,
    ) -> None:
        self._rig = rig
        self._numbers = numbers
        self._calls = calls
        self._message = message
        self._endings = mixed() if endings is None else endings
        self.begun: list[Begun] = []

    async def under_way(self) -> Begun:
        """The present run; another one is begun when it is over."""
        if not self.begun or await ended(self._rig, self.begun[-1]):
            numbers = self._numbers.take(self._calls, self._endings)
            self.begun.append(await begin(self._rig, numbers, message=self._message))
        return self.begun[-1]

    async def judge(self, report: Report) -> None:
        """Wait for the end of all of them, and judge them together."""
        for run in self.begun:
            await finish(self._rig, run)
        parts = [Report() for _ in self.begun]
        for run, part in zip(self.begun, parts, strict=True):
            await judge(self._rig, run.run_id, run.numbers, part)
        for name in _SUMMED:
            report.figures[name] = sum(int(str(part.figures[name])) for part in parts)
        report.broken += [broken for part in parts for broken in part.broken]
