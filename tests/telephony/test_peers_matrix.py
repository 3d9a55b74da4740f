"""Calls to independent SIP peers: what the carrier reports of each, and what the peer saw and heard."""

import asyncio
import socket

import numpy as np
import pytest

from app.carriers.carrier import Answered, Cause, Ringing
from tests.telephony.conftest import EDGE_MS, VOICED
from tests.telephony.peers import carrier, dial, expanded, likeness, listening, outcome, sipp


async def test_an_answered_call_is_played_to_the_end_at_fifty_packets_a_second(tmp_path, chirp):
    async with (
        listening() as heard,
        sipp("answer", tmp_path, rtp=heard.port) as peer,
        carrier(peer.port) as line,
    ):
        events, ended = await outcome(line, dial(chirp))
        assert await peer.succeeded(), peer.complaint()
    assert events[:2] == [Ringing(180), Answered()]
    assert (ended.cause, ended.sip_status, ended.played_ms) == (Cause.PLAYED, 200, 2000)
    assert ended.packets_sent == len(heard.packets)
    assert heard.per_second == pytest.approx(50, abs=3)
    assert len(heard.voiced) == pytest.approx(VOICED, abs=2)
    assert ended.sip_call_id


@pytest.mark.parametrize(("payload", "codec", "decoder"), [(0, "PCMU", "pcm_mulaw"), (8, "PCMA", "pcm_alaw")])
async def test_the_message_is_heard_in_the_codec_that_the_trunk_chooses(
    tmp_path, chirp, payload, codec, decoder
):
    async with (
        listening(payload=payload) as heard,
        sipp("answer", tmp_path, rtp=heard.port, payload=payload, codec=codec) as peer,
        carrier(peer.port) as line,
    ):
        _, ended = await outcome(line, dial(chirp))
        assert await peer.succeeded(), peer.complaint()
    assert ended.packets_sent == len(heard.packets)
    sound = expanded((packet for _, packet in heard.packets), decoder)
    wanted = np.frombuffer(chirp, "<i2").astype(float)
    # Both begin with the same silence; where the first word starts is where they are laid upon each other.
    assert likeness(*(each[np.flatnonzero(np.abs(each) > 500)[0] :] for each in (sound, wanted))) > 0.99


async def test_a_trunk_over_tcp_is_called_too(tmp_path, chirp):
    async with (
        listening() as heard,
        sipp("answer", tmp_path, "-t", "t1", rtp=heard.port) as peer,
        carrier(peer.port, "tcp") as line,
    ):
        _, ended = await outcome(line, dial(chirp))
        assert await peer.succeeded(), peer.complaint()
    assert (ended.cause, ended.sip_status, ended.played_ms) == (Cause.PLAYED, 200, 2000)


@pytest.mark.parametrize("status", [404, 480, 486, 503, 603, 500, 403])
async def test_a_refusal_is_reported_with_its_status(tmp_path, chirp, status):
    keys = {"status": status, "words": "No", "more": "X-Trial: 1"}
    async with sipp("reject", tmp_path, **keys) as peer, carrier(peer.port) as line:
        events, ended = await outcome(line, dial(chirp))
        assert await peer.succeeded(), peer.complaint()
    assert events == [ended]
    assert (ended.cause, ended.sip_status) == (Cause.REJECTED, status)
    assert (ended.played_ms, ended.packets_sent, ended.answered_ms) == (0, 0, 0)


async def test_a_phone_that_is_said_to_ring_several_times_rings_once(tmp_path, chirp):
    async with sipp("ring_thrice", tmp_path, status=603, words="Decline") as peer, carrier(peer.port) as line:
        events, ended = await outcome(line, dial(chirp))
        assert await peer.succeeded(), peer.complaint()
    assert events == [Ringing(180), ended]
    assert (ended.cause, ended.sip_status) == (Cause.REJECTED, 603)


async def test_a_redirect_is_not_followed(tmp_path, chirp):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as elsewhere:
        elsewhere.bind(("127.0.0.1", 0))
        elsewhere.setblocking(False)
        contact = f"Contact: <sip:+9779800000000@127.0.0.1:{elsewhere.getsockname()[1]}>"
        keys = {"status": 302, "words": "Moved", "more": contact}
        async with sipp("reject", tmp_path, **keys) as peer, carrier(peer.port) as line:
            _, ended = await outcome(line, dial(chirp))
            assert await peer.succeeded(), peer.complaint()
        with pytest.raises(BlockingIOError):
            elsewhere.recv(2048)
    assert (ended.cause, ended.sip_status) == (Cause.REJECTED, 302)


