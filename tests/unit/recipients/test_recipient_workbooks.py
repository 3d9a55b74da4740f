import io
import zipfile
from datetime import date, datetime, time, timedelta

import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from app.recipients.cells import cell_text
from app.recipients.files import numformat, xlsxfile
from app.recipients.files.numformat import renderer
from tests.unit.recipients.recipient_files import sheet_xml, with_parts, workbook

ROW = ("+9779876543210", "9876543210")
HEADER = '<row r="1"><c r="A1" t="inlineStr"><is><t>number</t></is></c></row>'


def moment(*parts):
    """A time of a spreadsheet, which knows no zones."""
    return datetime(*parts)  # noqa: DTZ001


def xlsx(read, rows, formats=None, **limits):
    return read(workbook(rows, formats), "numbers.xlsx", **limits)


def test_a_workbook_is_read_as_a_csv_file_is(read):
    result = xlsx(
        read,
        [["Name", "Number"], ["सीता", 9876543210], ["राम", "01-4412345"], [None, 9876543210], ["x", "y"]],
    )
    assert result.columns == ["tags_name"]
    assert result.rows == [(*ROW, {"tags_name": "सीता"}), ("+97714412345", "014412345", {"tags_name": "राम"})]
    assert (result.accepted, result.duplicates) == (2, 1)
    assert result.rejected_rows == [(5, "y", "invalid_number")]


@pytest.mark.parametrize(
    ("value", "number_format", "text"),
    [
        (30, None, "30"),
        (125000.0, None, "125000"),
        (1250.5, None, "1250.5"),
        (0.1 + 0.2, None, "0.3"),
        (125000, "#,##0.00", "125,000"),
        (1250.5, "#,##0.00", "1,250.50"),
        (1250.333333, "0.00", "1250.33"),
        (1250.7, "0", "1251"),
        (512, "0000000", "0000512"),
        (14412345, r"00\-0000000", "01-4412345"),
        (1500, '"Rs. "#,##0.00', "Rs. 1,500.00"),
        (1250.5, "[$रु-461] #,##0.00", "रु 1,250.50"),
        (1250000, r"[>=10000000]##\,##\,##\,##0;[>=100000]##\,##\,##0;##,##0", "12,50,000"),
        (-1250.5, "#,##0.00_);(#,##0.00)", "(1,250.50)"),
        (0, '_(* #,##0.00_);_(* (#,##0.00);_(* "-"??_);_(@_)', "0"),
        (5, '0.00" kg"', "5 kg"),
        (9.5, "# ?/?", "9.5"),
        (1234, "0.00E+00", "1234"),
        (date(2026, 4, 1), "mmm-yy", "Apr-26"),
        (date(2026, 4, 1), "d-mmm", "1-Apr"),
        (moment(2026, 12, 1, 17, 7), "dd/mm/yyyy", "2026-12-01"),
        (moment(2026, 12, 1, 17, 7), "h:mm AM/PM", "17:07"),
        (0.15, "0%", "15%"),
        (0.125, "0.0%", "12.5%"),
        (1.1, '0.00" share "%', "110 share %"),
        (0.5, '0.0" %"', "0.5 %"),
        (True, None, "TRUE"),
        (False, None, "FALSE"),
        (date(2026, 12, 1), "dd/mm/yyyy", "2026-12-01"),
        (moment(2026, 12, 1, 17, 7), "yyyy-mm-dd hh:mm", "2026-12-01 17:07"),
        (moment(2026, 12, 1, 17, 7, 30), "yyyy-mm-dd hh:mm:ss", "2026-12-01 17:07:30"),
        (time(9, 5), "hh:mm", "09:05"),
        (timedelta(hours=42, minutes=5), "[h]:mm", "42:05"),
        ("रु १,२५,०००", None, "रु १,२५,०००"),
        ("15%", "0%", "15%"),
        ("=1+1", None, "0"),
    ],
)
def test_a_cell_is_the_text_that_a_person_reads(read, value, number_format, text):
    formats = {(1, 1): number_format} if number_format else None
    result = xlsx(read, [["number", "value"], [9876543210, value]], formats)
    assert result.tags == [{"tags_value": text}]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (9.87654321e9, "9876543210"),
        (1e20, "100000000000000000000"),
        (1e300, "1e+300"),
        (-0.0, "0"),
        (-2.5, "-2.5"),
        (0.00001, "0.00001"),
        (10**18, "1000000000000000000"),
        (timedelta(seconds=-90), "-0:01:30"),
        (moment(2026, 12, 1, 17, 6, 59, 999_999), "2026-12-01 17:07"),
        (moment(2026, 12, 1, 23, 59, 59, 999_999), "2026-12-02"),
        (time(17, 7, 5), "17:07:05"),
    ],
)
def test_numbers_and_times_are_written_out(value, text):
    assert cell_text(value) == text


