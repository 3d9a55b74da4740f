"""What a release stands on: one version everywhere, its changes written down, landed migrations as they were."""

import hashlib
import re
import tomllib
from pathlib import Path

from app.core import version

_ROOT = Path(__file__).parents[2]
_LANDED = _ROOT / "migrations" / "landed.sha256"


def test_a_migration_that_has_landed_is_never_edited() -> None:
    kept = dict(reversed(line.split("  ")) for line in _LANDED.read_text().splitlines())
    there = {
        f"versions/{path.name}": hashlib.sha256(path.read_bytes()).hexdigest()
        for path in (_ROOT / "migrations" / "versions").glob("[0-9]*.py")
    }
    edited = [name for name, digest in kept.items() if there.get(name) != digest]
    assert edited == [], "data folders hold what these made; put them back and add a revision instead"
    new = there.keys() - kept.keys()
    assert new == set(), "write them down: (cd migrations && sha256sum versions/*.py > landed.sha256)"


def test_functions_of_the_database_that_have_landed_are_never_edited() -> None:
    folder = _ROOT / "migrations" / "sql"
    there = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.glob("*.sql")}
    kept = dict(reversed(line.split("  ")) for line in (folder / "landed.sha256").read_text().splitlines())
    assert there == kept, (
        "add a file and a revision; write it down: (cd migrations/sql && sha256sum *.sql > landed.sha256)"
    )


def test_the_version_stands_in_one_place_and_its_changes_in_the_changelog() -> None:
    named = tomllib.loads((_ROOT / "pyproject.toml").read_text())["project"]["version"]
    assert named == version.SERVICE
    versions = re.findall(r"^## (\S+)", (_ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert re.fullmatch(r"\d+\.\d+\.\d+", named)
    assert versions[0] == named
    assert versions == sorted(
        versions, key=lambda text: [int(part) for part in text.split(".")], reverse=True
    )
