"""The API as a client sees it: plain HTTP, nothing of the service imported."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import httpx

from app.local.errors import LocalError

_TIMEOUT_S = 30.0
_LOOK_EVERY_S = 0.25
_PAGE = 200
FINISHED = frozenset({"Completed", "Terminated"})


@dataclass(frozen=True, slots=True)
class Voice:
    """A message as it will sound."""

    wav: bytes
    seconds: float
    spoken_text: str


class DemoClient:
    """One account's conversation with the API; every refusal becomes a LocalError with the server's own words."""

    def __init__(self, address: str, transport: httpx.AsyncBaseTransport | None = None) -> None:
        self._http = httpx.AsyncClient(
            base_url=address, timeout=_TIMEOUT_S, trust_env=False, transport=transport
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._http.aclose()

    async def log_in(self, email: str, password: str) -> None:
        """Use that account from now on."""
        data = await self._call("POST", "/api/accounts/login/", json={"email": email, "password": password})
        self._http.headers["Authorization"] = f"Bearer {data['token']['access']}"

    async def add_campaign(
        self, name: str, recipients: Path, services: str = "PHONE"
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        """Add a campaign from a spreadsheet; the campaign and what came of the rows."""
        files = {"send_to_number_file": (recipients.name, recipients.read_bytes(), "text/csv")}
        form = {"name": name, "services": services}
        data = await self._call("POST", "/api/system/campaigns/", data=form, files=files)
        return data["details"][0], data["import"]

    async def test_voice(self, message: str) -> Voice:
        """Hear a message before anybody is called."""
        data = await self._call("POST", "/api/system/test/voice/", json={"message": message})
        response = await self._http.get(data["voice_url"])
        if not response.is_success:
            msg = f"The test voice could not be fetched: {response.status_code}."
            raise LocalError(msg)
        return Voice(response.content, float(data["duration"]), str(data["spoken_text"]))

    async def begin(self, campaign_id: int, **fields: Any) -> dict[str, Any]:
        """Start or schedule a run of the campaign; the run."""
        data = await self._call("POST", f"/api/system/campaigns/{campaign_id}/begin/", json=fields)
        run: dict[str, Any] = data["run"]
        return run

    async def run(self, campaign_id: int, run_id: int) -> dict[str, Any]:
        """A run with its counts per status."""
        data = await self._call("GET", f"/api/system/campaigns/{campaign_id}/runs/{run_id}/")
        run: dict[str, Any] = data["run"]
        return run

    async def follow(self, campaign_id: int, run_id: int) -> AsyncIterator[dict[str, Any]]:
        """The run again and again until it is over; its last state is the last one yielded."""
        while True:
            run = await self.run(campaign_id, run_id)
            yield run
            if run["status"] in FINISHED:
                return
            await asyncio.sleep(_LOOK_EVERY_S)

    async def calls(self, campaign_id: int, run_id: int) -> list[dict[str, Any]]:
        """All calls of a run, page by page."""
        found: list[dict[str, Any]] = []
        cursor: int | None = 0
        while cursor is not None:
            query = {"limit": _PAGE, "cursor": cursor}
            path = f"/api/system/campaigns/{campaign_id}/runs/{run_id}/calls/"
            data = await self._call("GET", path, params=query)
            found += data["calls"]
            cursor = data["next_cursor"]
        return found

    async def _call(self, method: str, path: str, **request: Any) -> Any:
        try:
            response = await self._http.request(method, path, **request)
            answer = response.json()
        except httpx.HTTPError as error:
            msg = f"{method} {path} got no answer: {error!r}."
            raise LocalError(msg) from error
        except ValueError as error:
            msg = f"{method} {path} answered {response.status_code} without JSON."
            raise LocalError(msg) from error
        if not response.is_success:
            words = "; ".join(item["message"] for item in answer.get("errors", [])) or answer.get("message")
            msg = f"{method} {path} answered {response.status_code}: {words}"
            raise LocalError(msg)
        return answer["data"]
