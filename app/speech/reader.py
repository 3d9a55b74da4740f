"""Texts read in a process of their own, each once while it is remembered."""

import hashlib
from typing import Final

from app.core.bytecache import ByteCache
from app.core.errors import Item, UnavailableError
from app.core.logging import get_logger
from app.core.shared import SharedWork
from app.speech import wire
from app.speech.limits import TooLongError, too_long
from app.speech.process import PassedOverError, ProcessLostError, TextProcess
from app.speech.reading import Parts, Reading, Table, refuse_too_long
from app.speech.turns import Turns

_LONGEST_READING_S: Final = 5.0
"""Seconds for one text; the worst of ten thousand characters takes half of one."""
_TRIES: Final = 2
_AT_HAND: Final = 2
"""Texts that the process is given at a time, so that it need not wait for our event loop between two."""
_REMEMBERED_BYTES: Final = 8 * 1024**2

_log = get_logger(__name__)


class Reader:
    """Reads texts; the event loop stays free."""

    def __init__(self, longest_s: float = _LONGEST_READING_S) -> None:
        """Nothing is started yet; `longest_s`: seconds after which a process that has not read a text is replaced."""
        self._process = TextProcess(
            "app.speech.reading_child", wire.reading(("",), wire.written_table(())), longest_s
        )
        self._turns: Turns[None] = Turns()
        for _ in range(_AT_HAND):
            self._turns.give(None)
        self._known = ByteCache(_REMEMBERED_BYTES)
        self._under_way: SharedWork[bytes] = SharedWork()

    @property
    def pid(self) -> int:
        """Of the process; 0 while there is none."""
        return self._process.pid

    async def start(self) -> None:
        """Start the process, which the first text would else wait for; ProcessLostError when it dies."""
        await self._process.start()

    async def close(self) -> None:
        """Finish what is being read and end the process."""
        await self._under_way.finish()
        await self._process.close()

    async def read(self, parts: Parts, own: Table) -> Reading:
        """How a text is read out.

        Args:
            parts: the text, with a recipient's values in it.
            own: abbreviations of the account.

        Raises:
            InvalidError: field ``message``, code ``message_too_long_when_read``.
            UnavailableError: code ``speech_failed``; the process died of this text, or took too long over it, twice.
        """
        try:
            refuse_too_long(parts)
            question = wire.reading(parts, wire.written_table(own))
            key = hashlib.sha256(question).digest()
            body = self._known.get(key)
            if body is None:
                characters = sum(len(part) if isinstance(part, str) else len(part[1]) for part in parts)
                body = await self._under_way.result(key, lambda: self._read(question, characters))
                self._known.put(key, body)
        except TooLongError as error:
            raise too_long() from error
        return wire.was_read(body)

    async def _read(self, question: bytes, characters: int) -> bytes:
        await self._turns.take(characters)
        try:
            return await self._asked(question)
        finally:
            self._turns.give(None)

    async def _asked(self, question: bytes) -> bytes:
        lost = 0
        while lost < _TRIES:
            try:
                return await self._process.ask(question)
            except PassedOverError:
                continue
            except ProcessLostError:
                lost += 1
                _log.warning("reading_process_lost", attempt=lost)
        message = "The message could not be read. Try again; if it stays so, shorten the text."
        raise UnavailableError(Item(None, "speech_failed", message))
