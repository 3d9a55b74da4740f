"""The voices that a message can be spoken in."""

from dataclasses import dataclass, replace

from app.core.errors import invalid

_FIELD = "voice_input"


@dataclass(frozen=True, slots=True)
class Voice:
    """One voice and how its engine is set.

    Attributes:
        name: what clients say in ``voice_input``.
        engine: name of the engine that speaks it.
        language: the engine's code of the language.
        variant: the engine's name of the timbre; letter case matters.
        rate: words a minute, 80 to 450.
        pitch: 0 to 99; 50 is the variant's own.
    """

    name: str
    engine: str
    language: str
    variant: str
    rate: int
    pitch: int

    @property
    def fingerprint(self) -> str:
        """All that changes how the voice sounds, for cache keys; the name is not part of it."""
        return f"{self.language}+{self.variant}/rate={self.rate}/pitch={self.pitch}"


# Median pitches measured on the same sentences: 204, 119 and 88 Hz; any two differ by more than 25 Hz.
VOICES: dict[str, Voice] = {
    voice.name: voice
    for voice in (
        Voice("np_rija", engine="espeak", language="ne", variant="f2", rate=150, pitch=55),
        Voice("np_prasanna", engine="espeak", language="ne", variant="Michael", rate=155, pitch=60),
        Voice("np_binod", engine="espeak", language="ne", variant="m7", rate=140, pitch=25),
    )
}

_ENTRY = "<voice>=<engine>:<voice of that engine>"


def with_engines(written: str) -> dict[str, Voice]:
    """The voices, some of them spoken by another engine: ``np_rija=openai:nova, np_binod=piper:/voices/ne.onnx``.

    Raises:
        ValueError: an entry is not of that form, or its voice is not one of ours.
    """
    voices = dict(VOICES)
    for entry in filter(None, (part.strip() for part in written.split(","))):
        name, equals, target = entry.partition("=")
        engine, colon, variant = target.partition(":")
        ours = voices.get(name.strip())
        if ours is None or not equals or not colon or not engine.strip() or not variant.strip():
            message = (
                f"TINGTING_SPEECH_VOICES: {entry!r} is not {_ENTRY}; the voices are {', '.join(VOICES)}."
            )
            raise ValueError(message)
        voices[ours.name] = replace(ours, engine=engine.strip(), variant=variant.strip())
    return voices


_ALIASES = {"np_prashanna": "np_prasanna"}


def voice_named(name: str) -> Voice:
    """The voice called `name`, in any letter case and with spaces around it.

    Raises:
        InvalidError: field ``voice_input``, code ``unknown_voice``; the message names the voices there are.
    """
    wanted = name.strip().lower()
    voice = VOICES.get(_ALIASES.get(wanted, wanted))
    if voice is None:
        raise invalid(_FIELD, "unknown_voice", f"There is no such voice; use one of: {', '.join(VOICES)}.")
    return voice
