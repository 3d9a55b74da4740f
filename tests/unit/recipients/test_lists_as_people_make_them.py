"""Lists as offices, schools and banks make them: what a person would take for the number, the header and the values."""

import pytest

from app.recipients.files.naming import claim

MOBILES = ("+9779800000001", "+9779800000002")


@pytest.mark.parametrize(
    "name",
    [
        "मोवाइल नं.", "सम्पर्क नं.", "फोन न.", "टेलिफोन नं.", "Cell", "Mobile Phone", "Phone#", "Ph. No", "Mob.No.",
        "मो.नं.", "phoneNumber", "MOBILE_NO", "Phone No. / Mobile No.", "फाेन", "दूरभाष नं.", "मोबायल नम्वर", "Tel. No.",
        "Contact Details", "WhatsApp No", "Phone 1 - Value", "Phone (10 digit)", "df]afOn g+=", "सम्पर्क मोबाईल नम्बर",
        "मोबा.नं.", "टे.नं.", "टेलीफोन", "सम्र्पक नं.", "सर्म्पक नं.", "संम्पर्क", ";Dks{ g+=", "Phn No", "Cont. No.",
        "sampark no", "mobail no", "fon no", "मोबाइलको नं.",
    ],
)  # fmt: skip
def test_a_name_of_a_telephone_is_known_however_it_is_spelt(name):
    assert claim(name).rank == 3


@pytest.mark.parametrize(
    "name",
    [
        "Guardian Contact No.",
        "Father's Mobile",
        "अभिभावकको मोबाइल नम्बर",
        "Ward phone",
        "सम्पर्क व्यक्तिको मोबाइल नं.",
        "Contact Person No.",
        "Contact person's mobile",
    ],
)
def test_somebodys_telephone_comes_behind_a_telephone(name):
    assert claim(name).rank == 2


@pytest.mark.parametrize("name", ["Phone 2", "Other phone", "वैकल्पिक फोन", "फोन नम्बर २"])
def test_a_second_telephone_comes_last(name):
    assert claim(name).rank == 1


@pytest.mark.parametrize(
    "name",
    [
        "", "Name", "Customer No", "खाता नम्बर", "Roll number", "S.N.", "सि.नं.", "No.", "Contact Person", "सम्पर्क व्यक्ति",
        "Phone 1 - Type", "Mobile banking status", "Phone Numbers List", "सम्पर्क: ०१-४४१२३४५", "Fax No", "Phone bill",
        "Contract No.", "Fine", "टेबल नं.", "Cell count",
    ],
)  # fmt: skip
def test_other_names_are_no_telephones(name):
    assert claim(name).rank == 0


@pytest.mark.parametrize("name", ["मोवाइल नं.", "फोन न.", "Phone#", "Guardian Contact No.", "Whom", ""])
def test_the_column_of_numbers_is_taken_and_told(read, name):
    result = read(f"नाम,{name},वडा\nसीता,9800000001,५\nराम,9800000002,६\n")
    assert tuple(result.numbers) == MOBILES
    assert (result.number_column, result.header_row) == (name or "column 2", 1)
    assert result.tags[0] == {"tags_नाम": "सीता", "tags_वडा": "५"}


@pytest.mark.parametrize(
    ("content", "column"),
    [
        ("Number,Name,Mobile\n10023456,सीता,9800000001\n10023457,राम,9800000002\n", "Mobile"),
        ("name,phone,mobile\nसीता,,9800000001\nराम,014412345,9800000002\n", "mobile"),
        ("phone,account,guardian phone\n9800000001,1,9800000003\n9800000002,2,9800000004\n", "phone"),
        ("Phone 2,Phone 1\n9800000003,9800000001\n9800000004,9800000002\n", "Phone 1"),
        ("Contact,Cell\nसीता,9800000001\nराम,9800000002\n", "Cell"),
        ("No.,Name,फोन\n1,सीता,9800000001\n2,राम,9800000002\n", "फोन"),
        ("Customer ID,Mobile No.\n9811111111,9800000001\n9811111112,9800000002\n", "Mobile No."),
    ],
)
def test_names_and_contents_say_together_which_column_is_called(read, content, column):
    result = read(content)
    assert result.number_column == column
    assert tuple(result.numbers) == MOBILES


