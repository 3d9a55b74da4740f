"""`tingting demo`: a campaign from the spreadsheet to the last call, on a stack of its own, seen from outside."""

import asyncio
import os
import time
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import app
from app.core.clock import SystemClock, to_kathmandu
from app.core.errors import ConflictError
from app.core.settings import Settings
from app.local import demo_checks as checks
from app.local import demo_messages
from app.local.demo_client import DemoClient
from app.local.demo_screen import Screen
from app.local.errors import LocalError
from app.local.people import add_account
from app.local.ports import free_port
from app.local.run import run_stack
from app.local.stack import Stack

EMAIL = "demo@example.com"
MESSAGE = (
    "नमस्ते {tags_name} जी। तपाईंको रु {tags_amount} को भुक्तानी मिति {tags_due_date} हो। "
    "कृपया समयमै भुक्तानी गर्नुहोला। धन्यवाद।"
)
TEXT = "नमस्ते {tags_name} जी, तपाईंको रु {tags_amount} को भुक्तानी मिति {tags_due_date} हो। धन्यवाद।"
_EXAMPLE = {"tags_name": "सीता", "tags_amount": "3,400", "tags_due_date": "2083/08/20"}
_RECIPIENTS = Path(app.__file__).parent.parent / "examples" / "recipients.csv"
_AHEAD = timedelta(seconds=4)
_RERUN = "unanswered"
_SCHEDULED = "failed, hungup"


def run_demo(settings: Settings) -> int:
    """Run the demo; 0 when every call ended as its phone behaved, otherwise 1.

    Raises:
        LocalError: the stack does not start or the API refuses something.
    """
    if settings.sip_trunk:
        msg = "The demo calls its own trial phones, never a trunk; unset TINGTING_SIP_TRUNK."
        raise LocalError(msg)
    if not _RECIPIENTS.is_file():
        msg = f"{_RECIPIENTS} is missing; run the demo from a checkout of the repository."
        raise LocalError(msg)
    screen = Screen()
    stack = Stack(_demo_settings(settings), lambda part, news: screen.say(f"{part}: {news}"))
    demo = Demo(stack, screen)
    screen.step("Starting PostgreSQL, Valkey, the API, two workers and the trial phones")
    asyncio.run(run_stack(stack, screen.say, demo.play))
    return 1 if demo.problems else 0


def _demo_settings(settings: Settings) -> Settings:
    """Its own data folder, so that a stack of the user's is left alone; its own port when the usual one is taken."""
    port = settings.http_port
    if "http_port" not in settings.model_fields_set:
        port = free_port(port)
    return settings.model_copy(
        update={"home": settings.home / "demo", "http_port": port, "trial_keep": "all"}
    )


