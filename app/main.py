"""The HTTP service."""

import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import uvicorn
from fastapi import FastAPI

from app.api.application import build_app
from app.api.health import open_checks
from app.core import vitals_page
from app.core.clock import Clock
from app.core.descriptors import raise_descriptors
from app.core.logging import configure_logging
from app.core.settings import Settings
from app.http.access import open_access
from app.server.protocol import LimitedHttp
from app.wiring import open_parts

_DRAIN_S = 20
_NOT_STARTED = 3
# Longer than clients and proxies (60 s) keep an idle connection: a request sent on one that is being closed is lost.
# uvicorn's own is 5 s, as is httpx's.
_KEEP_ALIVE_S = 75
# How long one of several API processes may stay silent before it is replaced. uvicorn's own 5 s end those that start on
# a busy machine, and their successors, and so on.
_SILENT_S = 30


def create_app(settings: Settings | None = None, clock: Clock | None = None) -> FastAPI:
    """The application; its parts are opened when it starts and closed when it stops.

    Args:
        settings: from the environment when absent.
        clock: the machine's when absent; tests travel with another.
    """
    chosen = settings or Settings()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with open_parts(chosen, application="tingting api", clock=clock) as parts:
            vitals_page.serve(chosen.metrics_host, chosen.metrics_port)
            app.state.parts = parts
            app.state.access = open_access(chosen, parts)
            app.state.checks = open_checks(parts)
            yield

    return build_app(lifespan, chosen.origins)


def app_from_environment() -> FastAPI:
    """What each API process runs when there are several: settings come from the environment again."""
    settings = Settings()
    configure_logging(settings.log_level, settings.log_format)
    return create_app(settings)


def serve(settings: Settings) -> None:
    """Serve until SIGINT or SIGTERM, then finish the requests under way (20 s at most).

    Raises:
        SystemExit: 2, with a sentence on standard error, when the port is taken or a setting is missing.
    """
    listener = _listener_of(settings)
    raise_descriptors()
    # A header that anyone can send must not decide whose address is throttled: off unless proxies are named.
    options: dict[str, Any] = {
        "loop": "uvloop",
        "http": LimitedHttp(settings.connections_per_address, settings.proxy_addresses),
        "ws": "none",
        "proxy_headers": bool(settings.proxy_addresses),
        "forwarded_allow_ips": settings.proxy_addresses or None,
        "timeout_graceful_shutdown": _DRAIN_S,
        "timeout_keep_alive": _KEEP_ALIVE_S,
        "server_header": False,
        "access_log": False,
        "log_config": None,
    }
    if settings.http_workers > 1:
        # uvicorn binds for its processes itself; ours was to say in plain words that the port is taken.
        listener.close()
        uvicorn.run(
            "app.main:app_from_environment",
            factory=True,
            host=settings.http_host,
            port=settings.http_port,
            workers=settings.http_workers,
            timeout_worker_healthcheck=_SILENT_S,
            **options,
        )
        return
    server = uvicorn.Server(uvicorn.Config(create_app(settings), **options))
    with listener:
        server.run(sockets=[listener])
    if not server.started:
        raise SystemExit(_NOT_STARTED)


def _listener_of(settings: Settings) -> socket.socket:
    try:
        for name in ("database_url", "redis_url", "jwt_secret"):
            settings.required(name)
        return _listen(settings.http_host, settings.http_port)
    except (OSError, ValueError) as error:
        sys.stderr.write(f"{error}\n")
        raise SystemExit(2) from None


def _listen(host: str, port: int) -> socket.socket:
    """The listening socket, bound before anything else starts; OSError that says what to do when it cannot be had."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        message = f"Cannot listen on {host}:{port} ({error.strerror}). Stop what uses it, or set TINGTING_HTTP_PORT."
        raise OSError(message) from None
    return listener
