"""A process that is asked about texts, and its replacement when it dies."""

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
from collections import deque
from pathlib import Path
from typing import Final, NamedTuple

import app
from app.core.logging import get_logger
from app.speech import wire
from app.speech.engine import EngineOptions
from app.speech.voices import Voice
from app.speech.wire import Kind

_LONGEST_START_S: Final = 60.0
_BUFFER_BYTES: Final = 1024**2

_log = get_logger(__name__)

Answer = tuple[Kind, bytes]


class ProcessLostError(Exception):
    """The process died, or was ended for taking too long, at this text."""


class PassedOverError(Exception):
    """The process died at another text before it came to this one."""


class _Asked(NamedTuple):
    answer: "asyncio.Future[Answer]"
    longest_s: float


class TextProcess:
    """Answers one question after the other, in the order in which they are given."""

    def __init__(self, module: str, opening: bytes, longest_s: float) -> None:
        """Nothing is started yet.

        Args:
            module: what the process runs; it calls `app.speech.answering.serve`.
            opening: its first question, at every start.
            longest_s: seconds after which a process that has not finished a text is ended.
        """
        self._module = module
        self._opening = opening
        self._longest_s = longest_s
        self._process: subprocess.Popen[bytes] | None = None
        self._questions: asyncio.WriteTransport | None = None
        self._listening: asyncio.Task[None] | None = None
        self._starting = asyncio.Lock()
        self._asked: deque[_Asked] = deque()
        self._patience: asyncio.TimerHandle | None = None

    @property
    def pid(self) -> int:
        """Of the process; 0 while there is none."""
        return self._process.pid if self._process else 0

    async def start(self) -> bytes:
        """Start the process; the body of its answer to the opening question.

        Raises:
            ProcessLostError: the process died.
            Exception: as the process answers, by `app.speech.wire.failed`.
        """
        loop = asyncio.get_running_loop()
        self._process = process = _spawn(self._module)
        self._questions, _ = await loop.connect_write_pipe(asyncio.BaseProtocol, process.stdin)
        answers = asyncio.StreamReader(_BUFFER_BYTES)
        await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(answers), process.stdout)
        self._listening = asyncio.create_task(self._listen(process, answers))
        kind, body = await self._ask(self._opening, _LONGEST_START_S)
        if kind is Kind.FAILURE:
            self.kill()
            raise wire.failed(body)
        return body

    async def ask(self, question: bytes) -> bytes:
        """The body of the answer to a question; starts the process when it has died.

        Raises:
            ProcessLostError: see there.
            PassedOverError: see there.
            Exception: as the process answers, by `app.speech.wire.failed`.
        """
        async with self._starting:
            if self._process is None:
                await self.start()
        kind, body = await self._ask(question, self._longest_s)
        if kind is Kind.FAILURE:
            raise wire.failed(body)
        return body

    def kill(self) -> None:
        """End the process, hung or not; whoever waits for it is told."""
        if self._process is not None:
            self._process.kill()

    async def close(self) -> None:
        """End the process when it has answered what it was asked."""
        self._write(wire.frame(Kind.CLOSE))
        if self._listening is not None:
            await self._listening

    async def _ask(self, question: bytes, longest_s: float) -> Answer:
        if self._process is None:
            raise ProcessLostError
        asked = _Asked(asyncio.get_running_loop().create_future(), longest_s)
        self._asked.append(asked)
        if len(self._asked) == 1:
            self._watch()
        self._write(question)
        return await asked.answer

    def _write(self, data: bytes) -> None:
        if self._questions is not None and not self._questions.is_closing():
            self._questions.write(data)

    def _watch(self) -> None:
        """Give the text that is at work its time, if there is one."""
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None
        if self._asked:
            self._patience = asyncio.get_running_loop().call_later(self._asked[0].longest_s, self.kill)

    async def _listen(self, process: "subprocess.Popen[bytes]", answers: asyncio.StreamReader) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError, OSError):
            while True:
                kind, size = wire.HEADER.unpack(await answers.readexactly(wire.HEADER.size))
                body = await answers.readexactly(size)
                first = self._asked.popleft()
                self._watch()
                if not first.answer.done():
                    first.answer.set_result((Kind(kind), body))
        process.kill()
        await asyncio.to_thread(process.wait)
        self._lost()

    def _lost(self) -> None:
        self._process = None
        if self._questions is not None:
            self._questions.close()
        lost, self._asked = self._asked, deque()
        self._watch()
        for place, asked in enumerate(lost):
            if not asked.answer.done():
                asked.answer.set_exception(PassedOverError() if place else ProcessLostError())


class SpeechProcess(TextProcess):
    """Speaks one text after the other."""

    def __init__(self, voices: tuple[Voice, ...], options: EngineOptions, longest_s: float) -> None:
        """Nothing is started yet.

        Args:
            voices: checked at every start, which answers the versions of the engines.
            options: of engines that lie elsewhere.
            longest_s: seconds after which a process that has not finished a text is ended.
        """
        super().__init__("app.speech.child", wire.describing(voices, options), longest_s)

    async def speak(self, text: str, voice: Voice) -> bytes:
        """`text` as `app.speech.child.speak` returns it.

        Raises:
            EngineError: as there.
            ProcessLostError: see there.
            PassedOverError: see there.
        """
        return await self.ask(wire.speaking(text, voice))


def _spawn(module: str) -> "subprocess.Popen[bytes]":
    # The process inherits the mask: a Ctrl-C while it still imports, before it ignores that signal, would otherwise end
    # it with a traceback.
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        return subprocess.Popen(
            (sys.executable, "-m", module),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=_environment(),
        )
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _environment() -> dict[str, str]:
    """Ours, with our own code found wherever we were started.

    A process of these has one core: numpy's threads would spin on the others, seven times the processor time.
    """
    ours = str(Path(app.__path__[0]).parent)
    path = os.pathsep.join(filter(None, (ours, os.environ.get("PYTHONPATH"))))
    return {"OPENBLAS_NUM_THREADS": "1", **os.environ, "PYTHONPATH": path}
