"""The whole HTTP service in this process, on the real database, queue, blob store and speech engine."""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from uuid import uuid4

import httpx
import pytest
from fastapi import FastAPI

from app.accounts.models import Account
from app.accounts.service import create_account
from app.core.clock import FixedClock
from app.core.settings import Settings
from app.local.valkey import Valkey
from app.main import create_app
from app.wiring import Parts

EMAIL = "asha@example.com"
PASSWORD = "a long enough password"

NewAccount = Callable[..., Awaitable[Account]]


@pytest.fixture(scope="module")
async def service(
    postgres_url: str, valkey_server: Valkey, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[FastAPI]:
    """The running application; one for a module's tests, for its speech processes take seconds to start."""
    folder = tmp_path_factory.mktemp("service")
    settings = Settings(
        home=folder / "home",
        database_url=postgres_url,
        redis_url=valkey_server.url(),
        blob_url=str(folder / "blobs"),
        jwt_secret="a signing key for tests, thirty-two characters or more",
        speech_processes=1,
        ring_timeout_s=3,
        trial=True,
    )
    app = create_app(settings, FixedClock(datetime.now(UTC)))
    async with app.router.lifespan_context(app):
        yield app


@pytest.fixture
async def app(service: FastAPI, clean_database: str, redis_url: str) -> FastAPI:
    """The application with nothing stored, with its clock at the present."""
    parts: Parts = service.state.parts
    parts.clock.moment = datetime.now(UTC)
    for upload in [upload async for upload in parts.blobs.list("uploads")]:
        await parts.blobs.delete(upload.key)
    return service


@pytest.fixture
def clock(app: FastAPI) -> FixedClock:
    """The application's clock, which tests move."""
    return app.state.parts.clock


@pytest.fixture
def parts(app: FastAPI) -> Parts:
    return app.state.parts


@pytest.fixture
async def client(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """A client that has not logged in."""
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        yield client


@pytest.fixture
def new_account(parts: Parts) -> NewAccount:
    """Makes an account; keywords as for `create_account`."""

    async def make(email: str = EMAIL, password: str = PASSWORD, **details: str) -> Account:
        async with parts.sessions.begin() as session:
            return await create_account(session, email=email, password=password, **details)

    return make


@pytest.fixture
async def account(new_account: NewAccount) -> Account:
    return await new_account(first_name="Asha", last_name="Gurung")


@pytest.fixture
def token_of(app: FastAPI, clock: FixedClock) -> Callable[[Account], str]:
    return lambda account: app.state.access.tokens.access(account.id, uuid4(), clock.now())


@pytest.fixture
async def api(
    app: FastAPI, account: Account, token_of: Callable[[Account], str]
) -> AsyncIterator[httpx.AsyncClient]:
    """A client that is logged in as `account`."""
    async for client in _logged_in(app, token_of(account)):
        yield client


@pytest.fixture
async def other_api(
    app: FastAPI, new_account: NewAccount, token_of: Callable[[Account], str]
) -> AsyncIterator[httpx.AsyncClient]:
    """A client that is logged in as somebody else."""
    other = await new_account("bikash@example.com")
    async for client in _logged_in(app, token_of(other)):
        yield client


async def _logged_in(app: FastAPI, token: str) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    headers = {"Authorization": f"Bearer {token}"}
    async with httpx.AsyncClient(transport=transport, base_url="http://test", headers=headers) as client:
        yield client
