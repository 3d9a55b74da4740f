"""The process that speaks, ``python -m app.speech.child``: texts in, finished sounds out."""

import json
from typing import Final

from app.audio.levelling import from_pcm, level, peak, to_pcm, with_silent_ends
from app.audio.resampling import resample
from app.speech import engines, wire
from app.speech.answering import serve
from app.speech.engine import Engine, EngineOptions, NothingSpokenError
from app.speech.voices import Voice
from app.speech.wire import Kind

END_SILENCE_MS: Final = 200
"""Silence before and after the words: a phone's first packets are often lost, and an end that is cut off is noticed."""

_FAINTEST: Final = 0.02
"""Peak, of full scale, below which there is no voice: eSpeak dithers through a text of nothing but pauses."""

_KEPT_BYTES: Final = 16 * 1024**2
"""Memory that the process keeps between texts instead of giving it back. glibc takes the size of a large block that
is freed for its limit of what to keep (mallopt(3), M_MMAP_THRESHOLD); with its default a text cost 700 page faults,
a tenth of its processor time."""

_engines: dict[str, Engine] = {}
_options = EngineOptions()


def main() -> None:
    """Answer until told to close."""
    bytes(_KEPT_BYTES)  # made and dropped
    serve(_answer)


def _answer(kind: Kind, body: bytes) -> bytes:
    if kind is Kind.DESCRIBE:
        versions = describe(*wire.described(body))
        return wire.frame(Kind.VERSIONS, json.dumps(versions).encode())
    return wire.frame(Kind.SOUND, speak(*wire.spoken(body)))


def describe(voices: tuple[Voice, ...], options: EngineOptions) -> dict[str, str]:
    """Start the engines of `voices` and check these.

    Returns:
        The version of each engine by name.

    Raises:
        EngineError: an engine does not start, or a voice is not there.
    """
    global _options  # noqa: PLW0603 - a process is given its options once, before anything else
    _options = options
    for voice in voices:
        _engine(voice.engine).check(voice)
    return {name: engine.version for name, engine in _engines.items()}


def speak(text: str, voice: Voice) -> bytes:
    """`text` as levelled 8 kHz PCM with `END_SILENCE_MS` at both ends.

    Raises:
        NothingSpokenError: the engine has no sound for this text.
        EngineError: the engine failed.
    """
    pcm, rate = _engine(voice.engine).synthesize(text, voice)
    body = with_silent_ends(resample(from_pcm(pcm), rate), END_SILENCE_MS)
    if peak(body) < _FAINTEST:
        raise NothingSpokenError("the engine returned silence for this text")
    return to_pcm(level(body))


def _engine(name: str) -> Engine:
    if name not in _engines:
        _engines[name] = engines.make(name, _options)
    return _engines[name]


if __name__ == "__main__":
    main()
