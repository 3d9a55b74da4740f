import pytest

from tests.unit.recipients.recipient_files import archive, encrypted_or_old, workbook

CSV = "number,name\n9876543210,Ram\n"
XLSX = workbook([["number", "name"], [9876543210, "Ram"]])
OF_NAMES = pytest.mark.parametrize("name", ["numbers.csv", "numbers.xlsx", None])


@pytest.mark.parametrize("content", [CSV, XLSX])
def test_without_a_name_the_content_decides(read, content):
    assert read(content, None).numbers == ["+9779876543210"]


@pytest.mark.parametrize("name", ["NUMBERS.CSV", "a.b.csv", "my numbers.Csv"])
def test_the_ending_of_a_name_is_read_in_any_case(read, name):
    assert read(CSV, name).accepted == 1


def test_text_of_excel_is_read_by_its_other_names(read):
    tabs = CSV.replace(",", "\t").encode("utf-16")
    assert read(tabs, "Unicode text.txt").accepted == 1
    assert read(CSV.replace(",", "\t"), "numbers.tsv").accepted == 1
    assert read(XLSX, "numbers.xlsm").accepted == 1


@pytest.mark.parametrize(("content", "name", "right"), [(CSV, "n.xlsx", ".csv"), (XLSX, "n.csv", ".xlsx")])
def test_a_renamed_file_is_told_what_it_is(refusal, content, name, right):
    kind, code, message = refusal(content, name)
    assert (kind, code) == ("UnsupportedError", "wrong_file_type")
    assert f"rename it to {right}" in message


@pytest.mark.parametrize("name", ["numbers.dat", "numbers", "numbers.xlsb", "numbers.csv.exe"])
@pytest.mark.parametrize("content", [CSV, XLSX])
def test_other_endings_are_not_read(refusal, content, name):
    assert refusal(content, name)[:2] == ("UnsupportedError", "wrong_file_type")


@OF_NAMES
def test_an_encrypted_workbook_is_told_so(refusal, name):
    kind, code, message = refusal(encrypted_or_old("EncryptedPackage"), name)
    assert (kind, code) == ("UnsupportedError", "encrypted_file")
    assert "password" in message


@pytest.mark.parametrize("stream", ["Workbook", "Book"])
def test_an_old_workbook_without_its_contents_is_told_so(refusal, stream):
    kind, code, message = refusal(encrypted_or_old(stream), "numbers.xls")
    assert (kind, code) == ("InvalidError", "broken_file")
    assert "save it again as .xlsx" in message


@OF_NAMES
@pytest.mark.parametrize(
    "content",
    [
        encrypted_or_old("WordDocument"),
        archive("xl/workbook.bin"),
        archive("mimetype", "content.xml"),
        archive("word/document.xml"),
        archive("numbers.csv"),
        archive(),
        b"%PDF-1.7\n",
        b"\x89PNG\r\n\x1a\n",
        b"\xff\xd8\xff\xe0",
        b"\x1f\x8b\x08",
        b"RIFF\x00\x00\x00\x00WAVE",
        b"<!DOCTYPE html><table><tr><td>9876543210</td></tr></table>",
        b"\xef\xbb\xbf\n<table><tr><td>9876543210",
        b'<?xml version="1.0"?><Workbook/>',
    ],
)
def test_what_is_no_table_is_told_so(refusal, content, name):
    assert refusal(content, name)[:2] == ("UnsupportedError", "wrong_file_type")


def test_bytes_without_meaning_are_refused(refusal):
    content = bytes(range(256)) * 4
    assert refusal(content, "numbers.xlsx")[1] == "wrong_file_type"
    assert refusal(content, None)[1] == "wrong_file_type"
    assert refusal(content, "numbers.csv")[1] == "bad_encoding"


def test_an_empty_file_of_any_name_is_empty(refusal):
    assert refusal(b"", "numbers.xlsx")[1] == "empty_file"
    assert refusal(b"", None)[1] == "empty_file"
