"""Recipients as lines of COPY's text format: E.164, the national form, a JSON object of the tags."""

from collections.abc import Sequence
from json.encoder import encode_basestring

from app.recipients.cells import value_of

_REMEMBERED = 20_000
_LONGEST_REMEMBERED = 50


class TagWriter:
    """Writes the tags of rows.

    Args:
        tags: index of each tag's cell, and the tag's name.
    """

    def __init__(self, tags: Sequence[tuple[int, str]]) -> None:
        room = _REMEMBERED // max(1, len(tags))
        self._members = [(index, _Members(name, room)) for index, name in tags]

    def json(self, cells: Sequence[str]) -> str:
        """The row's tags as JSON in COPY's text format; blank cells and those that a short row lacks left out."""
        width, text = len(cells), ""
        for index, members in self._members:
            if index < width:
                text += members[cells[index]]
        return f"{{{text[1:]}}}"


class _Members(dict[str, str]):
    """Cells of one column as members of a JSON object with a comma before them, '' for a blank cell.

    The short ones are remembered: names, dates and amounts come again and again, and looking one up takes a tenth of
    writing it. All columns together remember some 10 MB at most.
    """

    def __init__(self, name: str, room: int) -> None:
        super().__init__()
        self._key = f",{encode_basestring(name)}:"
        self._room = room

    def __missing__(self, cell: str) -> str:
        value = value_of(cell)
        # COPY reads two backslashes as one.
        member = (self._key + encode_basestring(value)).replace("\\", "\\\\") if value else ""
        if len(cell) <= _LONGEST_REMEMBERED:
            if len(self) >= self._room:
                self.clear()
            self[cell] = member
        return member
