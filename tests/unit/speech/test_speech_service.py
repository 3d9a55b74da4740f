import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from pyloudnorm import Meter

from app.audio.levelling import from_pcm
from app.core.errors import InvalidError, UnavailableError
from app.files.blobs import BlobStore
from app.speech.engine import EngineOptions
from app.speech.limits import LONGEST_TEXT
from app.speech.pool import SpeechPool
from app.speech.process import PassedOverError, ProcessLostError, SpeechProcess
from app.speech.service import Speech
from app.speech.voices import VOICES

BILL = "नमस्ते राम जी, तपाईंको बिजुलीको बिल रु १,२५०.५० असार २५ गतेभित्र तिर्नुहोस्। धन्यवाद।"
CAP = 10**8


@pytest.fixture(scope="module")
async def pool() -> AsyncIterator[SpeechPool]:
    pool = SpeechPool(2)
    await pool.start()
    yield pool
    await pool.close()


@pytest.fixture
def speech(pool: SpeechPool, tmp_path: Path) -> Speech:
    return Speech(pool, BlobStore.open(str(tmp_path)), CAP)


def median_pitch(samples: np.ndarray) -> float:
    """Hz: the median over voiced 40 ms frames of the lag at which each resembles itself most, 60 to 400 Hz."""
    found = []
    for start in range(0, len(samples) - 640, 160):
        frame = samples[start : start + 640] - samples[start : start + 640].mean()
        if np.sqrt(np.mean(np.square(frame))) < 0.02:
            continue
        alike = np.correlate(frame, frame, "full")[639:]
        lags = alike[20:134] / alike[0]
        if lags.max() > 0.5:
            found.append(8000 / (20 + int(lags.argmax())))
    return float(np.median(found))


async def test_three_voices_are_apart_and_equally_loud_with_silence_around(speech: Speech):
    pitches = []
    for name in VOICES:
        said = await speech.say(BILL, name)
        samples = from_pcm(said.pcm)
        pitches.append(median_pitch(samples))
        assert abs(Meter(8000).integrated_loudness(samples.astype(np.float64)) + 16) <= 1
        assert np.abs(samples).max() < 0.95
        sounding = np.flatnonzero(samples)
        for silence in (sounding[0], len(samples) - 1 - sounding[-1]):
            assert 150 <= silence / 8 <= 300
        assert said.duration_ms == round(len(said.pcm) / 16)
    low, middle, high = sorted(pitches)
    assert middle - low >= 25
    assert high - middle >= 25


async def test_the_telephone_band_is_there(speech: Speech):
    samples = from_pcm((await speech.say(BILL, "np_rija")).pcm)
    spectrum = np.abs(np.fft.rfft(samples)) ** 2
    frequencies = np.fft.rfftfreq(len(samples), 1 / 8000)
    band = [
        spectrum[(frequencies >= low) & (frequencies < low + 400)].mean() for low in range(200, 3400, 400)
    ]
    assert 10 * np.log10(min(band) / max(band)) > -50
    assert spectrum[frequencies > 3_950].mean() < min(band)


async def test_no_digit_reaches_the_engine(speech: Speech):
    said = await speech.say(BILL, "np_rija")
    assert not any(character.isdigit() for character in said.spoken_text)
    assert "एक हजार दुई सय पचास रुपैयाँ पचास पैसा" in said.spoken_text


async def test_the_same_words_are_the_same_sound_however_they_were_written(speech: Speech):
    first = await speech.say("रु 500", "np_rija")
    again = await speech.say("रु. ५००/-", "NP_RIJA")
    assert again.pcm is first.pcm
    assert again.key == first.key
    assert (await speech.say("रु 500", "np_binod")).key != first.key


async def test_sound_is_found_again_by_another_process_of_ours(pool: SpeechPool, tmp_path: Path):
    one = Speech(pool, BlobStore.open(str(tmp_path)), CAP)
    said = await one.say("एक पटक मात्र", "np_rija")
    silent = Speech(SpeechPool(1), BlobStore.open(str(tmp_path)), CAP)
    assert await silent.load(said.key) == said.pcm
    assert await silent.load("0" * 64) is None
    for key in ("", "../secret", "Z" * 64, said.key + "0"):
        assert await silent.load(key) is None


