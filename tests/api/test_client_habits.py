"""Requests of public clients as they are, against the whole service: nothing of them is dropped in silence."""

import httpx
import pytest

CAMPAIGNS = "/api/system/campaigns"
FORM = {"content-type": "application/x-www-form-urlencoded"}


async def made(api: httpx.AsyncClient, **fields: object) -> dict:
    body = {"name": "n", "services": "PHONE", "individual_number": ["9801000001"], **fields}
    answer = await api.post(f"{CAMPAIGNS}/", json=body)
    assert answer.status_code == 201, answer.text
    return answer.json()["data"]["details"][0]


async def added(api: httpx.AsyncClient, **sent: object) -> httpx.Response:
    campaign = await made(api)
    return await api.post(f"{CAMPAIGNS}/number/{campaign['id']}/", **sent)


def tags_of(answer: httpx.Response) -> dict[str, str]:
    assert answer.status_code in {200, 201}, answer.text
    return answer.json()["data"]["details"][0]["available_tags"]


FORMS = {
    "http_build_query": {
        "content": "number=9800000001&available_tags%5Btags_name%5D=Sita&available_tags%5Btags_amount%5D=500",
        "headers": FORM,
    },
    "multipart": {
        "files": [
            ("number", (None, "9800000001")),
            ("available_tags[tags_name]", (None, "Sita")),
            ("available_tags[tags_amount]", (None, "500")),
        ]
    },
    "dotted": {
        "data": {
            "number": "9800000001",
            "available_tags.tags_name": "Sita",
            "available_tags.tags_amount": "500",
        }
    },
}


@pytest.mark.parametrize("sent", FORMS.values(), ids=FORMS)
async def test_tags_in_brackets_are_added_and_changed(api: httpx.AsyncClient, sent: dict) -> None:
    answer = await added(api, **sent)

    assert tags_of(answer) == {"tags_name": "Sita", "tags_amount": "500"}
    path = f"/api/system/number/{answer.json()['data']['details'][0]['id']}/"
    changed = await api.put(path, data={"available_tags[tags_name]": "New"})
    assert tags_of(changed) == {"tags_name": "New", "tags_amount": "500"}
    multipart = await api.put(path, files={"available_tags[tags_name]": (None, "Newer")})
    assert tags_of(multipart)["tags_name"] == "Newer"


@pytest.mark.parametrize(
    "sent",
    [
        {"json": {"number": "9801000002", "available_tags": []}},
        {"data": {"number": "9801000002", "available_tags": ""}},
        {"data": {"number": "9801000002", "available_tags": "[]"}},
    ],
)
async def test_an_empty_array_of_php_is_no_tags(api: httpx.AsyncClient, sent: dict) -> None:
    assert tags_of(await added(api, **sent)) == {}


@pytest.mark.parametrize("word", ["null", "undefined", "NaN", "-", "None"])
async def test_a_tag_of_the_word_for_nothing_has_no_value(api: httpx.AsyncClient, word: str) -> None:
    form = {"number": "9801000002", "available_tags[tags_name]": word}

    assert tags_of(await added(api, data=form)) == {}


async def test_a_tag_that_was_an_object_in_javascript_is_refused(api: httpx.AsyncClient) -> None:
    answer = await added(api, data={"number": "9801000002", "available_tags[tags_name]": "[object Object]"})

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "available_tags.tags_name"


@pytest.mark.parametrize(
    "name", ["individual_number", "individual_number[]", "individual_number[{}]", "individual_number.{}"]
)
async def test_numbers_are_listed_in_every_form_on_add(api: httpx.AsyncClient, name: str) -> None:
    fields = [("name", "n"), ("services", "phone")]
    fields += [(name.format(index), f"980100000{index}") for index in range(3)]
    plain = "&".join(f"{key}={value}" for key, value in fields)

    for sent in (
        {"content": plain, "headers": FORM},
        {"files": [(key, (None, value)) for key, value in fields]},
    ):
        answer = await api.post(f"{CAMPAIGNS}/", **sent)
        assert answer.status_code == 201, answer.text
        assert answer.json()["data"]["import"]["accepted"] == 3


@pytest.mark.parametrize("body", ["name=n&services=SMS & PHONE", "name=n&services=SMS &PHONE&description=d"])
async def test_an_unescaped_ampersand_never_makes_a_campaign_of_half_its_services(
    api: httpx.AsyncClient, body: str
) -> None:
    answer = await api.post(f"{CAMPAIGNS}/", content=f"{body}&individual_number=9800000001", headers=FORM)

    assert answer.status_code == 422
    error = answer.json()["errors"][0]
    assert (error["field"], error["code"]) == ("services", "unescaped_ampersand")
    assert "services=SMS+%26+PHONE" in error["message"]
    listed = await api.get(CAMPAIGNS)
    assert listed.json()["pagination"]["total_items"] == 0


