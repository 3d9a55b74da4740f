import re
import unicodedata

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.speech.normalise import spoken

ALLOWED = re.compile(
    "[\u0900-\u0963\u0971-\u097fA-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f\u200c\u200d' ,.?!।]*",
)
_WORDS = (
    "रु Rs. NPR ₹ $ € १ २ ० 1 2 0 9 98 5 , . - / : % °C औं st th बजे pm a.m. लाख crore OTP कोड नं. फोन खाता असार July May "
    "गते वि.सं. AD <b> &amp; & + = @ # www. http:// com np 🙏 \u200d \u200c ् क र राम ा ं ( ) ' ’ \" [ ] { } | । ॥ ॰"
    " ½ ² ① Ⅳ "
    "é e\u0301 \u0301 ़ न Z T x kg m मि. डा. देखि मा को 977 +977 01 2082 2025 12 30 \0 \ufeff"
    " … – — − ~ * _ ٣ ३ 1/2 .5 /- "
    "हजार रुपैयाँ पैसा a B S h ॐ 中 ß ﬁ ™ A/C x2 \ud800 "
    "Cr Dr. (-) (1,250.00) 50- अर्ब करोड **** ##12 XX34 बा च प प्रदेश ०१-००१ च.नं. आ.व. ०८१/८२ ÷ PAN अन्तिम अङ्क "
    "T18:15:00Z 2025-02-21 +05:45 Feb Apr-26 ः ३० मि.ली. मि.ग्रा. O- +ve (+) रगत ए ०१ घण्टा मौज्दात खाता *1# ।- "
    "ाे अा अ् एै र्इ पm ण्ा ्ा ॉ ऽ ऍ नि:शुल्क पुन: मितिः xa vayo ADBL MoHA Bdr. Md. ब. थापा"
)
PIECES = _WORDS.split(" ")
MESSAGES = st.lists(st.sampled_from([*PIECES, " ", "  ", "\n", "\t"]), max_size=40).map("".join)


def holds(text: str) -> None:
    words = spoken(text)
    assert ALLOWED.fullmatch(words), "only letters and pauses reach the engine"
    assert not any(unicodedata.category(character).startswith("N") for character in words)
    assert spoken(words) == words, "given again, it stays"
    assert unicodedata.is_normalized("NFC", words)
    assert len(words) <= 40 * len(text) + 40
    assert words == words.strip()
    words.encode()


@settings(max_examples=600, deadline=None)
@given(MESSAGES)
def test_messages_of_every_kind_leave_no_digit_and_no_symbol(text: str):
    holds(text)


@settings(max_examples=400, deadline=None)
@given(st.text(max_size=200))
def test_any_unicode_leaves_no_digit_and_no_symbol(text: str):
    holds(text)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.from_regex(r"[0-9०-९,./:+ -]{1,30}", fullmatch=True))
def test_digits_in_any_arrangement_are_all_read(text: str):
    holds(text)
    if any(character.isdigit() for character in text):
        assert spoken(text)


@pytest.mark.parametrize(
    "hostile",
    ["1" * 10_000, "1,1" * 3_000, "1-" * 5_000, "1/2/" * 2_500, "रु" * 5_000, "<" * 10_000, "a." * 5_000, "9841" * 2_500,
     "OTP " * 2_500, "कोड " * 2_500 + "1", " " * 10_000, "@a.a" * 2_500, "12:30-" * 1_600, "+1 " * 3_000, "राम्" * 3_000,
     "0" * 10_000, "1 " * 5_000, "-" * 10_000, "&amp" * 2_500, "1." * 5_000, "रु 1-" * 2_000, "http://" * 1_400,
     "1 cr " * 2_000, "रु 1 लाख " * 1_100, "1 लाख 50 हजार " * 700, "(1,2)" * 2_000, "*#" * 5_000, "1X" * 5_000,
     "नं. 1-" * 1_600, "बा 1 च " * 1_400, "प्रदेश 3-01-" * 800, "आ.व. 08/" * 1_200, "2025-02-21 18:15:00" * 500,
     "5 मि." * 2_000, "रगत A- " * 1_400, "मौज्दात (" * 1_100, "balance is " * 900, "अन्तिम 4 " * 1_100, "1।" * 5_000,
     "5 - 6 - " * 1_200, "Feb 21 " * 1_400, "0#" * 5_000, "1" * 9_990 + " Cr", "5" + "\n" * 9_990 + "x Cr",
     "5\n \n" * 2_500 + "Cr"],
)  # fmt: skip
def test_hostile_texts_take_no_more_than_their_share_of_time(hostile: str):
    holds(hostile)
