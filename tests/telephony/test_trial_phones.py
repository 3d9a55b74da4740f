"""Calls to the trial phones, and what they heard."""

import asyncio
import collections

import numpy as np
import pytest

from app.carriers.carrier import Answered, Cause, Ended, Ringing
from app.trial.behaviour import behaviour
from app.trial.journal import Keep
from app.trial.phones import TrialPhones
from tests.telephony.peers import carrier, dial, ended_entry, likeness, number, outcome, samples


@pytest.fixture(scope="module")
async def phones():
    phones = TrialPhones(keep=Keep(everyone=True))
    await phones.start()
    yield phones
    await phones.close()


@pytest.fixture(scope="module")
async def line(phones):
    async with carrier(phones.port, rtp_timeout_s=10) as line:
        yield line


async def test_a_phone_hears_the_whole_message_and_nothing_else(phones, line, chirp):
    called = number(7, 1)
    call = dial(chirp, called, caller="+97715970000")
    _, ended = await outcome(line, call)
    entry = await ended_entry(phones, called)
    heard, said = samples(phones.heard(called)), np.frombuffer(chirp, "<i2").astype(float)
    assert ended.cause is Cause.PLAYED
    assert abs(len(heard) - len(said)) < 0.2 * 8000
    assert likeness(heard, said) > 0.99
    assert entry["heard_ms"] == pytest.approx(2000, abs=40)
    assert entry["packets_per_s"] == pytest.approx(50, abs=3)
    assert entry["x_tingting_call"] == str(call.uuid)
    assert entry["from"] == "+97715970000"
    assert entry["call_id"] == ended.sip_call_id


async def test_a_caller_without_a_number_is_shown_as_the_trunks_user(phones, line, chirp):
    called = number(90, 2)
    await outcome(line, dial(chirp, called))
    assert [entry["from"] for entry in phones.journal.of(called)] == ["tingting", "tingting"]


async def test_every_phone_ends_its_call_as_its_number_says(phones, line, chirp):
    endings = (0, 79, 80, 84, 85, 89, 90, 92, 93, 94, 95, 96, 97, 98, 99)
    message = chirp * 2  # longer than the phones that hang up listen
    results = await asyncio.gather(
        *(outcome(line, dial(message, number(ending, 3), ring_timeout_s=4.0)) for ending in endings)
    )
    causes = {"completed": Cause.PLAYED, "hungup": Cause.REMOTE_HANGUP}
    for ending, (events, ended) in zip(endings, results, strict=True):
        script = behaviour(number(ending))
        ignored = Cause.RING_TIMEOUT if script.sip_status == 487 else Cause.REJECTED
        assert ended.cause is causes.get(script.call_status, ignored), ending
        assert ended.sip_status == script.sip_status
        assert ended.digits == script.digits
        assert (Ringing(180) in events) == (script.ring_s > 0 or script.sip_status == 487)
        assert (Answered() in events) == (script.sip_status == 200)


async def test_a_phone_that_hangs_up_has_heard_what_the_carrier_says_it_played(phones, line, chirp):
    called = number(81, 4)
    _, ended = await outcome(line, dial(chirp * 2, called))
    entry = await ended_entry(phones, called)
    assert entry["by"] == "phone"
    assert ended.played_ms == pytest.approx(entry["heard_ms"], abs=100)


async def test_thirty_calls_at_once_are_all_heard_whole(phones, line, chirp):
    said = np.frombuffer(chirp, "<i2").astype(float)
    called = [number(ending, 5) for ending in range(30)]
    results = await asyncio.gather(*(outcome(line, dial(chirp, each)) for each in called))
    assert collections.Counter(ended.cause for _, ended in results) == {Cause.PLAYED: 30}
    for each in called:
        entry = await ended_entry(phones, each)
        assert entry["heard_ms"] == pytest.approx(2000, abs=40)
        assert entry["packets_per_s"] == pytest.approx(50, abs=3)
        assert likeness(samples(phones.heard(each)), said) > 0.98


@pytest.mark.parametrize("phase", ["placed", "ringing", "answered", "ended"])
async def test_hangup_ends_a_call_in_every_phase(phones, line, chirp, phase):
    called = number({"placed": 86, "ringing": 87, "answered": 1, "ended": 91}[phase], 6)
    handle = await line.place(dial(chirp * 5, called, ring_timeout_s=20))
    seen = []
    if phase == "placed":
        handle.hangup()
    async with asyncio.timeout(5):
        async for event in handle.events():
            seen.append(event)
            if isinstance(event, {"ringing": Ringing, "answered": Answered}.get(phase, Ended)):
                handle.hangup()
                handle.hangup()
    assert [isinstance(event, Ended) for event in seen].count(True) == 1
    if phase == "ended":
        assert (seen[-1].cause, seen[-1].sip_status) == (Cause.REJECTED, 486)
    else:
        assert seen[-1].cause is Cause.STOPPED
        assert (await ended_entry(phones, called))["by"] in ("caller", "cancel")


async def test_a_stopped_call_falls_silent_and_says_how_much_was_heard(phones, line, chirp):
    called = number(2, 7)
    handle = await line.place(dial(chirp * 5, called))
    async with asyncio.timeout(5):
        async for event in handle.events():
            if isinstance(event, Answered):
                await asyncio.sleep(1.0)  # it is being listened to meanwhile
                handle.hangup()
    entry = await ended_entry(phones, called)
    assert event.played_ms == pytest.approx(entry["heard_ms"], abs=100)
    assert 900 <= event.played_ms <= 1300


@pytest.mark.parametrize(
    "bad", ["", "+", "9779812345601", "+977 981", "+97798\r\nX-Evil: 1", "+९७७९८१२३४५६०१", "+1@evil"]
)
async def test_a_number_that_is_not_e164_is_never_sent(phones, line, chirp, bad):
    before = len(phones.log)
    events, ended = await outcome(line, dial(chirp, bad))
    assert events == [ended]
    assert (ended.cause, ended.sip_call_id) == (Cause.NO_ROUTE, None)
    assert len(phones.log) == before
