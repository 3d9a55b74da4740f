import pytest

from app.carriers.smpp_inbound import MESSAGE_PAYLOAD as PAYLOAD
from app.carriers.smpp_inbound import Inbound
from app.carriers.smpp_receipts import MESSAGE_STATE as STATE
from app.carriers.smpp_receipts import NETWORK_ERROR_CODE as ERROR
from app.carriers.smpp_receipts import RECEIPTED_MESSAGE_ID as ID
from app.carriers.smpp_receipts import Kind, read, spelled
from app.carriers.sms import Delivery

STANDARD = (
    b"id:0a1B sub:001 submit date:2611240749 done date:2611240750 stat:DELIVRD err:000 text:id:9 stat:X"
)


def receipt_of(body, parameters=None, esm_class=0x04, **settings):
    return read(Inbound(esm_class, body, parameters or {}), **settings).receipt


@pytest.mark.parametrize(
    ("body", "parameters", "message_id", "delivery", "error"),
    [
        (STANDARD, {}, "a1b", Delivery.DELIVERED, "000"),
        (b"ID:77 STAT:undeliv ERR:01F", {}, "77", Delivery.UNDELIVERABLE, "01F"),
        (b"id: 77  stat: EXPIRED", {}, "77", Delivery.EXPIRED, ""),
        (b"stat:REJECTD id:77", {}, "77", Delivery.REJECTED, ""),
        (b"id:77 stat:DELIVERED", {}, "77", Delivery.DELIVERED, ""),
        (b"id:77 stat:DELETED err:5", {}, "77", Delivery.DELETED, "5"),
        (b"id:77 stat:UNKNOWN", {}, "77", Delivery.UNKNOWN, ""),
        (b"", {ID: b"77\0", STATE: b"\x02"}, "77", Delivery.DELIVERED, ""),
        (b"", {ID: b"77", STATE: b"2"}, "77", Delivery.DELIVERED, ""),
        (b"", {ID: b"77\0", STATE: b"\x05", ERROR: b"\x03\x00\x22"}, "77", Delivery.UNDELIVERABLE, "3:34"),
        (b"", {ID: b"77\0", STATE: b"\x05", ERROR: b"034"}, "77", Delivery.UNDELIVERABLE, "034"),
        (b"id:1 stat:EXPIRED", {ID: b"77\0", STATE: b"\x02"}, "77", Delivery.DELIVERED, ""),
        (b"id:77 stat:UNDELIV", {ID: b"77\0"}, "77", Delivery.UNDELIVERABLE, ""),
        (b"", {PAYLOAD: b"id:77 stat:DELIVRD"}, "77", Delivery.DELIVERED, ""),
    ],
)
def test_receipts_are_read_in_every_common_form(body, parameters, message_id, delivery, error):
    receipt = receipt_of(body, parameters)
    assert (receipt.message_id, receipt.delivery, receipt.error) == (message_id, delivery, error)


