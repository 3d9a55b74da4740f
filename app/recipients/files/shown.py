"""How the cells of a sheet are shown, as a look through it finds out."""

from dataclasses import dataclass, field


@dataclass(slots=True)
class Shown:
    """How cells are shown; row and column count from 0. One byte a row for each column that has any format.

    Attributes:
        columns: for each row of a column its format, 1 being the first of `codes`; 0 for none.
        codes: number formats.
        hidden: 1 for each row that is not shown.
    """

    columns: dict[int, bytearray] = field(default_factory=dict)
    codes: list[str] = field(default_factory=list)
    hidden: bytearray = field(default_factory=bytearray)

    def add(self, row: int, column: int, code: str) -> None:
        """Note a cell's format; formats beyond the first 255 of a sheet are not told apart from none."""
        kind = self.kind(code)
        if kind:
            put(self.columns.setdefault(column, bytearray()), row, kind)

    def kind(self, code: str) -> int:
        """The number of a format, from 1; 0 when there is no room for another."""
        if code not in self.codes:
            if len(self.codes) == 255:
                return 0
            self.codes.append(code)
        return self.codes.index(code) + 1

    def hide(self, row: int) -> None:
        """Note a row that is not shown."""
        put(self.hidden, row, 1)


def put(rows: bytearray, row: int, value: int) -> None:
    """Note a value of 1 to 255 for a row, which counts from 0."""
    if len(rows) <= row:
        rows.extend(bytes(row + 1 - len(rows)))
    rows[row] = value