async def test_two_hundred_who_ask_at_once_share_one_synthesis(speech: Speech, tmp_path: Path):
    said = await asyncio.gather(*(speech.say("सबैलाई एउटै सन्देश", "np_rija") for _ in range(200)))
    assert len({id(each.pcm) for each in said}) == 1
    assert len([path for path in tmp_path.rglob("*") if path.is_file()]) == 1


async def test_a_caller_who_gives_up_does_not_stop_it_for_the_others(speech: Speech):
    impatient = asyncio.create_task(speech.say("पर्खनुहोस्", "np_rija"))
    patient = asyncio.create_task(speech.say("पर्खनुहोस्", "np_rija"))
    await asyncio.sleep(0)
    impatient.cancel()
    assert (await patient).pcm


@pytest.mark.parametrize("damage", [b"", b"\0" * 5001, b"x" * 5000])
async def test_a_damaged_cache_entry_is_spoken_anew(damage: bytes, pool: SpeechPool, tmp_path: Path):
    said = await Speech(pool, BlobStore.open(str(tmp_path)), CAP).say("बिग्रियो", "np_rija")
    (entry,) = [path for path in tmp_path.rglob("*") if path.is_file()]
    entry.write_bytes(damage)
    again = Speech(pool, BlobStore.open(str(tmp_path)), CAP)
    assert await again.load(said.key) is None
    anew = await again.say("बिग्रियो", "np_rija")
    assert abs(anew.duration_ms - said.duration_ms) < 50  # not bit by bit: the engine dithers
    assert await BlobStore.open(str(tmp_path)).get(entry.relative_to(tmp_path).as_posix()) != damage
    assert await again.load(said.key) == anew.pcm


async def test_speech_goes_on_without_a_cache(pool: SpeechPool, tmp_path: Path):
    blocked = tmp_path / "blobs"
    store = BlobStore.open(str(blocked))
    blocked.rmdir()
    blocked.write_text("not a folder")
    speech = Speech(pool, store, CAP)
    assert (await speech.say("क्यास छैन", "np_rija")).duration_ms > 400
    assert (await speech.say("अझै छैन", "np_rija")).duration_ms > 400
    said = await speech.say("स्मृतिमा भने छ", "np_rija")
    assert await speech.load(said.key) is said.pcm


async def test_a_store_that_cannot_be_trimmed_stops_nothing(tmp_path: Path):
    folder = tmp_path / "blobs"
    store = BlobStore.open(str(folder))
    folder.rmdir()
    folder.write_text("not a folder")
    speech = Speech(SpeechPool(1), store, CAP)
    await speech.start()
    assert (await speech.say("नमस्ते", "np_rija")).pcm
    await speech.close()


async def test_a_text_that_has_letters_but_no_sound_is_refused(pool: SpeechPool):
    with pytest.raises(InvalidError) as caught:
        await pool.speak(" ", VOICES["np_rija"])
    assert caught.value.items[0].code == "nothing_to_say"


async def test_an_engine_that_keeps_failing_is_a_passing_trouble(pool: SpeechPool):
    with pytest.raises(UnavailableError) as caught:
        await pool.speak("नमस्ते", replace(VOICES["np_rija"], engine="unheard_of"))
    assert caught.value.items[0].code == "speech_failed"


async def test_the_store_is_kept_under_its_cap(tmp_path: Path):
    store = BlobStore.open(str(tmp_path))
    for number in range(20):
        await store.put(f"speech/00/{number:064}", bytes(100_000))
    speech = Speech(SpeechPool(1), store, 1_000_000)
    await speech.start()
    for number in range(5):
        await speech.say(f"सन्देश {number}", "np_rija")
    await speech.close()
    assert 0 < await store.size("speech") <= 1_000_000


async def test_nothing_to_say_and_too_much_to_say_are_refused(speech: Speech):
    for text, code in (
        ("", "nothing_to_say"),
        ("🙏 ---", "nothing_to_say"),
        ("क" * (LONGEST_TEXT + 1), "message_too_long_when_read"),
    ):
        with pytest.raises(InvalidError) as caught:
            await speech.say(text, "np_rija")
        assert (caught.value.items[0].field, caught.value.items[0].code) == ("message", code)
    with pytest.raises(InvalidError) as caught:
        await speech.say("नमस्ते", "nobody")
    assert caught.value.items[0].code == "unknown_voice"


