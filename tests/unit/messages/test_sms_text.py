import time

import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

from app.messages.sms_text import Alphabet, CentreAlphabet, sms_of, text_of

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


@pytest.mark.parametrize(
    ("centre", "text", "payload"),
    [
        (CentreAlphabet.GSM7, "a@_$[é", b"a\x00\x11\x02\x1b\x3c\x05"),
        (CentreAlphabet.ASCII, "a@_$[{}~|^\\", b"a@_$[{}~|^\\"),
        (CentreAlphabet.LATIN1, "a@_$[é£Ñ", b"a@_$[\xe9\xa3\xd1"),
    ],
)
def test_a_text_is_written_in_the_centres_default_alphabet(centre, text, payload):
    sms = sms_of(text, centre)
    assert (sms.data_coding, sms.payloads(1)) == (0, [payload])


@pytest.mark.parametrize(
    ("centre", "letters"),
    [(CentreAlphabet.ASCII, "é£Δ€`ç"), (CentreAlphabet.LATIN1, "Δ€`çá"), (CentreAlphabet.GSM7, "`çá")],
)
def test_what_the_centre_or_the_phone_would_lose_goes_as_ucs2(centre, letters):
    for letter in letters:
        sms = sms_of("x" * 71 + letter, centre)
        assert (sms.alphabet, len(sms.segments), sms.data_coding) == (Alphabet.UCS2, 2, 8)


@pytest.mark.parametrize("centre", CentreAlphabet)
def test_segments_are_counted_as_the_phone_gets_them_whatever_the_centre_takes(centre):
    assert len(sms_of("a" * 160, centre).segments) == 1
    assert [len(segment) for segment in sms_of("[" * 81, centre).segments] == [76, 5]
    assert all(len(payload) <= 160 for payload in sms_of("[a" * 200, centre).payloads(1))
