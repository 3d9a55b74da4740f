"""Every sample input of the API text that the service was commissioned from, sent by curl as it is written there.

Three things are added, as that text means them: the account of the login sample exists, the files that samples name
were uploaded before, and dates that lie in the past are moved to the future.
"""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.core.clock import to_kathmandu
from tests.docs import original_samples as samples
from tests.docs.curl import Curl
from tests.live import Live
from tests.unit.audio.sounds import encoded, melody

NUMBERS = (
    "number,name,age,salary\n9823456700,राम,30,45000\n9823456701,सीता,28,52750\n9823456795,हरि,41,38000\n"
)
ANSWERS, UNKNOWN = {"9823456700", "9823456701"}, "9823456795"
ENDED_AS_THE_PHONES_BEHAVE = dict.fromkeys(ANSWERS, "completed") | {UNKNOWN: "failed"}


@pytest.fixture(scope="module")
def account(live: Live) -> dict[str, str]:
    """The account of the login sample; its password is shorter than one that is not for trials may be."""
    given = json.loads(samples.LOGIN)
    words = ("--email", given["email"], "--password", given["password"], "--any-password")
    live.tingting("accounts", "create", *words)
    return given


@pytest.fixture(scope="module")
def curl(live: Live, account: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Curl:
    """curl, logged in by the login sample, with the files that the samples name uploaded."""
    curl = Curl(live.url)
    curl.token = curl.done("POST", "/api/accounts/login/", samples.LOGIN)["token"]["access"]
    folder = tmp_path_factory.mktemp("uploads")
    (folder / "numbers.csv").write_text(NUMBERS, encoding="utf-8")
    (folder / "audio.mp3").write_bytes(encoded("mp3", melody(2, 44_100)))
    for name in ("numbers.csv", "audio.mp3"):
        status, answer = curl("POST", "/api/system/files/", None, "--form", f"file=@{folder / name}")
        assert status == 201, answer
    return curl


@pytest.fixture(scope="module")
def begun(curl: Curl) -> dict[str, tuple[int, int]]:
    """Campaign and run of the samples that call at once, all under way together."""
    tagged = json.dumps({"message": samples.TAGGED})
    at_once = {
        "message": samples.BEGIN_WITH_MESSAGE,
        "tags": tagged,
        "text": samples.BEGIN_WITH_SAMPLE_TEXT,
        "audio": samples.BEGIN_WITH_AUDIO,
        "voice": samples.BEGIN_WITH_VOICE,
        "both": json.dumps({"message": "Hi", "aud_file": "audio.mp3", "priority": "audio"}),
    }
    campaigns = {name: curl.campaign() for name in at_once}
    return {name: (campaigns[name], curl.begin(campaigns[name], at_once[name])["id"]) for name in at_once}


def in_future(sample: str) -> tuple[str, str]:
    """The sample with its date moved to thirty days from now, and that date, in the form in which it stands."""
    date = f"{to_kathmandu(datetime.now(UTC) + timedelta(days=30)):%Y-%m-%dT%H:%M}"
    assert samples.PAST in sample
    return sample.replace(samples.PAST, date), date


def run_of(curl: Curl, campaign: int, run: int) -> dict[str, Any]:
    return curl.done("GET", f"/api/system/campaigns/{campaign}/runs/{run}")["run"]


def statuses(calls: dict[str, dict[str, Any]]) -> dict[str, str]:
    return {number: call["status"] for number, call in calls.items()}


def test_login_gives_both_tokens_and_who_logged_in(curl: Curl, account: dict[str, str]) -> None:
    status, answer = Curl(curl.url)("POST", "/api/accounts/login/", samples.LOGIN)

    assert (status, answer["message"]) == (200, "Successfully logged in")
    assert set(answer["data"]["token"]) == {"access", "refresh"}
    assert answer["data"]["user_data"]["email"] == account["email"]


def test_user_details_are_given(curl: Curl, account: dict[str, str]) -> None:
    details = curl.done("GET", "/api/accounts/user_details/")["user_details"]

    assert details["email"] == account["email"]


def test_a_refresh_token_gives_a_new_access_token(curl: Curl) -> None:
    fresh = Curl(curl.url)
    refresh = fresh.done("POST", "/api/accounts/login/", samples.LOGIN)["token"]["refresh"]
    status, tokens = fresh("POST", "/api/accounts/token/refresh/?", json.dumps({"refresh": refresh}))
    fresh.token = tokens["access"]

    assert (status, set(tokens)) == (200, {"access", "refresh"})
    assert fresh.done("GET", "/api/accounts/user_details/")


def test_campaigns_are_listed_in_the_shape_of_the_example(curl: Curl) -> None:
    curl.campaign()
    status, answer = curl("GET", "/api/system/campaigns")

    assert (status, set(answer)) == (200, {"pagination", "result"})
    assert set(answer["pagination"]) == {
        "total_items",
        "total_pages",
        "page_number",
        "has_next",
        "has_previous",
        "links",
    }
    assert answer["result"]["messages"] == "Campaign Successfully Retrieved"
    named = {"id", "name", "user_phone", "services", "description", "usable_tags"}
    assert named <= set(answer["result"]["campaign-lists"][0])


@pytest.mark.parametrize("sample", [samples.ADD_NUMBERS, samples.ADD_WITH_DESCRIPTION])
def test_a_campaign_is_added_with_individual_numbers(curl: Curl, sample: str) -> None:
    data = curl.done("POST", "/api/system/campaigns/", sample)

    assert data["import"]["accepted"] == 2
    assert data["import"]["rejected_rows"] == []
    assert data["details"][0]["description"] == json.loads(sample).get("description", "")


def test_a_campaign_is_added_from_a_file_by_name(curl: Curl) -> None:
    data = curl.done("POST", "/api/system/campaigns/", samples.ADD_FILE)

    assert data["import"]["accepted"] == 3
    assert data["details"][0]["services"] == "SMS"
    assert data["details"][0]["usable_tags"] == ["tags_name", "tags_age", "tags_salary"]


@pytest.mark.parametrize("slash", ["", "/"])
def test_a_campaign_is_updated(curl: Curl, slash: str) -> None:
    data = curl.done("PUT", f"/api/system/campaigns/{curl.campaign()}/update{slash}", samples.UPDATE)

    assert {name: data["details"][0][name] for name in ("name", "services", "description")} == json.loads(
        samples.UPDATE
    )


def test_details_are_given_and_a_deleted_campaign_is_gone(curl: Curl) -> None:
    campaign = curl.campaign()
    details = f"/api/system/campaigns/{campaign}/details"

    assert curl.done("GET", details)["details"][0]["id"] == campaign
    assert curl.done("DELETE", f"/api/system/campaigns/{campaign}/delete")
    assert curl("GET", details)[0] == 404


def test_a_test_voice_can_be_heard(curl: Curl) -> None:
    data = curl.done("POST", "/api/system/test/voice/", samples.BEGIN_WITH_SAMPLE_TEXT)

    assert data["duration"] > 0.5
    assert data["voice_url"].startswith(curl.url)


@pytest.mark.parametrize("name", ["message", "tags", "text", "audio", "voice"])
def test_a_campaign_begun_by_a_sample_calls_everybody(
    curl: Curl, begun: dict[str, tuple[int, int]], name: str
) -> None:
    assert statuses(curl.finish(*begun[name])) == ENDED_AS_THE_PHONES_BEHAVE


def test_each_hears_a_message_of_their_own(curl: Curl, begun: dict[str, tuple[int, int]]) -> None:
    # Two names and salaries take different time to say.
    heard = {curl.finish(*begun["tags"])[number]["heard"] for number in ANSWERS}

    assert len(heard) == 2


def test_audio_and_voice_of_a_begin_are_those_of_its_run(
    curl: Curl, begun: dict[str, tuple[int, int]]
) -> None:
    audio, voice = (run_of(curl, *begun[name]) for name in ("audio", "voice"))

    assert (audio["audio"], audio["message"], audio["priority"]) == ("audio.mp3", None, "audio")
    assert (voice["message"], voice["voice_input"]) == ("Message to Convey", "np_prasanna")
    assert all(1.9 < curl.finish(*begun["audio"])[number]["heard"] < 2.3 for number in ANSWERS)


def test_a_campaign_with_message_and_audio_begins_with_the_one_named_first(
    curl: Curl, begun: dict[str, tuple[int, int]]
) -> None:
    campaign, earlier = begun["both"]
    curl.finish(campaign, earlier)
    refused, answer = curl("POST", f"/api/system/campaigns/{campaign}/begin/", "{}")
    run = run_of(curl, campaign, curl.begin(campaign, samples.BEGIN_BY_PRIORITY)["id"])

    assert (refused, answer["errors"][0]["field"]) == (422, "priority")
    assert (run["priority"], run["message"], run["audio"]) == ("message", "Hi", "audio.mp3")


def test_a_campaign_is_scheduled_in_kathmandu_time(curl: Curl) -> None:
    campaign = curl.campaign(message="Hi")
    sample, date = in_future(samples.BEGIN_LATER)
    run = curl.begin(campaign, sample)

    assert (run["status"], run["scheduled_for"]) == ("Scheduled", f"{date}:00+05:45")
    assert curl.done("POST", f"/api/system/campaigns/{campaign}/stop/")


def test_the_date_of_the_sample_itself_is_refused_as_past(curl: Curl) -> None:
    status, answer = curl(
        "POST", f"/api/system/campaigns/{curl.campaign(message='Hi')}/begin/", samples.BEGIN_LATER
    )

    assert (status, answer["errors"][0]["field"]) == (422, "schedule_date")


def test_a_rerun_of_failed_calls_those_alone_who_failed(
    curl: Curl, begun: dict[str, tuple[int, int]]
) -> None:
    campaign, first = begun["message"]
    curl.finish(campaign, first)
    run = curl.begin(campaign, samples.BEGIN_FAILED)

    assert run["recipients"] == 1
    assert statuses(curl.finish(campaign, run["id"])) == {UNKNOWN: "failed"}


def test_the_sample_with_all_attributes_is_taken_whole(curl: Curl, begun: dict[str, tuple[int, int]]) -> None:
    campaign, first = begun["tags"]
    curl.finish(campaign, first)
    sample, date = in_future(samples.BEGIN_WITH_ALL)
    run = run_of(curl, campaign, curl.begin(campaign, sample)["id"])
    given = json.loads(sample)

    assert {name: run[name] for name in ("message", "priority", "voice_input")} == {
        name: given[name] for name in ("message", "priority", "voice_input")
    }
    assert (run["audio"], run["statuses"], run["recipients"]) == ("audio.mp3", ["failed"], 1)
    assert (run["status"], run["scheduled_for"]) == ("Scheduled", f"{date}:00+05:45")
    assert curl.done("POST", f"/api/system/campaigns/{campaign}/stop/")


def test_what_the_text_prints_for_details_is_a_slip_and_does_not_delete(curl: Curl) -> None:
    details = f"/api/system/campaigns/{curl.campaign()}/details"

    assert curl("DELETE", details)[0] == 405
    assert curl("GET", details)[0] == 200
