"""What the embedded servers have in common: launched, then waited for."""

import time
from typing import Protocol

from app.local import ports
from app.local.errors import LocalError
from app.local.process import Process

_TRIES = 3
_LOOK_EVERY_S = 0.02


class Server(Protocol):
    """A server that runs as one process on one port of 127.0.0.1."""

    @property
    def port(self) -> int | None:
        """Its port, once launched."""
        ...

    def launch(self) -> Process:
        """Start the process."""
        ...

    def is_ready(self) -> bool:
        """Whether it serves."""
        ...

    def stop(self) -> None:
        """End it."""
        ...


def start_server(title: str, server: Server, within_s: float) -> None:
    """Launch `server` and wait for it; again on another port when somebody took its own in between.

    Raises:
        LocalError: with the end of its log, when it ended or is not ready within `within_s` seconds.
    """
    for attempt in range(1, _TRIES + 1):
        process = server.launch()
        deadline = time.monotonic() + within_s
        while process.exit_code is None and time.monotonic() < deadline:
            if server.is_ready():
                return
            time.sleep(_LOOK_EVERY_S)
        words = process.last_words()
        process.kill()
        port_lost = server.port is not None and not ports.is_free(server.port)
        if not port_lost or attempt == _TRIES:
            server.stop()
            msg = f"{title} did not start; its log {process.program.log} ends:\n{words}"
            raise LocalError(msg)
