import os
from pathlib import Path

import numpy as np
import pytest
from pyloudnorm import Meter

from app.audio.decoding import MAX_FILE_BYTES, decode_upload
from app.audio.levelling import from_pcm
from app.core.errors import InvalidError, TooLargeError
from tests.unit.audio.sounds import FORMATS, encoded, melody, written


async def code_of(path: Path) -> str:
    with pytest.raises(InvalidError) as caught:
        await decode_upload(path)
    (item,) = caught.value.items
    assert item.field == "aud_file"
    assert item.message.endswith(".")
    return item.code


@pytest.mark.parametrize("kind", FORMATS)
async def test_six_formats_decode_to_their_length_at_the_loudness_of_speech(kind: str, tmp_path: Path):
    decoded = await decode_upload(
        written(tmp_path, "message.bin", encoded(kind, melody(3.0, FORMATS[kind][2])))
    )

    assert abs(decoded.duration_ms - 3000) <= 60
    assert decoded.duration_ms == round(len(decoded.pcm) / 16)
    samples = from_pcm(decoded.pcm).astype(np.float64)
    assert abs(Meter(8000).integrated_loudness(samples) + 16) <= 1
    assert np.abs(samples).max() < 0.95


@pytest.mark.parametrize("kind", FORMATS)
async def test_a_file_that_breaks_off_is_refused_rather_than_played_half(kind: str, tmp_path: Path):
    whole = encoded(kind, melody(3.0, FORMATS[kind][2]))
    assert await code_of(written(tmp_path, f"half.{kind}", whole[: len(whole) * 6 // 10])) == "broken_audio"


async def test_the_content_decides_and_not_the_name(tmp_path: Path):
    mp3 = encoded("mp3", melody(1.0, 44_100))
    assert (await decode_upload(written(tmp_path, "sound.wav", mp3))).duration_ms > 900
    assert (
        await code_of(written(tmp_path, "text.mp3", "यो ध्वनि होइन।\n".encode() * 500)) == "unsupported_audio"
    )


async def test_a_playlist_cannot_make_the_decoder_open_other_files(tmp_path: Path):
    other = written(tmp_path, "other.wav", encoded("wav", melody(1.0, 44_100)))
    for name, text in (
        ("list.m3u8", f"#EXTM3U\n#EXTINF:1,\n{other}\n#EXT-X-ENDLIST\n"),
        ("list.ffconcat", f"ffconcat version 1.0\nfile '{other}'\n"),
    ):
        assert await code_of(written(tmp_path, name, text.encode())) == "unsupported_audio"


async def test_an_empty_file_says_so(tmp_path: Path):
    assert await code_of(written(tmp_path, "empty.mp3", b"")) == "empty_file"


async def test_noise_bytes_are_refused(tmp_path: Path):
    for start in (b"", b"RIFF", b"fLaC", b"OggS", b"ID3", b"\0\0\0\x20ftypM4A ", b"#!AMR\n", b"\xff\xfb"):
        junk = start + np.random.default_rng(7).bytes(20_000)
        assert await code_of(written(tmp_path, "junk.mp3", junk)) in {"broken_audio", "unsupported_audio"}


@pytest.mark.parametrize("loudest", [0, 1])
async def test_a_recording_without_sound_is_told_from_a_quiet_one(loudest: int, tmp_path: Path):
    noise = np.random.default_rng(3).integers(-loudest, loudest + 1, 44_100 * 2).astype(np.int16)
    assert await code_of(written(tmp_path, "silent.wav", encoded("wav", noise))) == "silent_audio"

    quiet = (melody(2.0, 44_100) // 60).astype(np.int16)
    assert (await decode_upload(written(tmp_path, "quiet.wav", encoded("wav", quiet)))).duration_ms > 1900


async def test_five_hours_of_sound_are_refused_after_ten_minutes_of_it(tmp_path: Path):
    minute = encoded("mp3", melody(60.0, 8_000), rate=8_000)
    frames = minute[minute.index(b"\xff\xe3", 4) :] if b"\xff\xe3" in minute[4:] else minute
    assert (
        await code_of(written(tmp_path, "long.mp3", (frames * 300)[: MAX_FILE_BYTES - 1])) == "audio_too_long"
    )


async def test_a_file_over_twenty_megabytes_is_too_large(tmp_path: Path):
    path = written(tmp_path, "huge.wav", b"RIFF")
    os.truncate(path, MAX_FILE_BYTES + 1)
    with pytest.raises(TooLargeError) as caught:
        await decode_upload(path)
    assert caught.value.items[0].code == "file_too_large"


async def test_a_file_without_a_sound_track_is_unsupported(tmp_path: Path):
    png = b"\x89PNG\r\n\x1a\n" + bytes(2_000)
    assert await code_of(written(tmp_path, "picture.m4a", png)) == "unsupported_audio"


async def test_left_and_right_in_opposite_phase_do_not_cancel(tmp_path: Path):
    left = melody(2.0, 44_100)
    decoded = await decode_upload(
        written(tmp_path, "opposed.wav", encoded("wav", np.stack((left, -left), axis=1), layout="stereo")),
    )
    assert abs(decoded.duration_ms - 2000) <= 20


async def test_high_rates_and_many_channels_are_taken(tmp_path: Path):
    surround = np.stack([melody(1.0, 96_000)] * 6, axis=1)
    decoded = await decode_upload(
        written(tmp_path, "surround.wav", encoded("wav", surround, layout="5.1", rate=96_000)),
    )
    assert abs(decoded.duration_ms - 1000) <= 20


async def test_long_silence_at_both_ends_is_cut(tmp_path: Path):
    quiet = np.zeros(44_100 * 4, dtype=np.int16)
    sound = np.concatenate((quiet, melody(1.0, 44_100), quiet))
    decoded = await decode_upload(written(tmp_path, "padded.wav", encoded("wav", sound)))
    assert abs(decoded.duration_ms - 1400) <= 40


async def test_a_recorder_that_could_not_write_the_length_is_believed(tmp_path: Path):
    data = bytearray(encoded("wav", melody(1.0, 44_100)))
    place = data.index(b"data") + 4
    data[place : place + 4] = b"\xff\xff\xff\xff"
    assert abs((await decode_upload(written(tmp_path, "stream.wav", bytes(data)))).duration_ms - 1000) <= 20
