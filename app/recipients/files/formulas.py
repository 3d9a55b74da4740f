"""Formulas of a sheet whose results the file lacks: programs that only write formulas leave that to a spreadsheet."""

import re
from collections.abc import Callable

# A formula of text may have an empty text as its result (t="str").
_WITHOUT_RESULT = re.compile(
    rb'<c (?![^<>]{0,200}?t="str")[^<>]{1,200}><f(?: [^<>]{0,200})?>[^<>]{1,8192}</f>'
    rb"\s{0,9}(?:<v\s{0,9}/>|<v></v>)?</c>"
)
_LONGEST = 16 * 1024


class FormulaCounter:
    """Stands before a parser and counts formulas without a result in what it is given.

    Attributes:
        count: how many so far.
    """

    def __init__(self, parse: Callable[[bytes, bool], object]) -> None:
        self.count = 0
        self._parse = parse
        self._held = b""

    def parse(self, data: bytes, final: bool) -> None:
        """Take the next bytes of the part."""
        held = self._held + data
        if b"</f>" in held:
            self.count += sum(1 for _ in _WITHOUT_RESULT.finditer(held))
        # A cell that goes on in the next piece is looked at there.
        begun = held.rfind(b"<c ")
        whole = begun < 0 or held.find(b"</c>", begun) >= 0
        self._held = b"" if whole or len(held) - begun > _LONGEST else held[begun:]
        self._parse(data, final)
