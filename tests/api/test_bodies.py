"""One way to read bodies: what is taken, in which forms, and what is refused by which name."""

import json
from collections.abc import AsyncIterator
from typing import Annotated, Any

import httpx
import pytest
from fastapi import Depends, FastAPI, UploadFile
from pydantic import BaseModel, ConfigDict, Field
from starlette.datastructures import UploadFile as StarletteUploadFile
from starlette.requests import Request

from app.api.body import read_anonymous, read_body
from app.api.errors import add_error_handlers
from app.api.fields import Name
from app.api.middleware import BodyLimit, CleanTarget, RequestIds, TrailingSlash

FORM = {"content-type": "application/x-www-form-urlencoded"}
JSON = {"content-type": "application/json"}


class Thing(BaseModel):
    model_config = ConfigDict(arbitrary_types_allowed=True)

    name: Name
    count: int | None = None
    numbers: list[Any] | None = None
    status: list[str] | str | None = None
    file: UploadFile | str | None = None
    size: Annotated[int, Field(ge=1, le=9)] = 1


@pytest.fixture(scope="module")
async def client() -> AsyncIterator[httpx.AsyncClient]:
    app = FastAPI(redirect_slashes=False)
    add_error_handlers(app)

    @app.post("/thing")
    async def thing(body: Annotated[Thing, Depends(read_anonymous(Thing))]) -> dict[str, Any]:
        sent = body.file
        file = (
            [sent.filename, (await sent.read()).decode()] if isinstance(sent, StarletteUploadFile) else sent
        )
        return body.model_dump(exclude={"file"}) | {"file": file}

    @app.post("/digest")
    async def digest(request: Request) -> str:
        return (await (await read_body(request)).digest()).hex()

    for middleware in (BodyLimit, TrailingSlash, CleanTarget, RequestIds):
        app.add_middleware(middleware)
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        yield client


def _codes(answer: httpx.Response) -> list[tuple[str | None, str]]:
    return [(item["field"], item["code"]) for item in answer.json()["errors"]]


def _multipart(*parts: tuple[str, str]) -> dict[str, Any]:
    return {"files": [(name, (None, value)) for name, value in parts]}


@pytest.mark.parametrize("path", ["/thing", "/thing/"])
@pytest.mark.parametrize(
    "form",
    [
        {"json": {"name": "नमस्ते", "count": 3}},
        {"json": {"name": "नमस्ते", "count": "3"}},
        {"data": {"name": "नमस्ते", "count": "3"}},
        _multipart(("name", "नमस्ते"), ("count", "3")),
        {"content": "name=नमस्ते&count=3".encode(), "headers": FORM},
        {
            "content": b'\xef\xbb\xbf{"name":"\\u0928\\u092e\\u0938\\u094d\\u0924\\u0947","count":3}',
            "headers": JSON,
        },
        {
            "content": b'{"name": "x", "name": "' + "नमस्ते".encode() + b'", "count": 3}',
            "headers": JSON,
        },
        {
            "content": '{"name": "नमस्ते", "count": 3}'.encode(),
            "headers": {"content-type": "application/vnd.api+json; charset=utf-8"},
        },
    ],
)
async def test_json_multipart_and_plain_forms_are_read_alike(client, path, form):
    answer = await client.post(path, **form)

    assert answer.status_code == 200, answer.text
    assert answer.json()["name"] == "नमस्ते"
    assert answer.json()["count"] == 3


async def test_json_sent_under_the_type_that_curl_assumes_is_read(client):
    answer = await client.post("/thing", content=b' {"name": "x"}', headers=FORM)

    assert answer.json()["name"] == "x"


async def test_json_without_a_content_type_is_read(client):
    answer = await client.post("/thing", content=b'{"name": "x"}')

    assert answer.json()["name"] == "x"


async def test_unknown_fields_are_ignored(client):
    answer = await client.post("/thing", json={"name": "x", "id": 9, "nonsense": {"a": [1]}})

    assert answer.status_code == 200


@pytest.mark.parametrize(
    "form",
    [
        {"json": {"name": "x", "numbers": ["1", "2", "3"]}},
        {"json": {"name": "x", "numbers": "1, 2,3"}},
        {"data": {"name": "x", "numbers": ["1", "2", "3"]}},
        {"data": {"name": "x", "numbers[]": ["1", "2", "3"]}},
        {"data": {"name": "x", "numbers[0]": "1", "numbers[1]": "2", "numbers[2]": "3"}},
        {"data": {"name": "x", "numbers": '["1", "2", "3"]'}},
        {"data": {"name": "x", "numbers": "1, 2, 3"}},
        _multipart(("name", "x"), ("numbers", "1"), ("numbers", "2"), ("numbers", "3")),
        _multipart(("name", "x"), ("numbers[]", "1"), ("numbers[]", "2"), ("numbers[]", "3")),
        _multipart(("name", "x"), ("numbers", "1,2,3")),
    ],
)
async def test_a_list_may_be_written_in_every_usual_way(client, form):
    answer = await client.post("/thing", **form)

    assert answer.json()["numbers"] == ["1", "2", "3"]


