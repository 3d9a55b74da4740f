"""What a speech engine is, whichever it may be."""

from typing import Protocol

from app.speech.voices import Voice


class EngineError(Exception):
    """The engine cannot start, or did not speak a text."""


class NothingSpokenError(EngineError):
    """The engine is well but has no sound for this text."""


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
            EngineError: the engine failed.
        """
        ...
