import random
from contextlib import suppress

import pytest

from app.core.errors import ProblemError
from tests.unit.recipients.xls_files import Sheet, xls

HEADER = ["Name", "Phone", "Value"]


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ((512.0, "0000000"), "0000512"), ((1250.5, '"रु "#,##0.00'), "रु 1,250.50"), ((0.125, "0.0%"), "12.5%"),
        ((-1250.5, "#,##0.00;(#,##0.00)"), "(1,250.50)"), ((46357.0, "dd/mm/yyyy"), "2026-12-01"),
        ((46357.7132, "yyyy-mm-dd hh:mm"), "2026-12-01 17:07"), ((0.4375, "h:mm"), "10:30"), ((1.5, "[h]:mm"), "36:00"),
        (20821201.0, "20821201"), ("०५१२", "०५१२"), ("#N/A", None),
    ],
)  # fmt: skip
def test_a_cell_is_taken_as_the_sheet_shows_it(read, cell, text):
    result = read(xls(Sheet([HEADER, ["सीता", 9800000001.0, cell]])), "a.xls")
    assert result.numbers == ["+9779800000001"]
    assert result.tags == [{"tags_name": "सीता"} | ({"tags_value": text} if text else {})]


def test_dates_of_a_workbook_that_counts_from_1904_are_the_same(read):
    content = xls(Sheet([HEADER, ["सीता", "9800000001", (46357.0 - 1462, "d/m/yy")]]), datemode=1)
    assert read(content, "a.xls").tags[0]["tags_value"] == "2026-12-01"


def test_rows_that_a_sheet_does_not_show_are_left_out_and_counted(read):
    rows = [["List 2082"], HEADER, *(["a", f"980000000{at}"] for at in range(4))]
    content = xls(Sheet(rows, hidden={3, 5}))
    result = read(content, "a.xls")
    assert (result.numbers, result.hidden, result.header_row) == (["+9779800000000", "+9779800000002"], 2, 2)
    assert len(read(content, "a.xls", include_hidden=True).numbers) == 4


@pytest.mark.parametrize(
    ("is_open", "number"), [((0, 1), "1"), ((0, 0), "1"), ((1, 0), "1"), ((0, 1, 1), "1"), ((0, 0, 1), "2")]
)
def test_the_sheet_that_was_open_is_read_or_the_first_that_is_shown(read, is_open, number):
    sheets = [
        Sheet([["phone"], [f"980000000{at}"]], f"S{at}", is_open=bool(active), visible=at > 0)
        for at, active in enumerate(is_open)
    ]
    result = read(xls(*sheets), "a.xls")
    assert (result.numbers, result.sheet) == ([f"+977980000000{number}"], f"S{number}")


def test_an_old_workbook_with_a_password_is_told_so(refusal):
    kind, code, message = refusal(xls(Sheet([HEADER]), encrypted=True), "a.xls")
    assert (kind, code) == ("UnsupportedError", "encrypted_file")
    assert "save it without" in message


@pytest.mark.parametrize("name", ["a.xlsx", "a.csv"])
def test_an_old_workbook_by_another_name_is_told_so(refusal, name):
    assert "is named" in refusal(xls(Sheet([HEADER])), name)[2]


def test_an_empty_sheet_and_a_cell_too_long_are_refused(refusal):
    assert refusal(xls(Sheet([])), "a.xls")[1] == "empty_file"
    assert (
        refusal(xls(Sheet([HEADER, ["x" * 99, "9800000001"]])), "a.xls", cell_chars=50)[1] == "cell_too_long"
    )


def test_a_damaged_workbook_is_read_or_refused_with_a_code(read):
    whole = xls(Sheet([HEADER, *(["सीता", 9800000000.0 + at, (5.0, "0.00")] for at in range(20))]))
    for seed in range(150):
        chance = random.Random(seed)
        damaged = bytearray(whole)
        for _ in range(chance.choice([1, 4, 30])):
            damaged[chance.randrange(512, len(whole))] = chance.randrange(256)
        with suppress(ProblemError):  # any other error fails the test
            read(bytes(damaged[: chance.choice([len(whole), chance.randrange(600, len(whole))])]), "a.xls")