@given(
    st.one_of(st.integers(1, 10**14), st.decimals("0.01", "99999999", places=3).map(float)),
    st.sampled_from(['"Rs. "#,##0.00', "#,##0.00", "0.00", "0", "#,##0", "0000000", '0.0" kg"', "#0.00"]),
)
def test_the_short_way_of_showing_a_number_shows_what_the_long_one_does(value, code):
    longer = renderer(f"{code};-{code}")  # sections beyond the first change nothing for these
    tokens = numformat._sections([numformat._token(found) for found in numformat._TOKEN.finditer(code)])
    assert renderer(code)(value) == longer(value) == numformat._number_shown(tokens, value)


@given(st.integers(-(10**14), 10**14))
def test_a_whole_number_reads_alike_as_an_integer_and_as_a_decimal(number):
    assert cell_text(float(number)) == cell_text(number) == str(number)


def test_percentages_stand_where_they_are_though_the_table_does_not_begin_in_the_corner(read):
    rows = [
        [],
        [],
        [None, None, "number", "rate"],
        [None, None, 9876543210, 0.15],
        [None, None, 9812345678, 0.15],
    ]
    result = xlsx(read, [*rows, [None, None, "x", 1]], {(3, 3): "0%"})
    assert result.tags == [{"tags_rate": "15%"}, {"tags_rate": "0.15"}]
    assert result.rejected_rows == [(6, "x", "invalid_number")]


def test_a_blank_percentage_is_no_value(read):
    styles = workbook([["number", "rate"], [9876543210, 0.5]], {(1, 1): "0%"})
    cells = '<row r="1"><c r="A1" s="1"><v></v></c><c r="B1" t="str"><v>number</v></c>'
    cells += '<c r="C1" t="str"><v>rate</v></c></row>'
    cells += '<row r="2"><c r="B2"><v>9876543210</v></c><c r="C2" s="1"><v>0.5</v></c></row>'
    assert read(with_parts(styles, sheet1=sheet_xml(cells)), "a.xlsx").tags == [{"tags_rate": "50%"}]


def test_notes_beside_the_table_do_not_spoil_it(read):
    result = xlsx(read, [["number", "name"], [9876543210, "Ram", None, "call after six"]])
    assert result.rows == [(*ROW, {"tags_name": "Ram"})]


def test_a_header_below_a_title_is_found_and_told(read):
    result = xlsx(read, [["List of people"], [], ["number", "name"], [9876543210, "Ram"]])
    assert (result.header_row, result.number_column) == (3, "number")
    assert result.rows == [(*ROW, {"tags_name": "Ram"})]


@pytest.mark.parametrize(
    ("active", "number"), [(1, "+9779822222222"), (2, "+9779833333333"), (0, "+9779822222222")]
)
def test_the_sheet_that_was_open_is_read_or_the_first_that_is_shown(read, active, number):
    target = io.BytesIO()
    book = xlsxwriter.Workbook(target)
    hidden, shown, last = sheets = [book.add_worksheet(name) for name in ("a", "ख & <ग>", "c")]
    hidden.hide()
    sheets[max(1, active)].activate()
    hidden.write_column(0, 0, ["number", 9811111111])
    shown.write_column(0, 0, ["number", 9822222222])
    last.write_column(0, 0, ["number", 9833333333])
    book.close()
    content = target.getvalue()
    if active == 0:  # as a program may leave it; xlsxwriter does not
        with zipfile.ZipFile(target) as made:
            content = with_parts(
                content, workbook=made.read("xl/workbook.xml").replace(b'activeTab="1"', b"")
            )
    result = read(content, "numbers.xlsx")
    assert (result.numbers, result.sheet) == ([number], "c" if active == 2 else "ख & <ग>")


