"""One figure of the bench: what we reach beside what the parts alone reach."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any


@dataclass(frozen=True, slots=True)
class Figure:
    """A row of the table.

    Attributes:
        name: what was measured.
        ours: our value in `unit`.
        limit: what the raw part reached in the same run, in `unit`; None when the goal is absolute.
        unit: of both values.
        goal: the bound of the ratio (of `ours` when there is no limit).
        at_least: whether reaching more than the goal is good; otherwise less is.
        note: conditions that a reader must know.
    """

    name: str
    ours: float
    limit: float | None
    unit: str
    goal: float
    at_least: bool
    note: str = ""

    @property
    def ratio(self) -> float | None:
        """Ours over the limit."""
        return None if self.limit is None else self.ours / self.limit if self.limit else float("inf")

    @property
    def met(self) -> bool:
        """Whether the goal is reached."""
        value = self.ours if self.ratio is None else self.ratio
        return value >= self.goal if self.at_least else value <= self.goal

    def cells(self) -> tuple[str, str, str, str, str]:
        """``name | ours | limit | ratio | goal`` as text."""
        sign = "≥" if self.at_least else "≤"
        limit = "–" if self.limit is None else f"{shown(self.limit)} {self.unit}"
        ratio = "–" if self.ratio is None else f"{self.ratio:.2f}"
        return self.name, f"{shown(self.ours)} {self.unit}", limit, ratio, f"{sign} {shown(self.goal)}"

    def as_json(self) -> dict[str, Any]:
        """All of it for the results file."""
        return {**asdict(self), "ratio": self.ratio, "met": self.met}


def shown(value: float) -> str:
    """Three significant digits, or all of a large whole number."""
    if abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def middle(pairs: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """Of alternating runs (ours, limit), the pair with the median ratio.

    The machine's other load comes and goes within seconds; the ratio of two runs made one after the other wanders
    far less than either value.
    """
    ordered = sorted(pairs, key=lambda pair: pair[0] / pair[1])
    return ordered[len(ordered) // 2]


def quantile(values: Sequence[float], share: float) -> float:
    """The value that `share` (0 to 1) of the values do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def middle_of(values: Sequence[float]) -> float:
    """The median."""
    return float(median(values))
