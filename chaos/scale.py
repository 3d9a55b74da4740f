"""How much of everything: the full table, a share of it, or the few seconds that a test may take."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Scale:
    """How often a row does what it does.

    Attributes:
        quick: the short form, for tests.
        percent: of the full counts, 1 to 100 and beyond.
    """

    quick: bool = False
    percent: float = 100.0

    def times(self, full: int, quick: int) -> int:
        """How often: `quick` in the short form, else the share of `full`, at least once."""
        return quick if self.quick else max(1, round(full * self.percent / 100))

    @property
    def calls(self) -> int:
        """Calls of one run."""
        return self.times(10_000, 80)
