import asyncio
import os
import secrets
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import pytest

from app.local import lifeline
from app.local.people import add_account
from app.local.valkey import Valkey
from tests.live import Client
from tests.scale.carriers import needed
from tests.scale.machines import Network, unshare
from tests.scale.site import Site
from tests.security.served import serving

_QUEUE = 9  # a database of the queue server that no other test uses
_EMAIL = "scale@example.com"


@pytest.fixture(scope="session", autouse=True)
def _namespaces() -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can make machines of namespaces")
    network = f"{needed('ip', 'iproute2')} link add lan type bridge && ip link add type veth"
    tried = subprocess.run(unshare("sh", "-c", network), capture_output=True, text=True, check=False)
    if tried.returncode != 0:
        pytest.skip(f"this system lets root make no networks: {tried.stderr.strip()}")


@pytest.fixture(scope="module")
def settings(
    postgres_url: str, valkey_server: Valkey, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, str]:
    """What all processes of the site have in common."""
    return {
        "TINGTING_DATABASE_URL": postgres_url,
        "TINGTING_REDIS_URL": valkey_server.url(_QUEUE),
        "TINGTING_BLOB_URL": str(tmp_path_factory.mktemp("blobs")),
        "TINGTING_JWT_SECRET": secrets.token_urlsafe(36),
    }


@pytest.fixture(scope="module")
def whole_site(settings: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The site, with or without some of its lines."""
    network = Network(tmp_path_factory.mktemp("site"))
    try:
        yield Site(network, settings)
    finally:
        network.close()


@pytest.fixture
def site(whole_site: Site) -> Site:
    """The site with all its lines open."""
    whole_site.bring_lines_up()
    return whole_site


@pytest.fixture(scope="module")
def client(
    whole_site: Site, settings: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Client]:
    """A client of an API on the site's database, logged in."""
    password = secrets.token_urlsafe(16)
    account = add_account(settings["TINGTING_DATABASE_URL"], email=_EMAIL, password=password)
    with ThreadPoolExecutor(1) as aside:  # the tests' loop is this thread's
        aside.submit(asyncio.run, account).result()
    lives_as_we_do = {lifeline.VARIABLE: str(os.getpid())}
    with serving(tmp_path_factory.mktemp("api"), **settings, **lives_as_we_do) as api:
        yield Client(SimpleNamespace(url=api.url, email=_EMAIL, password=password))
