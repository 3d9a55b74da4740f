"""What the processes that read and speak have in common: they answer the frames of `app.speech.wire`, one by one.

Questions come on standard input, answers go to standard output. A thread takes questions in and another sends answers
off, so the next text is at hand when one is done, and its answer goes out beside it.
"""

import os
import signal
import sys
import threading
from collections.abc import Callable
from queue import SimpleQueue
from typing import BinaryIO, Final

from app.speech import wire
from app.speech.wire import Kind

_NICE: Final = 5
"""As far behind a line as its SIP stack's threads: no text, however long, is ahead of the sound of a call."""

Question = tuple[Kind, bytes]


def serve(answer: Callable[[Kind, bytes], bytes]) -> None:
    """Answer until told to close; end at once when the parent has.

    Ctrl-C reaches the whole foreground group, but a message that is being spoken is finished: the parent closes us. A
    parent that is killed closes nothing, but its end of the pipe.

    Args:
        answer: gives the frame that answers a question; what it raises is told to the parent.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.nice(_NICE)
    questions: SimpleQueue[Question] = SimpleQueue()
    answers: SimpleQueue[bytes] = SimpleQueue()
    sender = threading.Thread(target=_send, args=(answers, _own_output()), daemon=True)
    sender.start()
    threading.Thread(target=_receive, args=(questions, sys.stdin.buffer), daemon=True).start()
    while (question := questions.get())[0] is not Kind.CLOSE:
        try:
            answers.put(answer(*question))
        except Exception as error:  # noqa: BLE001 - engines of others may raise anything; the parent is told
            answers.put(wire.failing(error))
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
