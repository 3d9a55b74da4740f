"""Column types of our own."""

from enum import IntEnum
from typing import Any, Generic, TypeVar

from sqlalchemy import Dialect, SmallInteger
from sqlalchemy.types import TypeDecorator

E = TypeVar("E", bound=IntEnum)


class IntEnumType(TypeDecorator[E], Generic[E]):
    """An IntEnum kept as smallint: two bytes a row, and a new member needs no migration of a type."""

    impl = SmallInteger
    cache_ok = True

    def __init__(self, enum: type[E]) -> None:
        super().__init__()
        self.enum = enum

    def process_bind_param(self, value: E | int | None, dialect: Dialect) -> Any:
        del dialect
        return None if value is None else int(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> E | None:
        del dialect
        return None if value is None else self.enum(value)
