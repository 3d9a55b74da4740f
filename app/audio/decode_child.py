"""The process that opens an uploaded file: ``python -m app.audio.decode_child <file>``.

Decoders are large and meet hostile bytes here, so this process has nothing to lose: no secrets in its environment,
no files to write, little memory and little time. It answers on standard output: a line of JSON,
``{"ok": true}`` or ``{"ok": false, "code": …}``, and in the first case the PCM behind it.
"""

import io
import json
import resource
import sys
from pathlib import Path
from typing import Final, NoReturn

LONGEST_SECONDS: Final = 600
MEMORY_BYTES: Final = 1024**3
CPU_SECONDS: Final = 40
_DESCRIPTORS: Final = 64


def _limit() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS + 2))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (_DESCRIPTORS, _DESCRIPTORS))


def main(path: str) -> None:
    """Decode the file at `path` and answer."""
    _limit()
    # Only now, under the limits: these load the decoders.
    from app.audio.levelling import to_pcm
    from app.audio.reading import UnreadableError, read_sound

    try:
        pcm = to_pcm(read_sound(io.BytesIO(Path(path).read_bytes()), LONGEST_SECONDS))
    except UnreadableError as error:
        _answer({"ok": False, "code": error.code})
    except MemoryError:
        _answer({"ok": False, "code": "audio_too_heavy"})
    _answer({"ok": True}, pcm)


def _answer(header: dict[str, object], body: bytes = b"") -> NoReturn:
    sys.stdout.buffer.write(json.dumps(header).encode() + b"\n" + body)
    sys.stdout.buffer.flush()
    sys.exit(0)


if __name__ == "__main__":
    main(sys.argv[1])
