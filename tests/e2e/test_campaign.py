"""The main job over HTTP: a campaign from a spreadsheet, and phones that ring and hear it."""

import io
import json
import time
import wave
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from app.audio.pcm import wav_bytes
from app.trial.behaviour import behaviour
from tests.live import Client, Live, wait_for

MESSAGE = "नमस्ते {tags_name}, तपाईंको बिल {tags_amount|सय} रुपैयाँ छ।"
RATE = 8000


def samples(wav: bytes) -> np.ndarray:
    with wave.open(io.BytesIO(wav)) as file:
        assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (RATE, 1, 2)
        return np.frombuffer(file.readframes(file.getnframes()), dtype="<i2").astype(float)


def likeness(heard: np.ndarray, meant: np.ndarray) -> float:
    """The best normalised correlation of `meant` with any shift of `heard`, 0 to 1."""
    size = 2 ** int(np.ceil(np.log2(len(heard) + len(meant))))
    crossed = np.fft.irfft(np.fft.rfft(heard, size) * np.conj(np.fft.rfft(meant, size)), size)
    return float(np.max(np.abs(crossed)) / (np.linalg.norm(heard) * np.linalg.norm(meant)))


def tone(hertz: float, seconds: float) -> bytes:
    """A WAV of a steady tone, as a client might upload one."""
    time_axis = np.arange(int(RATE * seconds)) / RATE
    return wav_bytes((np.sin(2 * np.pi * hertz * time_axis) * 12_000).astype("<i2").tobytes())


def share_of(hertz: float, sound: np.ndarray) -> float:
    """The share of energy within 20 Hz of a frequency."""
    power = np.abs(np.fft.rfft(sound)) ** 2
    frequencies = np.fft.rfftfreq(len(sound), 1 / RATE)
    return float(power[np.abs(frequencies - hertz) < 20].sum() / power.sum())


@pytest.fixture(scope="module")
def client(live: Live) -> Client:
    return live.client()


@pytest.fixture(scope="module")
def everyone(live: Live, client: Client):
    """A finished run over a phone of every behaviour: (campaign id, run id, numbers)."""
    ends = [0, 1, 42, 79, 80, 84, 85, 89, 90, 92, 93, 94, 95, 96, 97, 98, 99]
    numbers = [f"98111111{end:02d}" for end in ends]
    rows = "\n".join(f"{number},सीता,{'' if index % 2 else 1250}" for index, number in enumerate(numbers))
    campaign = client.add_file("phone,name,amount\n" + rows)
    run = client.begin(campaign, message=MESSAGE)
    assert client.finish(campaign, run)["status"] == "Completed"
    return campaign, run, numbers


def test_every_call_ends_as_its_phone_behaved(client, everyone):
    campaign, run, numbers = everyone
    calls = client.calls(campaign, run)
    for number in numbers:
        script = behaviour(f"+977{number}")
        call = calls[number]
        assert (call["status"], call["sip_status"]) == (script.call_status, script.sip_status), number
        assert call["reason"]
        assert call["explanation"]
    assert calls["9811111198"]["digits"] == "1"


def test_each_phone_was_called_once(live, everyone):
    _, _, numbers = everyone
    assert live.dialled(numbers) == dict.fromkeys(numbers, 1)


def test_what_a_phone_heard_is_what_test_voice_says(live, client, everyone):
    text = MESSAGE.format_map({"tags_name": "सीता", "tags_amount|सय": "1250"})
    answer = client.http.post(
        "/api/system/test/voice/", json={"message": text}, headers={"Accept": "audio/wav"}
    )
    assert answer.headers["content-type"] == "audio/wav"
    meant = samples(answer.content)
    heard = samples(live.heard("9811111100").read_bytes())
    assert abs(len(heard) - len(meant)) <= 0.2 * RATE
    assert likeness(heard, meant) > 0.9


def test_a_default_stands_in_for_a_missing_value(live, client, everyone):
    text = MESSAGE.format_map({"tags_name": "सीता", "tags_amount|सय": "सय"})
    answer = client.http.post(
        "/api/system/test/voice/", json={"message": text}, headers={"Accept": "audio/wav"}
    )
    assert likeness(samples(live.heard("9811111101").read_bytes()), samples(answer.content)) > 0.9


def test_a_re_run_calls_only_those_who_did_not_answer(live, client, everyone):
    campaign, _, numbers = everyone
    before = live.dialled(numbers)
    run = client.begin(campaign, message=MESSAGE, status="Unanswered")
    done = client.finish(campaign, run)
    unanswered = [n for n in numbers if behaviour(n).call_status == "unanswered"]
    assert done["recipients"] == len(unanswered)
    assert live.dialled(numbers) - before == dict.fromkeys(unanswered, 1)