@pytest.mark.parametrize("name", ["a.xlsx", "a.xlsm"])
def test_rows_that_a_sheet_does_not_show_are_left_out_and_counted(read, name):
    book = Workbook()
    for row in (["phone", "name"], [9800000001, "a"], [9800000002, "b"], [], [9800000003, "c"]):
        book.active.append(row)
    for row in (3, 4):
        book.active.row_dimensions[row].hidden = True
    target = io.BytesIO()
    book.save(target)
    result = read(target.getvalue(), name)
    assert (result.numbers, result.hidden) == (["+9779800000001", "+9779800000003"], 1)
    whole = read(target.getvalue(), name, include_hidden=True)
    assert (len(whole.numbers), whole.hidden) == (3, 0)


def test_numbers_that_are_shown_with_commas_are_called(read):
    assert xlsx(read, [["phone", "name"], [9800000001, "a"]], {(1, 0): "#,##0"}).numbers == ["+9779800000001"]


def test_a_format_of_many_cells_is_shown_in_each(read):
    rows = [["phone", "id"], *([9800000000 + at, at] for at in range(3000))]
    result = xlsx(read, rows, {(at, 1): "0000" for at in range(1, 3001)})
    assert [tags["tags_id"] for tags in result.tags] == [f"{at:04}" for at in range(3000)]


def test_a_workbook_of_another_program_is_read(read):
    book = Workbook()
    book.active.append(["number", "name", "rate"])
    book.active.append([9876543210, "Ram", 0.5])
    book.active["C2"].number_format = "0.00%"
    book.active.cell(900_000, 150).number_format = "0%"
    target = io.BytesIO()
    book.save(target)
    assert read(target.getvalue(), "numbers.xlsx").tags == [{"tags_name": "Ram", "tags_rate": "50%"}]


def test_cells_without_places_and_names_with_prefixes_are_read(read):
    cells = '<row><c t="str"><v>number</v></c><c t="str"><v>name</v></c></row>'
    cells += '<row><c><v>9876543210</v></c><c t="str"><v>Ram</v></c></row>'
    assert read(with_parts(workbook([[1]]), sheet1=sheet_xml(cells)), "a.xlsx").tags == [{"tags_name": "Ram"}]
    prefixed = (
        b'<x:worksheet xmlns:x="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><x:sheetData>'
        b'<x:row r="1"><x:c r="A1"><x:v>9876543210</x:v></x:c></x:row></x:sheetData></x:worksheet>'
    )
    assert read(with_parts(workbook([[1]]), sheet1=prefixed), "a.xlsx").numbers == ["+9779876543210"]


@pytest.fixture
def every_sheet_is_large(monkeypatch):
    """Each is read beside its survey, by a thread."""
    monkeypatch.setattr(xlsxfile, "_LARGE", 0)


def test_a_large_sheet_is_read_beside_its_survey(every_sheet_is_large, read):
    result = xlsx(read, [["number", "rate"], [9876543210, 0.125], [9876543211, "15"]], {(1, 1): "0.0%"})
    assert result.tags == [{"tags_rate": "12.5%"}, {"tags_rate": "15"}]


def test_a_large_sheet_is_refused_by_its_survey(every_sheet_is_large, refusal):
    long = workbook([["number"], *[[9876543210 + n] for n in range(11)]])
    assert refusal(long, "numbers.xlsx", rows=10)[:2] == ("TooLargeError", "too_many_rows")


def test_damage_that_the_reader_alone_sees_is_told(every_sheet_is_large, refusal):
    broken = with_parts(workbook([["number"], ["x"]]), sharedStrings="<sst><si><t>number</t></si>")
    assert refusal(broken, "numbers.xlsx")[:2] == ("InvalidError", "broken_file")


