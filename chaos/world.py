"""Real rows, real services and real lines for the model of a call's life; only the network below is played."""

import asyncio
from collections import Counter
from collections.abc import Coroutine, Mapping
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import text

from app.accounts.models import Account
from app.calls.state import TERMINAL, CallStatus, Channel
from app.campaigns.models import Campaign
from app.carriers.carrier import SAMPLE_RATE
from app.core.clock import SystemClock
from app.db.engine import make_engine, make_sessions
from app.dispatch import dead_lines, lines, starting
from app.dispatch.claiming import claim
from app.dispatch.lines import LineTerms
from app.dispatch.requeue import requeue
from app.dispatch.without_trunk import end_without_trunk
from app.files.blobs import BlobStore
from app.line.claims import ClaimReader
from app.line.placing import Placer
from app.messages.composing import Audio, Composer, Script
from app.recipients.models import Recipient
from app.runs.models import Run
from app.runs.state import RunState
from app.speech.pool import SpeechPool
from app.speech.service import Speech
from chaos.scripted import ScriptedCarrier, ShakyFailover, ShakyLedger

T = TypeVar("T")
Snapshot = dict[int, tuple[int, str | None, datetime | None, int | None]]
"""Status, reason, end and SIP status of each call, by its id."""
_AUDIO = "model/audio"
_SETTLE_S = 30.0
_SNAPSHOT = text(
    # One statement, so one moment.
    "SELECT id, status, reason, ended_at, sip_status, NULL AS n FROM calls WHERE run_id = :run "
    "UNION ALL SELECT NULL, status, NULL, NULL, NULL, n FROM run_counts WHERE run_id = :run AND n <> 0"
)


class WatchedReader(ClaimReader):
    """A reader that says whether it reads.

    Attributes:
        looking: calls that it is looking at again.
    """

    looking = 0

    @property
    def at_rest(self) -> bool:
        """Whether nothing is being read."""
        return self._reading is None and not self.looking

    async def still_at(self, call_id: int, status: CallStatus) -> bool:
        """As the original."""
        self.looking += 1
        try:
            return await super().still_at(call_id, status)
        finally:
            self.looking -= 1


class WatchedComposer(Composer):
    """A composer that says whether it composes: the first sound comes from the blob store, whose threads may be slow.

    Attributes:
        composing: sounds that it is about to have.
    """

    composing = 0

    async def compose(self, script: Script, values: Mapping[str, str]) -> Audio:
        """As the original."""
        self.composing += 1
        try:
            return await super().compose(script, values)
        finally:
            self.composing -= 1


class ModelLine:
    """One life of a line worker, less its process: the real claims, ledger and placer on a played carrier."""

    def __init__(self, world: "World", line_id: int, carrier: ScriptedCarrier) -> None:
        self.id = line_id
        self.carrier = carrier
        self.ledger = ShakyLedger(world.engine, line_id)
        self.claims = WatchedReader(world.engine, line_id)
        self.placer = Placer(
            self.carrier,
            self.claims,
            self.ledger,
            world.composer,
            SystemClock(),
            ShakyFailover(world.engine, line_id, self.ledger),
        )
        self.claimed: list[int] = []
        self.tasks: set[asyncio.Task[None]] = set()

    def place(self, call_id: int) -> None:
        """Deliver a job, again perhaps."""
        task = asyncio.get_running_loop().create_task(self.placer.place(call_id))
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    def place_all(self) -> None:
        """Deliver every job that this line ever got."""
        for call_id in self.claimed:
            self.place(call_id)

    def kill(self) -> None:
        """The process is gone."""
        for task in tuple(self.tasks):
            task.cancel()
        self.ledger.kill()


