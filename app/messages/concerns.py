"""What a person should see to in a text before anybody is called with it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from app.campaigns.tags import Rendered
from app.speech.preeti import from_preeti, is_preeti

PREETI: Final = "preeti_text"
_LONGEST_SHOWN: Final = 80
_DIFFERENT: Final = 10


@dataclass(frozen=True, slots=True)
class Concern:
    """Something that a person should look at.

    Attributes:
        code: ``missing_tag``, ``nothing_to_say``, ``latin_guessed``, ``preeti_text`` or ``too_long``.
        message: what it is about.
        suggestion: what is most likely meant instead, whole; None when that is not certain.
    """

    code: str
    message: str
    suggestion: str | None = None


def different(concerns: Sequence[Concern]) -> list[Concern]:
    """The first ten that are not alike."""
    return list(dict.fromkeys(concerns))[:_DIFFERENT]


def preeti_of(text: str, what: str = "The message") -> tuple[Concern, ...]:
    """A concern when `text` is typed for the Preeti font; the conversion is offered and nothing is changed."""
    if not is_preeti(text):
        return ()
    converted = from_preeti(text)
    shown = f"{text[:_LONGEST_SHOWN]}…" if len(text) > _LONGEST_SHOWN else text
    way = "Send the suggestion instead if it is what you mean." if converted else "Convert it to Unicode."
    message = (
        f"{what} is typed for the Preeti font and would be said as letters without sense: “{shown}”. {way}"
    )
    return (Concern(PREETI, message, converted),)


def preeti_in(for_one: Rendered) -> tuple[Concern, ...]:
    """The concerns of a message, its tags left as they are, and of each of a recipient's values in it."""
    message = "".join(part if isinstance(part, str) else f"{{{part[0]}}}" for part in for_one.parts)
    values = dict(part for part in for_one.parts if not isinstance(part, str))
    found = preeti_of(message)
    for name, value in values.items():
        found += preeti_of(value, f"The value of {name}")
    return found
