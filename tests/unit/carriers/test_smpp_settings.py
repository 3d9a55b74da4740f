import pytest

from app.carriers.smpp_settings import SmppSettings, try_again_of


@pytest.mark.parametrize(
    ("centre", "address"),
    [
        ("smpp://smsc.example.net", ("smsc.example.net", 2775, False)),
        ("smpp://10.0.0.1:3000/", ("10.0.0.1", 3000, False)),
        ("smpps://smsc.example.net", ("smsc.example.net", 3550, True)),
        ("smpps://[2001:db8::1]:4000", ("2001:db8::1", 4000, True)),
    ],
)
def test_addresses_are_read(centre, address):
    assert SmppSettings(centre).address == address


@pytest.mark.parametrize(
    "given",
    [
        {"centre": "smsc.example.net:2775"},
        {"centre": "http://smsc.example.net"},
        {"centre": "smpp://"},
        {"centre": "smpp://user:word@smsc.example.net"},
        {"centre": "smpp://smsc.example.net:99999"},
        {"system_id": "a" * 16},
        {"system_id": "नाम"},
        {"password": "nul\0inside"},
        {"source": ""},
        {"source": "A sender too long"},
        {"source": "line\nbreak"},
        {"window": 0},
    ],
)
def test_settings_that_cannot_work_are_refused(given):
    with pytest.raises(ValueError, match="SMS"):
        SmppSettings(**{"centre": "smpp://smsc.example.net", **given})


@pytest.mark.parametrize(
    ("form", "number", "sent"),
    [
        ("e164", "+9779812345678", ("9779812345678", 1, 1)),
        ("plus", "+9779812345678", ("+9779812345678", 1, 1)),
        ("national", "+9779812345678", ("9812345678", 0, 1)),
        ("national", "+919812345678", ("919812345678", 1, 1)),
    ],
)
def test_recipients_are_written_as_the_centre_wants_them(form, number, sent):
    assert SmppSettings("smpp://smsc.example.net", number_form=form).destination(number) == sent


def test_what_is_no_number_goes_nowhere():
    with pytest.raises(ValueError, match=r"E\.164"):
        SmppSettings("smpp://smsc.example.net").destination("+977981\x00")


def test_a_password_is_not_shown():
    assert "hunter" not in repr(SmppSettings("smpp://smsc.example.net", password="hunter2"))


@pytest.mark.parametrize(
    ("seconds", "text"), [(5, "000000000005000R"), (86_400, "000001000000000R"), (90_061, "000001010101000R")]
)
def test_validity_is_a_relative_time(seconds, text):
    assert SmppSettings("smpp://smsc.example.net", validity_s=seconds).validity_of() == text


@pytest.mark.parametrize(
    ("text", "codes"), [("", set()), ("0x40A", {0x40A}), ("40a, 0x4B5 14", {0x40A, 0x4B5, 0x14})]
)
def test_further_statuses_that_may_pass_are_read(text, codes):
    assert try_again_of(text) == codes


def test_what_is_no_status_is_refused_with_an_example():
    with pytest.raises(ValueError, match="0x40A"):
        try_again_of("full")