@pytest.mark.parametrize(
    "name",
    [
        "दर्ता नं.", "खाता नं.", "A/C No", "Account", "Customer No.", "नागरिकता प्र.प.नं.", "Member ID", "PAN",
        "Ticket number", "सदस्यता नम्बर", "आईडी",
        "सि.नं.",
    ],
)  # fmt: skip
def test_numbers_of_something_else_are_never_called_however_they_look(read, refusal, name):
    rows = "9712345678,9800000001\n9712345679,9800000002\n"
    result = read(f"{name},Reach\n{rows}")
    assert (result.number_column, tuple(result.numbers)) == ("Reach", MOBILES)
    assert refusal(f"{name},Due\n9812345678,5\n9812345679,6\n")[1] == "no_number_column"


@pytest.mark.parametrize(
    ("header", "row"),
    [
        ("Name,Phone,Mobile", "सीता,9800000001,9800000002"),
        ("Father's phone,Mother's phone", "9800000001,9800000002"),
        ("number,नाम,सम्पर्क", "9800000001,सीता,9800000002"),
        ("Number,Name,Agent", "10023456,सीता,9800000002"),
        ("A,B", "9800000001,9800000002"),
        ("Phone,Guardian mobile", "014412345,9800000002"),
    ],
)
def test_two_columns_that_could_be_called_are_both_named(refusal, header, row):
    kind, code, message = refusal(f"{header}\n{row}\n")
    assert (kind, code) == ("InvalidError", "two_number_columns")
    names = header.split(",")
    assert sum(f"“{name}”" in message for name in names) == 2
    assert "rename" in message


@pytest.mark.parametrize(
    ("above", "row"),
    [
        ("Parents list 2082\n", 2),
        ("\n\n\n", 4),
        ("नमुना गाउँपालिका\nवडा नं. ५\nफोन: ०१-४४१२३४५\n\n", 5),
        ("Phone numbers\n", 2),
        ("Contact,,\n", 2),
        ('"List, with a comma",,\nMobile,014412345,\n', 3),
        ("\n" * 9, 10),
    ],
)
def test_a_header_within_the_first_ten_rows_is_found(read, above, row):
    result = read(f"{above}Name,Phone,Amount\nसीता,9800000001,5\nराम,9800000002,6\n")
    assert tuple(result.numbers) == MOBILES
    assert (result.header_row, result.columns) == (row, ["tags_name", "tags_amount"])


def test_a_header_further_down_is_told_how_to_be_found(refusal):
    kind, code, message = refusal("List of 2082\n" * 10 + "Name,Phone\nसीता,9800000001\n")
    assert (kind, code) == ("InvalidError", "no_number_column")
    assert "Row 1 (“List of 2082”)" in message
    assert "delete the rows above the header" in message


def test_rows_without_a_header_are_told_to_get_one(refusal):
    kind, code, message = refusal("सीता,9800000001\nराम,9800000002\n")
    assert (kind, code) == ("InvalidError", "no_number_column")
    assert "put a row of names above it" in message


@pytest.mark.parametrize(
    ("cell", "used", "others"),
    [
        ("9800000001/9800000002", "9800000001", ["9800000002"]),
        ("01-4000001/4000002", "014000001", ["014000002"]),
        ("01-4412345/46", "014412345", ["014412346"]),
        ("9800000003 ::: 9800000004", "9800000003", ["9800000004"]),
        ("9800000005, 9800000006; 9800000007", "9800000005", ["9800000006", "9800000007"]),
        ("9800000001\n9800000002", "9800000001", ["9800000002"]),
        ("9800000001 9800000002", "9800000001", ["9800000002"]),
        ("घर ०१-४४१२३४५, ९८०००००००१", "014412345", ["9800000001"]),
        ("+1 415 555 2671, 9800000001", "9800000001", []),
        ("98000, 9800000001 (राम)", "9800000001", []),
        ("Mob: 9800000001 वा 9800000002", "9800000001", ["9800000002"]),
        ("9800000001,9800000001", "9800000001", []),
        ("980.000.0001 / 98000.00002", "9800000001", ["9800000002"]),
        ("01.4412345", "014412345", []),
    ],
)
def test_of_several_numbers_in_a_cell_the_first_that_can_be_called_is_taken(read, cell, used, others):
    result = read(f'phone,name\n"{cell}",सीता\n')
    assert [row[1] for row in result.rows] == [used]
    assert result.extra_numbers == len(others)
    assert result.extra_number_rows == ([{"row": 2, "used": used, "others": others}] if others else [])


@pytest.mark.parametrize(
    "cell",
    ["A/C 10023456", "12ab", "4000001/4000002", "9800000001 ext", "सीता/राम", "5/6", "9.8E+09", "9800.5000"],
)
def test_digits_among_words_are_no_number_unless_they_plainly_are(read, cell):
    result = read(f"phone,name\n{cell},सीता\n9811111111,राम\n")
    expected = ["+9779800000001", "+9779811111111"] if "9800000001" in cell else ["+9779811111111"]
    assert result.numbers == expected


