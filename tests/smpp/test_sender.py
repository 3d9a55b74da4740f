"""The sender against a centre that obeys the tests and speaks through another library."""

import asyncio
import contextlib
import ssl
import struct
import subprocess

import pytest

from app.carriers.smpp import SmppSender
from app.carriers.smpp_settings import SmppSettings
from app.carriers.smpp_statuses import Refusal
from app.carriers.sms import Accepted, Delivery, NoAnswer, NotSent, Refused, Segment, SenderDownError
from app.messages.sms_text import sms_of
from tests.smpp.scripted import THROTTLED, ScriptedCentre

NUMBER = "+9779812345600"


class Sink:
    """Keeps receipts, or fails to."""

    def __init__(self):
        self.receipts = []
        self.failing = False

    async def keep(self, receipt):
        if self.failing:
            raise OSError("disk full")
        self.receipts.append(receipt)


@pytest.fixture
async def centre():
    centre = ScriptedCentre()
    await centre.start()
    yield centre
    await centre.close()


@pytest.fixture
async def bound(centre):
    """Makes senders that are bound to the centre."""
    async with contextlib.AsyncExitStack() as stack:

        async def bind(**settings):
            chosen = {"rate": 1000.0, "response_s": 2.0, **settings}
            sender = SmppSender(SmppSettings(f"smpp://127.0.0.1:{centre.port}", **chosen), Sink())
            await sender.start()
            stack.push_async_callback(sender.close)
            await until(lambda: sender.ready)
            return sender

        yield bind


async def until(condition, seconds=10):
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 - nothing tells of it
            await asyncio.sleep(0.01)


async def yes():
    return True


def refuse_with(status):
    async def refuse(session, pdu):
        session.refuse(pdu, status)

    return refuse


async def send(sender, text="नमस्ते", give_up=lambda: False, number=NUMBER, may_leave=yes, **facts):
    sms = sms_of(text)
    async with sender.turn() as turn:
        return [
            await turn.submit(
                Segment(number, payload, sms.data_coding, len(sms.segments) > 1, **facts), give_up, may_leave
            )
            for payload in sms.payloads(5)
        ]


async def test_a_message_travels_as_it_was_ordered(centre, bound):
    sender = await bound(system_id="acme", password="longer than 8", system_type="bulk", validity_s=3661)
    assert await send(sender, "नमस्ते") == [Accepted("m1")]
    (bind,), (pdu,) = centre.binds, centre.submits
    assert (bind.command, bind.system_id, bind.password) == ("bind_transceiver", b"acme", b"longer than 8")
    assert (bind.system_type, bind.interface_version) == (b"bulk", 0x34)
    assert (pdu.source_addr, pdu.source_addr_ton, pdu.source_addr_npi) == (b"TINGTING", 5, 0)
    assert (pdu.destination_addr, pdu.dest_addr_ton, pdu.dest_addr_npi) == (b"9779812345600", 1, 1)
    assert (pdu.data_coding, pdu.esm_class, pdu.registered_delivery) == (8, 0, 1)
    assert pdu.short_message.decode("utf-16-be") == "नमस्ते"
    assert pdu.validity_period == b"000000010101000R"


async def test_segments_carry_the_header_of_concatenation(centre, bound):
    sender = await bound(receipts=False)
    await send(sender, "क" * 150)
    assert [pdu.short_message[:6] for pdu in centre.submits] == [
        bytes((5, 0, 3, 5, 3, nth)) for nth in (1, 2, 3)
    ]
    assert {(pdu.esm_class, pdu.registered_delivery) for pdu in centre.submits} == {(0x40, 0)}
    text = b"".join(pdu.short_message[6:] for pdu in centre.submits).decode("utf-16-be")
    assert text == "क" * 150


@pytest.mark.parametrize(
    ("settings", "source", "ton", "npi"),
    [
        ({"source": "34001"}, b"34001", 3, 0),
        ({"source": "+9779801234567"}, b"+9779801234567", 1, 1),
        ({"source": "9801234567"}, b"9801234567", 0, 1),
        ({"source": "34001", "source_ton": 6, "source_npi": 9}, b"34001", 6, 9),
    ],
)
async def test_the_sender_is_shown_with_its_type(centre, bound, settings, source, ton, npi):
    await send(await bound(**settings))
    (pdu,) = centre.submits
    assert (pdu.source_addr, pdu.source_addr_ton, pdu.source_addr_npi) == (source, ton, npi)