class Demo:
    """One play of the demo on a stack that is ready.

    Attributes:
        problems: what ended otherwise than it should have; known after `play`.
    """

    def __init__(self, stack: Stack, screen: Screen) -> None:
        self.problems: list[str] = []
        self._stack = stack
        self._screen = screen
        self._dials: dict[str, int] = {}
        self._runs: dict[str, dict[str, Any]] = {}

    async def play(self, stack: Stack) -> bool:
        """All steps; whether the stack should stay up afterwards."""
        began = time.monotonic()
        journal_from = self._journal_size()
        await self._make_account()
        async with DemoClient(stack.address) as client:
            await client.log_in(EMAIL, stack.home.secret("demo"))
            await self._campaign(client)
        journal = self._journal(journal_from)
        self.problems += checks.wrong_dials(journal, self._dials)
        self._report(journal, time.monotonic() - began)
        stay = not self.problems and os.environ.get("DEMO_EXIT", "") in {"", "0"}
        if stay:
            self._screen.say("\nThe stack stays up; Ctrl-C ends it.")
        return stay

    async def _make_account(self) -> None:
        try:
            await add_account(
                self._stack.database_url,
                email=EMAIL,
                password=self._stack.home.secret("demo"),
                first_name="Demo",
                last_name="Account",
            )
        except ConflictError:
            self._screen.say(f"Account {EMAIL} is there from an earlier demo.")

    async def _campaign(self, client: DemoClient) -> None:
        screen = self._screen
        screen.step(f"Adding a campaign from {_RECIPIENTS.name}")
        campaign, imported = await client.add_campaign("भुक्तानी सम्झाउनी", _RECIPIENTS)
        tags = ", ".join(campaign["usable_tags"])
        screen.say(f"Campaign {campaign['id']}: {imported['accepted']} recipients; tags {tags}.")
        screen.step("Hearing the message before anybody is called")
        await self._hear(client)
        screen.step("Calling everybody, each with their own message")
        screen.say(MESSAGE)
        run = await client.begin(campaign["id"], message=MESSAGE)
        calls = await self._follow(client, campaign["id"], run, "everybody")
        self.numbers = [str(call["number"]) for call in calls]
        self.calls = calls
        self._check(calls, self.numbers)
        screen.step("Calling those again who did not answer")
        run = await client.begin(campaign["id"], status=_RERUN)
        again = await self._follow(client, campaign["id"], run, _RERUN)
        self._check(again, checks.numbers_with([_RERUN], self.numbers))
        await self._scheduled(client, campaign["id"])
        await self._texts(client)

    async def _hear(self, client: DemoClient) -> None:
        message = MESSAGE.format(**_EXAMPLE)
        voice = await client.test_voice(message)
        path = self._stack.home.path / "test-voice.wav"
        path.write_bytes(voice.wav)
        self._screen.say(f"Written:  {message}\nSpoken:   {voice.spoken_text}")
        self._screen.say(f"{voice.seconds:.1f} s in {path}")

    async def _scheduled(self, client: DemoClient, campaign_id: int) -> None:
        moment = to_kathmandu(SystemClock().now() + _AHEAD)
        self._screen.step(
            f"Scheduling a run of those {_SCHEDULED.replace(',', ' or')} at {moment:%H:%M:%S} in Kathmandu"
        )
        date = moment.strftime("%Y-%m-%d %H:%M:%S")
        run = await client.begin(campaign_id, status=_SCHEDULED, schedule_date=date)
        calls = await self._follow(client, campaign_id, run, "scheduled")
        self._check(calls, checks.numbers_with(_SCHEDULED.split(", "), self.numbers))

    async def _texts(self, client: DemoClient) -> None:
        screen, path = self._screen, Path(self._stack.centre_log)
        screen.step("Writing to everybody, each with their own text")
        screen.say(TEXT)
        start = path.stat().st_size if path.exists() else 0
        campaign, _ = await client.add_campaign("भुक्तानी सम्झाउने सन्देश", _RECIPIENTS, services="SMS")
        run = await client.begin(campaign["id"], message=TEXT)
        messages = await self._follow(client, campaign["id"], run, "texts")
        journal = _read_from(path, start)
        self.problems += demo_messages.wrong_messages(messages, self.numbers)
        self.problems += demo_messages.wrong_submits(journal, self.numbers)
        longest = max(messages, key=lambda message: message["segments"] or 0)
        number = str(longest["number"])
        screen.say(
            f"What {number} got, {longest['segments']} segments: {demo_messages.received(journal, number)}"
        )

    async def _follow(
        self, client: DemoClient, campaign_id: int, run: Mapping[str, Any], title: str
    ) -> list[dict[str, Any]]:
        self._runs[title] = await self._screen.follow(title, client.follow(campaign_id, run["id"]))
        return await client.calls(campaign_id, run["id"])

    def _check(self, calls: list[dict[str, Any]], numbers: list[str]) -> None:
        self.problems += checks.wrong_calls(calls, numbers)
        for number in numbers:
            plain = checks.e164(number)
            self._dials[plain] = self._dials.get(plain, 0) + 1

    def _journal_size(self) -> int:
        path = Path(self._stack.phones_log)
        return path.stat().st_size if path.exists() else 0

    def _journal(self, start: int) -> list[dict[str, Any]]:
        return _read_from(Path(self._stack.phones_log), start)

    def _report(self, journal: list[dict[str, Any]], seconds: float) -> None:
        screen, address = self._screen, self._stack.address
        screen.step("What came of it")
        screen.counts(self._runs)
        self.problems += checks.unheard(journal, self.calls)
        heard = checks.heard_calls(journal)
        screen.calls(
            self.calls,
            {number: heard[key].heard_ms for number in self.numbers if (key := checks.e164(number)) in heard},
        )
        listened = max(heard.values(), key=lambda kept: kept.heard_ms, default=None)
        if listened is not None:
            screen.say(f"What the phone {listened.number} heard: {listened.wav}")
        screen.say(f"API:      {address}/api/\nOpenAPI:  {address}/docs")
        screen.say(f"Health:   {address}/health/ready, {address}/health/live")
        password = self._stack.home.path / "secrets" / "demo"
        screen.say(f"Account:  {EMAIL}, password in {password}")
        for problem in self.problems:
            screen.say(f"WRONG: {problem}")
        if not self.problems:
            calls = sum(self._dials.values())
            screen.say(
                f"\nAll {calls} calls and {len(self.numbers)} messages ended as their phones behaved, "
                f"nobody was called or written to twice. {seconds:.0f} s."
            )


def _read_from(path: Path, start: int) -> list[dict[str, Any]]:
    """The entries of a journal that were written behind `start`."""
    with path.open("rb") as file:
        file.seek(start)
        return checks.read_journal(file.read().decode())
