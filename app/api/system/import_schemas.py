"""What came of numbers that were sent, as clients read it."""

from collections.abc import Mapping
from dataclasses import asdict

from pydantic import BaseModel, Field

from app.campaigns.audience import Summary
from app.core.phone import Number, lacks_mobile_length
from app.messages.concerns import preeti_of
from app.recipients.cells import shown
from app.recipients.report import DoubtfulValue, Notice, length_warning


class DoubtfulOut(BaseModel):
    """A value that a warning tells of."""

    row: int = Field(description="Of the file, or of the list sent, 1 being the first.")
    value: str
    suggestion: str | None = Field(
        description="What it most likely should be; null when that is not certain."
    )


class NoticeOut(BaseModel):
    """What was taken and may still be wrong."""

    code: str = Field(
        description="`preeti_text`, `lost_letters`, `no_formula_result` or `not_a_mobile_length`."
    )
    message: str
    column: str | None = Field(description="The column of the file that it concerns.")
    values: list[DoubtfulOut] = Field(description="The first of those that it tells of.")


class RejectedOut(BaseModel):
    """A row that is not a number that can be called."""

    row: int = Field(
        description="1 is the first row of the file, its header included, or the first of a list."
    )
    value: str
    code: str
    message: str = Field(description="What to do about it.")


class ExtraNumbersOut(BaseModel):
    """A cell with several numbers, of which one is called."""

    row: int
    used: str
    others: list[str]


class ImportOut(BaseModel):
    """What came of the numbers sent."""

    accepted: int
    duplicates: int
    rejected: int
    rejected_rows: list[RejectedOut] = Field(description="The first 100.")
    number_column: str | None = Field(
        description="The column of the file whose numbers are called, by its name; `column 2` for the second without "
        "a name. Null: no file was sent."
    )
    header_row: int | None = Field(
        description="The row that names the columns, 1 being the first; null in a file of numbers alone."
    )
    sheet: str | None = Field(description="The sheet of the workbook that was read; null for text.")
    hidden: int = Field(description="Rows that the sheet does not show and that were left out.")
    extra_numbers: int = Field(description="Numbers that stood beside the one taken, in the same cell.")
    extra_number_rows: list[ExtraNumbersOut] = Field(description="The first 100 such cells.")
    warnings: list[NoticeOut] = Field(description="What was taken and may still be wrong.")


def import_out(summary: Summary) -> ImportOut:
    """The import summary for an answer."""
    return ImportOut.model_validate(asdict(summary))


def warnings_of(number: Number | None, tags: Mapping[str, str | None] | None = None) -> list[NoticeOut]:
    """What an answer says of a number just taken, and of its tags."""
    notices = []
    if number is not None and lacks_mobile_length(number.e164):
        notices.append(length_warning([DoubtfulValue(1, number.national)]))
    for name, value in (tags or {}).items():
        for concern in preeti_of(value or "", f"The value of {name}"):
            doubtful = DoubtfulValue(1, shown(value), concern.suggestion)
            notices.append(Notice(concern.code, concern.message, name, [doubtful]))
    return [NoticeOut.model_validate(asdict(notice)) for notice in notices]
