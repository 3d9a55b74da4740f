"""One way to read bodies: what is taken, and in which forms."""

import json
from collections.abc import AsyncIterator

import httpx
import pytest

from tests.api.things import FORM, JSON, codes, multipart, thing_client


@pytest.fixture(scope="module")
async def client() -> AsyncIterator[httpx.AsyncClient]:
    async with thing_client() as client:
        yield client


@pytest.mark.parametrize("path", ["/thing", "/thing/"])
@pytest.mark.parametrize(
    "form",
    [
        {"json": {"name": "नमस्ते", "count": 3}},
        {"json": {"name": "नमस्ते", "count": "3"}},
        {"data": {"name": "नमस्ते", "count": "3"}},
        multipart(("name", "नमस्ते"), ("count", "3")),
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
        multipart(("name", "x"), ("numbers", "1"), ("numbers", "2"), ("numbers", "3")),
        multipart(("name", "x"), ("numbers[]", "1"), ("numbers[]", "2"), ("numbers[]", "3")),
        multipart(("name", "x"), ("numbers", "1,2,3")),
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

    assert codes(answer) == [("numbers", "wrong_type")]


async def test_several_statuses_in_one_string_are_told_apart(client):
    answer = await client.post("/thing", json={"name": "x", "status": "failed, hungup"})

    assert answer.json()["status"] == ["failed", "hungup"]


async def test_of_a_plain_form_field_sent_twice_the_last_counts_and_in_json_a_list_is_refused(client):
    form = await client.post("/thing", data={"name": ["a", "b"]})
    strict = await client.post("/thing", json={"name": ["a", "b"]})

    assert form.json()["name"] == "b"
    assert codes(strict) == [("name", "wrong_type")]


async def test_a_file_and_a_file_name_are_told_apart(client):
    upload = await client.post("/thing", data={"name": "x"}, files={"file": ("नाम.csv", b"1,2")})
    name = await client.post("/thing", json={"name": "x", "file": "some/where/numbers.csv"})

    assert upload.json()["file"] == ["नाम.csv", "1,2"]
    assert name.json()["file"] == "some/where/numbers.csv"


async def test_numbers_of_any_length_are_read_or_refused_by_name(client):
    long = await client.post(
        "/thing", content=b'{"name": "x", "numbers": [' + b"9" * 400 + b"]}", headers=JSON
    )
    longer = await client.post(
        "/thing", content=b'{"name": "x", "count": ' + b"9" * 9000 + b"}", headers=JSON
    )

    assert long.json()["numbers"] == [int("9" * 400)]
    assert longer.status_code == 422
    assert codes(longer)[0][0] == "count"


async def test_a_digest_knows_fields_and_file_bytes_but_not_the_boundary(client):
    async def digest(content: bytes, note: str = "n") -> str:
        answer = await client.post("/digest", data={"note": note}, files={"file": ("a.csv", content)})
        return json.loads(answer.text)

    assert await digest(b"1") == await digest(b"1")
    assert await digest(b"1") != await digest(b"2")
    assert await digest(b"1") != await digest(b"1", note="m")