async def test_a_phone_that_nobody_answers_is_cancelled_at_the_ring_timeout(tmp_path, chirp):
    async with sipp("ring", tmp_path) as peer, carrier(peer.port) as line:
        events, ended = await outcome(line, dial(chirp, ring_timeout_s=1.0))
        assert await peer.succeeded(), peer.complaint()
    assert events == [Ringing(180), ended]
    assert (ended.cause, ended.sip_status, ended.packets_sent) == (Cause.RING_TIMEOUT, 487, 0)


async def test_a_trunk_that_only_says_trying_is_no_route_and_is_cancelled(tmp_path, chirp):
    async with sipp("trying", tmp_path) as peer, carrier(peer.port) as line:
        events, ended = await outcome(line, dial(chirp, ring_timeout_s=1.0))
        assert await peer.succeeded(), peer.complaint()
    assert events == [ended]
    assert (ended.cause, ended.sip_status) == (Cause.NO_ROUTE, None)


async def test_a_call_that_is_stopped_before_the_trunk_says_anything_is_cancelled_once_it_has(
    tmp_path, chirp
):
    async with sipp("trying", tmp_path, late=300) as peer, carrier(peer.port) as line:
        call = await line.place(dial(chirp))
        call.hangup()
        events = [event async for event in call.events()]
        assert await peer.succeeded(), peer.complaint()
    assert [(event.cause, event.sip_status) for event in events] == [(Cause.STOPPED, 487)]


async def test_a_trunk_that_never_answers_is_no_route(chirp):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as deaf:
        deaf.bind(("127.0.0.1", 0))
        async with carrier(deaf.getsockname()[1]) as line:
            events, ended = await outcome(line, dial(chirp, ring_timeout_s=1.0))
    assert events == [ended]
    assert (ended.cause, ended.sip_status) == (Cause.NO_ROUTE, None)


async def test_a_trunk_whose_port_is_closed_is_no_route_over_tcp(chirp):
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        async with carrier(closed.getsockname()[1], "tcp") as line:
            _, ended = await outcome(line, dial(chirp))
    assert (ended.cause, ended.sip_status) == (Cause.NO_ROUTE, None)


async def test_a_200_that_crosses_our_cancel_is_hung_up_and_counts_as_unanswered(tmp_path, chirp):
    async with (
        listening() as heard,
        sipp("crossing", tmp_path, rtp=heard.port) as peer,
        carrier(peer.port) as line,
    ):
        events, ended = await outcome(line, dial(chirp, ring_timeout_s=1.0))
        assert await peer.succeeded(), peer.complaint()  # the peer got an ACK and a BYE
    assert events == [Ringing(180), ended]
    assert (ended.cause, ended.sip_status, ended.played_ms) == (Cause.RING_TIMEOUT, 487, 0)
    assert not heard.voiced


async def test_a_callee_who_hangs_up_early_is_told_apart(tmp_path, chirp):
    async with (
        listening() as heard,
        sipp("hangup_early", tmp_path, rtp=heard.port) as peer,
        carrier(peer.port) as line,
    ):
        _, ended = await outcome(line, dial(chirp))
        assert await peer.succeeded(), peer.complaint()
    assert (ended.cause, ended.sip_status) == (Cause.REMOTE_HANGUP, 200)
    assert ended.played_ms == pytest.approx(EDGE_MS + len(heard.voiced) * 20, abs=100)
    assert 800 <= ended.played_ms <= 1400
    assert ended.answered_ms >= 1000


@pytest.mark.parametrize("scenario", ["digest", "digest_proxy"])
async def test_a_challenge_is_answered_with_the_trunks_credentials(tmp_path, chirp, scenario):
    async with (
        listening() as heard,
        sipp(scenario, tmp_path, rtp=heard.port) as peer,
        carrier(peer.port, user="line7", auth_user="account7", password="a secret; with spaces") as line,
    ):
        _, ended = await outcome(line, dial(chirp))
        assert await peer.succeeded(), peer.complaint()
    assert (ended.cause, ended.sip_status) == (Cause.PLAYED, 200)


async def test_wrong_credentials_end_in_a_refusal(tmp_path, chirp):
    async with (
        listening() as heard,
        sipp("digest_wrong", tmp_path, rtp=heard.port) as peer,
        carrier(peer.port, auth_user="account7", password="wrong") as line,
    ):
        _, ended = await outcome(line, dial(chirp))
    assert (ended.cause, ended.sip_status) == (Cause.REJECTED, 401)


