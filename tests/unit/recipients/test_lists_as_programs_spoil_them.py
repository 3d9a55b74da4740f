"""Headers of two rows, formulas without results, and text that a program spoilt when it saved the list."""

import pytest

from tests.unit.recipients.recipient_files import sheet_xml, with_parts, workbook

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


@pytest.mark.parametrize("result", ["<v/>", "<v></v>", "", "<v />"])
def test_formulas_without_results_are_told(read, refusal, result):
    cells = '<c r="A1" t="inlineStr"><is><t>phone</t></is></c><c r="B1" t="inlineStr"><is><t>due</t></is></c>'
    header = f'<row r="1">{cells}</row>'
    formula = f"<f>SUM(C2:D2)</f>{result}</c>"
    row = f'<row r="2"><c r="A2"><v>9800000001</v></c><c r="B2" s="0">{formula}</row>'
    told = read(with_parts(workbook([["x"]]), sheet1=sheet_xml(header + row)), "a.xlsx")
    assert (told.numbers, told.tags) == (["+9779800000001"], [{}])
    assert [warning["code"] for warning in told.warnings] == ["no_formula_result"]
    row = f'<row r="2"><c r="A2">{formula}<c r="B2"><v>5</v></c></row>'
    code, message = refusal(with_parts(workbook([["x"]]), sheet1=sheet_xml(header + row)), "a.xlsx")[1:]
    assert code == "no_formula_result"
    assert "save it and send it again" in message


def test_a_formula_with_a_result_or_an_empty_text_is_none_without(read):
    cells = '<c r="A1" t="inlineStr"><is><t>phone</t></is></c><c r="B1" t="inlineStr"><is><t>due</t></is></c>'
    row = '<c r="A2"><f>A3+1</f><v>9800000001</v></c><c r="B2" t="str"><f>IF(C2,1,"")</f><v></v></c>'
    sheet = sheet_xml(f'<row r="1">{cells}</row><row r="2">{row}</row>')
    result = read(with_parts(workbook([["x"]]), sheet1=sheet), "a.xlsx")
    assert (result.numbers, result.warnings) == (["+9779800000001"], [])
