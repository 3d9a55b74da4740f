"""The carrier as a line's worker uses it: many calls, its end, its death, and what comes from outside uncalled for."""

import asyncio
import contextlib
import json
import os
import socket
import sys
import time
from pathlib import Path

import pytest

from app.carriers.carrier import Answered, Cause
from app.carriers.sip import SipCarrier, SipSettings
from app.carriers.sip_stack import NICE, SLACK_S
from app.core.metrics import STARVED_FRAMES
from app.trial.journal import Keep
from app.trial.phones import TrialPhones
from tests.telephony.peers import carrier, dial, ended_entry, number, outcome, samples

ROOT = Path(__file__).parents[2]
TASKS = Path("/proc/self/task")


@pytest.fixture
async def phones():
    phones = TrialPhones()
    await phones.start()
    yield phones
    await phones.close()


async def test_closing_hangs_up_calls_in_progress(phones, chirp):
    called = [number(ending) for ending in (*range(12), 85, 86)]
    async with carrier(phones.port) as line:
        handles = [await line.place(dial(chirp * 5, each, ring_timeout_s=30)) for each in called]
        async with asyncio.timeout(5):
            async for event in handles[0].events():
                if isinstance(event, Answered):
                    break
        await line.close()
        assert {handle.ended.cause for handle in handles} == {Cause.STOPPED}
        for each in called:
            assert (await ended_entry(phones, each))["by"] in ("caller", "cancel")
        _, ended = await outcome(line, dial(chirp))
        assert ended.cause is Cause.ERROR


async def test_entries_are_written_as_json_lines_and_audio_as_files(tmp_path, chirp):
    phones = TrialPhones(
        log_path=tmp_path / "log" / "calls.jsonl", heard_dir=tmp_path / "heard", keep=Keep.parse("first:1")
    )
    await phones.start()
    async with carrier(phones.port) as line:
        await outcome(line, dial(chirp, number(3)))
        await outcome(line, dial(chirp, number(4)))
    await ended_entry(phones, number(4))
    await phones.close()
    entries = [json.loads(text) for text in (tmp_path / "log" / "calls.jsonl").read_text().splitlines()]
    assert [entry["event"] for entry in entries] == ["invite", "answered", "ended"] * 2
    assert [("wav" in entry) for entry in entries] == [False, False, True, False, False, False]
    assert [str(path) for path in (tmp_path / "heard").iterdir()] == [entries[2]["wav"]]
    assert len(samples(phones.heard(number(3)))) == pytest.approx(16000, abs=320)
    with pytest.raises(KeyError):
        phones.heard(number(4))


async def test_more_calls_than_places_are_turned_away(phones, chirp):
    async with carrier(phones.port, places=2) as line:
        first, second = [await line.place(dial(chirp, number(ending))) for ending in (1, 2)]
        _, third = await outcome(line, dial(chirp, number(3)))
        first.hangup()
        second.hangup()
        async for _ in first.events():
            pass
        _, fourth = await outcome(line, dial(chirp, number(90)))
    assert third.cause is Cause.ERROR
    assert fourth.cause is Cause.REJECTED
    assert not list(phones.journal.of(number(3)))


async def test_numbers_are_dialled_and_shown_as_the_trunk_wants_them(phones, chirp):
    async with carrier(phones.port, dial_format="national") as line:
        await outcome(line, dial(chirp, "+9779812345690", caller="+97715970000"))
    assert [(entry["number"], entry["from"]) for entry in phones.journal.of("9812345690", "invite")] == [
        ("9812345690", "015970000")
    ]


async def test_a_trunk_is_found_by_a_name_that_dns_does_not_know(phones, chirp):
    line = SipCarrier(SipSettings(trunk=f"sip:localhost:{phones.port}"))
    await line.start()
    _, ended = await outcome(line, dial(chirp, number(90)))
    await line.close()
    assert ended.sip_status == 486


async def test_whoever_calls_us_is_turned_away(chirp):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
        stranger.bind(("127.0.0.1", 0))
        stranger.settimeout(3)
        port = stranger.getsockname()[1]
        async with carrier(port) as line:
            call = await line.place(dial(chirp, ring_timeout_s=10))
            _, ours = await asyncio.to_thread(stranger.recvfrom, 4096)
            stranger.sendto(_invite(port, ours), ours)
            answers = [""]
            while not answers[-1].startswith(("SIP/2.0 4", "SIP/2.0 6")):
                answers.append((await asyncio.to_thread(stranger.recv, 4096)).decode())
            call.hangup()
    assert call.ended.cause is Cause.STOPPED


def _invite(port: int, ours: tuple[str, int]) -> bytes:
    sdp = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 9 RTP/AVP 0\r\n"
    return (
        f"INVITE sip:tingting@{ours[0]}:{ours[1]} SIP/2.0\r\n"
        f"Via: SIP/2.0/UDP 127.0.0.1:{port};branch=z9hG4bKstranger\r\n"
        f"From: <sip:stranger@127.0.0.1:{port}>;tag=s\r\nTo: <sip:tingting@{ours[0]}:{ours[1]}>\r\n"
        "Call-ID: stranger\r\nCSeq: 1 INVITE\r\nMax-Forwards: 70\r\n"
        f"Contact: <sip:stranger@127.0.0.1:{port}>\r\nContent-Type: application/sdp\r\n"
        f"Content-Length: {len(sdp)}\r\n\r\n{sdp}"
    ).encode()