async def test_early_media_does_not_start_the_message(tmp_path, chirp):
    async with (
        listening() as heard,
        sipp("early_media", tmp_path, rtp=heard.port) as peer,
        carrier(peer.port) as line,
    ):
        events, ended = await outcome(line, dial(chirp))
        assert await peer.succeeded(), peer.complaint()
    assert events[:2] == [Ringing(183), Answered()]
    assert (ended.cause, ended.played_ms) == (Cause.PLAYED, 2000)
    assert len(heard.voiced) == pytest.approx(VOICED, abs=2)


async def test_a_200_that_is_repeated_for_want_of_an_ack_does_not_disturb_the_call(tmp_path, chirp):
    async with (
        listening() as heard,
        sipp("lost_ack", tmp_path, rtp=heard.port) as peer,
        carrier(peer.port) as line,
    ):
        events, ended = await outcome(line, dial(chirp))
        assert await peer.succeeded(), peer.complaint()
    assert events == [Ringing(180), Answered(), ended]
    assert (ended.cause, ended.played_ms) == (Cause.PLAYED, 2000)


async def test_a_callee_who_sends_no_packet_is_lost_after_the_rtp_timeout(tmp_path, chirp):
    async with (
        listening(mute=True) as heard,
        sipp("answer", tmp_path, rtp=heard.port) as peer,
        carrier(peer.port, rtp_timeout_s=1) as line,
    ):
        _, ended = await outcome(line, dial(chirp * 3))
        assert await peer.succeeded(), peer.complaint()
    assert (ended.cause, ended.sip_status) == (Cause.MEDIA_LOST, 200)
    assert 0 < ended.played_ms < 6000


async def test_keys_sent_as_rtp_events_are_collected_in_order(tmp_path, chirp):
    async with (
        listening() as heard,
        sipp("answer", tmp_path, rtp=heard.port) as peer,
        carrier(peer.port) as line,
    ):
        handle = await line.place(dial(chirp))
        digits = ""
        async for event in handle.events():
            if isinstance(event, Answered):
                await asyncio.sleep(0.3)  # the callee's thumb, not a race: keys need audio to have come first
                for key in (5, 11, 5):
                    await heard.press(key)
            digits = getattr(event, "digits", digits)
        assert await peer.succeeded(), peer.complaint()
    assert digits == "5#5"


async def test_keys_sent_as_info_are_collected_in_order(tmp_path, chirp):
    async with (
        listening() as heard,
        sipp("info_digits", tmp_path, rtp=heard.port) as peer,
        carrier(peer.port) as line,
    ):
        _, ended = await outcome(line, dial(chirp))
        assert await peer.succeeded(), peer.complaint()
    assert ended.digits == "5#"


async def test_a_renegotiated_call_is_played_on_where_it_was(tmp_path, chirp):
    async with (
        listening() as before,
        listening() as after,
        sipp("reinvite", tmp_path, rtp=before.port, rtp2=after.port) as peer,
        carrier(peer.port) as line,
    ):
        _, ended = await outcome(line, dial(chirp))
        assert await peer.succeeded(), peer.complaint()
    assert (ended.cause, ended.played_ms) == (Cause.PLAYED, 2000)
    assert len(before.voiced) == pytest.approx(VOICED / 2, abs=8)
    assert len(before.voiced) + len(after.voiced) == pytest.approx(VOICED, abs=5)


async def test_a_request_to_call_somebody_else_is_refused(tmp_path, chirp):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as elsewhere:
        elsewhere.bind(("127.0.0.1", 0))
        elsewhere.setblocking(False)
        async with (
            listening() as heard,
            sipp("refer", tmp_path, rtp=heard.port, elsewhere=elsewhere.getsockname()[1]) as peer,
            carrier(peer.port) as line,
        ):
            _, ended = await outcome(line, dial(chirp))
            assert await peer.succeeded(), peer.complaint()
        with pytest.raises(BlockingIOError):
            elsewhere.recv(2048)
    assert (ended.cause, ended.played_ms) == (Cause.PLAYED, 2000)


async def test_an_answer_without_audio_does_not_leave_a_call_open(tmp_path, chirp):
    async with sipp("no_sdp", tmp_path) as peer, carrier(peer.port) as line:
        _, ended = await outcome(line, dial(chirp))
        assert await peer.succeeded(), peer.complaint()
    assert (ended.cause, ended.sip_status, ended.played_ms) == (Cause.MEDIA_LOST, 200, 0)
