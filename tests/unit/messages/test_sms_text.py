import time

import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

from app.messages.sms_text import Alphabet, sms_of, text_of

GSM = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCÄÖÑÜ§¿abcäöñüà"
LETTERS = st.sampled_from("aé€[~ कख्षिँ्रनमस्तेजी।१२ 😀👩\u200d👧e\u0301\r\n")


def lengths(text):
    return [len(segment) for segment in sms_of(text).segments]


@pytest.mark.parametrize(
    ("text", "alphabet", "segments"),
    [
        ("", Alphabet.GSM7, []),
        ("a" * 160, Alphabet.GSM7, [160]),
        ("a" * 161, Alphabet.GSM7, [153, 8]),
        ("a" * 306, Alphabet.GSM7, [153, 153]),
        ("a" * 307, Alphabet.GSM7, [153, 153, 1]),
        ("€" * 80, Alphabet.GSM7, [80]),
        ("€" * 81, Alphabet.GSM7, [76, 5]),
        ("a" * 152 + "€" + "a" * 10, Alphabet.GSM7, [152, 11]),
        ("क" * 70, Alphabet.UCS2, [70]),
        ("क" * 71, Alphabet.UCS2, [67, 4]),
        ("क" * 134, Alphabet.UCS2, [67, 67]),
        ("a" * 70 + "।", Alphabet.UCS2, [67, 4]),
        ("😀" * 35, Alphabet.UCS2, [35]),
        ("😀" * 36, Alphabet.UCS2, [33, 3]),
        ("क्ष" * 24, Alphabet.UCS2, [66, 6]),
        ("नि" * 36, Alphabet.UCS2, [66, 6]),
        ("स्त्री" * 12, Alphabet.UCS2, [66, 6]),
        ("👨‍👩‍👧" * 9, Alphabet.UCS2, [40, 5]),
    ],
)
def test_a_text_takes_as_many_segments_as_the_air_needs(text, alphabet, segments):
    sms = sms_of(text)
    assert (sms.alphabet, lengths(text)) == (alphabet, segments)


def test_every_letter_of_the_gsm_alphabet_needs_no_ucs2():
    assert sms_of(GSM + "^{}\\[~]|€\f").alphabet is Alphabet.GSM7


@pytest.mark.parametrize("letter", ["`", "ç", "क", "“", "–", "\t", "₨"])
def test_any_other_letter_makes_the_whole_text_ucs2(letter):
    assert sms_of("abc" + letter).alphabet is Alphabet.UCS2


def test_a_cluster_that_no_segment_holds_is_torn_between_code_points():
    text = "a" + "\u0301" * 140
    assert "".join(sms_of(text).segments) == text
    assert max(lengths(text)) <= 67


def test_segments_carry_one_reference_their_number_and_their_place():
    payloads = sms_of("क" * 150).payloads(0x1FF)
    assert [payload[:6].hex() for payload in payloads] == ["050003ff0301", "050003ff0302", "050003ff0303"]
    assert [len(payload) for payload in payloads] == [140, 140, 38]
    assert sms_of("क").payloads(1) == [b"\x09\x15"]


def test_more_segments_than_can_be_counted_are_refused():
    with pytest.raises(ValueError, match="255"):
        sms_of("क" * (67 * 255 + 1)).payloads(1)


@given(st.text(LETTERS, max_size=400))
def test_nothing_is_lost_nothing_too_long_and_no_letter_torn(text):
    sms = sms_of(text)
    assert "".join(sms.segments) == text
    several = len(sms.segments) > 1
    for segment, payload in zip(sms.segments, sms.payloads(7) if text else [], strict=True):
        body = payload[6:] if several else payload
        if sms.alphabet is Alphabet.GSM7:
            assert len(body) <= (153 if several else 160)
        else:
            assert len(payload) <= 140
        assert text_of(body, sms.data_coding) == segment
    ends = {len("".join(sms.segments[:nth])) for nth in range(1, len(sms.segments))}
    borders = {match.end() for match in regex.finditer(r"\X", text)}
    assert ends <= borders


@given(st.text(max_size=200))
def test_any_text_can_be_sent(text):
    assert sum(len(payload) for payload in sms_of(text).payloads(1)) >= len(text) // 2 if text else True


@pytest.mark.parametrize("letter", ["a", "€", "क", "नि", "🇳🇵", "\u0301", "👩\u200d👧", "\r\n"])
def test_cutting_takes_time_in_proportion_to_the_text(letter: str):
    def cost(characters: int) -> float:
        text = (letter * characters)[:characters]
        best = float("inf")
        for _ in range(3):
            began = time.thread_time()
            sms_of(text)
            best = min(best, time.thread_time() - began)
        return best

    # Eight times the text takes eight times as long, and would take 64 times if each letter saw all the others.
    assert cost(16_000) < 24 * max(cost(2_000), 0.0005)
