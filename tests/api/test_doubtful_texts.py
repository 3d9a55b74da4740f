"""Texts that are sent by mistake: for another font, for another mailer, or a program's word for nothing."""

import pytest

CAMPAIGNS = "/api/system/campaigns/"
PREETI = "cfh ljB't aGb x'g]5"
UNICODE = "आज विद्युत बन्द हुनेछ"
ROWS = "number,name\n9801234567,राम\n9801234568,;Ltf zdf{\n"


@pytest.fixture
async def campaign(api) -> int:
    answer = await api.post(
        CAMPAIGNS,
        data={"name": "Bills", "services": "PHONE", "message": "नमस्ते {tags_name}"},
        files={"send_to_number_file": ("people.csv", ROWS.encode())},
    )
    assert answer.status_code == 201, answer.text
    return answer.json()["data"]["details"][0]["id"]


async def test_a_test_voice_offers_the_unicode_of_a_preeti_message_and_says_what_was_sent(api):
    data = (await api.post("/api/system/test/voice/", json={"message": PREETI})).json()["data"]
    assert [(one["code"], one["suggestion"]) for one in data["warnings"]] == [("preeti_text", UNICODE)]
    assert UNICODE not in data["spoken_text"]


async def test_a_preview_warns_of_preeti_in_the_message_and_in_a_value(api, campaign):
    answer = await api.post(f"{CAMPAIGNS}{campaign}/preview/", json={"message": PREETI + " {tags_name}"})
    first, second = answer.json()["data"]["previews"]
    assert [(one["code"], one["suggestion"]) for one in first["warnings"]] == [
        ("preeti_text", UNICODE + " {tags_name}")
    ]
    assert [one["suggestion"] for one in second["warnings"]][1] == "सीता शर्मा"
    sms = await api.post(f"{CAMPAIGNS}{campaign}/sms_preview/", json={"sms_message": PREETI})
    assert [one["code"] for one in sms.json()["data"]["total"]["warnings"]] == ["preeti_text"]


async def test_a_begin_warns_of_preeti_and_calls_with_what_was_sent(api, campaign):
    answer = await api.post(f"{CAMPAIGNS}{campaign}/begin/", json={"message": PREETI})
    data = answer.json()["data"]
    assert (answer.status_code, data["warnings"]) == (200, 2)
    assert [(one["code"], one["suggestion"]) for one in data["concerns"]] == [("preeti_text", UNICODE)]


async def test_a_tag_in_preeti_is_taken_with_a_warning(api, campaign):
    body = {"number": "9801234570", "available_tags": {"name": ";Ltf zdf{"}}
    data = (await api.post(f"{CAMPAIGNS}number/{campaign}/", json=body)).json()["data"]
    (warning,) = data["warnings"]
    assert (warning["code"], warning["column"]) == ("preeti_text", "tags_name")
    assert warning["values"][0]["suggestion"] == "सीता शर्मा"
    assert data["details"][0]["available_tags"] == {"tags_name": ";Ltf zdf{"}


@pytest.mark.parametrize("text", ["{{tags_name}}", "[name]", "%name%", "<name>", "${tags_name}"])
async def test_placeholders_of_other_mailers_are_refused_before_anybody_is_called(api, campaign, text):
    for door, field in (("preview", "message"), ("begin", "message"), ("sms_preview", "sms_message")):
        answer = await api.post(f"{CAMPAIGNS}{campaign}/{door}/", json={field: f"नमस्ते {text}"})
        assert answer.status_code == 422, door
        (error,) = answer.json()["errors"]
        assert error["code"] == "unknown_placeholder"
        assert "{tags_name}" in error["message"]


@pytest.mark.parametrize("value", ["NULL", "#N/A", "nan", "-", " None "])
async def test_a_value_that_is_none_counts_as_missing(api, campaign, value):
    body = {"number": "9801234571", "available_tags": {"name": value}}
    added = (await api.post(f"{CAMPAIGNS}number/{campaign}/", json=body)).json()["data"]["details"][0]
    preview = await api.post(f"{CAMPAIGNS}{campaign}/preview/", json={"individual": [added["id"]]})
    (one,) = preview.json()["data"]["previews"]
    assert [warning["code"] for warning in one["warnings"]] == ["missing_tag"]


@pytest.mark.parametrize("text", ["null", "NULL", " None ", "nan"])
async def test_a_message_that_is_a_programs_word_for_nothing_is_refused(api, campaign, text):
    new = {"name": "x", "services": "PHONE", "individual_number": ["9801234567"], "message": text}
    answers = [
        await api.post(CAMPAIGNS, json=new),
        await api.put(f"{CAMPAIGNS}{campaign}/update/", json={"message": text}),
        await api.post(f"{CAMPAIGNS}{campaign}/begin/", json={"message": text}),
        await api.post(f"{CAMPAIGNS}{campaign}/preview/", json={"message": text}),
        await api.post("/api/system/test/voice/", json={"message": text}),
    ]
    assert [(a.status_code, a.json()["errors"][0]["code"]) for a in answers] == [(422, "no_message")] * 5
