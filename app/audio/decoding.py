"""Uploaded sound files, decoded in a process of their own."""

import asyncio
import json
import os
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import app
from app.audio.decode_child import LONGEST_SECONDS
from app.audio.pcm import BYTES_PER_SAMPLE, duration_ms
from app.carriers.carrier import SAMPLE_RATE
from app.core.errors import InvalidError, Item, TooLargeError, invalid
from app.core.logging import get_logger

MAX_FILE_BYTES: Final = 20 * 1024**2

_FIELD: Final = "aud_file"
_LONGEST_WAIT_S: Final = 90.0
_LONGEST_ANSWER: Final = LONGEST_SECONDS * SAMPLE_RATE * BYTES_PER_SAMPLE + 1024
_CHUNK: Final = 256 * 1024
_AT_ONCE: Final = 2
_FORMATS: Final = "mp3, wav, ogg, opus, flac, m4a, aac or amr"
_SENTENCES: Final = {
    "empty_file": "The file is empty. Choose the recording again and upload it.",
    "unsupported_audio": f"This is not a sound file that is read here. Upload {_FORMATS}, up to 8 channels, 192 kHz.",
    "broken_audio": "The sound file is damaged or ends too early. Export or upload it again.",
    "silent_audio": "Nothing can be heard in this recording. Check the microphone and record it again.",
    "audio_too_long": f"The recording is longer than {LONGEST_SECONDS // 60} minutes. Shorten it.",
    "audio_too_heavy": "Decoding this file takes too much time or memory. Export it as mono mp3 and upload that.",
}

_log = get_logger(__name__)
_slots = asyncio.Semaphore(_AT_ONCE)


@dataclass(frozen=True, slots=True)
class DecodedAudio:
    """What a call plays.

    Attributes:
        pcm: signed 16-bit mono little-endian at 8,000 Hz, at the loudness of speech.
        duration_ms: its length.
    """

    pcm: bytes
    duration_ms: int


async def decode_upload(path: Path) -> DecodedAudio:
    """The sound in the file at `path`, told by its content whatever its name.

    Raises:
        InvalidError: field ``aud_file``; ``empty_file``, ``unsupported_audio``, ``broken_audio``, ``silent_audio``,
            ``audio_too_long`` or ``audio_too_heavy``.
        TooLargeError: over 20 MB; ``file_too_large``.
    """
    size = (await asyncio.to_thread(path.stat)).st_size
    if not size:
        raise _refused("empty_file")
    if size > MAX_FILE_BYTES:
        sentence = (
            f"The file is larger than {MAX_FILE_BYTES // 1024**2} MB. Export it as mono mp3 and upload that."
        )
        raise TooLargeError(Item(_FIELD, "file_too_large", sentence))
    async with _slots:
        answer = await _ask_child(path)
    header, _, pcm = answer.partition(b"\n")
    fields = _fields(header)
    if fields.get("ok") is True and pcm and len(pcm) % BYTES_PER_SAMPLE == 0:
        return DecodedAudio(pcm, duration_ms(pcm))
    code = fields.get("code")
    raise _refused(code if isinstance(code, str) and code in _SENTENCES else "broken_audio")


def _refused(code: str) -> InvalidError:
    return invalid(_FIELD, code, _SENTENCES[code])


def _fields(header: bytes) -> dict[str, object]:
    """The child's JSON line; empty when it died before it could answer, or answers nonsense."""
    try:
        fields = json.loads(header)
    except ValueError:
        return {}
    return fields if isinstance(fields, dict) else {}


async def _ask_child(path: Path) -> bytes:
    """All that the child says; an answer of ours in its place when it ran out of time or memory."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "app.audio.decode_child",
        str(path.resolve()),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env=_environment(),
    )
    try:
        answer = await asyncio.wait_for(_read(process), _LONGEST_WAIT_S)
        outcome = await process.wait()
    except TimeoutError:
        answer, outcome = b"", -1
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()
    if outcome:
        _log.warning("audio_decoder_died", outcome=outcome, file=path.name)
        # A signal is the kernel's for too much time, or a decoder's crash; an exit code is a Python error.
        return json.dumps(
            {"ok": False, "code": "audio_too_heavy" if outcome < 0 else "broken_audio"}
        ).encode()
    return answer


async def _read(process: asyncio.subprocess.Process) -> bytes:
    if process.stdout is None:
        return b""
    parts: list[bytes] = []
    total = 0
    while total <= _LONGEST_ANSWER and (part := await process.stdout.read(_CHUNK)):
        parts.append(part)
        total += len(part)
    return b"".join(parts) if total <= _LONGEST_ANSWER else b""


def _environment() -> dict[str, str]:
    """No secrets of ours, one thread for the linear algebra, and our own code found wherever we were started."""
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "PYTHONPATH": str(Path(app.__path__[0]).parent),
        "PYTHONDONTWRITEBYTECODE": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "LC_ALL": "C.UTF-8",
    }
