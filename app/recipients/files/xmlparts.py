"""The small XML parts of a workbook: which sheet was open, and which cell formats show a value otherwise."""

import zipfile
import zlib
from collections.abc import Callable
from pathlib import PurePosixPath
from xml.parsers import expat

from app.core.errors import InvalidError, invalid
from app.recipients.columns import FIELD
from app.recipients.files.numformat import BUILTIN, renderer

CHUNK = 256 * 1024

# LookupError: an encoding that nobody knows.
DAMAGES = (
    expat.ExpatError,
    zipfile.BadZipFile,
    zlib.error,
    LookupError,
    OSError,
    EOFError,
    ValueError,
    NotImplementedError,
)
_LARGEST_LIST = 32 * 1024**2
_LONGEST_PROLOG = 64 * 1024

Attributes = dict[str, str]


def broken(what: str) -> InvalidError:
    """A workbook that cannot be read, with the way out."""
    return invalid(FIELD, "broken_file", f"{what}; open the workbook, save it again as .xlsx and send that.")


def local(name: str) -> str:
    """An XML name without its prefix: some programs write ``x:row`` for ``row``."""
    return name.rpartition(":")[2]


def new_parser() -> expat.XMLParserType:
    """A parser that refuses a document type: entities are how a small XML file grows without end."""
    parser = expat.ParserCreate()

    def refuse(*_: object) -> None:
        raise broken("The workbook declares XML entities")

    parser.StartDoctypeDeclHandler = refuse
    return parser


def feed(archive: zipfile.ZipFile, part: str, parse: Callable[[bytes, bool], object]) -> None:
    """Parse a part from end to end without holding it.

    Args:
        archive: the workbook.
        part: its name there.
        parse: given each piece, and at last an empty one with True, as a parser's `Parse` is.

    Raises:
        InvalidError: ``broken_file``.
    """
    try:
        with archive.open(part) as stream:
            while chunk := stream.read(CHUNK):
                parse(chunk, False)
        parse(b"", True)
    except DAMAGES as error:
        raise broken(f"The part {PurePosixPath(part).name} of the workbook is damaged") from error


def check_prolog(archive: zipfile.ZipFile, part: str) -> None:
    """Refuse a part that declares a document type, by what stands before its first element."""
    parser = new_parser()
    opened: list[str] = []
    parser.StartElementHandler = lambda name, _: opened.append(name)
    try:
        with archive.open(part) as stream:
            parser.Parse(stream.read(_LONGEST_PROLOG), False)
    except DAMAGES as error:
        raise broken(f"The part {PurePosixPath(part).name} of the workbook is damaged") from error
    if not opened:
        raise broken(f"The part {PurePosixPath(part).name} of the workbook holds nothing")


def each_element(archive: zipfile.ZipFile, part: str, see: Callable[[str, Attributes], None]) -> None:
    """Call `see` with the local name and attributes of each element that opens in a part of at most 32 MiB."""
    if archive.getinfo(part).file_size > _LARGEST_LIST:
        raise broken(f"The part {PurePosixPath(part).name} of the workbook is far too long")
    parser = new_parser()
    parser.StartElementHandler = lambda name, attributes: see(
        local(name), {local(key): value for key, value in attributes.items()}
    )
    feed(archive, part, parser.Parse)


def open_sheet(archive: zipfile.ZipFile, parts: dict[str, str]) -> tuple[str, str]:
    """Name of the worksheet that was open when the workbook was saved, and the part that holds it.

    The first visible one where that was none, or hidden.

    Args:
        archive: the workbook.
        parts: the archive's names by their lower-case form.
    """
    targets: dict[str, str] = {}
    sheets: list[Attributes] = []
    views: list[str] = []

    def relation(name: str, attributes: Attributes) -> None:
        if name == "Relationship" and attributes.get("Type", "").endswith("/worksheet"):
            targets[attributes.get("Id", "")] = attributes.get("Target", "")

    def sheet(name: str, attributes: Attributes) -> None:
        if name == "sheet":
            sheets.append(attributes)
        elif name == "workbookView":
            views.append(attributes.get("activeTab", "0"))

    for part, see in (("xl/_rels/workbook.xml.rels", relation), ("xl/workbook.xml", sheet)):
        if part not in parts:
            raise broken("The workbook lacks its list of sheets")
        each_element(archive, parts[part], see)
    active = [each for at, each in enumerate(sheets) if views and str(at) == views[0]]
    held = [each for each in (*active, *sheets) if each.get("id", "") in targets]
    shown = [each for each in held if each.get("state", "visible") == "visible"]
    for each in shown or held:
        target = targets[each["id"]].replace("\\", "/")
        path = target.lstrip("/") if target.startswith(("/", "xl/")) else f"xl/{target}"
        if path.lower() in parts:
            return each.get("name", ""), parts[path.lower()]
    raise broken("The workbook holds no sheet")


def shown_styles(archive: zipfile.ZipFile, parts: dict[str, str]) -> dict[str, str]:
    """Number formats that show a value otherwise than its plain text, by the cell format (the ``s`` of a cell)."""
    if "xl/styles.xml" not in parts:
        return {}
    codes = dict(BUILTIN)
    formats: list[str] = []
    inside = {"cellXfs": False}

    def see(name: str, attributes: Attributes) -> None:
        if name == "numFmt" and not inside["cellXfs"]:
            codes[attributes.get("numFmtId", "")] = attributes.get("formatCode", "")
        elif name in {"cellXfs", "cellStyleXfs", "cellStyles", "dxfs"}:
            inside["cellXfs"] = name == "cellXfs"
        elif name == "xf" and inside["cellXfs"]:
            formats.append(attributes.get("numFmtId", ""))

    each_element(archive, parts["xl/styles.xml"], see)
    return {
        str(index): codes[number]
        for index, number in enumerate(formats)
        if number in codes and renderer(codes[number]) is not None
    }
