"""What a speech engine is, whichever it may be."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from app.speech.voices import Voice


class EngineError(Exception):
    """The engine cannot start, or did not speak a text."""


class NothingSpokenError(EngineError):
    """The engine is well but has no sound for this text."""


class EngineUnavailableError(EngineError):
    """The engine lies elsewhere and cannot be reached, or refuses: trying again at once would not help."""


@dataclass(frozen=True, slots=True)
class EngineOptions:
    """What engines other than the built-in one need to know; handed to every speech process.

    Attributes:
        url: of a server with ``/v1/audio/speech``, without that path; empty: there is none.
        key: sent to it as a bearer token; empty: none is.
        model: its model.
        timeout_s: longest wait for an answer, seconds.
    """

    url: str = ""
    key: str = ""
    model: str = "tts-1"
    timeout_s: float = 15.0


class Engine(Protocol):
    """Turns text into sound. Used from one thread of one process at a time; may block."""

    @property
    def name(self) -> str:
        """What `Voice.engine` calls it."""
        ...

    @property
    def version(self) -> str:
        """Changes whenever the same text could sound different; part of the cache key."""
        ...

    def check(self, voice: Voice) -> None:
        """Make sure that the voice exists as described.

        Raises:
            EngineError: it does not.
        """
        ...

    def synthesize(self, text: str, voice: Voice) -> tuple[bytes, int]:
        """Speak `text` as it stands: no markup is understood, digits and symbols are the caller's business.

        Returns:
            Signed 16-bit mono little-endian PCM, and its sample rate in Hz.

        Raises:
            NothingSpokenError: there is no sound for this text.
            EngineUnavailableError: the engine cannot be reached now.
            EngineError: the engine failed.
        """
        ...


Maker = Callable[[EngineOptions], Engine]
"""Starts an engine; raises EngineError when it cannot."""
