"""The page of a process: ``/metrics`` for Prometheus, ``/health/live`` and ``/health/ready`` for an orchestrator.

It has a port of its own, on loopback unless the settings say otherwise: the figures tell strangers how much is
called, and a scraper needs no account. It is served by a thread, so that it answers for a loop that hangs.
"""

import json
import socket
import socketserver
import threading
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from prometheus_client import make_wsgi_app

from app.core.logging import get_logger
from app.core.vitals import Vitals

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

log = get_logger(__name__)

REQUEST_S = 10.0
"""Seconds in which a scraper sends its request; one that says nothing keeps a thread no longer."""


def serve(host: str, port: int, vitals: Vitals | None = None) -> None:
    """Answer for as long as the process lives; port 0 is no page.

    A port that cannot be had costs the page and not the process: calls matter more than their figures.

    Args:
        host: address to listen on.
        port: 1 to 65,535, or 0.
        vitals: what the process says of itself; without, only ``/metrics`` is answered.
    """
    if not port:
        return
    try:
        server = make_server(host, port, _pages(vitals), _server_for(host), handler_class=_Handler)
    except OSError as error:
        log.warning("metrics_not_served", host=host, port=port, error=str(error))
        return
    threading.Thread(target=server.serve_forever, name="metrics", daemon=True).start()
    log.info("metrics_served", host=host, port=port)


def _pages(vitals: Vitals | None) -> "WSGIApplication":
    figures = make_wsgi_app()

    def asked(environ: "WSGIEnvironment", start: "StartResponse") -> Iterable[bytes]:
        if environ.get("REQUEST_METHOD") != "HEAD":
            return answer(environ, start)
        return _head(answer, environ, start)

    def answer(environ: "WSGIEnvironment", start: "StartResponse") -> Iterable[bytes]:
        path = str(environ.get("PATH_INFO", "")).rstrip("/")
        if path in {"", "/metrics"}:
            found: Iterable[bytes] = figures(environ, start)
            return found
        if vitals is None or path not in {"/health/live", "/health/ready"}:
            return _json(
                start, "404 Not Found", {"error": "There are /metrics, /health/live and /health/ready."}
            )
        if path == "/health/live":
            return _json(start, _status(ok=vitals.live), {"live": vitals.live})
        findings = vitals.findings
        body = {
            "ready": vitals.ready,
            **{part: finding.ok for part, finding in findings.items()},
            "advice": {part: finding.advice for part, finding in findings.items() if not finding.ok},
        }
        return _json(start, _status(ok=vitals.ready), body)

    return asked


def _head(answer: "WSGIApplication", environ: "WSGIEnvironment", start: "StartResponse") -> Iterable[bytes]:
    """What a GET would answer, without its body."""
    heads: list[tuple[str, list[tuple[str, str]]]] = []

    def keep(status: str, headers: list[tuple[str, str]], *_: object) -> "Callable[[bytes], object]":
        heads.append((status, headers))
        return bytes

    body = answer({**environ, "REQUEST_METHOD": "GET"}, keep)
    ((status, headers),) = heads
    start(status, [*headers, ("Content-Length", str(sum(map(len, body))))])
    return []


def _status(*, ok: bool) -> str:
    return "200 OK" if ok else "503 Service Unavailable"


def _json(start: "StartResponse", status: str, body: dict[str, object]) -> Iterable[bytes]:
    start(status, [("Content-Type", "application/json"), ("Cache-Control", "no-store")])
    return [json.dumps(body, ensure_ascii=False).encode()]


class _Server(socketserver.ThreadingMixIn, WSGIServer):
    daemon_threads = True

    def server_bind(self) -> None:
        """Bind without asking DNS for our own name, which is waited for where there is none."""
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = str(self.server_address[0]), int(self.server_address[1])
        self.setup_environ()


class _Server6(_Server):
    address_family = socket.AF_INET6


def _server_for(host: str) -> type[_Server]:
    return _Server6 if ":" in host else _Server


class _Handler(WSGIRequestHandler):
    timeout = REQUEST_S

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name for it
        """Say nothing: a scraper comes every few seconds."""
