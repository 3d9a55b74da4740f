"""Rows of a sheet in the shape that nearly every program writes, passed over without a parser.

A parser calls Python for each element, fourteen million times for a million rows. A regular expression that knows the
usual row in full, from its first to its last byte, goes over it in a tenth of the time. Whatever has another shape
goes to the parser, which sees a well-formed whole since only whole elements are taken out of it.
"""

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass

# EF begins U+F000 to U+FFFF in UTF-8, two of which XML does not allow.
_TEXT = rb"[^<&\x00-\x08\x0b\x0c\x0e-\x1f\xef]*+"
# A row that is not shown is the parser's.
_ATTRIBUTES = rb'(?: (?!r=|hidden=)[A-Za-z0-9:]++="[^"<&]*+")*'
_LETTERS = re.compile(rb'<c r="([A-Z]+)')
_NUMBERS = re.compile(rb'<row r="([0-9]+)')
_DECLARATION = re.compile(rb"(?:\xef\xbb\xbf)?<\?xml [^<>?]*encoding=[\"'](?i:utf-8)[\"'][^<>?]*\?>")
_ROW_END = b"</row>"


@dataclass(frozen=True, slots=True)
class Run:
    """Usual rows that follow each other.

    Attributes:
        rows: their numbers.
        columns: the letters of all their cells, those without a value included.
        valued: whether any cell has a value.
        last: the place of the last cell, such as ``D7``.
        styled: letters, row and style of cells with a value and one of the styles that were asked for.
    """

    rows: list[int]
    columns: set[str]
    valued: bool
    last: str
    styled: list[tuple[bytes, bytes, bytes]]


class UsualRows:
    """Stands before a parser and takes usual rows out of what it is given.

    Args:
        parse: of the parser.
        styles: formats (the ``s`` of a cell) whose cells are told.
        passed: told of each run that was taken out, when the parser has seen all that stands before it.
    """

    def __init__(
        self,
        parse: Callable[[bytes, bool], object],
        styles: Collection[str],
        passed: Callable[[Run], None],
    ) -> None:
        self._parse = parse
        self._passed = passed
        self._styled = _styled(styles) if styles else None
        self._held = b""
        self._begun = False
        self._over = False

    def parse(self, data: bytes, final: bool) -> None:
        """Take the next bytes of the part."""
        if self._over:
            self._parse(data, final)
            return
        data = self._held + data
        end = data.rfind(_ROW_END) + len(_ROW_END)
        if final or end < len(_ROW_END) or not self._is_plain(data) or not _is_utf8(data[:end]):
            self._over = True
            self._parse(data, final)
            return
        self._held = data[end:]
        self._pass_over(data[:end])

    def _is_plain(self, data: bytes) -> bool:
        """Whether what looks like a row is one: within comments, CDATA and instructions it would not be."""
        declared = None if self._begun else _DECLARATION.match(data)
        self._begun = True
        at = declared.end() if declared else 0
        # The second characters first: they are rare, and looking for one byte takes a tenth of looking for two.
        return not any(mark[1:] in data and data.find(mark, at) >= 0 for mark in (b"<!", b"<?"))

    def _pass_over(self, block: bytes) -> None:
        at = 0
        for found in _RUNS.finditer(block):
            start, end = found.span()
            if start > at:
                self._parse(block[at:start], False)
            self._passed(_run(block, start, end, self._styled))
            at = end
        if at < len(block):
            self._parse(block[at:], False)


def _runs() -> re.Pattern[bytes]:
    """Usual rows, one behind the other.

    Each cell has a place, and in this row. Entities, other attributes, prefixes or another order are for the parser.
    """
    style = b' s="[0-9]++"'
    value = b"><v>%s</v></c>" % _TEXT
    inline = b"><is><t>%s</t></is></c>" % _TEXT
    spaced = b'><is><t xml:space="preserve">%s</t></is></c>' % _TEXT
    formula = b"><f>%s</f><v>%s</v></c>" % (_TEXT, _TEXT)
    any_form = b'(?:%s)?(?: t="[A-Za-z]++")?(?:/>|%s)' % (style, b"|".join((value, inline, spaced, formula)))
    # The commonest forms first and in full: pieces that may be there or not take twice the time.
    common = (value, b' t="inlineStr"' + inline, b' t="s"' + value, style + value, style + b' t="s"' + value)
    # What is none of these, so that no cell can be read in two ways: a row that is odd at its end would be tried in
    # every combination of them.
    other = b"(?!%s)%s" % (b"|".join(common), any_form)
    cell = rb'<c r="[A-Z]{1,3}\1"(?:%s)' % b"|".join((*common, other))
    return re.compile(rb'(?:<row r="([0-9]{1,7})"%s>(?:%s)+</row>)+' % (_ATTRIBUTES, cell))


_RUNS = _runs()


def _styled(styles: Collection[str]) -> re.Pattern[bytes]:
    """Cells of these formats that have a value and are not said to be text, in usual rows."""
    which = b"|".join(style.encode() for style in styles)
    return re.compile(rb'<c r="([A-Z]++)([0-9]++)" s="(%s)"(?: t="n")?>(?:<f>[^<]*+</f>)?<(?:v|is)>' % which)


def _is_utf8(block: bytes) -> bool:
    try:
        block.decode()
    except UnicodeDecodeError:
        return False
    return True


def _run(block: bytes, start: int, end: int, styled: re.Pattern[bytes] | None) -> Run:
    rows = [int(number) for number in _NUMBERS.findall(block, start, end)]
    columns = {letters.decode() for letters in set(_LETTERS.findall(block, start, end))}
    valued = block.find(b"<v>", start, end) >= 0 or block.find(b"<is>", start, end) >= 0
    last = block.rfind(b'<c r="', start, end) + 6
    told = [] if styled is None else styled.findall(block, start, end)
    return Run(rows, columns, valued, block[last : block.index(b'"', last)].decode(), told)
