import io
import zipfile

import pytest

from tests.unit.recipients.recipient_files import ods, ods_row

NOTE = "<office:annotation><text:p>note</text:p></office:annotation>"
HEADER = ods_row("Name", "Phone", "Value")
BLANK_CELLS = '<table:table-cell table:number-columns-repeated="16000"/>'
BLANK_ROWS = f'<table:table-row table:number-rows-repeated="1048000">{BLANK_CELLS}</table:table-row>'


def cell(kind: str, shown: str, value: str = "", attribute: str = "value") -> str:
    return (
        f'<table:table-cell office:value-type="{kind}" office:{attribute}="{value}">'
        f"<text:p>{shown}</text:p></table:table-cell>"
    )


@pytest.mark.parametrize(
    ("written", "text"),
    [
        (cell("float", "0000512", "512"), "0000512"),
        (cell("float", "1,500.00", "1500"), "1,500"),
        (cell("float", "1,250.50", "1250.5"), "1,250.50"),
        (cell("currency", "रु 1,500.00", "1500"), "रु 1,500.00"),
        (cell("percentage", "15.00%", "0.15"), "15%"),
        (cell("float", "9.8E+09", "9800000001"), "9800000001"),
        (cell("float", "###", "9800000001"), "9800000001"),
        (cell("date", "01/12/2026", "2026-12-01", "date-value"), "2026-12-01"),
        (cell("date", "1 December 2026", "2026-12-01", "date-value"), "2026-12-01"),
        (cell("date", "01/12/26 17:07", "2026-12-01T17:07:00", "date-value"), "2026-12-01 17:07"),
        (cell("date", "Apr-26", "2026-04-01", "date-value"), "Apr-26"),
        (cell("boolean", "TRUE", "true", "boolean-value"), "TRUE"),
        ("<table:table-cell><text:p>a</text:p><text:p>b<text:s text:c='2'/>c</text:p></table:table-cell>", "a b  c"),
        (f"<table:table-cell>{NOTE}<text:p>a</text:p></table:table-cell>", "a"),
        (cell("string", "#N/A"), None),
    ],
)  # fmt: skip
def test_a_cell_is_taken_as_the_sheet_shows_it(read, written, text):
    result = read(ods(HEADER + ods_row("सीता", "9800000001", written)), "a.ods")
    assert result.tags == [{"tags_name": "सीता"} | ({"tags_value": text} if text else {})]


def test_titles_blank_rows_and_repeated_cells_keep_their_places(read):
    table = (
        ods_row("List 2082", '<table:covered-table-cell table:number-columns-repeated="2"/>')
        + '<table:table-row table:number-rows-repeated="3"><table:table-cell/></table:table-row>'
        + ods_row("Name", '<table:table-cell table:number-columns-repeated="2"/>', "Phone", BLANK_CELLS)
        + ods_row("सीता", '<table:table-cell table:number-columns-repeated="2"/>', "9800000001", BLANK_CELLS)
        + ods_row("राम", '<table:table-cell table:number-columns-repeated="2"/>', "x")
        + BLANK_ROWS
    )
    result = read(ods(table), "a.ods")
    assert (result.header_row, result.number_column, result.sheet) == (5, "Phone", "Sheet1")
    assert result.numbers == ["+9779800000001"]
    assert [row[:2] for row in result.rejected_rows] == [(7, "x")]


def test_rows_that_a_sheet_does_not_show_are_left_out_and_counted(read):
    table = HEADER + "".join(
        ods_row("a", f"980000000{at}", more=f' table:visibility="{how}"')
        for at, how in enumerate(["visible", "filter", "collapse"])
    )
    result = read(ods(table), "a.ods")
    assert (result.numbers, result.hidden) == (["+9779800000000"], 2)
    assert len(read(ods(table), "a.ods", include_hidden=True).numbers) == 3


@pytest.mark.parametrize(
    ("active", "number"), [("Other", "1"), ("Sheet1", "2"), (None, "1"), ("gone", "1"), ("Unseen", "1")]
)
def test_the_sheet_that_was_open_is_read_or_the_first_that_is_shown(read, active, number):
    automatic = '<style:style style:name="ta2"><style:table-properties table:display="false"/></style:style>'
    rows = ods_row("phone") + ods_row("9800000001")
    before = f'<table:table table:name="Unseen" table:style-name="ta2">{ods_row("phone")}</table:table>'
    before += f'<table:table table:name="Other">{rows}</table:table>'
    content = ods(rows.replace("0001", "0002"), before=before, active=active, automatic=automatic)
    result = read(content, "a.ods")
    assert result.numbers == [f"+977980000000{number}"]
    assert result.sheet == ("Sheet1" if number == "2" else "Other")


@pytest.mark.parametrize(
    ("table", "code"),
    [
        (HEADER + ods_row("a", "9800000001", more=' table:number-rows-repeated="1048576"'), "too_many_rows"),
        (HEADER + ods_row(*["a"] * 201), "too_many_columns"),
        (ods_row('<table:table-cell table:number-columns-repeated="16384"><text:p>a</text:p></table:table-cell>'),
         "too_many_columns"),
        (HEADER + ods_row("a" * 5001), "cell_too_long"),
        ("", "empty_file"),
        (HEADER, "no_rows"),
        ("<table:table-row>", "broken_file"),
    ],
)  # fmt: skip
def test_what_is_too_much_or_nothing_is_refused_with_a_code(refusal, table, code):
    assert refusal(ods(table), "a.ods", rows=1000)[1] == code


@pytest.mark.parametrize("part", ["content.xml", "settings.xml"])
def test_entities_are_refused_wherever_they_are_declared(refusal, part):
    honest, target = ods(HEADER, active="Sheet1"), io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(honest)) as before, zipfile.ZipFile(target, "w") as after:
        for member in before.infolist():
            data = before.read(member)
            if member.filename == part:
                at = data.index(b"?>") + 2
                data = data[:at] + b'<!DOCTYPE x [<!ENTITY a "aaaa">]>' + data[at:]
            after.writestr(member.filename, data)
    assert refusal(target.getvalue(), "a.ods")[:2] == ("InvalidError", "broken_file")


def test_a_part_that_was_cut_is_refused(refusal):
    content = ods(HEADER + ods_row("a", "9800000001"))
    assert refusal(content[: len(content) // 2], "a.ods")[1] == "broken_file"
