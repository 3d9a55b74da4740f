"""The data folder of an embedded stack: who holds it, its secrets, ports and logs."""

import contextlib
import fcntl
import json
import os
import secrets
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Literal

from app.local.closing import close
from app.local.errors import LocalError

Secret = Literal["jwt", "database", "redis", "demo"]
_SECRET_BYTES = 36  # 48 characters of base64, over the 32 that a signing key must have


class Home:
    """One data folder.

    Holds ``secrets/``, ``logs/``, ``ports.json``, ``lock`` and the data of the servers. All of it is its owner's alone:
    folders have mode 700, files 600.
    """

    def __init__(self, path: Path) -> None:
        self.path = path.expanduser().absolute()
        self._lock: int | None = None

    @classmethod
    def open(cls, path: Path) -> "Home":
        """Make the folder where it is missing, and close what stands open; LocalError when it cannot be written."""
        home = cls(path)
        try:
            home.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            close(home.path)
            for name in ("secrets", "logs"):
                folder = home.path / name
                folder.mkdir(exist_ok=True)
                folder.chmod(0o700)
        except OSError as error:
            msg = f"The data folder {home.path} cannot be used ({error.strerror}); set TINGTING_HOME to another one."
            raise LocalError(msg) from error
        return home

    @property
    def has_service(self) -> bool:
        """Whether a stack runs on it, or has left its database there."""
        return (self.path / "postgres.json").exists() or self.is_held()

    @property
    def logs(self) -> Path:
        """Folder of the logs, one file a process."""
        return self.path / "logs"

    @property
    def id(self) -> str:
        """What tells this home's processes from another's; made once."""
        return self._kept(self.path / "id", lambda: uuid.uuid4().hex)

    def secret(self, name: Secret) -> str:
        """A random secret of 48 characters, made at its first use and kept with mode 600."""
        return self._kept(self.path / "secrets" / name, lambda: secrets.token_urlsafe(_SECRET_BYTES))

    @staticmethod
    def _kept(path: Path, make: Callable[[], str]) -> str:
        with contextlib.suppress(FileNotFoundError):
            return path.read_text(encoding="utf-8").strip()
        draft = path.with_name(f"{path.name}.{os.getpid()}")
        write_private(draft, make())
        with contextlib.suppress(FileExistsError):
            os.link(
                draft, path
            )  # unlike a rename: of two processes that come first, both keep the one's text
        draft.unlink()
        return path.read_text(encoding="utf-8").strip()

    def ports(self) -> dict[str, int]:
        """Ports used at the last start, by server."""
        try:
            read = json.loads((self.path / "ports.json").read_text())
        except (OSError, ValueError):
            return {}
        return {str(name): port for name, port in read.items() if isinstance(port, int)}

    def keep_port(self, name: str, port: int) -> None:
        """Remember a port for the next start and for commands beside the running stack."""
        write_private(self.path / "ports.json", json.dumps(self.ports() | {name: port}))

    def hold(self, address: str) -> None:
        """Take the folder for this process; LocalError naming the holder when somebody has it."""
        handle = os.open(self.path / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(handle)
            raise LocalError(self._held()) from error
        self._lock = handle
        os.ftruncate(handle, 0)
        os.pwrite(handle, json.dumps({"pid": os.getpid(), "address": address}).encode(), 0)

    def _held(self) -> str:
        holder = self.holder() or {}
        return (
            f"{self.path} is in use by process {holder.get('pid', 'unknown')}, which serves "
            f"{holder.get('address') or 'no address yet'}; stop it first or set TINGTING_HOME to another folder."
        )

    def holder(self) -> dict[str, object] | None:
        """Who wrote the lock last: ``pid`` and ``address``; None when nobody did."""
        try:
            read = json.loads((self.path / "lock").read_text())
        except (OSError, ValueError):
            return None
        return read if isinstance(read, dict) else None

    def is_held(self) -> bool:
        """Whether a living process, perhaps this one, holds the folder."""
        if self._lock is not None:
            return True
        try:
            handle = os.open(self.path / "lock", os.O_RDWR | os.O_CLOEXEC)
        except FileNotFoundError:
            return False
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return True
        finally:
            os.close(handle)
        return False

    def release(self) -> None:
        """Give the folder back."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None


def write_private(path: Path, text: str) -> None:
    """Write a file of mode 600 so that a reader sees the old text or the new, never a part."""
    new = path.with_name(f".{path.name}.{os.getpid()}")
    with contextlib.suppress(FileNotFoundError):
        new.unlink()
    handle = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)
