import struct

import pytest
import smpp34

from app.carriers.smpp_inbound import MESSAGE_PAYLOAD, inbound_of

RECEIPT = b"id:77 stat:DELIVRD"
HEADER = b"\x05\x00\x03\x05\x01\x01"


def data_sm(esm_class=0x04, parameters=b"", source=b"9779812345600"):
    body = b"\0\x01\x01" + source + b"\0\x05\x00TINGTING\0" + bytes((esm_class, 0, 0)) + parameters
    return struct.pack("!IIII", 16 + len(body), 0x103, 0, 9) + body


def parameter(tag, value):
    return struct.pack("!HH", tag, len(value)) + value


def test_a_data_sm_is_taken_apart():
    inbound = inbound_of(
        data_sm(0x44, parameter(0x1E, b"m1\0") + parameter(MESSAGE_PAYLOAD, HEADER + RECEIPT))
    )
    assert (inbound.esm_class, inbound.parameters[0x1E], inbound.text) == (0x44, b"m1\0", RECEIPT.decode())


@pytest.mark.parametrize("cut", [1, 2, 17, 20])
def test_a_data_sm_that_is_cut_off_is_taken_as_far_as_it_goes(cut):
    pdu = data_sm(0x04, parameter(0x427, b"\x02") + parameter(MESSAGE_PAYLOAD, RECEIPT))[:-cut]
    assert inbound_of(pdu).parameters == {0x427: b"\x02"}


@pytest.mark.parametrize("octets", [b"", b"\0", b"\0\0\0", b"\0\0\0\0\0\0\0", b"\xff" * 40])
def test_what_cannot_be_taken_apart_counts_as_a_receipt(octets):
    for command in (0x05, 0x103):
        inbound = inbound_of(struct.pack("!IIII", 16 + len(octets), command, 0, 9) + octets)
        assert inbound.esm_class & 0x04
        assert inbound.parameters == {}


def test_a_user_data_header_is_no_text():
    pdu = smpp34.DeliverSm("977", "TINGTING", HEADER + RECEIPT, esm_class=0x44, sequence_number=1).encode()
    assert inbound_of(pdu).text == RECEIPT.decode()


@pytest.mark.parametrize("data_coding", [0, 3, 8])
def test_letters_are_known_by_their_looks_and_not_by_what_is_declared(data_coding):
    for octets in (RECEIPT, RECEIPT.decode().encode("utf-16-be")):
        message = smpp34.DeliverSm(
            "977", "T", octets, esm_class=4, data_coding=data_coding, sequence_number=1
        )
        assert inbound_of(message.encode()).text == RECEIPT.decode()


@pytest.mark.parametrize("text", ["नमस्ते", "ok", "é"])
def test_what_people_write_is_read_without_failing(text):
    for encoding in ("utf-16-be", "utf-8"):
        message = smpp34.DeliverSm("977", "T", text.encode(encoding), sequence_number=1)
        assert isinstance(inbound_of(message.encode()).text, str)
