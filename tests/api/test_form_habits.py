"""Forms as the public HTTP clients of other languages write them."""

from collections.abc import AsyncIterator

import httpx
import pytest

from tests.api.things import FORM, codes, multipart, thing_client

WORDS = "=?utf-8?B?4KS44KWC4KSa4KWALmNzdg==?="
OCTETS = "utf-8''%E0%A4%B8%E0%A5%82%E0%A4%9A%E0%A5%80.csv"
EDGE = "--x\r\nContent-Disposition: form-data; "


@pytest.fixture(scope="module")
async def client() -> AsyncIterator[httpx.AsyncClient]:
    async with thing_client() as client:
        yield client


def parts(*written: str) -> bytes:
    return ("".join(EDGE + part + "\r\n" for part in written) + "--x--\r\n").encode()


TAGS = {"tags_name": "सीता", "tags_amount": "500"}


@pytest.mark.parametrize(
    "form",
    [
        {"data": {"name": "x", "tags[tags_name]": "सीता", "tags[tags_amount]": "500"}},
        {"data": {"name": "x", "tags.tags_name": "सीता", "tags.tags_amount": "500"}},
        {"data": {"name": "x", "tags['tags_name']": "सीता", 'tags["tags_amount"]': "500"}},
        {"data": {"name": "x", "tags": "", "tags[tags_name]": "सीता", "tags[tags_amount]": "500"}},
        multipart(("name", "x"), ("tags[tags_name]", "सीता"), ("tags[tags_amount]", "500")),
        {"json": {"name": "x", "tags[tags_name]": "सीता", "tags.tags_amount": "500"}},
        {
            "content": "name=x&tags%5Btags_name%5D=%E0%A4%B8%E0%A5%80%E0%A4%A4%E0%A4%BE&tags[tags_amount]=500",
            "headers": FORM,
        },
    ],
)
async def test_an_object_may_be_written_in_every_usual_way(client, form):
    answer = await client.post("/thing", **form)

    assert answer.status_code == 200, answer.text
    assert answer.json()["tags"] == TAGS


@pytest.mark.parametrize(
    "form",
    [
        {"numbers[0]": "1", "numbers[1]": "2", "numbers[2]": "3"},
        {"numbers[2]": "3", "numbers[0]": "1", "numbers[1]": "2"},
        {"numbers[10]": "2", "numbers[9]": "1", "numbers[999999999]": "3"},
        {"numbers[1]": "2", "numbers[]": "3", "numbers[0]": "1"},
        {"numbers.0": "1", "numbers.1": "2", "numbers.2": "3"},
        {"numbers": "1", "numbers[]": ["2", "3"]},
        {"numbers": "", "numbers[]": ["1", "2", "3"]},
    ],
)
async def test_a_list_in_brackets_is_in_the_order_of_its_indexes(client, form):
    for sent in ({"data": {"name": "x", **form}}, {"json": {"name": "x", **form}}):
        answer = await client.post("/thing", **sent)

        assert answer.status_code == 200, answer.text
        assert answer.json()["numbers"] == ["1", "2", "3"]


async def test_names_of_digits_are_names_in_an_object(client):
    answer = await client.post("/thing", data={"name": "x", "tags[2082]": "a", "tags[2083]": "b"})

    assert answer.json()["tags"] == {"2082": "a", "2083": "b"}


async def test_deeper_brackets_are_objects_within(client):
    form = {"name": "x", "tags[a][b][c]": "1", "tags[a][d][]": ["2", "3"]}

    answer = await client.post("/thing", data=form)

    assert answer.json()["tags"] == {"a": {"b": {"c": "1"}, "d": ["2", "3"]}}


