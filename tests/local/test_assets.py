"""The console's files that come from packages: there, whole, and never made of what is installed."""

import gzip
import re
from pathlib import Path

from app.console.build_assets import ICONS, OUTPUT

ROOT = Path(__file__).parents[2]


def test_every_file_of_the_console_is_made_with_its_licence_beside_it():
    made = {path.name for path in OUTPUT.iterdir()}

    assert {"htmx.js", "icons.svg", "devanagari.woff2", "OFL.txt"} <= made
    assert "SIL Open Font License" in (OUTPUT / "OFL.txt").read_text(encoding="utf-8")


def test_what_is_compressed_opens_to_the_same_bytes():
    for name in ("htmx.js", "icons.svg"):
        assert gzip.decompress((OUTPUT / f"{name}.gz").read_bytes()) == (OUTPUT / name).read_bytes()
        assert (OUTPUT / f"{name}.br").stat().st_size < (OUTPUT / f"{name}.gz").stat().st_size


def test_the_sprite_holds_every_icon_once():
    symbols = re.findall(r'<symbol id="([a-z0-9-]+)"', (OUTPUT / "icons.svg").read_text(encoding="utf-8"))

    assert sorted(symbols) == sorted(ICONS)


def test_the_font_stays_small():
    assert (OUTPUT / "devanagari.woff2").stat().st_size < 75_000


def test_packages_that_only_make_files_are_in_no_other_lock():
    locked = re.findall(
        r"^([a-z0-9_.-]+)==", (ROOT / "requirements" / "assets.lock").read_text(), re.MULTILINE
    )
    installed = (ROOT / "requirements" / "run.lock").read_text()

    assert locked
    assert [name for name in locked if f"\n{name}==" in installed] == []
