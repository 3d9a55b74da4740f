import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.digits import ascii_digits
from app.core.phone import Number, NumberError, lacks_mobile_length, parse_number

DEVANAGARI = str.maketrans("0123456789", "०१२३४५६७८९")
mobiles = st.from_regex(r"9[678][0-9]{8}", fullmatch=True)
landlines = st.sampled_from(["14412345", "61520000", "21523456", "25520123", "71540000"])
SEPARATORS = [" ", "-", " - ", "\u00a0", "–", "‑", "−", "\u200b"]


@pytest.mark.parametrize(
    ("sent", "e164", "national"),
    [
        (9876543210, "+9779876543210", "9876543210"),
        ("9876543210", "+9779876543210", "9876543210"),
        (98675432123, "+97798675432123", "98675432123"),
        ("98675432123", "+97798675432123", "98675432123"),
        (9876543210.0, "+9779876543210", "9876543210"),
        ("9876543210.0", "+9779876543210", "9876543210"),
        ("+977 9876543210", "+9779876543210", "9876543210"),
        ("+977-98-7654-3210", "+9779876543210", "9876543210"),
        ("00977 9876543210", "+9779876543210", "9876543210"),
        ("9779876543210", "+9779876543210", "9876543210"),
        ("09876543210", "+9779876543210", "09876543210"),
        ("01-4412345", "+97714412345", "014412345"),
        ("(01) 4412345", "+97714412345", "014412345"),
        ("+977 (01) 4412345", "+97714412345", "014412345"),
        ("+977-1-4412345", "+97714412345", "14412345"),
        ("97714412345", "+97714412345", "14412345"),
        (14412345, "+97714412345", "14412345"),
        ("०१-४४१२३४५", "+97714412345", "014412345"),
        ("९८७६५४३२१०", "+9779876543210", "9876543210"),
        ("+९७७ ९८७६५४३२१०", "+9779876543210", "9876543210"),
        ("९८७६543210", "+9779876543210", "9876543210"),
        ("９８７６５４３２１０", "+9779876543210", "9876543210"),
        ("\u202a+9779876543210\u202c", "+9779876543210", "9876543210"),
        ("  9876543210\t", "+9779876543210", "9876543210"),
    ],
)
def test_a_number_is_read_however_it_is_written(sent, e164, national):
    assert parse_number(sent) == Number(e164, national)


@pytest.mark.parametrize("sent", ["", "   ", None, "-", "\u200b"])
def test_nothing_is_an_empty_number(sent):
    with pytest.raises(NumberError) as refused:
        parse_number(sent)
    assert refused.value.code == "empty_number"


@pytest.mark.parametrize(
    "sent", ["+1 650 253 0000", "0044 7911 123456", "+91 98765 43210", "+8613800138000", "+999123456789"]
)
def test_a_number_of_another_country_is_foreign(sent):
    with pytest.raises(NumberError) as refused:
        parse_number(sent)
    assert refused.value.code == "foreign_number"
    assert "+977" in refused.value.message


@pytest.mark.parametrize(
    "sent",
    [
        "100",
        "1145",
        "12345",
        "0",
        "00",
        "+",
        "+977",
        "986754321234",
        "9" * 21,
        "9" * 200,
        10**20,
        -9876543210,
        1.5,
        float("nan"),
        float("inf"),
        1e300,
        True,
        False,
        [9876543210],
        {"number": 9876543210},
        "9876543210a",
        "Ram",
        "9876543210 x5",
        "98765\n43210",
        "9876543210\r\n",
        "9876543210\x00",
        "++9779876543210",
        "9876543210+",
        "9876543210/9812345678",
        "9876543210, 9812345678",
        "98.76543210",
        "04412345",
        "+977009812345678",
        "'; DROP TABLE recipients; --",
    ],
)
def test_what_is_no_number_in_nepal_is_invalid(sent):
    with pytest.raises(NumberError) as refused:
        parse_number(sent)
    assert refused.value.code == "invalid_number"
    assert refused.value.message == str(refused.value)


def test_a_landline_without_its_area_code_is_told_so():
    with pytest.raises(NumberError, match="area code"):
        parse_number("4412345")


@pytest.mark.parametrize("sent", ["9.87654E+09", "9,87654E+09", "9e9"])
def test_a_number_that_a_spreadsheet_shortened_is_told_so(sent):
    with pytest.raises(NumberError, match="spreadsheet"):
        parse_number(sent)


@given(
    national=st.one_of(mobiles, landlines),
    prefix=st.sampled_from(["", "0", "+977", "00977", "+977 ", "977-", "+977-0"]),
    nepali=st.booleans(),
    data=st.data(),
)
def test_any_writing_of_a_number_is_the_same_number(national, prefix, nepali, data):
    cut = data.draw(st.integers(1, len(national) - 1))
    gap = data.draw(st.sampled_from(SEPARATORS))
    written = f"{prefix}{national[:cut]}{gap}{national[cut:]}"
    number = parse_number(written.translate(DEVANAGARI) if nepali else written)
    assert number.e164 == f"+977{national}"
    assert number.national == ("0" + national if prefix.endswith("0") else national)


@given(number=st.one_of(mobiles, landlines))
def test_what_was_read_reads_as_itself(number):
    once = parse_number(number)
    assert parse_number(once.e164).e164 == once.e164
    assert parse_number(once.national) == once
    assert parse_number(int(number)).e164 == once.e164


@given(st.one_of(st.text(), st.integers(), st.floats(), st.binary(), st.none(), st.booleans()))
def test_anything_else_is_refused_by_a_number_error_alone(value):
    try:
        number = parse_number(value)
    except NumberError:
        return
    assert number.e164.startswith("+977")
    assert number.e164[1:].isascii()
    assert number.e164[1:].isdigit()
    assert number.national.isascii()
    assert number.national.isdigit()


@pytest.mark.parametrize("sent", ["٩٨٧٦٥٤٣٢١٠", "۹۸۷۶۵۴۳۲۱۰", "'9876543210", "9876543210."])
def test_arabic_indic_digits_and_the_marks_of_spreadsheets_are_read(sent):
    assert parse_number(sent) == Number("+9779876543210", "9876543210")


@pytest.mark.parametrize("number", ["98675432123", "98000001", "+97797000000011"])
def test_a_number_that_begins_as_a_mobile_one_and_is_longer_or_shorter_is_told_from_others(number):
    assert lacks_mobile_length(parse_number(number).e164)


@pytest.mark.parametrize("number", ["9867543212", "014412345", "97412345", "096420123"])
def test_mobile_numbers_and_landlines_have_their_length(number):
    assert not lacks_mobile_length(parse_number(number).e164)


def test_only_devanagari_digits_change():
    assert ascii_digits("रु १,२५,०००") == "रु 1,25,000"