class World:
    """A database, and what can be done to one run on it. Everything runs on a loop of its own."""

    def __init__(self, url: str) -> None:
        self.loop = asyncio.new_event_loop()
        self.engine = make_engine(url, application="model")
        self.sessions = make_sessions(self.engine)
        self._peeking = self.engine.execution_options(isolation_level="AUTOCOMMIT")
        self.clock = SystemClock()
        self._names = count()
        self._called = 0
        self.set_on = timedelta(0)
        blobs = BlobStore.open("memory:///")
        self.composer = WatchedComposer(Speech(SpeechPool(1), blobs, 10**6), blobs)
        self.run(blobs.put(_AUDIO, bytes(SAMPLE_RATE)))

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Do it on the world's loop."""
        return self.loop.run_until_complete(work)

    def close(self) -> None:
        """Let the database go."""
        self.run(self.engine.dispose())
        self.loop.close()

    async def new_run(self, numbers: range) -> Run:
        """A running run of an account of its own, with a queued call to each of these numbers."""
        async with self.sessions.begin() as session:
            name = f"model-{next(self._names)}-{datetime.now(UTC).timestamp()}"
            account = Account(email=f"{name}@example.com", username=name, password_hash="")
            session.add(account)
            await session.flush()
            campaign = Campaign(account_id=account.id, name=name, services="PHONE", voice_input="np_rija")
            session.add(campaign)
            await session.flush()
            session.add_all(
                Recipient(
                    campaign_id=campaign.id, number=f"+97798{nth:08d}", national=f"98{nth:08d}", tags={}
                )
                for nth in numbers
            )
            run = Run(
                campaign_id=campaign.id,
                account_id=account.id,
                state=RunState.SCHEDULED,
                services="PHONE",
                voice_input="np_rija",
                audio_key=_AUDIO,
                first="audio",
                ring_timeout_s=30,
                recipients=len(numbers),
                scheduled_for=self.clock.now(),
            )
            session.add(run)
        await starting.advance(self.sessions, run.id, self.clock.now())
        return run

    async def open_line(
        self, trunk: str, invites: Counter[UUID], sent: Counter[tuple[UUID, str]]
    ) -> ModelLine:
        """A new line on that trunk."""
        async with self.engine.begin() as connection:
            terms = LineTerms("sip", trunk, 10, 30.0)
            line_id = await lines.open_line(connection, terms, host="model", pid=1)
        return ModelLine(self, line_id, ScriptedCarrier(trunk, invites, sent))

    def numbers(self, many: int) -> range:
        """Numbers that no run has called."""
        self._called += many
        return range(self._called - many, self._called)

    async def claim(self, line: ModelLine, run_id: int, calls: int) -> None:
        """What the dispatcher does."""
        async with self.engine.begin() as connection:
            claims = await claim(
                connection,
                line_id=line.id,
                run_id=run_id,
                channel=Channel.VOICE,
                calls=calls,
                now=self.now(),
            )
        line.claimed += [call_id for call_id, _ in claims.calls]

    async def requeue(self) -> None:
        """What the leader does for calls that wait for their number."""
        await requeue(self.engine, self.now())

    def now(self) -> datetime:
        """The leader's clock, which may be set on."""
        return self.clock.now() + self.set_on

    async def declare_gone(self, line: ModelLine) -> None:
        """What the leader does to a line that it has not heard of; whether it is dead or only slow."""
        async with self.engine.begin() as connection:
            heartbeat = await connection.scalar(
                text("SELECT heartbeat FROM lines WHERE id = :id"), {"id": line.id}
            )
            await dead_lines.declare_gone(connection, line.id, heartbeat, self.clock.now())

    async def end_without_trunk(self) -> None:
        """What the leader does to calls that no trunk is left for; it waits for none that left."""
        await end_without_trunk(self.engine, self.clock.now(), timedelta(0))

    async def snapshot(self, run_id: int) -> Snapshot:
        """The run's calls as they stand; checks the counts against them, both as of one moment."""
        async with self._peeking.connect() as connection:
            rows = (await connection.execute(_SNAPSHOT, {"run": run_id})).all()
        calls = [row for row in rows if row.id is not None]
        counted = {row.status: row.n for row in rows if row.id is None}
        assert counted == Counter(row.status for row in calls), "counts are wrong"
        return {row.id: (row.status, row.reason, row.ended_at, row.sip_status) for row in calls}

    async def settle(self, every: list[ModelLine]) -> None:
        """Wait until nothing moves by itself any more; AssertionError when something goes on and on."""
        deadline = self.loop.time() + _SETTLE_S
        still = 0
        while still < 3 and self.loop.time() < deadline:
            await asyncio.sleep(0.001)
            at_rest = all(line.ledger.at_rest and line.claims.at_rest for line in every)
            still = still + 1 if at_rest and not self.composer.composing else 0
        assert still == 3, f"something still moves after {_SETTLE_S:g} s"


def ended(snapshot: Snapshot) -> Snapshot:
    """The calls of a snapshot that are over."""
    return {call_id: row for call_id, row in snapshot.items() if row[0] in TERMINAL}