@pytest.mark.parametrize("rows", [[], [[""]], [[], ["   "]]])
def test_a_sheet_of_nothing_is_empty(refusal, rows):
    assert refusal(workbook(rows), "numbers.xlsx")[:2] == ("InvalidError", "empty_file")


def test_a_header_alone_has_no_rows(refusal):
    assert refusal(workbook([["number", "name"]]), "numbers.xlsx")[1] == "no_rows"


def test_two_columns_of_one_name_are_refused(refusal):
    assert refusal(workbook([["number", "a", "A"], [1, 2, 3]]), "numbers.xlsx")[1] == "duplicate_column"


def test_two_cells_a_million_rows_apart_are_refused_before_they_are_read(refusal):
    content = with_parts(
        workbook([[1]]), sheet1=sheet_xml(f'{HEADER}<row r="1048576"><c r="GR1048576"><v>1</v></c></row>')
    )
    assert len(content) < 8000
    kind, code, message = refusal(content, "numbers.xlsx")
    assert (kind, code) == ("TooLargeError", "too_many_rows")
    assert "1,048,576" in message


def test_cells_far_apart_within_the_limits_are_refused_by_what_they_span(refusal):
    content = with_parts(
        workbook([[1]]), sheet1=sheet_xml(f'{HEADER}<row r="900000"><c r="GA900000"><v>1</v></c></row>')
    )
    assert refusal(content, "numbers.xlsx")[:2] == ("TooLargeError", "file_too_large")


def test_hidden_places_are_counted_as_the_reader_counts_them(refusal):
    cells = f'{HEADER}<row r="1000001"/><row><c s="0"><v>1</v></c></row>'
    content = with_parts(workbook([[1]]), sheet1=sheet_xml(cells))
    assert refusal(content, "numbers.xlsx")[:2] == ("TooLargeError", "too_many_rows")
    cells = f'{HEADER}<row r="2"><c r="XFC2"/><c><is><t>x</t></is></c></row>'
    content = with_parts(workbook([[1]]), sheet1=sheet_xml(cells))
    assert refusal(content, "numbers.xlsx")[:2] == ("TooLargeError", "too_many_columns")


def test_a_claim_to_fill_the_whole_sheet_costs_nothing(read):
    claimed = sheet_xml(f'{HEADER}<row r="2"><c r="A2"><v>9876543210</v></c></row>').replace(
        b"<sheetData>", b'<dimension ref="A1:XFD1048576"/><sheetData>'
    )
    assert read(with_parts(workbook([[1]]), sheet1=claimed), "a.xlsx").numbers == ["+9779876543210"]


@pytest.mark.parametrize("place", ["A0", "A9999999", "AAAA1", "1", "A", "A-1", "Ａ1", "A1 "])
def test_a_cell_in_no_place_is_refused(refusal, place):
    content = with_parts(workbook([[1]]), sheet1=sheet_xml(f'<row><c r="{place}"><v>1</v></c></row>'))
    assert refusal(content, "numbers.xlsx")[:2] == ("InvalidError", "broken_file")


@pytest.mark.parametrize("part", ["sheet1", "workbook", "styles", "sharedStrings"])
def test_entities_are_refused_wherever_they_are_declared(refusal, part):
    with zipfile.ZipFile(io.BytesIO(workbook([["number"], [9876543210]]))) as honest:
        path = next(name for name in honest.namelist() if name.endswith(f"/{part}.xml"))
        before = honest.read(path)
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    at = before.index(b"?>") + 2
    content = with_parts(workbook([["number"], [9876543210]]), **{part: before[:at] + bomb + before[at:]})
    kind, code, message = refusal(content, "numbers.xlsx")
    assert (kind, code) == ("InvalidError", "broken_file")
    assert "entities" in message


def test_a_workbook_that_swells_is_refused(refusal):
    content = with_parts(workbook([[1]]), sheet1=sheet_xml(" " * 20_000_000))
    assert len(content) < 100_000
    assert refusal(content, "numbers.xlsx")[:2] == ("TooLargeError", "file_too_large")


