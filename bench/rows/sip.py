"""Real SIP and RTP to the trial phones: one line and two, and the carrier alone."""

import asyncio
import json
import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import httpx

from app.core.settings import Settings
from app.local.ports import free_port
from app.wiring import open_parts
from bench.carrier_alone import CALLS_A_SECOND
from bench.figures import Figure, middle_of
from bench.rows.dispatch import lines_open
from bench.seed import add_account, add_campaign, add_queued_calls, add_run
from bench.stage import Connection, Stage, tree_cpu_s, until

_PLACES = 200
_SENTENCE = "नमस्ते, यो परीक्षण सन्देश हो। "
_LOUDEST_SENTENCES = 5
_LEAST_PACKETS = 49.5
_PAGE = "TINGTING_METRICS_PORT"
_STARVED = "tingting_starved_frames_total"
_FIRST = -10


async def measure(stage: Stage) -> list[Figure]:
    """Quality by the phones' own count, and the processor time of a call."""
    calls = min(_PLACES, max(10, stage.size // 1000))
    message = _SENTENCE * (_LOUDEST_SENTENCES if calls == _PLACES else 1)
    # Before and behind it, for a shared machine may turn half as fast meanwhile.
    alone = [await carrier_alone(stage, message, calls)]
    one = await campaign(stage, message, calls, 1)
    alone.append(await carrier_alone(stage, message, calls))
    two = await campaign(stage, message, calls * 2, 2)
    return [
        *quality(one, f"1 line, {calls} calls"),
        *quality(two, f"2 lines, {calls * 2} calls"),
        Figure(
            "processor time of a SIP call, against the carrier alone",
            one.cpu_ms,
            sum(alone) / len(alone),
            "ms",
            1.15,
            at_least=False,
        ),
    ]


@dataclass(frozen=True, slots=True)
class Heard:
    """What came of a campaign.

    Attributes:
        packets: RTP packets a second of each call, by the phones' count.
        right: share of the calls that were completed.
        cpu_ms: processor time of the lines for a call.
        starved: frames that left without their sound.
    """

    packets: list[float]
    right: float
    cpu_ms: float
    starved: float


def quality(heard: Heard, what: str) -> list[Figure]:
    """The figures of a campaign."""
    packets = heard.packets or [0.0]
    least = {"typical": middle_of(packets), "worst": min(packets)}
    return [
        Figure(f"SIP calls that ended right, {what}", heard.right * 100, None, "%", 100, at_least=True),
        *(
            Figure(
                f"packets a second, the {name} call, {what}", each, None, "/s", _LEAST_PACKETS, at_least=True
            )
            for name, each in least.items()
        ),
        Figure(f"starved frames, {what}", heard.starved, None, "frames", 0, at_least=False),
    ]


@contextmanager
def phones(stage: Stage) -> Iterator[tuple[str, Path]]:
    """Trial phones, their address as a trunk, and their journal."""
    port = free_port(None, "udp")
    journal = stage.folder / f"phones-{port}.jsonl"
    options = ("phones", "--port", str(port), "--log", str(journal))
    with stage.process("phones", stage.environment(""), "app.cli", *options) as process:
        # They stand for other machines: what they count must not be how busy this one is. For root alone.
        with suppress(PermissionError):
            os.setpriority(os.PRIO_PROCESS, process.pid, _FIRST)
        yield f"sip:127.0.0.1:{port}", journal


async def campaign(stage: Stage, message: str, calls: int, lines: int) -> Heard:
    """A run of `calls` calls to phones that listen to the end, on so many lines."""
    async with stage.database() as (url, connection):
        campaign_id = await add_campaign(connection, await add_account(connection), calls)
        # Phones whose last digits are below 80 listen to the end.
        await connection.execute(
            "UPDATE recipients SET number = '+97797' || lpad(((id / 80)::int * 100 + id % 80)::text, 8, '0')"
        )
        run_id = await add_run(connection, campaign_id, state=1, message=message)
        await add_queued_calls(connection, run_id)
        with phones(stage) as (trunk, journal), ExitStack() as stack:
            environment = stage.environment(url, sip_trunk=trunk, trunk_cps=str(CALLS_A_SECOND), trial="true")
            pages = [str(free_port(None)) for _ in range(lines)]
            started = [
                stack.enter_context(
                    stage.process(f"line-{n}", {**environment, _PAGE: page}, "app.cli", "line")
                )
                for n, page in enumerate(pages)
            ]
            await until(lambda: lines_open(connection, lines), "the start of the lines")
            before = sum(tree_cpu_s(line.pid) for line in started)
            stack.enter_context(stage.process("worker", environment, "app.cli", "worker"))
            await until(lambda: over(connection, run_id), "the end of the calls", every_s=0.5)
            spent = sum(tree_cpu_s(line.pid) for line in started) - before
            starved = sum([await starved_frames(page) for page in pages])
            entries = [json.loads(line) for line in journal.read_text().splitlines()]
        completed = await connection.fetchval("SELECT count(*) FROM calls WHERE status = 5")
    packets = [entry["packets_per_s"] for entry in entries if entry["event"] == "ended"]
    return Heard(packets, completed / calls, spent * 1000 / calls, starved)


async def starved_frames(page: str) -> float:
    """What a line says on its page of metrics, on that port of loopback."""
    async with httpx.AsyncClient(trust_env=False) as client:
        said = (await client.get(f"http://127.0.0.1:{page}/metrics")).text
    return sum(float(line.split()[1]) for line in said.splitlines() if line.startswith(_STARVED))


async def over(connection: Connection, run_id: int) -> bool:
    """Whether a run is over."""
    return bool(await connection.fetchval("SELECT state >= 4 FROM runs WHERE id = $1", run_id))


async def carrier_alone(stage: Stage, message: str, calls: int) -> float:
    """Milliseconds of processor a call of the carrier with the same sound."""
    environment = stage.environment("postgresql://unused/", sip_trunk="sip:127.0.0.1:1")
    settings = Settings(
        home=stage.folder / "home",
        redis_url=environment["TINGTING_REDIS_URL"],
        database_url=environment["TINGTING_DATABASE_URL"],
        blob_url=str(stage.folder / "blobs"),
    )
    async with open_parts(settings, application="bench") as parts:
        sound = (await parts.speech.say(message, "np_rija")).pcm
    path = stage.folder / "sound.pcm"
    path.write_bytes(sound)
    with phones(stage) as (trunk, journal):
        await until(lambda: asyncio.to_thread(journal.exists), "the start of the phones")
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", "bench.carrier_alone", str(calls), str(path)),
            env=stage.environment("", sip_trunk=trunk),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )
        said, _ = await process.communicate()
    return float(json.loads(said.splitlines()[-1])["cpu_s"]) * 1000 / calls