async def test_a_transmitter_and_a_receiver_share_the_work(centre, bound):
    sender = await bound(bind="separate")
    await until(lambda: len(centre.sessions) == 2)
    assert {session.mode for session in centre.sessions} == {"bind_transmitter", "bind_receiver"}
    (receiver,) = [session for session in centre.sessions if session.mode == "bind_receiver"]
    await send(sender)
    assert await receiver.acknowledgement(receiver.deliver("id:m1 stat:DELIVRD err:000")) == 0
    (transmitter,) = [session for session in centre.sessions if session.mode == "bind_transmitter"]
    assert await transmitter.acknowledgement(transmitter.deliver("id:m2 stat:DELIVRD")) == 0
    assert [receipt.message_id for receipt in sender._sink.receipts] == ["m1", "m2"]


async def test_a_refusal_is_told_with_its_code(centre, bound):
    centre.on_submit = refuse_with(0x0400 + 17)  # a vendor's own
    assert await send(await bound()) == [Refused(0x0411, Refusal.FINAL)]


async def test_an_operator_may_say_that_a_refusal_passes(centre, bound):
    centre.on_submit = refuse_with(0x0411)
    assert await send(await bound(try_again=frozenset({0x0411}))) == [Refused(0x0411, Refusal.LATER)]


@pytest.mark.parametrize(
    ("status", "refusal"), [(THROTTLED, Refusal.BUSY), (0x14, Refusal.LATER), (0x08, Refusal.LATER)]
)
async def test_a_refusal_that_may_pass_gives_the_turn_back_and_slows_nobody(centre, bound, status, refusal):
    async def refuse_one(session, pdu):
        if pdu.destination_addr.endswith(b"00"):
            session.refuse(pdu, status)
        else:
            session.take(pdu, "m1")

    centre.on_submit = refuse_one
    sender = await bound(window=1)
    assert await send(sender) == [Refused(status, refusal)]
    assert await send(sender, number="+9779812345601") == [Accepted("m1")]
    assert len(centre.submits) == 2
    assert sender._pace.now_rate == 1000


async def test_the_session_slows_when_many_are_refused_in_a_row(centre, bound):
    centre.on_submit = refuse_with(0x14)
    sender = await bound()
    for _ in range(10):
        await send(sender)
    assert sender._pace.now_rate < 1000


async def test_one_message_that_is_refused_again_and_again_slows_nobody(centre, bound):
    centre.on_submit = refuse_with(THROTTLED)
    sender = await bound()
    for _ in range(20):
        await send(sender, put_off=True)
    assert sender._pace.now_rate == 1000


async def test_a_session_that_may_not_submit_is_bound_anew(centre, bound):
    async def refuse_first(session, pdu):
        if len(centre.submits) == 1:
            session.refuse(pdu, 0x04)
        else:
            session.take(pdu, "m1")

    centre.on_submit = refuse_first
    sender = await bound()
    assert await send(sender) == [Refused(0x04, Refusal.SESSION)]
    await until(lambda: len(centre.binds) == 2 and sender.ready)
    assert await send(sender) == [Accepted("m1")]


async def test_a_message_that_is_tried_again_is_valid_for_what_is_left(centre, bound):
    sender = await bound()
    await send(sender, validity_s=65)
    (pdu,) = centre.submits
    assert pdu.validity_period == b"000000000105000R"


async def test_what_may_no_longer_leave_when_its_turn_comes_does_not(centre, bound):
    async def no():
        return False

    sender = await bound()
    assert await send(sender, may_leave=no) == [NotSent()]
    assert not centre.submits


async def test_a_session_that_breaks_while_it_is_asked_is_not_used(centre, bound):
    sender = await bound()
    link = sender._link

    async def slowly():
        if link.closed.is_set():
            return True
        await link.drop()
        return True

    assert await send(sender, may_leave=slowly) == [Accepted("m1")]
    assert len(centre.submits) == 1


async def test_a_session_that_has_just_broken_is_waited_for_without_holding_up_its_keeper(centre, bound):
    sender = await bound()
    looks = 0

    def give_up():
        nonlocal looks
        looks += 1
        assert looks < 1000, "nobody else got a turn"
        return False

    sender._link.end("broken")
    async with asyncio.timeout(10):
        assert await sender._session(give_up) is sender._link


