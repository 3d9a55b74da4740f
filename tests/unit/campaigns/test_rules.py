import pytest

from app.campaigns import rules
from app.core.errors import InvalidError


@pytest.mark.parametrize(
    ("sent", "stored"),
    [
        ("PHONE", "PHONE"),
        ("phone", "PHONE"),
        (" Sms ", "SMS"),
        ("SMS & PHONE", "SMS & PHONE"),
        ("phone&sms", "SMS & PHONE"),
        ("Phone and SMS", "SMS & PHONE"),
        ("sms,phone", "SMS & PHONE"),
    ],
)
def test_services_are_known_in_any_spelling(sent: str, stored: str):
    assert rules.parse_services(sent) == stored


@pytest.mark.parametrize("sent", ["", "FAX", "SMS & FAX", "&", "PHONE & ", "SMSPHONE", "phone\nx"])
def test_other_services_are_refused(sent: str):
    with pytest.raises(InvalidError) as refused:
        rules.parse_services(sent)
    assert refused.value.items[0].code == "unknown_service"


def test_a_blank_message_is_none_and_a_broken_one_is_refused():
    assert rules.check_message(" \n ") is None
    assert rules.check_message(" नमस्ते {tags_name} ") == "नमस्ते {tags_name}"
    with pytest.raises(InvalidError):
        rules.check_message("{tags_name")


@pytest.mark.parametrize(
    ("check", "limit"),
    [
        (rules.check_name, rules.NAME_LIMIT),
        (rules.check_description, rules.DESCRIPTION_LIMIT),
        (rules.check_message, rules.MESSAGE_LIMIT),
    ],
)
def test_texts_are_taken_up_to_their_limit(check, limit: int):
    assert check("क" * limit) == "क" * limit
    with pytest.raises(InvalidError) as refused:
        check("क" * (limit + 1))
    assert refused.value.items[0].code == "too_long"


def test_a_name_must_not_be_blank():
    with pytest.raises(InvalidError):
        rules.check_name("  ")
