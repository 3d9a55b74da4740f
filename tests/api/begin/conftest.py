"""A campaign with tags, and a way to begin it."""

from collections.abc import Awaitable, Callable

import httpx
import pytest

from tests.api.begin.kit import CAMPAIGNS

Begin = Callable[..., Awaitable[httpx.Response]]


@pytest.fixture
async def campaign(api: httpx.AsyncClient) -> dict:
    answer = await api.post(
        CAMPAIGNS,
        data={"name": "Dues", "services": "PHONE"},
        files={
            "send_to_number_file": (
                "numbers.csv",
                "number,name,age,salary\n9801000001,राम,30,5000\n9801000002,सीता,,\n",
            )
        },
    )
    return answer.json()["data"]["details"][0]


@pytest.fixture
def begin(api: httpx.AsyncClient, campaign: dict) -> Begin:
    async def post(**body: object) -> httpx.Response:
        return await api.post(f"{CAMPAIGNS}/{campaign['id']}/begin/", json=body)

    return post