async def test_two_thousand_characters_are_spoken_to_the_end(speech: Speech):
    sentence = "कृपया ध्यान दिनुहोस्। "
    short, long = await speech.say(sentence, "np_rija"), await speech.say(sentence * 90, "np_rija")
    assert long.duration_ms > 50 * short.duration_ms


async def test_a_killed_process_does_not_stop_the_message_it_was_to_speak(pool: SpeechPool, speech: Speech):
    before = set(pool.process_ids)
    for process in before:
        os.kill(process, signal.SIGKILL)
    said = await asyncio.gather(*(speech.say(f"मरेपछि {number}", "np_rija") for number in range(6)))
    assert all(each.duration_ms > 400 for each in said)
    assert set(pool.process_ids).isdisjoint(before)


async def test_a_process_that_hangs_is_replaced(tmp_path: Path):
    pool = SpeechPool(1, longest_s=1.0)
    await pool.start()
    (before,) = pool.process_ids
    os.kill(before, signal.SIGSTOP)
    speech = Speech(pool, BlobStore.open(str(tmp_path)), CAP)
    assert (await speech.say("अड्कियो", "np_rija")).pcm
    assert pool.process_ids != (before,)
    await pool.close()


async def test_only_the_text_that_is_spoken_is_charged_with_the_end_of_its_process():
    process = SpeechProcess(tuple(VOICES.values()), EngineOptions(), 60.0)
    await process.start()
    os.kill(process.pid, signal.SIGSTOP)
    texts = [asyncio.create_task(process.speak(text, VOICES["np_rija"])) for text in ("पहिलो", "दोस्रो")]
    for _ in range(5):
        await asyncio.sleep(0)
    assert len(process._asked) == 2
    process.kill()
    first, second = await asyncio.gather(*texts, return_exceptions=True)
    assert isinstance(first, ProcessLostError)
    assert isinstance(second, PassedOverError)
    assert await process.speak("तेस्रो", VOICES["np_rija"])
    await process.close()


async def test_no_text_waits_behind_a_long_one_while_another_process_is_free():
    pool = SpeechPool(2)
    await pool.start()
    os.kill(pool.process_ids[0], signal.SIGSTOP)
    long = asyncio.create_task(pool.speak("लामो सन्देश। " * 100, VOICES["np_rija"]))
    short = [pool.speak(f"छोटो {number}", VOICES["np_rija"]) for number in ("एक", "दुई", "तीन", "चार")]
    async with asyncio.timeout(30):
        assert all(await asyncio.gather(*short))
    assert not long.done()
    os.kill(pool.process_ids[0], signal.SIGCONT)
    assert len(await long) > 100_000
    await pool.close()


async def test_ctrl_c_does_not_reach_the_speaking_processes(pool: SpeechPool, speech: Speech):
    await speech.say("अघि", "np_rija")
    before = pool.process_ids
    for process in before:
        os.kill(process, signal.SIGINT)
    assert (await speech.say("पछि", "np_rija")).pcm
    assert pool.process_ids == before


ORPHAN_MAKER = """
import asyncio, sys, time
from app.speech.pool import SpeechPool

async def main():
    pool = SpeechPool(2)
    await pool.start()
    print(*pool.process_ids, flush=True)
    await asyncio.sleep(60)

if __name__ == "__main__":
    asyncio.run(main())
"""


async def test_a_parent_that_is_killed_leaves_no_process_behind(tmp_path: Path):
    script = tmp_path / "parent.py"
    script.write_text(ORPHAN_MAKER)
    process = await asyncio.create_subprocess_exec(
        sys.executable, str(script), stdout=subprocess.PIPE, env={**os.environ, "PYTHONPATH": str(Path.cwd())}
    )
    assert process.stdout is not None
    children = [int(word) for word in (await process.stdout.readline()).split()]
    assert len(children) == 2
    process.kill()
    await process.wait()
    for _ in range(200):
        if not any(_alive(child) for child in children):
            return
        await asyncio.sleep(0.05)
    pytest.fail("speech processes outlived their parent")


def _alive(process: int) -> bool:
    try:
        state = Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"
