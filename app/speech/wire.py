"""What a speech process is asked and what it answers: frames of a kind, a length and a body.

Answers come in the order of the questions.
"""

import json
from dataclasses import asdict
from enum import IntEnum
from functools import lru_cache
from struct import Struct
from typing import Any, Final

from app.speech.engine import EngineError, EngineOptions, EngineUnavailableError, NothingSpokenError
from app.speech.limits import TooLongError
from app.speech.reading import Parts, Reading, Table
from app.speech.voices import Voice

HEADER: Final = Struct(">BI")
"""Kind and length of the body in bytes."""


class Kind(IntEnum):
    """What a frame is."""

    DESCRIBE = 1
    SPEAK = 2
    CLOSE = 3
    VERSIONS = 4
    SOUND = 5
    FAILURE = 6
    READ = 7
    READING = 8


_FAILURES: Final[tuple[type[Exception], ...]] = (
    EngineError, EngineUnavailableError, NothingSpokenError, TooLongError
)  # fmt: skip


def frame(kind: Kind, body: bytes = b"") -> bytes:
    """`body` behind its header."""
    return HEADER.pack(kind, len(body)) + body


def describing(voices: tuple[Voice, ...], options: EngineOptions) -> bytes:
    """The question which engines speak `voices`."""
    return frame(Kind.DESCRIBE, _json([[asdict(voice) for voice in voices], asdict(options)]))


def described(body: bytes) -> tuple[tuple[Voice, ...], EngineOptions]:
    """What `describing` was given."""
    voices, options = json.loads(body)
    return tuple(Voice(**fields) for fields in voices), EngineOptions(**options)


def speaking(text: str, voice: Voice) -> bytes:
    """The question how `text` sounds."""
    return frame(Kind.SPEAK, _json([text, asdict(voice)]))


def spoken(body: bytes) -> tuple[str, Voice]:
    """What `speaking` was given."""
    text, fields = json.loads(body)
    return text, Voice(**fields)


def reading(parts: Parts, table: bytes) -> bytes:
    """The question how `parts` are read; `table` is what `written_table` made of the account's abbreviations."""
    return frame(Kind.READ, b"[%b,%b]" % (_json(parts), table))


@lru_cache(maxsize=64)
def written_table(own: Table) -> bytes:
    """An account's abbreviations for `reading`: 300 kB at most, so they are written once."""
    return _json(dict(own))


def asked_to_read(body: bytes) -> tuple[Parts, dict[str, str]]:
    """What `reading` was given."""
    parts, own = json.loads(body)
    return [part if isinstance(part, str) else (part[0], part[1]) for part in parts], own


def having_read(found: Reading) -> bytes:
    """The answer to `reading`."""
    return frame(Kind.READING, _json([found.words, found.guessed]))


def was_read(body: bytes) -> Reading:
    """What `having_read` was given."""
    words, guessed = json.loads(body)
    return Reading(words, tuple(guessed))


def failing(error: Exception) -> bytes:
    """The answer that there is none; an error that is not of an engine becomes an `EngineError` that names it."""
    known = type(error) in _FAILURES
    return frame(
        Kind.FAILURE,
        _json([type(error).__name__ if known else "", str(error) if known else repr(error)]),
    )


def failed(body: bytes) -> Exception:
    """What `failing` was given."""
    name, reason = json.loads(body)
    found = {kind.__name__: kind for kind in _FAILURES}.get(name, EngineError)
    return found(reason)


def versions(body: bytes) -> dict[str, str]:
    """Of the engines, by name."""
    return dict(json.loads(body))


def _json(value: Any) -> bytes:
    return json.dumps(value).encode()