@pytest.mark.parametrize(
    ("form", "field", "code"),
    [
        ({"tags[a": "1"}, "tags", "bad_field_name"),
        ({"tags]a[": "1"}, "tags", "bad_field_name"),
        ({"tags[a]b": "1"}, "tags", "bad_field_name"),
        ({"tags[[a]]": "1"}, "tags", "bad_field_name"),
        ({"tags.": "1"}, "tags", "bad_field_name"),
        ({"tags" + "[a]" * 9: "1"}, "tags", "bad_field_name"),
        ({"numbers[": "1"}, "numbers", "bad_field_name"),
        ({"tags": '{"a": 1}', "tags[b]": "2"}, "tags", "sent_twice"),
        ({"tags[a]": "1", "tags[a][b]": "2"}, "tags.a", "sent_twice"),
        ({"tags[a]": "1", "tags[]": "2"}, "tags", "sent_twice"),
        ({"tags[]": "1"}, "tags", "wrong_type"),
        ({"tags": ['{"a": 1}', '{"b": 1}']}, "tags", "wrong_type"),
        ({"numbers[first]": "1"}, "numbers", "wrong_type"),
        ({"size[a]": "1"}, "size", "wrong_type"),
    ],
)
async def test_a_field_whose_place_cannot_be_read_is_refused_and_never_dropped(client, form, field, code):
    answer = await client.post("/thing", data={"name": "x", **form})

    assert answer.status_code == 422, answer.text
    assert codes(answer) == [(field, code)]


async def test_brackets_and_dots_of_unknown_fields_are_ignored(client):
    form = {
        "name": "x",
        "utf8": "✓",
        "other[a": "1",
        "commit.now": "2",
        "name.first": "3",
        "[]": "4",
        "": "5",
    }

    answer = await client.post("/thing", data=form)

    assert answer.status_code == 200
    assert answer.json()["name"] == "x"


@pytest.mark.parametrize(
    "body",
    [
        "name=SMS & PHONE",
        "name=SMS &PHONE&count=1",
        "name=a&status=Tea & coffee",
        "name=SMS &amp; PHONE",
        "count=1&name=a%20b &%E0%A4%A8",
    ],
)
async def test_an_ampersand_that_was_not_escaped_is_refused(client, body):
    answer = await client.post("/thing", content=body.encode(), headers=FORM)

    assert answer.status_code == 422
    assert codes(answer)[0][1] == "unescaped_ampersand"
    assert "%26" in answer.json()["message"]


@pytest.mark.parametrize("body", ["name=x&", "&name=x&&count=1", "name=x&other=", "name=SMS+%26+PHONE"])
async def test_ampersands_between_fields_are_no_fault(client, body):
    answer = await client.post("/thing", content=body.encode(), headers=FORM)

    assert answer.status_code == 200, answer.text


@pytest.mark.parametrize(
    "kind",
    [
        "application/json",
        "application/json; charset=utf-8",
        "application/x-www-form-urlencoded",
        "text/plain",
        "multipart/form-data",
        None,
    ],
)
async def test_multipart_under_a_false_content_type_is_read_by_its_first_line(client, kind):
    body = parts(
        'name="name"\r\n\r\nनाम', 'name="numbers"\r\n\r\n1,2', 'name="file"; filename="a.csv"\r\n\r\nphone'
    )
    headers = {"content-type": kind} if kind else {}

    answer = await client.post("/thing", content=body, headers=headers)

    assert answer.status_code == 200, answer.text
    assert (answer.json()["name"], answer.json()["numbers"]) == ("नाम", ["1", "2"])
    assert answer.json()["file"] == ["a.csv", "phone"]


async def test_multipart_under_a_false_content_type_may_come_byte_by_byte(client):
    async def dripping() -> AsyncIterator[bytes]:
        for byte in parts('name="name"\r\n\r\nx'):
            yield bytes([byte])

    answer = await client.post("/thing", content=dripping(), headers={"content-type": "application/json"})

    assert answer.json()["name"] == "x"


async def test_multipart_under_a_false_content_type_keeps_the_bounds_of_forms(client):
    many = parts(*['name="numbers"\r\n\r\n1'] * 10_001)

    answer = await client.post("/thing", content=many, headers={"content-type": "application/json"})

    assert answer.status_code == 413
    assert codes(answer) == [(None, "use_a_file")]


