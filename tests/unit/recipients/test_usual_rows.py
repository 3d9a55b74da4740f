import io
import zipfile

from hypothesis import example, given
from hypothesis import strategies as st

from app.core.errors import ProblemError
from app.recipients.files.limits import ImportLimits
from app.recipients.files.usualrows import UsualRows
from app.recipients.files.xlsxscan import _Scan, outline, survey
from tests.unit.recipients.recipient_files import sheet_xml, with_parts, workbook

BOOK = workbook([["number", "rate"], [9876543210, 0.5]], {(1, 1): "0%"})
TIGHT = ImportLimits(rows=20, columns=6, cells=60)
LETTERS = st.sampled_from(["A", "B", "C", "E", "Z", "AB"])
VALUES = st.sampled_from(
    ["<v>1</v>", "<is><t>सीता</t></is>", "<f>A1</f><v>2</v>", "<v></v>", "", "<is><t>a&amp;b</t></is>"]
)


@st.composite
def cells(draw, row):
    place = draw(st.sampled_from([f' r="{draw(LETTERS)}{row}"'] * 6 + [""]))
    style = draw(st.sampled_from(["", "", ' s="0"', ' s="1"']))
    value = draw(VALUES)
    return f"<c{place}{style}>{value}</c>" if value else f"<c{place}{style}/>"


@st.composite
def rows(draw):
    row = draw(st.integers(0, 25))
    inside = "".join(draw(st.lists(cells(row), max_size=3)))
    hidden = f' r="{row}" hidden="1"'
    written = draw(
        st.sampled_from([f' r="{row}"', f' r="{row}" spans="1:3"', f' ht="9" r="{row}"', hidden, ""])
    )
    text = f"<row{written}>{inside}</row>"
    around = ["{}"] * 6 + ["<!-- {} -->", "<![CDATA[{}]]>", "<?x {}?>", "\n{}", "<row>{}</row>"]
    return draw(st.sampled_from(around)).format(text)


def outcome(look):
    try:
        return look()
    except ProblemError as problem:
        return type(problem), problem.items


@example(['<row r="0"><c r="A0"/></row>'])
@example(['<row r="1048577"><c r="A1048577"/></row>'])
@given(st.lists(rows(), max_size=8))
def test_a_sheet_is_surveyed_in_haste_as_it_is_at_leisure(written):
    content = with_parts(BOOK, sheet1=sheet_xml("".join(written)))
    with zipfile.ZipFile(io.BytesIO(content)) as archive:

        def leisurely():
            scan = _Scan(TIGHT, {"1": "0%"})
            scan.read(archive, "xl/worksheets/sheet1.xml", in_haste=False)
            return scan.empty, scan.shown

        def hasty():
            seen = survey(archive, outline(archive, TIGHT), TIGHT)
            return seen.empty, seen.shown

        assert outcome(hasty) == outcome(leisurely)


@given(st.integers(0, 10_000))
def test_usual_rows_are_taken_out_wherever_a_piece_ends(cut):
    usual = [f'<row r="{at}"><c r="A{at}" s="0"><v>1</v></c></row>' for at in (1, 2, 3, 4, 9, 7)]
    before, _, after = sheet_xml("|").partition(b"|")
    first, rest = before + usual[0].encode(), "".join(usual[1:]).encode()
    whole = first + rest + b"<row/>" + after
    left, runs = bytearray(), []
    taking = UsualRows(lambda data, _: left.extend(data), (), runs.append)
    at = len(first) + cut % (len(rest) - len("</row>"))
    taking.parse(whole[:at], False)
    taking.parse(whole[at:], False)
    taking.parse(b"", True)
    assert bytes(left) == before + b"<row/>" + after
    assert [row for run in runs for row in run.rows] == [1, 2, 3, 4, 9, 7]
    assert runs[-1].last == "A7"


def test_a_text_that_no_xml_may_hold_is_left_to_the_parser():
    for odd in (b"\x07", b"\xff", "\ufffe".encode()):
        left = bytearray()
        taking = UsualRows(lambda data, _, left=left: left.extend(data), (), lambda run: None)
        sheet = sheet_xml('<row r="1"><c r="A1" t="str"><v>x</v></c></row>').replace(
            b">x<", b">" + odd + b"<"
        )
        taking.parse(sheet, False)
        taking.parse(b"", True)
        assert bytes(left) == sheet


def test_a_row_that_is_odd_at_its_end_is_tried_once():
    # Two readings of a cell would make 2 ** 600 of the row; no machine comes to an end of these.
    forms = ["<v>1</v>", "<is><t>x</t></is>", "<f>1</f><v>1</v>"]
    usual = "".join(
        f'<c r="A1"{style}{kind}>{form}</c>'
        for style in ("", ' s="0"')
        for kind in ("", ' t="s"', ' t="inlineStr"')
        for form in forms
        for _ in range(30)
    )
    left = bytearray()
    taking = UsualRows(lambda data, _: left.extend(data), (), lambda run: None)
    sheet = sheet_xml(f'<row r="1">{usual}<c r="B2"><v>1</v></c></row>')
    taking.parse(sheet, False)
    taking.parse(b"", True)
    assert bytes(left) == sheet