def test_a_workbook_that_unpacks_to_more_than_the_limit_is_refused(refusal):
    content = workbook([["number"], [9876543210]])
    assert refusal(content, "numbers.xlsx", inflated_bytes=2000)[1] == "file_too_large"
    assert refusal(content, "numbers.xlsx", file_bytes=2000)[1] == "file_too_large"


def test_a_huge_cell_is_refused_with_its_row(refusal):
    kind, code, message = refusal(workbook([["number", "name"], [9876543210, "a" * 5001]]), "numbers.xlsx")
    assert (kind, code) == ("InvalidError", "cell_too_long")
    assert "Row 2 " in message


def test_too_many_columns_and_rows_are_refused(read, refusal):
    wide = workbook([["number", *(f"c{at}" for at in range(200))], [9876543210]])
    assert refusal(wide, "numbers.xlsx")[:2] == ("TooLargeError", "too_many_columns")
    long = workbook([["number"], *([9800000000 + at] for at in range(11))])
    assert refusal(long, "numbers.xlsx", rows=10)[:2] == ("TooLargeError", "too_many_rows")
    assert read(long, "numbers.xlsx", rows=11).accepted == 11


def test_characters_that_cannot_be_stored_are_left_out(read):
    cells = f'{HEADER.replace("</row>", "")}<c r="B1" t="str"><v>name</v></c></row>'
    cells += '<row r="2"><c r="A2"><v>9876543210</v></c><c r="B2" t="str"><v>a_x0000_b&#9;&#10;c_xD800_</v></c></row>'
    result = read(with_parts(workbook([[1]]), sheet1=sheet_xml(cells)), "numbers.xlsx")
    assert "\x00" not in result.tags[0]["tags_name"]
    assert result.tags[0]["tags_name"].isprintable()


@pytest.mark.parametrize("part", ["sheet1", "workbook"])
@pytest.mark.parametrize(
    "content", [b"", b"not xml", b"<a><b></a>", b'<?xml version="1.0" encoding="UTF-9"?><a/>', None]
)
def test_a_workbook_with_a_broken_part_is_refused(refusal, part, content):
    broken = with_parts(workbook([["number"], [9876543210]]), **{part: content})
    kind, code, _ = refusal(broken, "numbers.xlsx")
    assert (kind, code) in {("InvalidError", "broken_file"), ("UnsupportedError", "wrong_file_type")}


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.99])
def test_a_workbook_that_was_not_sent_to_its_end_is_refused(refusal, share):
    content = workbook([["number"], [9876543210]])
    assert refusal(content[: int(len(content) * share)], "numbers.xlsx")[:2] == (
        "InvalidError",
        "broken_file",
    )


def test_a_workbook_with_a_flipped_bit_is_refused_or_read(read, refusal):
    content = bytearray(workbook([["number"], [9876543210]]))
    with zipfile.ZipFile(io.BytesIO(bytes(content))) as honest:
        info = next(member for member in honest.infolist() if member.filename.endswith("sheet1.xml"))
    content[info.header_offset + 30 + len(info.filename) + info.compress_size // 2] ^= 0x10
    assert refusal(bytes(content), "numbers.xlsx")[:2] == ("InvalidError", "broken_file")


def test_a_part_that_is_there_twice_is_refused(refusal):
    target = io.BytesIO(workbook([["number"], [9876543210]]))
    with zipfile.ZipFile(target, "a") as doubled:
        doubled.writestr("xl/worksheets/SHEET1.xml", sheet_xml(""))
    assert refusal(target.getvalue(), "numbers.xlsx")[1] == "broken_file"


def test_a_part_packed_as_no_workbook_is_packed_is_refused(refusal):
    target = io.BytesIO(workbook([["number"], [9876543210]]))
    with zipfile.ZipFile(target, "a") as added:
        added.writestr("xl/other.xml", "x", zipfile.ZIP_LZMA)
    assert refusal(target.getvalue(), "numbers.xlsx")[1] == "broken_file"


def test_an_archive_with_a_password_is_encrypted(refusal):
    content = bytearray(workbook([["number"], [9876543210]]))
    at = content.index(b"PK\x01\x02")
    content[at + 8] |= 1
    assert refusal(bytes(content), "numbers.xlsx")[:2] == ("UnsupportedError", "encrypted_file")