@pytest.mark.parametrize(
    ("disposition", "name"),
    [
        (f"filename={WORDS}; filename*={OCTETS}", "सूची.csv"),
        (f'filename="{WORDS}"; filename*="{OCTETS}"', "सूची.csv"),
        ('filename="=?utf-8?B?4KS44KWC4KSa4KWALmNzdg==?="', "सूची.csv"),
        ('filename="=?UTF-8?Q?=E0=A4=B8=E0=A5=82=E0=A4=9A=E0=A5=80=2Ecsv?="', "सूची.csv"),
        ('filename="=?utf-8?B?4KS44KWC?= =?utf-8?B?4KSa4KWALmNzdg==?="', "सूची.csv"),
        ("filename*=UTF-8''%E0%A4%B8%E0%A5%82%E0%A4%9A%E0%A5%80.csv", "सूची.csv"),
        ("filename*=iso-8859-1'en'r%E9sum%E9.csv", "résumé.csv"),
        ("filename=plain.csv; filename*=utf-8'ne'%E0%A4%B8.csv", "स.csv"),
        ('filename="सूची.csv"', "सूची.csv"),
        ("filename=\"a.csv\"; filename*=nonsense''%FF.csv", "a.csv"),
        ("filename=\"a.csv\"; filename*=utf-8''%FF.csv", "a.csv"),
        ('filename="=?nonsense?B?4KS44KWC?=.csv"', "=?nonsense?B?4KS44KWC?=.csv"),
        ('filename="100% (=?).csv"', "100% (=?).csv"),
    ],
)
async def test_a_file_keeps_its_name_in_every_encoding_of_headers(client, disposition, name):
    body = parts("name=name\r\n\r\nx", f"name=file; {disposition}\r\n\r\n1,2")

    answer = await client.post(
        "/thing", content=body, headers={"content-type": "multipart/form-data; boundary=x"}
    )

    assert answer.status_code == 200, answer.text
    assert answer.json()["file"] == [name, "1,2"]


async def test_two_files_in_one_field_are_refused(client):
    files = [("file", ("a.csv", b"1")), ("file", ("b.csv", b"2"))]

    answer = await client.post("/thing", data={"name": "x"}, files=files)

    assert codes(answer) == [("file", "several_files")]


async def test_an_empty_file_field_beside_a_file_is_no_second_file(client):
    files = [("file[]", ("a.csv", b"1")), ("file[]", ("", b""))]

    answer = await client.post("/thing", data={"name": "x"}, files=files)

    assert answer.json()["file"] == ["a.csv", "1"]


@pytest.mark.parametrize("encoding", ["base64", "quoted-printable", "BASE64"])
async def test_a_part_that_is_encoded_is_415_and_not_stored_as_it_stands(client, encoding):
    body = parts(f'name="file"; filename="a.csv"\r\nContent-Transfer-Encoding: {encoding}\r\n\r\nMQ==')

    answer = await client.post(
        "/thing", content=body, headers={"content-type": "multipart/form-data; boundary=x"}
    )

    assert answer.status_code == 415
    assert codes(answer) == [(None, "unsupported_transfer_encoding")]
    assert encoding.lower() in answer.json()["message"]


@pytest.mark.parametrize("encoding", ["gzip", "br", "deflate", "zstd", "gzip, gzip"])
async def test_a_compressed_body_is_415_that_names_the_encoding(client, encoding):
    answer = await client.post("/thing", json={"name": "x"}, headers={"content-encoding": encoding})

    assert answer.status_code == 415
    assert codes(answer) == [(None, "unsupported_content_encoding")]
    assert encoding in answer.json()["message"]


async def test_the_encoding_identity_is_none(client):
    answer = await client.post("/thing", json={"name": "x"}, headers={"content-encoding": "identity"})

    assert answer.status_code == 200
