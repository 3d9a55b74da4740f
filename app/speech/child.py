"""The process that speaks, ``python -m app.speech.child``: texts in, finished sounds out.

Questions and answers are the frames of `app.speech.wire`, on standard input and output. A thread takes questions in
and another sends answers off, so the next text is at hand when one is done, and its sound goes out beside it.
"""

import json
import os
import signal
import sys
import threading
from queue import SimpleQueue
from typing import BinaryIO, Final

from app.audio.levelling import from_pcm, level, peak, to_pcm, with_silent_ends
from app.audio.resampling import resample
from app.speech import engines, wire
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

Question = tuple[Kind, bytes]


def main() -> None:
    """Answer until told to close; end at once when the parent has.

    Ctrl-C reaches the whole foreground group, but a message that is being spoken is finished: the parent closes us. A
    parent that is killed closes nothing, but its end of the pipe.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    bytes(_KEPT_BYTES)  # made and dropped
    questions: SimpleQueue[Question] = SimpleQueue()
    answers: SimpleQueue[bytes] = SimpleQueue()
    sender = threading.Thread(target=_send, args=(answers, _own_output()), daemon=True)
    sender.start()
    threading.Thread(target=_receive, args=(questions, sys.stdin.buffer), daemon=True).start()
    while (question := questions.get())[0] is not Kind.CLOSE:
        answers.put(_answer(*question))
    answers.put(b"")
    sender.join()


def _own_output() -> BinaryIO:
    """Standard output, for answers alone: what a library prints goes to standard error."""
    ours = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return ours


def _receive(questions: "SimpleQueue[Question]", source: BinaryIO) -> None:
    while len(header := source.read(wire.HEADER.size)) == wire.HEADER.size:
        kind, size = wire.HEADER.unpack(header)
        questions.put((Kind(kind), source.read(size)))
        if kind == Kind.CLOSE:
            return
    os._exit(1)


def _send(answers: "SimpleQueue[bytes]", target: BinaryIO) -> None:
    try:
        while answer := answers.get():
            target.write(answer)
            target.flush()
    except OSError:
        os._exit(1)


def _answer(kind: Kind, body: bytes) -> bytes:
    try:
        if kind is Kind.DESCRIBE:
            versions = describe(*wire.described(body))
            return wire.frame(Kind.VERSIONS, json.dumps(versions).encode())
        return wire.frame(Kind.SOUND, speak(*wire.spoken(body)))
    except Exception as error:  # noqa: BLE001 - engines of others may raise anything; the parent is told
        return wire.failing(error)


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