@pytest.mark.parametrize(
    "sent",
    [
        {"data": {"services[]": ["SMS", "PHONE"]}},
        {"data": {"services": ["PHONE", "SMS"]}},
        {"data": {"services": "SMS,PHONE"}},
        {"json": {"services": ["sms", "phone"]}},
        {"data": {"services": "SMS & PHONE"}},
    ],
)
async def test_services_that_are_listed_are_all_taken(api: httpx.AsyncClient, sent: dict) -> None:
    (kind, fields), *_ = sent.items()
    answer = await api.post(
        f"{CAMPAIGNS}/", **{kind: {"name": "n", "individual_number": "9800000001", **fields}}
    )

    assert answer.status_code == 201, answer.text
    assert answer.json()["data"]["details"][0]["services"] == "SMS & PHONE"
    path = f"{CAMPAIGNS}/{answer.json()['data']['details'][0]['id']}/update"
    updated = await api.put(path, **{kind: fields})
    assert updated.json()["data"]["details"][0]["services"] == "SMS & PHONE"


async def test_multipart_under_a_false_json_type_adds_and_begins(api: httpx.AsyncClient) -> None:
    def body(*fields: str) -> bytes:
        joined = "".join(f"--edge\r\nContent-Disposition: form-data; name={field}\r\n" for field in fields)
        return f"{joined}--edge--\r\n".encode()

    headers = {"content-type": "application/json"}
    campaign = await api.post(
        f"{CAMPAIGNS}/",
        content=body(
            '"name"\r\n\r\nn',
            '"services"\r\n\r\nPHONE',
            '"send_to_number_file"; filename="a.csv"\r\n\r\nphone\r\n9801000001',
        ),
        headers=headers,
    )
    assert campaign.status_code == 201, campaign.text
    path = f"{CAMPAIGNS}/{campaign.json()['data']['details'][0]['id']}/begin/"
    begun = await api.post(path, content=body('"message"\r\n\r\nनमस्ते'), headers=headers)
    assert begun.status_code == 200, begun.text


async def test_a_list_is_read_by_the_name_that_dotnet_encodes(api: httpx.AsyncClient) -> None:
    name = "=?utf-8?B?4KS44KWC4KSa4KWALmNzdg==?="
    body = (
        "--x\r\nContent-Disposition: form-data; name=name\r\n\r\nfoo\r\n"
        "--x\r\nContent-Disposition: form-data; name=services\r\n\r\nPHONE\r\n"
        f'--x\r\nContent-Disposition: form-data; name=send_to_number_file; filename="{name}"; '
        "filename*=utf-8''%E0%A4%B8%E0%A5%82%E0%A4%9A%E0%A5%80.csv\r\n\r\nphone\r\n9800000001\r\n\r\n--x--\r\n"
    )

    answer = await api.post(
        f"{CAMPAIGNS}/", content=body.encode(), headers={"content-type": "multipart/form-data; boundary=x"}
    )

    assert answer.status_code == 201, answer.text
    assert answer.json()["data"]["import"]["accepted"] == 1


@pytest.mark.parametrize("form", ["individual", "individual[]", "individual[0]", "individual.0"])
async def test_recipients_are_named_in_every_form_on_preview_and_begin(
    api: httpx.AsyncClient, form: str
) -> None:
    campaign = await made(api, individual_number=["9801000001", "9801000002"])
    listed = await api.get(f"{CAMPAIGNS}/number/{campaign['id']}/")
    second = listed.json()["data"]["numbers"][1]["id"]

    preview = await api.post(
        f"{CAMPAIGNS}/{campaign['id']}/preview/", data={"message": "नमस्ते", form: str(second)}
    )
    begun = await api.post(
        f"{CAMPAIGNS}/{campaign['id']}/begin/", data={"message": "नमस्ते", form: str(second)}
    )

    assert [one["id"] for one in preview.json()["data"]["previews"]] == [second], preview.text
    assert begun.json()["data"]["run"]["recipients"] == 1, begun.text


@pytest.mark.parametrize("word", ["null", "undefined", " None ", "NaN", "[object Object]"])
@pytest.mark.parametrize("field", ["message", "sms_message"])
async def test_the_word_for_nothing_is_no_message(api: httpx.AsyncClient, field: str, word: str) -> None:
    campaign = await made(api)
    asked = (
        api.post(f"{CAMPAIGNS}/{campaign['id']}/begin/", data={"message": "नमस्ते", field: word}),
        api.put(f"{CAMPAIGNS}/{campaign['id']}/update", data={field: word}),
        api.post(
            f"{CAMPAIGNS}/", data={"name": "n", "services": "PHONE", "individual_number": "9801", field: word}
        ),
    )
    for request in asked:
        answer = await request
        assert answer.status_code == 422, answer.text
        assert [(item["field"], item["code"]) for item in answer.json()["errors"]] == [(field, "no_message")]
    shown = await api.get(f"{CAMPAIGNS}/{campaign['id']}/details")
    assert shown.json()["data"]["details"][0][field] is None
