"""What runs inside a speech process: one text in, finished sound out."""

import os
import signal
import threading
from multiprocessing import connection, parent_process
from typing import Final

from app.audio.levelling import from_pcm, level, peak, to_pcm, with_silent_ends
from app.audio.resampling import resample
from app.speech import engines
from app.speech.engine import Engine, EngineOptions, NothingSpokenError
from app.speech.voices import Voice

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


def prepare(options: EngineOptions) -> None:
    """First thing in the process: leave signals to the parent, and end when it ends.

    Ctrl-C reaches the whole foreground group, but a message that is being spoken is finished: the parent closes
    the pool. A parent that is killed closes nothing, so a thread waits for its end.
    """
    global _options  # noqa: PLW0603 - a process is given its options once, before anything else
    _options = options
    bytes(_KEPT_BYTES)  # made and dropped
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent.sentinel,), daemon=True).start()


def _end_with(sentinel: int) -> None:
    connection.wait([sentinel])
    os._exit(1)


def describe(voices: tuple[Voice, ...]) -> tuple[int, dict[str, str]]:
    """Start the engines of `voices` and check these.

    Returns:
        This process's id, and the version of each engine by name.

    Raises:
        EngineError: an engine does not start, or a voice is not there.
    """
    for voice in voices:
        _engine(voice.engine).check(voice)
    return os.getpid(), {name: engine.version for name, engine in _engines.items()}


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
