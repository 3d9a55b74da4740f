"""Bodies that are refused: each by its own name, with nothing read further than needed."""

from collections.abc import AsyncIterator

import httpx
import pytest

from tests.api.things import FORM, JSON, codes, multipart, thing_client


@pytest.fixture(scope="module")
async def client() -> AsyncIterator[httpx.AsyncClient]:
    async with thing_client() as client:
        yield client


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
    assert codes(answer) == [(None, code)]


@pytest.mark.parametrize("raw", [b"[]", b"null", b"3", b'"x"', b"true"])
async def test_json_that_is_no_object_is_422(client, raw):
    answer = await client.post("/thing", content=raw, headers=JSON)

    assert answer.status_code == 422
    assert codes(answer) == [(None, "not_an_object")]


@pytest.mark.parametrize(
    ("form", "field", "code"),
    [
        ({"json": {"name": "a\x00b"}}, "name", "nul_character"),
        ({"json": {"name": "x", "numbers": ["1", "2\x00"]}}, "numbers.1", "nul_character"),
        ({"data": {"name": "a\x00b"}}, "name", "nul_character"),
        (multipart(("name", "a\x00b")), "name", "nul_character"),
        ({"content": b'{"name": "\\ud800"}', "headers": JSON}, "name", "lone_surrogate"),
        ({"content": b'{"name": "x", "z": {"y": "\\udc00"}}', "headers": JSON}, "z.y", "lone_surrogate"),
        ({"content": b'name=x&numbers=["%5Cud800"]', "headers": FORM}, "numbers.0", "lone_surrogate"),
    ],
)
async def test_text_that_cannot_be_stored_is_named(client, form, field, code):
    answer = await client.post("/thing", **form)

    assert answer.status_code == 422
    assert codes(answer) == [(field, code)]


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
    assert codes(answer) == [(None, "invalid_encoding")]


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
    assert codes(answer) == [(None, "invalid_encoding")]


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
    assert codes(answer) == [(None, "unsupported_media_type")]
    assert "application/json" in answer.json()["message"]


async def test_an_empty_body_is_an_empty_object(client):
    for headers in ({}, JSON, FORM):
        answer = await client.post("/thing", content=b"", headers=headers)
        assert answer.status_code == 422
        assert codes(answer) == [("name", "missing")]


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
    assert expected in codes(answer)
    assert all(item["message"].endswith(".") for item in answer.json()["errors"])


async def test_a_body_over_the_limit_is_413_by_its_stated_length(client):
    answer = await client.post("/thing", content=b"{}", headers=JSON | {"content-length": str(10**9)})
    absurd = await client.post("/thing", content=b"{}", headers=JSON | {"content-length": "9" * 5000})

    assert answer.status_code == absurd.status_code == 413
    assert codes(answer) == [(None, "use_a_file")]


async def test_a_body_over_the_limit_is_413_by_counting(client):
    async def endless() -> AsyncIterator[bytes]:
        yield b'{"name": "'
        while True:
            yield b"x" * 1024**2

    answer = await client.post("/thing", content=endless(), headers=JSON)

    assert answer.status_code == 413
    assert codes(answer) == [(None, "use_a_file")]
    assert "send_to_number_file" in answer.json()["message"]


async def test_fields_of_a_multipart_body_are_bounded_together(client):
    parts = [("a", "x" * 3 * 1024**2)] * 3

    answer = await client.post("/thing", **multipart(*parts))

    assert answer.status_code == 413
    assert codes(answer) == [(None, "use_a_file")]


@pytest.mark.parametrize(
    "sent",
    [
        {"content": b"a=1&" * 100_001, "headers": FORM},
        multipart(*[("numbers[]", "9")] * 10_001),
        {"content": b'{"name": "x", "z": [' + b"[]," * 200_000 + b"1]}", "headers": JSON},
    ],
    ids=["a form", "multipart", "JSON"],
)
async def test_a_body_of_too_many_values_is_413_before_they_are_made(client, sent):
    answer = await client.post("/thing", **sent)

    assert answer.status_code == 413
    assert codes(answer) == [(None, "use_a_file")]


@pytest.mark.parametrize(
    ("count", "expected"), [(100_000, 200), (100_001, 413)], ids=["as many as may be", "one more"]
)
@pytest.mark.parametrize("written", ["a JSON list", "a list in a string", "a list in a form"])
async def test_a_list_holds_a_hundred_thousand_items_and_no_more(client, count, expected, written):
    numbers = ["9" * 10] * count
    sent = {
        "a JSON list": {"json": {"name": "x", "numbers": numbers}},
        "a list in a string": {"json": {"name": "x", "numbers": ", ".join(numbers)}},
        "a list in a form": {"data": {"name": "x", "numbers": ",".join(numbers)}},
    }[written]
    answer = await client.post("/thing", **sent)

    assert answer.status_code == expected
    if expected == 413:
        assert codes(answer) == [("numbers", "use_a_file")]
        assert "send_to_number_file" in answer.json()["message"]
    else:
        assert answer.json()["numbers"] == numbers


@pytest.mark.parametrize(
    ("fields", "code", "message"),
    [
        ({"name": "x", "even": 3}, "invalid_value", "This must be even."),
        ({"name": "x", "odd": 2}, "not_odd", "This must be odd, {really}."),
    ],
)
async def test_a_models_own_rule_speaks_for_itself(client, fields, code, message):
    answer = await client.post("/thing", json=fields)

    assert [(item["code"], item["message"]) for item in answer.json()["errors"]] == [(code, message)]