async def test_the_window_holds(centre, bound):
    waiting = []

    async def hold(session, pdu):
        waiting.append((session, pdu))

    centre.on_submit = hold
    sender = await bound(window=3, response_s=30.0)
    sending = [asyncio.create_task(send(sender)) for _ in range(10)]
    done = 0
    while done < 10:
        await until(lambda done=done: len(waiting) == min(3, 10 - done))
        session, pdu = waiting.pop(0)
        session.take(pdu, f"m{done}")
        done += 1
    assert all(isinstance(answer, Accepted) for (answer,) in await asyncio.gather(*sending))


async def test_a_lost_session_leaves_submits_without_answer_and_binds_again(centre, bound):
    async def drop(session, _):
        session.drop()

    centre.on_submit = drop
    sender = await bound()
    (answer,) = await send(sender)
    assert isinstance(answer, NoAnswer)
    with pytest.raises(SenderDownError):
        await send(sender)
    centre.on_submit = centre.take
    await until(lambda: sender.ready)
    assert await send(sender) == [Accepted("m1")]
    assert len(centre.submits) == 2


async def test_a_centre_that_never_answers_is_waited_for_and_no_longer(centre, bound):
    async def ignore(session, pdu):
        pass

    centre.on_submit = ignore
    sender = await bound(response_s=0.2)
    (answer,) = await send(sender)
    assert isinstance(answer, NoAnswer)
    assert sender.ready


async def test_a_centre_that_is_silent_is_left(centre, bound):
    centre.enquiries = False
    sender = await bound(enquire_s=0.1, response_s=0.2)
    await until(lambda: len(centre.binds) >= 2)
    assert centre.enquired.is_set()
    centre.enquiries = True
    await until(lambda: sender.ready)


async def test_an_unbind_of_the_centre_is_answered_and_followed_by_a_new_bind(centre, bound):
    sender = await bound()
    (session,) = centre.sessions
    assert await session.acknowledgement(session.send("unbind")) == 0
    await until(lambda: len(centre.binds) == 2 and sender.ready)


async def test_a_refused_bind_is_tried_again(centre, bound):
    centre.bind_statuses = [0x0E]  # ESME_RINVPASWD
    sender = await bound()
    assert len(centre.binds) == 2
    assert sender.ready


async def test_closing_unbinds(centre, bound):
    sender = await bound()
    (session,) = centre.sessions
    await sender.close()
    assert centre.unbinds == 1
    async with asyncio.timeout(5):
        await session.closed.wait()


async def test_a_receipt_that_cannot_be_kept_is_not_acknowledged(centre, bound):
    sender = await bound()
    (session,) = centre.sessions
    sender._sink.failing = True
    assert await session.acknowledgement(session.deliver("id:m1 stat:DELIVRD")) == 0x64
    sender._sink.failing = False
    assert await session.acknowledgement(session.deliver("id:m1 stat:DELIVRD")) == 0
    (receipt,) = sender._sink.receipts
    assert (receipt.message_id, receipt.delivery) == ("m1", Delivery.DELIVERED)


async def test_what_is_no_receipt_is_acknowledged_and_left(centre, bound):
    sender = await bound()
    (session,) = centre.sessions
    for text, esm_class in (("STOP", 0x00), ("id:m1 stat:ENROUTE", 0x04), ("id:m1 stat:BUFFRED", 0x20)):
        assert await session.acknowledgement(session.deliver(text, esm_class)) == 0
    assert sender._sink.receipts == []


RECEIPT = "id:m1 sub:001 dlvrd:001 submit date:2611240749 done date:2611240750 stat:DELIVRD err:000 text:"


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        (RECEIPT.encode(), {"esm_class": 0x00}),
        (RECEIPT.encode("utf-16-be"), {"data_coding": 8}),
        (RECEIPT.encode("utf-16-be"), {"esm_class": 0x00, "data_coding": 8}),
        (RECEIPT.encode(), {"data_coding": 8}),
        (b"", {"receipted_message_id": "m1", "message_state": 2}),
        (b"", {"esm_class": 0x00, "receipted_message_id": "m1", "message_state": 2}),
        (b"", {"message_payload": RECEIPT.encode()}),
    ],
)
async def test_receipts_are_known_however_they_are_sent(centre, bound, body, fields):
    sender = await bound()
    (session,) = centre.sessions
    assert await session.acknowledgement(session.deliver(body, **fields)) == 0
    (receipt,) = sender._sink.receipts
    assert (receipt.message_id, receipt.delivery) == ("m1", Delivery.DELIVERED)


