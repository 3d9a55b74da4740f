"""The service in this process, as for the tests of the API, and the command as a person runs it."""

import asyncio
import os
import secrets
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace

import httpx
import pytest
import redis

from app.local import people
from app.local.valkey import Valkey
from tests.api.conftest import (
    account,
    api,
    app,
    client,
    clock,
    new_account,
    other_api,
    parts,
    service,
    token_of,
)
from tests.local.conftest import open_folder, tingting
from tests.security.fronted import nginx_before
from tests.security.served import Served, serving

__all__ = [
    "account",
    "api",
    "app",
    "client",
    "clock",
    "new_account",
    "open_folder",
    "other_api",
    "parts",
    "service",
    "tingting",
    "token_of",
]

EMAIL = "owner@example.com"
PASSWORD = secrets.token_urlsafe(16)
KEY = secrets.token_urlsafe(36)
_QUEUE = 7  # a database of the queue server that no other test uses: attempts to log in are counted in it


@pytest.fixture(scope="module")
def served(
    request: pytest.FixtureRequest,
    postgres_url: str,
    valkey_server: Valkey,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Served]:
    """The API in a process of its own, with an account on it; nobody places the calls."""
    with redis.Redis.from_url(valkey_server.url(_QUEUE)) as queue:
        queue.flushdb()  # attempts to log in of the module before count against this address for minutes
    settings = {
        "TINGTING_DATABASE_URL": postgres_url,
        "TINGTING_REDIS_URL": valkey_server.url(_QUEUE),
        "TINGTING_JWT_SECRET": KEY,
    }
    with ThreadPoolExecutor(1) as pool:
        pool.submit(asyncio.run, people.add_account(postgres_url, email=EMAIL, password=PASSWORD)).result()
    folder = tmp_path_factory.mktemp("served")
    fronted = os.environ.get("SERVED_BEHIND") == "nginx"
    if fronted or request.module.__name__.endswith("behind_nginx"):
        settings["TINGTING_PROXY_ADDRESSES"] = "127.0.0.1"
    with ExitStack() as stack:
        api = stack.enter_context(serving(folder, **settings))
        if fronted:
            api = replace(api, url=stack.enter_context(nginx_before(api.url, folder)).plain)
        yield api


@pytest.fixture(scope="module")
def token(served: Served) -> str:
    """An access token of that account."""
    answer = httpx.post(
        f"{served.url}/api/accounts/login/", json={"email": EMAIL, "password": PASSWORD}, trust_env=False
    )
    return answer.json()["data"]["token"]["access"]
