"""A small service on the real foundation, whose one route reads a body of every kind of field."""

from contextlib import nullcontext
from typing import Annotated, Any

import httpx
from fastapi import Depends, FastAPI, UploadFile
from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic_core import PydanticCustomError
from starlette.datastructures import UploadFile as StarletteUploadFile
from starlette.requests import Request

from app.api.bodies import read_anonymous, read_body
from app.api.envelope import DIALECT
from app.http.dialect import Dialects
from app.http.errors import add_error_handlers
from app.http.fields import Name
from app.http.middleware import BodyLimit, CleanTarget, RequestIds, TrailingSlash

FORM = {"content-type": "application/x-www-form-urlencoded"}
JSON = {"content-type": "application/json"}


def _even(value: int | None) -> int | None:
    if value is not None and value % 2:
        message = "This must be even."
        raise ValueError(message)
    return value


def _odd(value: int | None) -> int | None:
    if value is not None and not value % 2:
        code, message = "not_odd", "This must be odd, {really}."
        raise PydanticCustomError(code, message)
    return value


class Thing(BaseModel):
    model_config = ConfigDict(arbitrary_types_allowed=True)

    name: Name
    count: int | None = None
    numbers: list[Any] | None = None
    status: list[str] | str | None = None
    tags: dict[str, Any] | None = None
    file: UploadFile | str | None = None
    size: Annotated[int, Field(ge=1, le=9)] = 1
    even: Annotated[int | None, AfterValidator(_even)] = None
    odd: Annotated[int | None, AfterValidator(_odd)] = None


async def _uncounted(size: int) -> None:
    del size


def thing_client() -> httpx.AsyncClient:
    """A client of the small service."""
    app = FastAPI(redirect_slashes=False)
    add_error_handlers(app, Dialects(DIALECT))

    @app.post("/thing")
    async def thing(body: Annotated[Thing, Depends(read_anonymous(Thing))]) -> dict[str, Any]:
        sent = body.file
        file = (
            [sent.filename, (await sent.read()).decode()] if isinstance(sent, StarletteUploadFile) else sent
        )
        return body.model_dump(exclude={"file"}) | {"file": file}

    @app.post("/digest")
    async def digest(request: Request) -> str:
        async with read_body(request, _uncounted, nullcontext) as body:
            return (await body.digest()).hex()

    for middleware in (BodyLimit, TrailingSlash, CleanTarget, RequestIds):
        app.add_middleware(middleware)
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url="http://test")


def codes(answer: httpx.Response) -> list[tuple[str | None, str]]:
    return [(item["field"], item["code"]) for item in answer.json()["errors"]]


def multipart(*parts: tuple[str, str]) -> dict[str, Any]:
    return {"files": [(name, (None, value)) for name, value in parts]}
