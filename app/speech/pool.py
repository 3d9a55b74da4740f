"""Speech processes: as many texts at once as there are processes, none of them in ours.

Each process has an executor of its own. With one executor for all, a process that dies would fail every text
that waits or is being spoken; like this it fails the one that it was speaking, which is tried once more.
"""

import asyncio
import contextlib
import os
import signal
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from typing import Final, TypeVar

from app.core.errors import Item, UnavailableError, invalid
from app.core.logging import get_logger
from app.speech import child
from app.speech.engine import EngineError, EngineOptions, EngineUnavailableError, NothingSpokenError
from app.speech.voices import VOICES, Voice

T = TypeVar("T")

_log = get_logger(__name__)
_NOTHING: Final = "Nothing in this message can be spoken; write some words."
_TRIES: Final = 2
_LONGEST_START_S: Final = 60.0
_LONGEST_SPEAKING_S: Final = 60.0
"""Seconds for one text; 2,000 characters take about half of one."""
# A process that speaks has one core. numpy's threads would spin on the others: seven times the processor time.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


class SpeechPool:
    """Speaks texts in `processes` spawned processes; the event loop stays free."""

    def __init__(
        self,
        processes: int,
        longest_s: float = _LONGEST_SPEAKING_S,
        *,
        voices: Iterable[Voice] = (),
        options: EngineOptions | None = None,
    ) -> None:
        """Nothing is started yet.

        Args:
            processes: 1 to 32.
            longest_s: seconds after which a process that has not finished a text is replaced.
            voices: spoken beside the built-in ones.
            options: of engines that lie elsewhere.
        """
        self._longest_s = longest_s
        checked = tuple(dict.fromkeys((*VOICES.values(), *voices)))
        self._workers = [_Worker(checked, options or EngineOptions()) for _ in range(processes)]
        self._free: asyncio.Queue[_Worker] = asyncio.Queue()
        self._versions: dict[str, str] = {}

    async def start(self) -> None:
        """Start all processes and check every voice.

        Raises:
            EngineError: an engine does not start, or a voice is not what `app.speech.voices` says.
        """
        self._free = asyncio.Queue()
        described = await asyncio.gather(*(worker.start() for worker in self._workers))
        self._versions = described[0]
        for worker in self._workers:
            self._free.put_nowait(worker)

    async def close(self) -> None:
        """Finish what is being spoken and end the processes."""
        await asyncio.gather(*(worker.close() for worker in self._workers))

    def version(self, engine: str) -> str:
        """Version of the engine named `engine`; known after `start`."""
        return self._versions[engine]

    @property
    def process_ids(self) -> tuple[int, ...]:
        """Of the processes running now."""
        return tuple(worker.pid for worker in self._workers if worker.pid)

    async def speak(self, text: str, voice: Voice) -> bytes:
        """`text` as levelled 8 kHz PCM; waits its turn, first come first served.

        Raises:
            InvalidError: field ``message``, code ``nothing_to_say``; the text has no sound.
            UnavailableError: code ``speech_failed``; the engine broke on this text, twice.
        """
        worker = await self._free.get()
        try:
            return await self._speak_with(worker, text, voice)
        finally:
            self._free.put_nowait(worker)

    async def _speak_with(self, worker: "_Worker", text: str, voice: Voice) -> bytes:
        for attempt in range(1, _TRIES + 1):
            try:
                await worker.ready()
                return await worker.run(self._longest_s, child.speak, text, voice)
            except (BrokenProcessPool, TimeoutError) as error:
                _log.warning(
                    "speech_process_lost", attempt=attempt, pid=worker.pid, kind=type(error).__name__
                )
                worker.replace()
            except NothingSpokenError as error:
                raise invalid("message", "nothing_to_say", _NOTHING) from error
            except EngineUnavailableError as error:
                _log.warning("speech_engine_unavailable", voice=voice.name, reason=str(error))
                break
            except EngineError as error:
                _log.warning("speech_engine_failed", attempt=attempt, voice=voice.name, reason=str(error))
        raise UnavailableError(
            Item(
                None,
                "speech_failed",
                "The message could not be spoken. Try again; if it stays so, shorten the text.",
            ),
        )


class _Worker:
    """One process, and its replacement when it dies."""

    def __init__(self, voices: tuple[Voice, ...], options: EngineOptions) -> None:
        self._voices = voices
        self._options = options
        self._executor = _executor(options)
        self.pid = 0

    async def ready(self) -> None:
        """Start the process if it was replaced since it spoke last."""
        if not self.pid:
            await self.start()

    async def start(self) -> dict[str, str]:
        """Start the process and check the voices in it; the versions of its engines."""
        self.pid, versions = await self.run(_LONGEST_START_S, child.describe, self._voices)
        return versions

    async def run(self, longest_s: float, task: Callable[..., T], *arguments: object) -> T:
        """The result of `task` in the process; TimeoutError after `longest_s`, BrokenProcessPool when it died."""
        future: Future[T] = self._submit(task, *arguments)
        return await asyncio.wait_for(asyncio.wrap_future(future), longest_s)

    def _submit(self, task: Callable[..., T], *arguments: object) -> "Future[T]":
        # The process is started inside submit and inherits the mask: a Ctrl-C while it still imports, before
        # `prepare` has run, would otherwise end it with a traceback.
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            return self._executor.submit(task, *arguments)
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)

    def replace(self) -> None:
        """End the process, hung or dead; the next text starts another."""
        if self.pid:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)
            self.pid = 0
        self._executor.shutdown(wait=False, cancel_futures=True)
        self._executor = _executor(self._options)

    async def close(self) -> None:
        self.pid = 0
        await asyncio.to_thread(self._executor.shutdown, wait=True, cancel_futures=True)


def _executor(options: EngineOptions) -> ProcessPoolExecutor:
    return ProcessPoolExecutor(
        max_workers=1, mp_context=get_context("spawn"), initializer=child.prepare, initargs=(options,)
    )
