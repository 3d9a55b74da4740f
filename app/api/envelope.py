"""The shape of every answer: `{"status", "success", "message", "errors", "data"}`."""

from collections.abc import Mapping, Sequence
from typing import Any, Generic, Literal, TypeVar

from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.responses import Response
from starlette.types import Scope

from app.core.errors import Item
from app.http.dialect import Dialect

T = TypeVar("T")


class ErrorItem(BaseModel):
    """One thing that is wrong."""

    field: str | None = Field(description="Dotted path of the input to blame; null when no single one is.")
    code: str = Field(description="Stable: compare this, never the message.")
    message: str = Field(description="What to do about it, for a person.")


class Success(BaseModel, Generic[T]):
    """An answer that went well; `data` holds what was asked for."""

    status: int = Field(description="The HTTP status again.", examples=[200])
    success: Literal[True] = True
    message: str | None = Field(None, examples=["Done"])
    errors: list[ErrorItem] = Field(
        default_factory=list, description="Always empty here.", max_length=0, examples=[[]]
    )
    data: T


class Failure(BaseModel):
    """An answer that says what is wrong; every item found is listed."""

    status: int
    success: Literal[False] = False
    message: str | None
    errors: list[ErrorItem]
    data: dict[str, Any] = Field(default_factory=dict)


def ok(data: T, message: str | None = None, status: int = 200) -> Success[T]:
    """A good answer; `status` must be the one that the route declares."""
    return Success[T](status=status, message=message, data=data)


def failure(
    status: int,
    items: Sequence[Item],
    *,
    data: Mapping[str, Any] | None = None,
    headers: Mapping[str, str] | None = None,
) -> JSONResponse:
    """A bad answer; its message is the first item's."""
    body = Failure(
        status=status,
        message=items[0].message if items else None,
        errors=[ErrorItem(field=item.field, code=item.code, message=item.message) for item in items],
        data=dict(data or {}),
    )
    return JSONResponse(body.model_dump(mode="json"), status_code=status, headers=dict(headers or {}))


def _refuse(
    scope: Scope,
    status: int,
    items: Sequence[Item],
    *,
    data: Mapping[str, Any] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    del scope
    return failure(status, items, data=data, headers=headers)


DIALECT = Dialect(_refuse, challenge="Bearer")
"""How these doors refuse."""
