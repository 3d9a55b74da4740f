"""Ports of 127.0.0.1: kept from one start to the next, chosen again when somebody else took one."""

import errno
import socket
from typing import Literal

LOOPBACK = "127.0.0.1"

Kind = Literal["tcp", "udp"]
_TYPES = {"tcp": socket.SOCK_STREAM, "udp": socket.SOCK_DGRAM}


def is_free(port: int, kind: Kind = "tcp", host: str = LOOPBACK) -> bool:
    """Whether `port` (1 to 65535) could be listened on at this moment."""
    with socket.socket(socket.AF_INET, _TYPES[kind]) as probe:
        if kind == "tcp":
            # A listener that ended a moment ago leaves connections in TIME_WAIT; servers set this option too.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def why_not(port: int, host: str = LOOPBACK) -> str | None:
    """Why `port` cannot be listened on, and what to do, as a sentence; None when it can."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except PermissionError:
            return (
                f"Port {port} may not be listened on by this user: the kernel keeps low ports for root. Set "
                "TINGTING_HTTP_PORT to 1024 or above, and put a proxy before it."
            )
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                return f"Port {port} is taken by another program; stop that one or set TINGTING_HTTP_PORT."
            return (
                f"Port {port} on {host} cannot be listened on ({error.strerror}). Check TINGTING_HTTP_HOST."
            )
    return None


def free_port(preferred: int | None = None, kind: Kind = "tcp") -> int:
    """`preferred` when it is free, otherwise one that the kernel picks. OSError when none is left."""
    if preferred and is_free(preferred, kind):
        return preferred
    with socket.socket(socket.AF_INET, _TYPES[kind]) as probe:
        probe.bind((LOOPBACK, 0))
        port: int = probe.getsockname()[1]
    return port


def accepts(port: int, host: str = LOOPBACK, timeout_s: float = 1.0) -> bool:
    """Whether something takes TCP connections there."""
    try:
        with socket.create_connection((host, port), timeout=timeout_s):
            return True
    except OSError:
        return False
