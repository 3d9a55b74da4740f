"""Make the console's files that come from packages: htmx, icons and the font of Devanagari, each compressed.

Run once while the environment is set up, `python -m app.console.build_assets FOLDER`: FOLDER holds what
`requirements/assets.lock` names, and is thrown away afterwards.
"""

import gzip
import io
import re
import sqlite3
import sys
from contextlib import closing
from importlib import import_module
from pathlib import Path
from typing import Any

OUTPUT = Path(__file__).parent / "static" / "vendor"

ICONS = (
    "ban", "calendar", "check", "chevron-right", "circle-alert", "circle-check", "circle-user", "circle-x", "clock",
    "download", "file-spreadsheet", "hash", "languages", "library", "log-out", "megaphone", "message-square-text",
    "moon", "pause", "phone", "phone-call", "phone-missed", "phone-off", "play", "plus", "rotate-ccw", "search",
    "settings", "square", "sun", "triangle-alert", "upload", "users", "volume-2", "wifi-off",
)  # fmt: skip
"""Names in Lucide; each is a symbol of `icons.svg`, drawn by `<use href="…/icons.svg#name">`."""

_FONT = "fontpkg_noto_sans_devanagari/files/NotoSansDevanagari[wdth,wght].ttf"
_DEVANAGARI = [*range(0x0900, 0x0980), 0x200C, 0x200D, 0x25CC, 0x20B9, 0xA8E0, 0xA8FB]
"""The block with its joiners, the dotted circle that a lone sign stands on, the rupee, two signs of Vedic."""

_SPRITE = '<svg xmlns="http://www.w3.org/2000/svg">{}</svg>\n'
_SYMBOL = (
    '<symbol id="{name}" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2" '
    'stroke-linecap="round" stroke-linejoin="round">{body}</symbol>'
)


def main(folder: Path) -> None:
    """Write every file, the brotli and gzip of those that shrink beside it, and the licences of all."""
    sys.path.insert(0, str(folder))
    OUTPUT.mkdir(parents=True, exist_ok=True)
    for old in OUTPUT.iterdir():
        old.unlink()
    _write("htmx.js", (folder / "django_htmx/static/django_htmx/htmx-2.min.js").read_bytes())
    _write("icons.svg", _sprite(folder / "lucide/data/lucide-icons.db").encode())
    # woff2 is compressed in itself.
    (OUTPUT / "devanagari.woff2").write_bytes(_font(folder / _FONT))
    for licence in folder.glob("fontpkg_noto_sans_devanagari-*.dist-info/licenses/LICENSE"):
        (OUTPUT / "OFL.txt").write_bytes(licence.read_bytes())


def _write(name: str, content: bytes) -> None:
    brotli: Any = import_module("brotli")
    (OUTPUT / name).write_bytes(content)
    (OUTPUT / f"{name}.br").write_bytes(brotli.compress(content, quality=11))
    (OUTPUT / f"{name}.gz").write_bytes(gzip.compress(content, 9, mtime=0))


def _sprite(database: Path) -> str:
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as icons:
        return _SPRITE.format("".join(_symbol(icons, name) for name in ICONS))


def _symbol(icons: sqlite3.Connection, name: str) -> str:
    found = icons.execute("SELECT svg FROM icons WHERE name = ?", (name,)).fetchone()
    if found is None:
        message = f"Lucide has no icon {name!r}; take another name in app/console/build_assets.py."
        raise SystemExit(message)
    body = re.sub(r"\s+", " ", re.sub(r"^.*?<svg[^>]*>|</svg>\s*$", "", found[0], flags=re.DOTALL)).strip()
    return _SYMBOL.format(name=name, body=body.replace("> <", "><").replace(" />", "/>"))


def _font(path: Path) -> bytes:
    """The variable font in its normal width, weights 400 to 700, with the signs of Devanagari alone, as woff2."""
    ttlib: Any = import_module("fontTools.ttLib")
    instancer: Any = import_module("fontTools.varLib.instancer")
    subset: Any = import_module("fontTools.subset")
    font = instancer.instantiateVariableFont(ttlib.TTFont(path), {"wdth": 100, "wght": (400, 700)})
    # Subset as the instancer leaves it in memory, it fails on glyphs of the Vedic signs: saved and read again first.
    saved = io.BytesIO()
    font.save(saved)
    saved.seek(0)
    font = ttlib.TTFont(saved)
    options = subset.Options(flavor="woff2", layout_features=["*"], notdef_outline=True)
    worker = subset.Subsetter(options)
    worker.populate(unicodes=_DEVANAGARI)
    worker.subset(font)
    font.flavor = "woff2"
    written = io.BytesIO()
    font.save(written)
    return written.getvalue()


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())