@pytest.mark.parametrize(
    ("cell", "number"),
    [
        ("'9800000001", "9800000001"), ('="9800000002"', "9800000002"), ('"=""9800000003"""', "9800000003"),
        ("9800000004.", "9800000004"), ("9800000005.0", "9800000005"), ('"9,800,000,006"', "9800000006"),
        ("٩٨٠٠٠٠٠٠٠٧", "9800000007"),
        ("9.800000008E9", "9800000008"), ("9.779800000009E+12", "9800000009"),
    ],
)  # fmt: skip
def test_marks_that_spreadsheets_put_around_a_number_are_overlooked(read, cell, number):
    assert [row[1] for row in read(f"phone,name\n{cell},सीता\n").rows] == [number]


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("'0512", "0512"), ('="0512"', "0512"), ("5.0", "5"),
        ("1234567890.0", "1234567890"), ("-3.0", "-3"), ("5.00", "5.00"), ("3.6", "3.6"), (".0", ".0"),
    ],
)  # fmt: skip
def test_values_lose_what_a_spreadsheet_put_there_and_nothing_else(read, cell, value):
    assert read(f"phone;code\n9800000001;{cell}\n").tags == [{"tags_code": value}]


@pytest.mark.parametrize(
    "cell",
    [
        "#N/A",
        "#REF!",
        "#DIV/0!",
        "#VALUE!",
        "NULL",
        "null",
        "\\N",
        "nan",
        "NaN",
        "None",
        "N/A",
        "n/a",
        "-",
        "—",
        "",
        " ",
    ],
)
def test_what_means_no_value_is_none(read, cell):
    result = read(f"phone,amount\n9800000001,{cell}\n{cell},5\n")
    assert result.tags == [{}]
    assert [(row, code) for row, _, code in result.rejected_rows] == [(3, "empty_number")]


@pytest.mark.parametrize("number", ["98000000011", "98000001", "96800000011"])
def test_a_mobile_number_of_another_length_is_refused_among_mobile_numbers(read, number):
    result = read(f"phone\n9800000001\n9800000002\n{number}\n")
    assert result.rejected_rows == [(4, number, "not_a_mobile_length")]
    assert tuple(result.numbers) == MOBILES


def test_a_landline_among_mobile_numbers_is_called(read):
    assert read("phone\n9800000001\n014412345\n").numbers == ["+9779800000001", "+97714412345"]


def test_text_typed_for_preeti_is_told_with_its_conversion(read):
    result = read("phone,name,ward\n9800000001,;Ltf zdf{,5\n9800000002,/fd axfb'/ yfkf,6\n")
    (warning,) = result.warnings
    assert (warning["code"], warning["column"]) == ("preeti_text", "name")
    assert [(value["row"], value["suggestion"]) for value in warning["values"]] == [
        (2, "सीता शर्मा"),
        (3, "राम बहादुर थापा"),
    ]
    assert result.tags[0]["tags_name"] == ";Ltf zdf{"


def test_names_in_latin_letters_are_not_taken_for_preeti(read):
    rows = "\n".join(
        f"98000000{at:02},{name}" for at, name in enumerate(["Ram K.C.", "Sita", "Off/On", "M/s A; B"])
    )
    assert read(f"phone,name\n{rows}\n").warnings == []


@pytest.mark.parametrize(
    "content",
    [
        '"phone";"name"\n"9800000001";"Ram \\"Don\\" Thapa"\n',
        '"phone","name"\n"9800000001","Ram \\"Don\\" Thapa"\n',
        '"phone"|"name"\n"9800000001"|"Ram ""Don"" Thapa"\n',
        '"sep=;"\nphone;name\n9800000001;Ram "Don" Thapa\n',
        'phone\tname\n9800000001\t"Ram ""Don"" Thapa"\n',
    ],
)
def test_each_way_of_writing_a_quote_and_a_delimiter_is_read(read, content):
    assert read(content).tags == [{"tags_name": 'Ram "Don" Thapa'}]


def test_a_cell_that_ends_in_a_backslash_is_no_quote(read):
    result = read('"phone","path","name"\n"9800000001","C:\\","a"\n"9800000002","D:\\","b"\n')
    assert result.tags == [{"tags_path": "C:\\", "tags_name": "a"}, {"tags_path": "D:\\", "tags_name": "b"}]
