import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.errors import ProblemError
from app.recipients.files.import_child import convert
from app.recipients.files.limits import ImportLimits
from app.recipients.files.naming import claim
from tests.unit.recipients.recipient_files import decode_copy

ROW = ("+9779876543210", "9876543210")


def test_columns_beside_the_number_become_tags_in_file_order(read):
    result = read("Name,NUMBER,Due  Date,tags_age,Tags_City\nसीता,9876543210,2026-12-01,30,काठमाडौं\n")
    assert result.columns == ["tags_name", "tags_due_date", "tags_age", "tags_city"]
    tags = {"tags_name": "सीता", "tags_due_date": "2026-12-01", "tags_age": "30", "tags_city": "काठमाडौं"}
    assert result.rows == [(*ROW, tags)]
    assert (result.accepted, result.duplicates, result.rejected) == (1, 0, 0)


@pytest.mark.parametrize(
    "header",
    [
        "number",
        "Numbers",
        "PHONE",
        "phone_number",
        "Phone Number",
        "Phone No.",
        "mobile",
        "Contact",
        " number ",
        "नम्बर",
        "फोन",
        "मोबाइल",
        "मोबाइल नं.",
    ],
)
def test_the_column_of_numbers_is_known_by_many_names(read, header):
    result = read(f"नाम,{header}\nसीता,९८७६५४३२१०\n")
    assert result.rows == [(*ROW, {"tags_नाम": "सीता"})]


NAMES = (
    "number", "numbers", "phone", "phones", "phone_number", "phone_numbers", "phonenumber", "phone_no",
    "mobile", "mobiles", "mobile_number", "mobile_numbers", "mobilenumber", "mobile_no",
    "contact", "contacts", "contact_number", "contact_numbers", "contact_no",
    "नम्बर", "नंबर", "नम्वर", "फोन_नम्बर", "फोन_नं", "फोन", "मोबाइल_नम्बर", "मोबाइल_नं", "मोबाइल", "मोबाईल",
    "सम्पर्क_नम्बर", "सम्पर्क",
)  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_every_promised_name_is_known_in_capitals_and_with_spaces(name):
    assert claim(name.upper().replace("_", " ")).rank == 3


def test_of_several_columns_that_may_hold_numbers_the_surest_is_taken(read):
    result = read("contact,phone\nRam,9876543210\n")
    assert result.columns == ["tags_contact"]
    assert result.rows == [(*ROW, {"tags_contact": "Ram"})]


@pytest.mark.parametrize(
    "content", ["9876543210\n9812345678\n", "number\n9876543210\n9812345678", "9876543210,\n9812345678,\n"]
)
def test_a_single_column_needs_no_header(read, content):
    result = read(content)
    assert result.numbers == ["+9779876543210", "+9779812345678"]
    assert result.columns == []


def test_a_single_column_counts_its_first_row_when_that_is_no_number(read):
    result = read("12ab\n9876543210\n")
    assert result.rejected_rows == [(1, "12ab", "invalid_number")]
    assert result.accepted == 1


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_the_delimiter_is_found(read, delimiter):
    result = read(delimiter.join(["number", "name"]) + "\n" + delimiter.join(["9876543210", "राम"]) + "\n")
    assert result.rows == [(*ROW, {"tags_name": "राम"})]


def test_a_delimiter_is_chosen_for_the_column_of_numbers_it_shows(read):
    result = read("name, first and last;number\nThapa, Ram;9876543210\n")
    assert result.rows == [(*ROW, {"tags_name,_first_and_last": "Thapa, Ram"})]


def test_a_delimiter_that_the_file_announces_is_taken(read):
    result = read("sep=|\r\nnumber|name\r\n9876543210|a,b;c\r\nx|\r\n")
    assert result.rows == [(*ROW, {"tags_name": "a,b;c"})]
    assert result.rejected_rows == [(4, "x", "invalid_number")]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_each_encoding_and_line_end_is_read(read, encoding, end):
    content = f"number,name{end}9876543210,सीता{end}9812345678,राम".encode(encoding)
    assert read(content).tags == [{"tags_name": "सीता"}, {"tags_name": "राम"}]