async def test_a_list_of_one_from_a_form_is_a_list(client):
    for name in ("numbers", "numbers[]"):
        answer = await client.post("/thing", data={"name": "x", name: "1"})
        assert answer.json()["numbers"] == ["1"]


async def test_text_that_only_looks_like_a_list_is_refused(client):
    answer = await client.post("/thing", data={"name": "x", "numbers": "[1, 2"})

    assert _codes(answer) == [("numbers", "wrong_type")]


async def test_several_statuses_in_one_string_are_told_apart(client):
    answer = await client.post("/thing", json={"name": "x", "status": "failed, hungup"})

    assert answer.json()["status"] == ["failed", "hungup"]


async def test_of_a_plain_form_field_sent_twice_the_last_counts_and_in_json_a_list_is_refused(client):
    form = await client.post("/thing", data={"name": ["a", "b"]})
    strict = await client.post("/thing", json={"name": ["a", "b"]})

    assert form.json()["name"] == "b"
    assert _codes(strict) == [("name", "wrong_type")]


async def test_a_file_and_a_file_name_are_told_apart(client):
    upload = await client.post("/thing", data={"name": "x"}, files={"file": ("नाम.csv", b"1,2")})
    name = await client.post("/thing", json={"name": "x", "file": "some/where/numbers.csv"})

    assert upload.json()["file"] == ["नाम.csv", "1,2"]
    assert name.json()["file"] == "some/where/numbers.csv"


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"{", "invalid_json"),
        (b"nope", "invalid_json"),
        (b'{"name": NaN}', "invalid_json"),
        (b'{"name": Infinity}', "invalid_json"),
        (b'{"count": 1e999}', "invalid_json"),
        (b'{"name": "a" "b"}', "invalid_json"),
        (b'{"name": "a\x00b"}', "invalid_json"),
        (b'{"name": "\xff"}', "invalid_encoding"),
        (b'{"name": "\xed\xa0\x80"}', "invalid_encoding"),
        (b'{"a":' * 40 + b"1" + b"}" * 40, "too_deep"),
        (b"[" * 100_000, "too_deep"),
    ],
)
async def test_what_is_not_json_is_400(client, raw, code):
    answer = await client.post("/thing", content=raw, headers=JSON)

    assert answer.status_code == 400
    assert _codes(answer) == [(None, code)]


@pytest.mark.parametrize("raw", [b"[]", b"null", b"3", b'"x"', b"true"])
async def test_json_that_is_no_object_is_422(client, raw):
    answer = await client.post("/thing", content=raw, headers=JSON)

    assert answer.status_code == 422
    assert _codes(answer) == [(None, "not_an_object")]


@pytest.mark.parametrize(
    ("form", "field", "code"),
    [
        ({"json": {"name": "a\x00b"}}, "name", "nul_character"),
        ({"json": {"name": "x", "numbers": ["1", "2\x00"]}}, "numbers.1", "nul_character"),
        ({"data": {"name": "a\x00b"}}, "name", "nul_character"),
        (_multipart(("name", "a\x00b")), "name", "nul_character"),
        ({"content": b'{"name": "\\ud800"}', "headers": JSON}, "name", "lone_surrogate"),
        ({"content": b'{"name": "x", "z": {"y": "\\udc00"}}', "headers": JSON}, "z.y", "lone_surrogate"),
        ({"content": b'name=x&numbers=["%5Cud800"]', "headers": FORM}, "numbers.0", "lone_surrogate"),
    ],
)
async def test_text_that_cannot_be_stored_is_named(client, form, field, code):
    answer = await client.post("/thing", **form)

    assert answer.status_code == 422
    assert _codes(answer) == [(field, code)]


async def test_half_characters_that_form_a_whole_one_are_text(client):
    answer = await client.post("/thing", content=b'{"name": "\\ud83d\\ude00"}', headers=JSON)

    assert answer.json()["name"] == "\U0001f600"


async def test_the_letters_of_an_escape_are_text(client):
    answer = await client.post("/thing", json={"name": "\\u0000"})

    assert answer.json()["name"] == "\\u0000"


@pytest.mark.parametrize("raw", [b"name=%FF", b"name=\xff", b"%ED%A0%80=1"])
async def test_a_plain_form_that_is_not_utf8_is_400(client, raw):
    answer = await client.post("/thing", content=raw, headers=FORM)

    assert answer.status_code == 400
    assert _codes(answer) == [(None, "invalid_encoding")]


@pytest.mark.parametrize(
    "head",
    [
        b'form-data; name="name"\r\n\r\n\xff\xfe',
        b'form-data; name="\xff"\r\n\r\nx',
        b'form-data; name="file"; filename="\xff.csv"\r\n\r\nx',
    ],
)
async def test_a_multipart_form_that_is_not_utf8_is_400(client, head):
    raw = b"--edge\r\nContent-Disposition: " + head + b"\r\n--edge--\r\n"

    answer = await client.post(
        "/thing", content=raw, headers={"content-type": "multipart/form-data; boundary=edge"}
    )

    assert answer.status_code == 400
    assert _codes(answer) == [(None, "invalid_encoding")]


