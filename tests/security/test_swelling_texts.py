"""Texts that grow while they are read: refused with a sentence, before anything is read to its end."""

import pytest

CAMPAIGNS = "/api/system/campaigns/"
VOICE = "/api/system/test/voice/"
CODE = "message_too_long_when_read"
SWELLING = "{tags_x}" * 20
VALUE = "क " * 240
SAID = ("रु १२,३४५,६७८.९० मिति २०८१/०५/१२ " * 8)[:200]


@pytest.fixture
async def taught(api) -> None:
    """The account says two hundred characters of amounts and dates for one letter."""
    answer = await api.put("/api/system/abbreviations/", json={"abbreviations": {"क": SAID}})
    assert answer.status_code == 200, answer.text


async def campaign(api, *values: str, message: str = SWELLING, services: str = "PHONE") -> str:
    rows = "".join(f"98012345{n:02},{value}\n" for n, value in enumerate(values, 10))
    answer = await api.post(
        CAMPAIGNS,
        data={"name": "Swelling", "services": services, "message": message},
        files={"send_to_number_file": ("people.csv", f"number,x\n{rows}".encode())},
    )
    assert answer.status_code == 201, answer.text
    return f"{CAMPAIGNS}{answer.json()['data']['details'][0]['id']}"


async def runs(api, path: str) -> list:
    return (await api.get(f"{path}/runs/")).json()["data"]["runs"]


async def test_a_begin_names_the_recipients_whose_text_is_too_long_and_begins_nothing(api, taught):
    path = await campaign(api, VALUE, "राम", VALUE)
    answer = await api.post(f"{path}/begin/", json={})
    assert answer.status_code == 422
    errors = answer.json()["errors"]
    assert [error["code"] for error in errors] == [CODE, CODE]
    assert [error["message"].split(":")[0] for error in errors] == [
        "Recipient 9801234510",
        "Recipient 9801234512",
    ]
    assert await runs(api, path) == []


async def test_a_preview_and_a_test_voice_refuse_such_a_text(api, taught):
    path = await campaign(api, *[VALUE] * 8)
    preview = await api.post(f"{path}/preview/", json={})
    assert (preview.status_code, preview.json()["errors"][0]["code"]) == (422, CODE)
    voice = await api.post(VOICE, json={"message": VALUE})
    assert (voice.status_code, voice.json()["errors"][0]["code"]) == (422, CODE)
    assert (await api.post(VOICE, json={"message": "क"})).status_code == 200


async def test_the_values_alone_may_be_too_much_without_any_abbreviation(api):
    path = await campaign(api, "अ" * 4_000)
    answer = await api.post(f"{path}/begin/", json={})
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, CODE)


async def test_a_run_goes_on_with_those_whose_text_can_be_read(api, taught):
    path = await campaign(api, *["राम"] * 20, VALUE)
    answer = await api.post(f"{path}/begin/", json={})
    assert answer.status_code == 200, answer.text
