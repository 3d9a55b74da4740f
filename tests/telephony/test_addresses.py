"""Trunks, numbers and scripts: the pure parts of the telephony."""

import pytest

from app.carriers.sip_trunk import SipSettings, Trunk, dialled, parse_trunk
from app.trial.behaviour import Kind, behaviour
from app.trial.journal import Keep


@pytest.mark.parametrize(
    ("uri", "trunk", "proxy"),
    [
        ("sip:10.0.0.7", Trunk("10.0.0.7", None, "udp"), "sip:10.0.0.7;transport=udp"),
        (
            "sip:sbc.example.net:5070",
            Trunk("sbc.example.net", 5070, "udp"),
            "sip:sbc.example.net:5070;transport=udp",
        ),
        ("sip:sbc:5060;transport=tcp", Trunk("sbc", 5060, "tcp"), "sip:sbc:5060;transport=tcp"),
        (
            "sip:[2001:db8::1]:5060",
            Trunk("[2001:db8::1]", 5060, "udp"),
            "sip:[2001:db8::1]:5060;transport=udp",
        ),
    ],
)
def test_a_trunk_is_read_from_its_uri(uri, trunk, proxy):
    assert parse_trunk(uri) == trunk
    assert trunk.proxy() == proxy


@pytest.mark.parametrize(
    "uri",
    [
        "",
        "sbc.example.net",
        "sip:",
        "sip:user@host",
        "sip:host:0",
        "sip:host:70000",
        "sip:host\r\nX: 1",
        "sip:h;x=y",
        "sips:host:5061",
    ],
)
def test_what_is_no_trunk_is_refused_with_the_right_form(uri):
    with pytest.raises(ValueError, match="sip:host:port"):
        parse_trunk(uri)


@pytest.mark.parametrize(
    ("number", "plus", "e164", "national"),
    [
        ("+9779812345601", "+9779812345601", "9779812345601", "9812345601"),
        ("+97715970000", "+97715970000", "97715970000", "015970000"),
        ("+919812345678", "+919812345678", "919812345678", "00919812345678"),
    ],
)
def test_numbers_are_written_in_the_trunks_style(number, plus, e164, national):
    assert dialled(number, "plus") == plus
    assert dialled(number, "e164") == e164
    assert dialled(number, "national") == national


@pytest.mark.parametrize(
    "wrong",
    [
        {"user": "a@b"},
        {"user": ""},
        {"codecs": ()},
        {"codecs": ("opus",)},
        {"places": 0},
        {"places": 256},
        {"rtp_timeout_s": -1},
    ],
)
def test_settings_that_cannot_work_are_refused(wrong):
    with pytest.raises(ValueError, match=r"SIP|places|RTP"):
        SipSettings(trunk="sip:127.0.0.1:5060", **wrong)


def test_a_password_is_never_shown():
    assert "hush" not in repr(SipSettings(trunk="sip:127.0.0.1", password="hush"))


def test_every_ending_of_a_number_has_a_script():
    expected = (
        [(Kind.LISTEN, 200, "completed")] * 80
        + [(Kind.HANG_UP, 200, "hungup")] * 5
        + [(Kind.IGNORE, 487, "unanswered")] * 5
        + [(Kind.REJECT, 486, "unanswered")] * 3
        + [(Kind.REJECT, 603, "unanswered")] * 2
        + [(Kind.REJECT, 404, "failed")] * 2
        + [(Kind.REJECT, 503, "failed"), (Kind.PRESS, 200, "completed"), (Kind.LISTEN, 200, "completed")]
    )
    scripts = [behaviour(f"+97798123456{ending:02}") for ending in range(100)]
    assert [(script.kind, script.sip_status, script.call_status) for script in scripts] == expected
    assert (scripts[98].digits, scripts[99].ring_s, scripts[80].listen_s) == ("1", 3.0, 2.0)


@pytest.mark.parametrize("number", ["", "7", "anonymous", "+९०"])
def test_a_number_without_an_ending_listens(number):
    assert behaviour(number).kind is Kind.LISTEN


def test_what_is_kept_can_be_everything_nothing_the_first_or_named():
    assert Keep.parse("all").wants("1", 99)
    assert not Keep.parse("none").wants("1", 1)
    assert [Keep.parse("first:2").wants("1", nth) for nth in (1, 2, 3)] == [True, True, False]
    named = Keep.parse("+9779812345601, 9779812345602")
    assert [named.wants(n, 9) for n in ("9779812345601", "+9779812345602", "+9779812345603")] == [
        True,
        True,
        False,
    ]
    with pytest.raises(ValueError, match="first:20"):
        Keep.parse("some of them")
