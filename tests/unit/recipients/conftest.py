"""Recipient files made in the test, read by the converter itself; what it wrote is decoded as COPY would."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from app.core.errors import ProblemError
from app.recipients.files.import_child import convert
from app.recipients.files.limits import ImportLimits
from tests.unit.recipients.recipient_files import decode_copy


@dataclass
class Read:
    columns: list[str]
    accepted: int
    duplicates: int
    rejected: int
    rejected_rows: list[tuple[int, str, str]]
    number_column: str
    header_row: int | None
    sheet: str | None
    hidden: int
    extra_numbers: int
    extra_number_rows: list[dict[str, object]]
    warnings: list[dict[str, object]]
    rows: list[tuple[str, str, dict[str, str]]]

    @property
    def tags(self) -> list[dict[str, str]]:
        return [row[2] for row in self.rows]

    @property
    def numbers(self) -> list[str]:
        return [row[0] for row in self.rows]


@pytest.fixture
def read(tmp_path: Path) -> Callable[..., Read]:
    def read_file(
        content: bytes | str, name: str | None = "numbers.csv", *, include_hidden: bool = False, **limits: int
    ) -> Read:
        path = tmp_path / "upload"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        result = convert(path, name, tmp_path / "rows", ImportLimits(**limits), include_hidden=include_hidden)
        assert all(row["message"] for row in result["rejected_rows"])
        rejected = [(row["row"], row["value"], row["code"]) for row in result.pop("rejected_rows")]
        return Read(**result, rejected_rows=rejected, rows=decode_copy(tmp_path / "rows"))

    return read_file


@pytest.fixture
def refusal(read: Callable[..., Read]) -> Callable[..., tuple[str, str, str]]:
    """Class, code and message of why a file is not read."""

    def refuse(content: bytes | str, name: str | None = "numbers.csv", **limits: int) -> tuple[str, str, str]:
        with pytest.raises(ProblemError) as refused:
            read(content, name, **limits)
        (item,) = refused.value.items
        assert item.field == "send_to_number_file"
        return type(refused.value).__name__, item.code, item.message

    return refuse
