import io
import wave

import av
import numpy as np
import pytest
from pyloudnorm import Meter

from app.audio.levelling import from_pcm, level, sounding, to_pcm, with_silent_ends, without_long_ends
from app.audio.loudness import loudness
from app.audio.mixing import mono
from app.audio.pcm import duration_ms, join, mp3_bytes, silence, wav_bytes
from app.audio.resampling import Resampler, resample
from tests.unit.audio.sounds import melody


def tone(frequency: float, rate: int, seconds: float = 1.0) -> np.ndarray:
    return np.sin(2 * np.pi * frequency * np.arange(int(rate * seconds)) / rate).astype(np.float32)


def decibels(samples: np.ndarray) -> float:
    return float(20 * np.log10(np.sqrt(2 * np.mean(np.square(samples[400:-400]))) + 1e-9))


def test_a_wav_holds_the_samples_as_they_are():
    pcm = melody(0.5, 8_000).tobytes()
    with wave.open(io.BytesIO(wav_bytes(pcm))) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, 8000)
        assert file.readframes(file.getnframes()) == pcm


def test_an_mp3_plays_as_long_as_its_samples():
    with av.open(io.BytesIO(mp3_bytes(melody(2.0, 8_000).tobytes()))) as container:
        frames = list(container.decode(audio=0))
    assert {frame.sample_rate for frame in frames} == {8000}
    assert abs(sum(frame.samples for frame in frames) / 8000 - 2.0) < 0.1


def test_two_sounds_are_joined_with_a_gap_of_400_ms():
    first, second = b"\1\0" * 800, b"\2\0" * 800
    assert join(first, second) == first + bytes(6400) + second
    assert duration_ms(join(first, second)) == 600
    assert join(b"", second) == second
    assert join(first, b"") == first
    assert duration_ms(silence(250)) == 250


@pytest.mark.parametrize("rate", [11_025, 16_000, 22_050, 44_100, 44_101, 48_000, 192_000])
def test_the_telephone_band_is_kept_and_nothing_folds_into_it(rate: int):
    for frequency in (300, 1_000, 3_400):
        assert abs(decibels(resample(tone(frequency, rate), rate))) < 0.1
    for frequency in (4_100, 5_000):
        assert decibels(resample(tone(frequency, rate), rate)) < -55
    assert len(resample(tone(1_000, rate), rate)) in {8_000, 8_001}


def test_low_rates_are_raised_without_images():
    assert abs(decibels(resample(tone(1_000, 4_000), 4_000))) < 0.1


def test_a_stream_resamples_the_same_however_it_is_cut():
    samples = np.random.default_rng(1).standard_normal(20_000).astype(np.float32)
    resampler = Resampler(22_050)
    cut = [resampler.push(samples[start : start + 777]) for start in range(0, len(samples), 777)]
    assert np.allclose(np.concatenate((*cut, resampler.finish())), resample(samples, 22_050), atol=1e-5)


@pytest.mark.parametrize("gain", [0.02, 0.1, 1.0])
def test_loudness_agrees_with_an_independent_meter(gain: float):
    random = np.random.default_rng(2)
    samples = (random.standard_normal(48_000) * np.repeat(random.random(60), 800) * gain * 0.1).astype(
        np.float32
    )
    assert abs(loudness(samples) - Meter(8000).integrated_loudness(samples.astype(np.float64))) < 0.4


@pytest.mark.parametrize("frequency", [100, 333, 1_000, 3_000])
def test_tones_are_as_loud_as_the_independent_meter_says(frequency: float):
    sound = tone(frequency, 8_000, 3.0)
    assert abs(loudness(sound) - Meter(8000).integrated_loudness(sound.astype(np.float64))) < 0.4


def test_silence_has_no_loudness_and_stays_silent():
    nothing = np.zeros(8_000, dtype=np.float32)
    assert loudness(nothing) == float("-inf")
    assert loudness(nothing[:0]) == float("-inf")
    assert not level(nothing).any()
    assert sounding(nothing) == slice(0, 0)


def test_peaks_are_held_without_clipping_while_the_target_is_met():
    random = np.random.default_rng(4)
    samples = (random.standard_normal(40_000) * (random.random(40_000) < 0.3) * 0.2).astype(np.float32)
    levelled = level(samples)
    assert np.abs(levelled).max() <= 0.8913
    assert abs(Meter(8000).integrated_loudness(levelled.astype(np.float64)) + 16) < 1


@pytest.mark.parametrize("length", [1, 7, 8, 9, 4_001, 8_000])
def test_no_peak_passes_the_ceiling_wherever_it_falls(length: int):
    random = np.random.default_rng(length)
    for _ in range(20):
        samples = (random.standard_normal(length) * (random.random(length) < 0.05)).astype(np.float32)
        samples[random.integers(length)] = 3.0
        assert np.abs(level(samples)).max() <= 0.8913


def test_a_very_short_sound_is_levelled_too():
    levelled = level(tone(400, 8_000, 0.1) * np.float32(0.01))
    assert abs(loudness(levelled) + 16) < 1


def test_ends_are_true_silence_of_the_length_asked_for():
    sound = np.concatenate((np.zeros(5_000, np.float32), tone(500, 8_000), np.zeros(3_000, np.float32)))
    padded = with_silent_ends(sound, 200)
    assert not padded[:1600].any()
    assert not padded[-1600:].any()
    assert abs(len(padded) - 3200 - 8000) <= 160
    assert abs(len(without_long_ends(sound, 100)) - 9600) <= 160


def test_samples_survive_the_way_to_pcm_and_back():
    samples = tone(700, 8_000)
    assert np.abs(from_pcm(to_pcm(samples)) - samples).max() < 1 / 32000
    assert to_pcm(np.array([2.0, -2.0], np.float32)) == b"\xff\x7f\x00\x80"


def test_inverted_channels_are_turned_over_before_mixing():
    left = tone(500, 8_000)
    assert np.allclose(mono([left, -left]), left)
    assert np.allclose(mono([left, np.zeros_like(left)]), left / 2)
    assert mono([left]) is left


@pytest.mark.parametrize("rate", [16_000, 22_050, 44_100, 48_000])
def test_a_sweep_through_all_frequencies_folds_nothing_into_the_telephone_band(rate: int):
    seconds, top = 10, rate / 2
    time = np.arange(rate * seconds) / rate
    sweep = np.sin(np.pi * top / seconds * time**2).astype(
        np.float32
    )  # its pitch rises evenly from 0 to `top`
    heard = resample(sweep, rate)
    pitch = np.arange(len(heard)) / 8000 * top / seconds
    kept = heard[(pitch > 200) & (pitch < 3_400)]
    folded = heard[pitch > 4_100]
    assert abs(decibels(kept)) < 0.2
    assert 10 * np.log10(np.mean(np.square(folded)) + 1e-12) < -60


def test_left_right_and_silent_channels_mix_without_loss_of_a_voice():
    random = np.random.default_rng(5)
    voice = (random.standard_normal(16_000) * 0.1).astype(np.float32)
    room = (random.standard_normal(16_000) * 0.01).astype(np.float32)
    for channels in ([voice, voice], [voice, -voice], [voice, room], [voice, np.roll(voice, 3)]):
        kept = mono(channels)
        assert np.sqrt(np.mean(np.square(kept))) > 0.4 * np.sqrt(np.mean(np.square(voice)))
