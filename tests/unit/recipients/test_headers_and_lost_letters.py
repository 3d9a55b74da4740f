"""Headers of two rows, and text that a program spoilt when it saved the list."""

import pytest

ROWS = "1,सीता,9800000001,014412345,5\n2,राम,9800000002,014412346,6\n"


@pytest.mark.parametrize(
    ("header", "row", "column", "columns"),
    [
        ("क्र.सं.,नाम,सम्पर्क,,वडा\n,,मोबाइल,फोन,\n", 2, "मोबाइल", ["क्र.सं.", "नाम", "फोन", "वडा"]),
        ("S.N.,Child,Mobile,Fee,\n,,,Monthly,Bus\n", 1, "Mobile", ["s.n.", "child", "monthly", "bus"]),
        ("List,,,,\nS.N.,Child,Mobile,Fee,\n,,,Monthly,Bus\n", 2, "Mobile", ["s.n.", "child", "monthly", "bus"]),
        (",Father,,Others,\nS.N.,Name,Mobile,Name,Age\n", 2, "Mobile", ["s.n.", "father_name", "others_name", "age"]),
        ("Parents 2082,,,,\n,Name,Mobile,Fee,Ward\n", 2, "Mobile", ["name", "fee", "ward"]),
    ],
)  # fmt: skip
def test_a_header_of_two_rows_names_every_column(read, header, row, column, columns):
    result = read(header + ROWS)
    assert (result.header_row, result.number_column) == (row, column)
    assert result.columns == [f"tags_{name}" for name in columns]
    assert (len(result.numbers), result.rejected) == (2, 0)


@pytest.mark.parametrize(
    "row", ["राम,,,गयल,", "राम,,,,", ",,,,गयल", "Class five,,,,", "राम,,गयल,,गयल", "राम,014412345,,क,ख"]
)
def test_a_recipient_below_the_header_is_no_second_row_of_it(read, row):
    result = read(f"Name,Phone,Ward,Fee,\n{row}\nसीता,9800000001,a,b,c\n")
    assert result.columns == ["tags_name", "tags_ward", "tags_fee"]
    assert len(result.numbers) + result.rejected == 2


def test_names_that_became_question_marks_are_told_and_the_numbers_taken(read):
    result = read("???,??????,???\n???? ?????,9800000001,????\n??? ????,9800000002,???\n")
    assert (result.number_column, result.columns, len(result.numbers)) == ("??????", [], 2)
    assert [warning["code"] for warning in result.warnings] == ["lost_letters"] * 2
    assert "CSV UTF-8" in result.warnings[0]["message"]


@pytest.mark.parametrize(("name", "suggestion"), [("वडा", "वडा"), ("गाउँ", None)])
def test_nepali_that_was_read_as_other_letters_is_told_with_what_it_was(read, name, suggestion):
    spoilt = name.encode().decode("cp1252", "ignore")  # what has no letter there is lost for good
    (warning,) = read(f"Phone,Name\n9800000001,{spoilt}\n").warnings
    assert warning["code"] == "lost_letters"
    assert warning["values"][0]["suggestion"] == suggestion


def test_questions_and_accents_are_not_taken_for_lost_letters(read):
    assert read("Phone,Note\n9800000001,Why?\n9800000002,à la carte\n9800000003,?\n").warnings == []


@pytest.mark.parametrize(
    ("name", "content", "advice"),
    [
        ("a.xls", "<html><table><tr><td>Phone</td></tr></table>", "save it there as .xlsx"),
        ("a.xls", '<?xml version="1.0"?><Workbook/>', "save it there as .xlsx"),
        ("a.xls", "<meta charset=utf-8><table></table>", "save it there as .xlsx"),
        ("a.xls", "MIME-Version: 1.0\nX-Document-Type: Workbook\n", "save it there as .xlsx"),
        ("a.xls", "Name\tPhone\nRam\t9800000001\n", "rename it to .csv"),
    ],
)
def test_what_programs_call_xls_is_told_the_way_out(refusal, name, content, advice):
    kind, code, message = refusal(content, name)
    assert (kind, code) == ("UnsupportedError", "wrong_file_type")
    assert advice in message
