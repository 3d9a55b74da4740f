"""The engines there are: ours by name, others by the entry point group ``tingting.speech_engines``."""

from collections.abc import Callable
from importlib.metadata import entry_points
from typing import Final

from app.speech.engine import Engine, EngineError, EngineOptions, Maker

GROUP: Final = "tingting.speech_engines"
BUILT_IN: Final = "espeak"
"""The engine that is always there, and speaks when another does not."""


def make(name: str, options: EngineOptions) -> Engine:
    """Start the engine called `name`.

    Raises:
        EngineError: there is no such engine, or it does not start.
    """
    maker = _OURS.get(name)
    if maker is not None:
        return maker(options)
    for found in entry_points(group=GROUP, name=name):
        other: Maker = found.load()
        return other(options)
    known = ", ".join((*_OURS, *sorted(found.name for found in entry_points(group=GROUP))))
    raise EngineError(f"there is no speech engine {name!r}; there are: {known}")


def _espeak(options: EngineOptions) -> Engine:
    from app.speech.espeak import Espeak

    del options
    return Espeak()


def _openai(options: EngineOptions) -> Engine:
    from app.speech.openai import OpenAi

    return OpenAi(options)


def _piper(options: EngineOptions) -> Engine:
    from app.speech.piper import Piper

    del options
    return Piper()


_OURS: Final[dict[str, Callable[[EngineOptions], Engine]]] = {
    BUILT_IN: _espeak, "openai": _openai, "piper": _piper,
}  # fmt: skip