def test_utf_16_of_either_order_is_read(read):
    content = b"\xfe\xff" + "number,name\n9876543210,सीता\n".encode("utf-16-be")
    assert read(content).tags == [{"tags_name": "सीता"}]


def test_the_first_of_equal_numbers_is_kept(read):
    result = read("number,name\n9876543210,a\n+977 98765-43210,b\n01-4412345,c\n014412345,d\n९८७६५४३२१०,e\n")
    assert result.numbers == ["+9779876543210", "+97714412345"]
    assert result.tags == [{"tags_name": "a"}, {"tags_name": "c"}]
    assert (result.accepted, result.duplicates) == (2, 3)


def test_refused_rows_are_told_by_their_number_in_the_file(read):
    result = read("number,name\nx,a\n\n9876543210,b\n+14155552671,c\n,d\n , \n9812345678,e\n")
    assert result.rejected_rows == [
        (2, "x", "invalid_number"),
        (5, "+14155552671", "foreign_number"),
        (6, "", "empty_number"),
    ]
    assert (result.accepted, result.rejected) == (2, 3)


def test_a_hundred_refused_rows_are_told_and_all_are_counted(read):
    result = read("number\n" + "x\n" * 150)
    assert (len(result.rejected_rows), result.rejected, result.accepted) == (100, 150, 0)


def test_a_row_whose_values_moved_is_refused(read):
    result = read("number,name,amount\n9876543210,Thapa, Ram,500\n9812345678,Sita,200,,\n")
    assert result.rejected_rows == [(2, "9876543210", "extra_cells")]
    assert result.tags == [{"tags_name": "Sita", "tags_amount": "200"}]


def test_a_short_row_and_blank_cells_leave_their_tags_out(read):
    result = read("number,name,amount\n9876543210\n9812345678, ,5\n")
    assert result.tags == [{}, {"tags_amount": "5"}]


def test_a_column_without_a_name_is_overlooked(read):
    result = read("number,,name,\n9876543210,x,Ram,\n")
    assert result.columns == ["tags_name"]
    assert result.tags == [{"tags_name": "Ram"}]


def test_quotes_hold_delimiters_and_line_ends(read):
    result = read('number,name\n9876543210,"Thapa, ""Ram""\nBahadur"\nx,\n')
    assert result.tags == [{"tags_name": 'Thapa, "Ram" Bahadur'}]
    assert result.rejected_rows == [(3, "x", "invalid_number")]


def test_a_quote_after_a_space_is_a_quote(read):
    assert read('number, name\n9876543210, "Thapa, Ram"\n').tags == [{"tags_name": "Thapa, Ram"}]


def test_what_copy_and_json_give_a_meaning_arrives_as_it_was(read):
    value = r'\N \. \t {"a": 1} \\ ' + "'\u200dक्‍ष'"
    assert read(f'number;name\n9876543210;"{value.replace(chr(34), chr(34) * 2)}"\n').tags == [
        {"tags_name": value}
    ]


def test_control_characters_are_left_out_of_values(read):
    result = read("number,name\n9876543210,\x07Ra\x1bm\x7f\u2028B\n98\x0776543210,x\n")
    assert result.tags == [{"tags_name": "Ram B"}]
    assert result.rejected_rows == [(3, "9876543210", "invalid_number")]


def test_braces_are_left_out_of_a_tags_name(read):
    assert read("number,{Na|me}\n9876543210,x\n").columns == ["tags_name"]


def test_a_million_rows_is_a_limit_that_can_be_lowered(read, refusal):
    content = "number\n" + "".join(f"98000000{at:02}\n" for at in range(11))
    assert read(content, rows=11).accepted == 11
    assert refusal(content, rows=10)[:2] == ("TooLargeError", "too_many_rows")


@pytest.mark.parametrize("content", ["", "\n\n", "\ufeff", " , \n,,\n", "\ufeff\r\n"])
def test_a_file_of_nothing_is_empty(refusal, content):
    assert refusal(content)[:2] == ("InvalidError", "empty_file")


