"""What the respelling changes against eSpeak alone, word by word."""

from dataclasses import dataclass

from app.speech.espeak import Espeak
from app.speech.normalise import spoken
from app.speech.pronunciation.letters import words_in
from app.speech.pronunciation.respelling import respelt_word
from app.speech.voices import Voice


@dataclass(frozen=True, slots=True)
class Change:
    """One word.

    Attributes:
        word: as written, after normalising.
        respelt: as eSpeak is given it.
        alone: eSpeak's phonemes for the word as written.
        ours: its phonemes for the word as respelt.
    """

    word: str
    respelt: str
    alone: str
    ours: str

    @property
    def changed(self) -> bool:
        """Whether it sounds different."""
        return self.alone != self.ours


def compare(text: str, voice: Voice) -> tuple[str, list[Change]]:
    """The reading of `text`, and its Devanagari words, once each, with both ways of saying them.

    Loads eSpeak into this process, where nothing else may use it at the same time.

    Raises:
        EngineError: eSpeak does not start.
    """
    engine = Espeak()
    reading = spoken(text)
    changes: list[Change] = []
    for word in dict.fromkeys(match[0] for match in words_in(reading)):
        respelt = respelt_word(word)
        alone, ours = ("".join(engine.phonemes(form, voice)) for form in (word, respelt))
        changes.append(Change(word, respelt, alone, ours))
    return reading, changes
