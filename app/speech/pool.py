"""Processes that read and speak: as many texts at once as there are processes, none of them in ours.

A second text lies ready at each process, so that it does not wait for our event loop between two: on a busy machine
that took as long as speaking. A process that dies fails the text that it was speaking, which is tried once more.
"""

import asyncio
from collections.abc import Iterable
from typing import Final

from app.core.errors import Item, UnavailableError, invalid
from app.core.logging import get_logger
from app.speech import wire
from app.speech.engine import EngineError, EngineOptions, EngineUnavailableError, NothingSpokenError
from app.speech.engines import BUILT_IN
from app.speech.process import PassedOverError, ProcessLostError, SpeechProcess
from app.speech.reader import Reader
from app.speech.reading import Parts, Reading, Table
from app.speech.turns import Turns
from app.speech.voices import VOICES, Voice

_log = get_logger(__name__)
_NOTHING: Final = "Nothing in this message can be spoken; write some words."
_TRIES: Final = 2
_LONGEST_SPEAKING_S: Final = 60.0
"""Seconds for one text; 2,000 characters take about half of one."""
_AT_HAND: Final = 2
_QUICK: Final = 1_000
"""Characters that are spoken in a quarter of a second: behind a longer text, or one that another engine speaks, no text
lies ready, for another process may be free long before."""


class SpeechPool:
    """Speaks texts in `processes` processes; the event loop stays free."""

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
        checked = tuple(dict.fromkeys((*VOICES.values(), *voices)))
        self._places = [
            _Place(SpeechProcess(checked, options or EngineOptions(), longest_s)) for _ in range(processes)
        ]
        self._open: Turns[_Place] = Turns()
        self._reader = Reader()
        self._versions: dict[str, str] = {}

    async def start(self) -> None:
        """Start all processes and check every voice.

        Raises:
            EngineError: an engine does not start, or a voice is not what `app.speech.voices` says.
        """
        self._open = Turns()
        try:
            described, *_ = await asyncio.gather(
                *(place.process.start() for place in self._places), self._reader.start()
            )
        except ProcessLostError as error:
            raise EngineError("a speech process died while it started") from error
        self._versions = wire.versions(described or b"")
        for place in self._places:
            self._open.give(place)

    async def close(self) -> None:
        """Finish what is being read and spoken, and end the processes."""
        await asyncio.gather(*(place.process.close() for place in self._places), self._reader.close())

    def version(self, engine: str) -> str:
        """Version of the engine named `engine`; known after `start`."""
        return self._versions[engine]

    @property
    def process_ids(self) -> tuple[int, ...]:
        """Of the processes that speak now."""
        return tuple(place.process.pid for place in self._places if place.process.pid)

    @property
    def reader_id(self) -> int:
        """Of the process that reads; 0 while there is none."""
        return self._reader.pid

    async def read(self, parts: Parts, own: Table) -> Reading:
        """How a text is read out; see `app.speech.reader.Reader.read`."""
        return await self._reader.read(parts, own)

    async def speak(self, text: str, voice: Voice) -> bytes:
        """`text` as levelled 8 kHz PCM; waits its turn.

        Raises:
            InvalidError: field ``message``, code ``nothing_to_say``; the text has no sound.
            UnavailableError: code ``speech_failed``; the engine broke on this text, twice.
        """
        place = await self._open.take(len(text))
        quick = voice.engine == BUILT_IN and len(text) <= _QUICK
        place.is_open = False
        place.taken.append(quick)
        self._reopen(place)
        try:
            return await self._speak_with(place.process, text, voice)
        finally:
            place.taken.remove(quick)
            self._reopen(place)

    def _reopen(self, place: "_Place") -> None:
        if not place.is_open and len(place.taken) < _AT_HAND and all(place.taken):
            place.is_open = True
            self._open.give(place)

    async def _speak_with(self, process: SpeechProcess, text: str, voice: Voice) -> bytes:
        lost = 0
        while lost < _TRIES:
            try:
                return await process.speak(text, voice)
            except PassedOverError:
                continue
            except ProcessLostError:
                lost += 1
                _log.warning("speech_process_lost", attempt=lost)
            except NothingSpokenError as error:
                raise invalid("message", "nothing_to_say", _NOTHING) from error
            except EngineUnavailableError as error:
                _log.warning("speech_engine_unavailable", voice=voice.name, reason=str(error))
                break
            except EngineError as error:
                lost += 1
                _log.warning("speech_engine_failed", attempt=lost, voice=voice.name, reason=str(error))
        raise UnavailableError(
            Item(
                None,
                "speech_failed",
                "The message could not be spoken. Try again; if it stays so, shorten the text.",
            ),
        )


class _Place:
    """A process, and the texts that it was given.

    Attributes:
        taken: for each text, whether it is soon over.
        is_open: whether the process is among those that wait for texts.
    """

    def __init__(self, process: SpeechProcess) -> None:
        self.process = process
        self.taken: list[bool] = []
        self.is_open = True