@pytest.mark.parametrize("content", ["number\n", "number,name", "\ufeffnumber;name\r\n\r\n;\r\n"])
def test_a_header_alone_has_no_rows(refusal, content):
    assert refusal(content)[:2] == ("InvalidError", "no_rows")


@pytest.mark.parametrize(
    "content", ["name,age\nRam,30\n", "name\nRam\nSita\n", "List of people\nname,age\nRam,30\n"]
)
def test_a_file_without_a_column_of_numbers_says_how_to_name_one(refusal, content):
    kind, code, message = refusal(content)
    assert (kind, code) == ("InvalidError", "no_number_column")
    assert "name the column" in message


@pytest.mark.parametrize(
    "header",
    ["number,Number", "number,Name,name", "number,name,tags_name", "number,due date,Due_Date", "फोन,नाम,नाम"],
)
def test_two_columns_of_one_name_are_refused(refusal, header):
    assert refusal(f"{header}\n9876543210,a,b\n")[:2] == ("InvalidError", "duplicate_column")


def test_too_many_columns_are_refused(read, refusal):
    header = ",".join(["number", *(f"c{at}" for at in range(200))])
    assert refusal(f"{header}\n9876543210\n")[:2] == ("TooLargeError", "too_many_columns")
    assert len(read(f"{header.rpartition(',')[0]}\n9876543210\n").columns) == 199


def test_a_huge_cell_is_refused_with_its_row(refusal):
    kind, code, message = refusal("number,name\n9876543210," + "a" * 5001 + "\n")
    assert (kind, code) == ("InvalidError", "cell_too_long")
    assert "Row 2 " in message


def test_a_long_name_of_a_column_is_refused(refusal):
    assert refusal("number," + "a" * 120 + "\n9876543210,x\n")[1] == "cell_too_long"


def test_a_line_without_an_end_is_refused(refusal):
    assert refusal("9876543210," * 1000, columns=10, cell_chars=100)[1] == "cell_too_long"


@pytest.mark.parametrize("rest", ["9812345678,b\n" * 3, "9812345678,b\n" * 1000])
def test_a_quote_that_is_never_closed_is_told_by_its_row(refusal, rest):
    kind, code, message = refusal('number,name\n9800000000,a\n9876543210,"Ram\n' + rest)
    assert (kind, code) == ("InvalidError", "broken_file")
    assert "row 3" in message


@pytest.mark.parametrize(
    "content",
    [
        "number,name\n9876543210,Jos\xe9\n".encode("latin-1"),
        b"number,name\n9876543210,\xe0\xa4",
        "number,name\n9876543210,सीता\n".encode("utf-16-le"),
        "number,name\n9876543210,सीता\n".encode("utf-32"),
        b"\xff\xfe" + "number,name\n9876543210,a".encode("utf-16-le") + b"\x00",
        b"number,name\n9876543210,a\x00b\n",
        b"number,name\n" + b"9876543210,a\n" * 1000 + b"9876543210,a\x00b\n",
    ],
)
def test_text_that_is_not_unicode_is_told_how_to_save(refusal, content):
    kind, code, message = refusal(content)
    assert (kind, code) == ("InvalidError", "bad_encoding")
    assert "CSV UTF-8" in message


def test_the_line_that_is_not_utf_8_is_named(refusal):
    content = b"number,name\n" + b"9876543210,a\n" * 2000 + b"9876543210,\xff\n"
    assert "Line 2002 " in refusal(content)[2]


@given(
    st.one_of(
        st.binary(), st.text().map(str.encode), st.text(alphabet='9876543210,;"\n\r\tनa').map(str.encode)
    )
)
def test_any_bytes_are_read_or_refused_with_a_code(content):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "upload")
        path.write_bytes(content)
        refused = None
        try:
            result = convert(path, "numbers.csv", Path(folder, "rows"), ImportLimits())
        except ProblemError as problem:
            refused = problem.items[0].field
        assert (
            refused == "send_to_number_file" or len(decode_copy(Path(folder, "rows"))) == result["accepted"]
        )