@pytest.mark.parametrize(
    ("kind", "raw"),
    [
        ("multipart/form-data", b"x"),
        ("multipart/form-data; boundary=", b"x"),
        ("multipart/form-data; boundary=edge", b"no parts here"),
        (
            "multipart/form-data; boundary=edge",
            b"--edge\r\nContent-Disposition: form-data\r\n\r\nx\r\n--edge--\r\n",
        ),
        ("multipart/form-data; boundary=edge", b"--edge\r\n\x00bad: header\r\n\r\nx"),
        ("multipart/form-data; boundary=" + "e" * 300, b"x"),
    ],
)
async def test_a_broken_multipart_body_is_400(client, kind, raw):
    answer = await client.post("/thing", content=raw, headers={"content-type": kind})

    assert answer.status_code in {400, 422}, answer.text
    assert answer.json()["success"] is False


@pytest.mark.parametrize("kind", ["text/plain", "application/xml", "image/png", "multipart/mixed", ";;;"])
async def test_other_content_types_are_415(client, kind):
    answer = await client.post("/thing", content=b"x", headers={"content-type": kind})

    assert answer.status_code == 415
    assert _codes(answer) == [(None, "unsupported_media_type")]
    assert "application/json" in answer.json()["message"]


async def test_an_empty_body_is_an_empty_object(client):
    for headers in ({}, JSON, FORM):
        answer = await client.post("/thing", content=b"", headers=headers)
        assert answer.status_code == 422
        assert _codes(answer) == [("name", "missing")]


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"name": ""}, ("name", "empty")),
        ({"name": "   "}, ("name", "empty")),
        ({"name": None}, ("name", "wrong_type")),
        ({"name": 7}, ("name", "wrong_type")),
        ({"name": True}, ("name", "wrong_type")),
        ({"name": {}}, ("name", "wrong_type")),
        ({"name": "x" * 256}, ("name", "too_long")),
        ({"name": "x", "count": "three"}, ("count", "wrong_type")),
        ({"name": "x", "count": 1.5}, ("count", "wrong_type")),
        ({"name": "x", "count": []}, ("count", "wrong_type")),
        ({"name": "x", "numbers": {"a": 1}}, ("numbers", "wrong_type")),
        ({"name": "x", "status": [1]}, ("status.0", "wrong_type")),
        ({"name": "x", "file": 3}, ("file", "wrong_type")),
        ({"name": "x", "size": 0}, ("size", "out_of_range")),
        ({"name": "x", "size": 10}, ("size", "out_of_range")),
    ],
)
async def test_each_wrong_field_has_a_stable_code(client, fields, expected):
    answer = await client.post("/thing", json=fields)

    assert answer.status_code == 422
    assert expected in _codes(answer)
    assert all(item["message"].endswith(".") for item in answer.json()["errors"])


async def test_numbers_of_any_length_are_read_or_refused_by_name(client):
    long = await client.post(
        "/thing", content=b'{"name": "x", "numbers": [' + b"9" * 400 + b"]}", headers=JSON
    )
    longer = await client.post(
        "/thing", content=b'{"name": "x", "count": ' + b"9" * 9000 + b"}", headers=JSON
    )

    assert long.json()["numbers"] == [int("9" * 400)]
    assert longer.status_code == 422
    assert _codes(longer)[0][0] == "count"


async def test_a_body_over_the_limit_is_413_by_its_stated_length(client):
    answer = await client.post("/thing", content=b"{}", headers=JSON | {"content-length": str(10**9)})
    absurd = await client.post("/thing", content=b"{}", headers=JSON | {"content-length": "9" * 5000})

    assert answer.status_code == absurd.status_code == 413
    assert _codes(answer) == [(None, "body_too_large")]


async def test_a_body_over_the_limit_is_413_by_counting(client):
    async def endless() -> AsyncIterator[bytes]:
        yield b'{"name": "'
        while True:
            yield b"x" * 1024**2

    answer = await client.post("/thing", content=endless(), headers=JSON)

    assert answer.status_code == 413
    assert _codes(answer) == [(None, "body_too_large")]


async def test_fields_of_a_multipart_body_are_bounded_together(client):
    parts = [("a", "x" * 9 * 1024**2)] * 4

    answer = await client.post("/thing", **_multipart(*parts))

    assert answer.status_code == 413
    assert _codes(answer) == [(None, "body_too_large")]


async def test_a_form_with_too_many_fields_is_413(client):
    answer = await client.post("/thing", content=b"a=1&" * 200_001, headers=FORM)

    assert answer.status_code == 413
    assert _codes(answer) == [(None, "too_many_fields")]


async def test_a_digest_knows_fields_and_file_bytes_but_not_the_boundary(client):
    async def digest(content: bytes, note: str = "n") -> str:
        answer = await client.post("/digest", data={"note": note}, files={"file": ("a.csv", content)})
        return json.loads(answer.text)

    assert await digest(b"1") == await digest(b"1")
    assert await digest(b"1") != await digest(b"2")
    assert await digest(b"1") != await digest(b"1", note="m")
