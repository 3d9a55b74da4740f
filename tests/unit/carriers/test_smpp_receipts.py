import pytest

from app.carriers.smpp_receipts import is_receipt, receipt_of, spelled
from app.carriers.sms import Delivery

ID, ERROR, STATE, PAYLOAD = 0x001E, 0x0423, 0x0427, 0x0424
STANDARD = (
    b"id:0a1B sub:001 submit date:2611240749 done date:2611240750 stat:DELIVRD err:000 text:id:9 stat:X"
)


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
        (b"", {ID: b"77\0", STATE: b"\x05", ERROR: b"\x03\x00\x22"}, "77", Delivery.UNDELIVERABLE, "3:34"),
        (b"id:1 stat:EXPIRED", {ID: b"77\0", STATE: b"\x02"}, "77", Delivery.DELIVERED, ""),
        (b"", {PAYLOAD: b"id:77 stat:DELIVRD"}, "77", Delivery.DELIVERED, ""),
    ],
)
def test_receipts_are_read_in_every_common_form(body, parameters, message_id, delivery, error):
    receipt = receipt_of(body, parameters)
    assert (receipt.message_id, receipt.delivery, receipt.error) == (message_id, delivery, error)


@pytest.mark.parametrize(
    ("body", "parameters"),
    [(b"id:77 stat:ENROUTE", {}), (b"id:77 stat:ACCEPTD", {}), (b"", {ID: b"77\0", STATE: b"\x01"})],
)
def test_news_on_the_way_changes_nothing(body, parameters):
    assert receipt_of(body, parameters) is None


@pytest.mark.parametrize(
    ("body", "parameters"),
    [
        (b"", {}),
        (b"\x00\xff\xfe", {}),
        (b"stat:DELIVRD", {}),
        (b"id:77", {}),
        (b"id:77 stat:HAPPY", {}),
        (b"id:77", {STATE: b"\x63"}),
        (b"", {ID: b"\x01\x02\0", STATE: b"\x02"}),
    ],
)
def test_what_cannot_be_read_is_kept_as_such(body, parameters):
    receipt = receipt_of(body, parameters)
    assert (receipt.message_id, receipt.delivery) == (None, None)
    assert receipt.text.isprintable() or not receipt.text


@pytest.mark.parametrize(
    ("esm_class", "parameters", "answer"),
    [
        (0x04, {}, True),
        (0x44, {}, True),
        (0x00, {}, False),
        (0x00, {ID: b"1\0"}, True),
        (0x20, {ID: b"1\0"}, False),
    ],
)
def test_receipts_are_told_from_messages_to_us(esm_class, parameters, answer):
    assert is_receipt(esm_class, parameters) is answer


@pytest.mark.parametrize(
    ("response", "ids", "expected"),
    [
        ("00AbC", "same", "abc"),
        ("000", "same", "0"),
        ("", "same", ""),
        ("1F4", "hex", "500"),
        ("500", "decimal", "1f4"),
        ("not-a-number", "hex", "not-a-number"),
    ],
)
def test_ids_are_spelled_as_receipts_spell_them(response, ids, expected):
    assert spelled(response, ids) == expected
