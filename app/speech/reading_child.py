"""The process that reads texts, ``python -m app.speech.reading_child``."""

from app.speech import wire
from app.speech.answering import serve
from app.speech.reading import read
from app.speech.wire import Kind


def _answer(kind: Kind, body: bytes) -> bytes:
    del kind
    parts, own = wire.asked_to_read(body)
    return wire.having_read(read(parts, own))


if __name__ == "__main__":
    serve(_answer)