@pytest.mark.parametrize("esm_class", [0x00, 0x04])
@pytest.mark.parametrize(
    "fields",
    [{"receipted_message_id": "m1", "message_state": 2}, {"message_payload": RECEIPT.encode()}],
)
async def test_receipts_by_data_sm_are_read_and_acknowledged(centre, bound, esm_class, fields):
    sender = await bound()
    (session,) = centre.sessions
    addresses = {"source_addr": "9779812345600", "destination_addr": "TINGTING", "service_type": ""}
    sequence = session.send("data_sm", esm_class=esm_class, **addresses, **fields)
    assert await session.acknowledgement(sequence) == 0
    (receipt,) = sender._sink.receipts
    assert (receipt.message_id, receipt.delivery) == ("m1", Delivery.DELIVERED)


async def test_garbage_is_counted_or_answered_and_never_fatal(centre, bound):
    sender = await bound()
    (session,) = centre.sessions
    torn = struct.pack("!IIII", 24, 0x05, 0, 900) + b"\xff" * 8
    session.send_octets(torn)  # a deliver_sm that cannot be taken apart
    assert await session.acknowledgement(900) == 0
    session.send_octets(struct.pack("!IIII", 16, 0x0777, 0, 901))  # a command that nobody knows
    assert await session.acknowledgement(901) == 0x03
    session.send_octets(
        struct.pack("!IIII", 16, 0x0102, 0, 903)
    )  # alert_notification, to which there is no response
    session.send_octets(struct.pack("!IIII", 16, 0x80000004, 0, 999))  # an answer to nothing
    assert await session.acknowledgement(session.deliver("id:m1 stat:DELIVRD")) == 0
    assert 903 not in session.acknowledged
    assert [(receipt.message_id, receipt.delivery) for receipt in sender._sink.receipts] == [
        (None, None),
        ("m1", Delivery.DELIVERED),
    ]
    session.send_octets(struct.pack("!IIII", 2**31, 0x05, 0, 902))  # a length that cannot be
    await until(lambda: len(centre.binds) == 2 and sender.ready)


async def test_the_vendors_own_parameters_do_not_disturb_a_receipt(centre, bound):
    sender = await bound()
    (session,) = centre.sessions
    text = b"id:m9 sub:001 dlvrd:000 submit date:2611240749 done date:2611240750 stat:UNDELIV err:034 text:"
    body = (
        b"\0\x01\x01977981\0\x05\x00TINGTING\0"
        + bytes((4, 0, 0))
        + b"\0\0"
        + bytes((0, 0, 3, 0, len(text)))
        + text
    )
    body += struct.pack("!HH", 0x1403, 3) + b"\xff\xfe\xfd" + struct.pack("!HH", 0x0423, 3) + b"\x03\x00\x22"
    session.send_octets(struct.pack("!IIII", 16 + len(body), 0x05, 0, 77) + body)
    assert await session.acknowledgement(77) == 0
    (receipt,) = sender._sink.receipts
    assert (receipt.message_id, receipt.delivery, receipt.error) == ("m9", Delivery.UNDELIVERABLE, "3:34")


@pytest.fixture(scope="session")
def certificate(tmp_path_factory):
    """A key and a certificate for 127.0.0.1, signed by itself."""
    folder = tmp_path_factory.mktemp("tls")
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"),
            *("-subj", "/CN=centre", "-addext", "subjectAltName=IP:127.0.0.1"),
            *("-keyout", str(folder / "key.pem"), "-out", str(folder / "cert.pem")),
        ],
        check=True,
        capture_output=True,
    )
    return folder


async def test_a_session_over_tls_trusts_whom_it_is_told_to_trust(certificate):
    centre = ScriptedCentre()
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(certificate / "cert.pem", certificate / "key.pem")
    await centre.start(tls)
    address = f"smpps://127.0.0.1:{centre.port}"
    trusting = SmppSender(SmppSettings(address, ca_file=str(certificate / "cert.pem")), Sink())
    doubting = SmppSender(SmppSettings(address), Sink())
    for sender in (trusting, doubting):
        await sender.start()
    await until(lambda: trusting.ready)
    assert await send(trusting) == [Accepted("m1")]
    assert len(centre.binds) == 1
    assert not doubting.ready
    for sender in (trusting, doubting):
        await sender.close()
    await centre.close()
