# ruff: noqa: INP001
"""Migrate an empty embedded database to the newest revision and compare it with the models."""

import shutil
import sys
import tempfile
from pathlib import Path

from app.local.errors import LocalError
from app.local.home import Home
from app.local.migrate import check, upgrade
from app.local.postgres import Postgres


def main() -> int:
    """Exit code 0 when `alembic check` finds nothing to do."""
    base = Path(tempfile.mkdtemp(prefix="tingting-check-"))
    base.chmod(0o711)
    postgres = Postgres(Home.open(base / "home"), {"fsync": "off"})
    try:
        postgres.start()
        upgrade(postgres.url())
        check(postgres.url())
    except LocalError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    finally:
        postgres.stop()
        shutil.rmtree(base, ignore_errors=True)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