async def test_a_setting_that_cannot_travel_is_refused_at_the_start(phones, chirp):
    line = SipCarrier(SipSettings(trunk=f"sip:127.0.0.1:{phones.port}", password='with a "quote'))
    with pytest.raises(ValueError, match="password"):
        await line.start()
    async with carrier(phones.port) as next_line:  # what was half started is gone
        _, ended = await outcome(next_line, dial(chirp, number(90)))
    assert ended.sip_status == 486


@pytest.mark.parametrize(
    ("settings", "why"),
    [
        ({"trunk": "sip:127.0.0.1:5060", "address": "203.0.113.9"}, "not this machine's"),
        ({"trunk": "sip:no-such-host.invalid:5060"}, "[Nn]ame"),
    ],
)
async def test_a_line_without_a_way_to_its_trunk_does_not_start(settings, why):
    with pytest.raises(OSError, match=why):
        await SipCarrier(SipSettings(**settings)).start()


async def test_each_caller_number_calls_under_its_own_name(phones, chirp):
    callers = [f"+9771597{nth:04}" for nth in range(20)]
    async with carrier(phones.port) as line:
        await asyncio.gather(
            *(outcome(line, dial(chirp, number(90, nth), caller=each)) for nth, each in enumerate(callers))
        )
    assert [
        entry["from"] for nth in range(20) for entry in phones.journal.of(number(90, nth), "invite")
    ] == callers


async def test_a_call_whose_invite_left_unnoticed_is_hung_up(phones, chirp):
    called = number(85, 1)
    async with carrier(phones.port) as line:
        patience, line._runtime._command_timeout = line._runtime._command_timeout, 0.0
        _, ended = await outcome(line, dial(chirp, called, ring_timeout_s=30))
        line._runtime._command_timeout = patience
        entry = await ended_entry(phones, called)
    assert (ended.cause, ended.sip_call_id) == (Cause.ERROR, None)
    assert entry["by"] == "cancel"


async def test_a_hangup_that_the_stack_does_not_take_at_once_is_tried_again(phones, chirp):
    called = number(1, 2)
    async with carrier(phones.port) as line:
        call = await line.place(dial(chirp * 5, called))
        async for event in call.events():
            if isinstance(event, Answered):
                line._runtime._command_timeout = 0.0
                call.hangup()
                asyncio.get_running_loop().call_later(0.5, setattr, line._runtime, "_command_timeout", 5.0)
        assert (event.cause, event.sip_status) == (Cause.STOPPED, 200)
        assert (await ended_entry(phones, called))["by"] == "caller"


async def test_the_death_of_the_stack_ends_every_call_and_is_told(phones):
    # In a process of its own: where a stack has died, none can live again.
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.telephony.dying", str(phones.port)),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    async with asyncio.timeout(20):
        out, _ = await child.communicate()
    told = json.loads(out.splitlines()[-1])
    assert told == {"dead": True, "causes": ["error", "error"], "afterwards": "error"}


async def test_the_threads_of_a_call_are_woken_together_and_stand_behind_the_lines_own(phones, chirp):
    async with carrier(phones.port) as line:
        call = await line.place(dial(chirp))
        async for event in call.events():
            if isinstance(event, Answered):
                break
        wanted = {(SLACK_S, os.getpriority(os.PRIO_PROCESS, 0) + NICE)}
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(5):  # the thread starts when it is answered
                while senders() != wanted:  # noqa: ASYNC110 - nothing tells of it
                    await asyncio.sleep(0.02)
        assert senders() == wanted


def senders() -> set[tuple[float, int]]:
    """Timer slack in seconds and priority of the threads that send sound."""
    found = [task for task in TASKS.iterdir() if (task / "comm").read_text().strip() == "Audio TX"]
    return {
        (
            float(Path(f"/proc/{task.name}/timerslack_ns").read_text()) / 1e9,
            os.getpriority(os.PRIO_PROCESS, int(task.name)),
        )
        for task in found
    }


async def test_frames_that_left_without_their_sound_are_counted(phones, chirp):
    async with carrier(phones.port) as line:
        before = counted(STARVED_FRAMES)
        await outcome(line, dial(chirp, number(5)))
        assert counted(STARVED_FRAMES) == before
        call = await line.place(dial(chirp * 3, number(6)))
        async for event in call.events():
            if isinstance(event, Answered):
                time.sleep(2.6)  # noqa: ASYNC251 - a machine so busy that nothing is fed
    # 1.6 s lie in the stack's buffer; the other second was fed too late.
    assert 30 <= counted(STARVED_FRAMES) - before <= 100


def counted(counter) -> float:
    """What a counter without labels stands at."""
    return counter._value.get()