@pytest.mark.parametrize(
    ("text", "message_id", "delivery"),
    [
        # No sub and no dlvrd; no err; no text; a blank after a field that is empty.
        ("id:065 submit date:2302101454 done date:2302101454 stat:DELIVRD err:000", "65", "DELIVERED"),
        ("id:15 submit date:1701240904 done date:1701240904 stat:DELIVRD err:000 text:hi", "15", "DELIVERED"),
        ("id:c87c2273-7edb-4bc7 done date:201506201641 stat:EXPIRED", "c87c2273-7edb-4bc7", "EXPIRED"),
        ("id:rdwj sub:000 dlvrd:000 done date: stat:UNDELIV err:000", "rdwj", "UNDELIVERABLE"),
        ("id:SAR-2347-1EEDF843-2-1 stat:UNDELIV", "sar-2347-1eedf843-2-1", "UNDELIVERABLE"),
        # Words of single vendors.
        ("id:12160 sub:001 dlvrd:001 done date:0000000000 stat:FAILED err:002 Text:", "12160", "UNDELIVERABLE"),
        ("id:7 stat:NOCRED err:500", "7", "REJECTED"),
        ("id:7 stat:BARRED", "7", "REJECTED"),
        ("id:7 stat:UNDELIVERED", "7", "UNDELIVERABLE"),
        ("id:7 stat:REJECTED", "7", "REJECTED"),
        # States by number.
        ("id:7 sub:1 dlvrd:1 submit date:1 done date:2 stat:0 err:0 text:If a", "7", "DELIVERED"),
        ("id:7 stat:2 err:0", "7", "DELIVERED"),
        ("id:7 stat:5 err:0", "7", "UNDELIVERABLE"),
        # Other names, separators and spellings.
        ("msgid:7 status:DELIVRD", "7", "DELIVERED"),
        ("MsgId=7 Status=DELIVRD Error=000", "7", "DELIVERED"),
        ("message_id: 7, status: UNDELIV, error_code: 12", "7", "UNDELIVERABLE"),
        ("id=7&sub=001&dlvrd=001&stat=DELIVRD&err=000&text=", "7", "DELIVERED"),
        ("id = 7 stat = EXPIRED", "7", "EXPIRED"),
        ('{"id":"7","stat":"DELIVRD","err":"000"}', "7", "DELIVERED"),
        ("id:0x1A2F stat:DELIVRD", "1a2f", "DELIVERED"),
        ("id:0X001A2F stat:DELIVRD", "1a2f", "DELIVERED"),
        ("id:7\r\nsub:001\r\nstat:DELIVRD\r\nerr:000", "7", "DELIVERED"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("esm_class", [0x04, 0x00, 0x08])
def test_every_dialect_is_read_by_its_content(text, message_id, delivery, esm_class):
    receipt = receipt_of(text.encode(), esm_class=esm_class)
    assert (receipt.message_id, receipt.delivery) == (message_id, Delivery[delivery])


@pytest.mark.parametrize("encoding", ["utf-16-be", "utf-16-le", "utf-16", "latin-1"])
@pytest.mark.parametrize("esm_class", [0x04, 0x00])
def test_receipts_in_utf_16_are_read_as_those_in_single_octets(encoding, esm_class):
    text = (
        "id:0012fA sub:001 dlvrd:001 submit date:2611240749 done date:2611240750 stat:DELIVRD err:000 text:"
    )
    text += "" if encoding == "latin-1" else "नमस्ते"
    receipt = receipt_of(text.encode(encoding), esm_class=esm_class)
    assert (receipt.message_id, receipt.delivery, receipt.error) == ("12fa", Delivery.DELIVERED, "000")


@pytest.mark.parametrize(
    ("esm_class", "body", "parameters"),
    [
        (0x04, b"id:77 stat:ENROUTE", {}),
        (0x04, b"id:77 stat:ACCEPTD", {}),
        (0x04, b"id:77 stat:BUFFRED", {}),
        (0x04, b"id:77 stat:1", {}),
        (0x04, b"", {ID: b"77\0", STATE: b"\x01"}),
        (0x20, b"id:77 stat:BUFFRED", {}),
        (0x20, b"id:77 stat:UNDELIV err:027", {}),
        (0x00, b"id:77 stat:ENROUTE", {}),
    ],
)
def test_news_on_the_way_changes_nothing(esm_class, body, parameters):
    assert read(Inbound(esm_class, body, parameters)).kind is Kind.ON_THE_WAY


def test_a_delivery_that_comes_as_an_intermediate_notification_is_a_delivery():
    assert receipt_of(b"id:77 stat:DELIVRD", esm_class=0x20).delivery is Delivery.DELIVERED


@pytest.mark.parametrize(
    ("body", "parameters"),
    [
        (b"", {}),
        (b"\x00\xff\xfe", {}),
        (b"stat:DELIVRD", {}),
        (b"id:77", {}),
        (b"id:77 stat:HAPPY", {}),
        (b"id:77 stat:DELIVERY_FAILED", {}),
        (b"id:77 sub:001 dlvrd:000 stat:0", {}),
        (b"id: sub:001 stat:DELIVRD", {}),
        (b"text:id:77 stat:DELIVRD", {}),
        (b"id:77", {STATE: b"\x63"}),
        (b"", {ID: b"\x01\x02\0", STATE: b"\x02"}),
    ],
)
def test_what_cannot_be_read_is_kept_as_such(body, parameters):
    reading = read(Inbound(0x04, body, parameters))
    assert (reading.kind, reading.receipt.message_id, reading.receipt.delivery) == (
        Kind.UNREADABLE,
        None,
        None,
    )
    assert reading.receipt.text.isprintable() or not reading.receipt.text


@pytest.mark.parametrize(
    "text",
    [
        "STOP",
        "नमस्ते",
        "id",
        "my id:5 is lost",
        "I am fine. id:5 stat:DELIVRD",
        "id: please",
        "Text: id:5 stat:DELIVRD",
        "",
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-be"])
def test_what_people_write_is_no_receipt(text, encoding):
    assert read(Inbound(0x00, text.encode(encoding))).kind is Kind.MESSAGE


def test_a_text_that_begins_as_a_receipt_and_has_no_known_state_is_kept():
    assert read(Inbound(0x00, b"id:5 sub:001 dlvrd:001 stat:HAPPY")).kind is Kind.UNREADABLE


def test_the_id_of_the_text_counts_where_the_operator_says_how_it_is_written():
    both = {ID: b"1F4\0", STATE: b"\x02"}
    assert receipt_of(b"id:500 stat:DELIVRD", both).message_id == "1f4"
    assert receipt_of(b"id:500 stat:DELIVRD", both, ids="hex").message_id == "500"


def test_reading_takes_a_time_that_grows_with_the_text():
    for text in (b"id" * 5_000, b"id:" * 5_000, b"stat= " * 5_000, b"message_" * 5_000, b" " * 30_000):
        read(Inbound(0x00, text))


@pytest.mark.parametrize(
    ("response", "ids", "expected"),
    [
        ("00AbC", "same", "abc"),
        ("0x00AbC", "same", "abc"),
        ("0x", "same", "x"),
        ("000", "same", "0"),
        ("", "same", ""),
        ("1F4", "hex", "500"),
        ("0x1F4", "hex", "500"),
        ("500", "decimal", "1f4"),
        ("not-a-number", "hex", "not-a-number"),
    ],
)
def test_ids_are_spelled_as_receipts_spell_them(response, ids, expected):
    assert spelled(response, ids) == expected