def test_a_recipient_without_a_value_is_not_dialled(live, client):
    campaign = client.add_file("phone,name\n9822222201,राम\n9822222202,\n")
    run = client.begin(campaign, message="नमस्ते {tags_name}")
    client.finish(campaign, run)
    calls = client.calls(campaign, run)
    assert (calls["9822222202"]["status"], calls["9822222202"]["reason"]) == ("failed", "missing_tag")
    assert calls["9822222201"]["status"] == "completed"
    assert live.dialled(["9822222201", "9822222202"]) == {"9822222201": 1}


@pytest.mark.parametrize(("priority", "number"), [("message", "9822222211"), ("audio", "9822222212")])
def test_priority_decides_what_is_heard_first(live, client, priority, number):
    campaign = client.add([number])
    answer = client.http.post(
        f"/api/system/campaigns/{campaign}/begin/",
        data={"message": "नमस्ते", "priority": priority},
        files={"aud_file": ("tone.wav", tone(1000, 1.5), "audio/wav")},
    )
    assert answer.status_code == 200, answer.text
    client.finish(campaign, answer.json()["data"]["run"]["id"])
    heard = samples(live.heard(number).read_bytes())
    start, end = share_of(1000, heard[: RATE // 2]), share_of(1000, heard[-RATE // 2 :])
    assert (start > 0.5) is (priority == "audio")
    assert (end > 0.5) is (priority == "message")


def test_three_voices_sound_different(client):
    heard = []
    for voice in ("np_rija", "np_prasanna", "np_binod"):
        answer = client.http.post("/api/system/test/voice/", json={"message": "नमस्ते", "voice_input": voice})
        heard.append(client.http.get(answer.json()["data"]["voice_url"]).content)
    assert len(set(heard)) == 3
    for one in range(3):
        for other in range(one):
            assert likeness(samples(heard[one]), samples(heard[other])) < 0.8


def test_a_scheduled_run_starts_by_itself(live, client):
    campaign = client.add(["9822222221"])
    at = datetime.now(UTC) + timedelta(seconds=3)
    run = client.begin(campaign, message="नमस्ते", schedule_date=at.isoformat())
    assert client.run(campaign, run)["status"] == "Scheduled"
    assert live.dialled(["9822222221"]) == {}
    client.finish(campaign, run)
    (invite,) = [e for e in live.invites() if e["number"] == "+9779822222221"]
    assert datetime.fromisoformat(invite["time"]) >= at


def test_stop_hangs_up_calls_in_progress_and_dials_nobody_after(live, client):
    numbers = [f"98{33000000 + n * 100:08d}" for n in range(120)]
    campaign = client.add(numbers)
    run = client.begin(campaign, message="यो एउटा लामो सन्देश हो। " * 12)
    wait_for(lambda: client.run(campaign, run)["counts"].get("answered", 0) >= 50, "50 calls at once")
    assert client.act(campaign, "stop").status_code == 200
    stopped = time.time()
    done = client.finish(campaign, run)
    assert done["status"] == "Terminated"
    calls = client.calls(campaign, run)
    assert {call["status"] for call in calls.values()} == {"terminated"}
    late = [
        e for e in live.invites()
        if e["number"].removeprefix("+977") in calls and datetime.fromisoformat(e["time"]).timestamp() > stopped + 1
    ]  # fmt: skip
    assert late == []
    assert set(live.dialled(numbers).values()) == {1}
    ended = [json.loads(line) for line in live.phones_log.read_text().splitlines()]
    hung_up = [e for e in ended if e["event"] == "ended" and e["number"].removeprefix("+977") in calls]
    assert len(hung_up) == len(live.dialled(numbers))


def test_pause_and_resume_lose_nothing_and_call_nobody_twice(live, client):
    numbers = [f"98{44000000 + n * 100:08d}" for n in range(60)]
    campaign = client.add(numbers)
    run = client.begin(campaign, message="नमस्ते")
    wait_for(lambda: len(live.dialled(numbers)) >= 10, "ten calls")
    assert client.act(campaign, "pause").status_code == 200
    wait_for(
        lambda: set(client.run(campaign, run)["counts"]) <= {"queued", "completed"},
        "calls in progress to end",
    )
    held = len(live.dialled(numbers))
    assert held < len(numbers)
    assert client.run(campaign, run)["status"] == "Paused"
    assert client.act(campaign, "resume").status_code == 200
    client.finish(campaign, run)
    assert live.dialled(numbers) == dict.fromkeys(numbers, 1)


def test_the_report_can_be_opened_and_names_every_call(client, everyone):
    campaign, run, numbers = everyone
    report = client.http.get(f"/api/system/campaigns/{campaign}/runs/{run}/report.csv")
    assert report.status_code == 200
    text = report.content.decode("utf-8-sig")
    assert all(number in text for number in numbers)
    workbook = client.http.get(f"/api/system/campaigns/{campaign}/runs/{run}/report.xlsx")
    assert workbook.content.startswith(b"PK")


def test_no_process_of_the_stack_reports_a_failure(live, everyone):
    for log in Path(live.home / "logs").glob("*.log"):
        assert "Traceback" not in log.read_text(errors="replace"), log.name
