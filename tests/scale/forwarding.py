"""What listens on our loopback, made reachable on another machine's address."""

import contextlib
import socket
from threading import Thread
from urllib.parse import urlsplit

from tests.scale.machines import Machine


def offered_by(machine: Machine, url: str) -> str:
    """The URL under which the machine passes on to the server that `url` names."""
    parts = urlsplit(url)
    listener = machine.open_socket(lambda: socket.create_server((machine.address, parts.port)))
    Thread(target=_accept, args=(listener, (parts.hostname, parts.port)), daemon=True).start()
    return parts._replace(netloc=parts.netloc.replace(f"{parts.hostname}:", f"{machine.address}:")).geturl()


def _accept(listener: socket.socket, target: tuple[str, int]) -> None:
    while True:
        outer, _ = listener.accept()
        inner = socket.create_connection(target)
        for source, sink in ((outer, inner), (inner, outer)):
            source.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            Thread(target=_pass_on, args=(source, sink), daemon=True).start()


def _pass_on(source: socket.socket, sink: socket.socket) -> None:
    """All that comes, until either side closes; then both are."""
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            sink.sendall(data)
    for end in (source, sink):
        with contextlib.suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
