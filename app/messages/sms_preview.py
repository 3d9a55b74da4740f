"""What recipients would read, and how many segments that takes, before anything is sent."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.campaigns import tags
from app.messages.composing import CannotComposeError, rendered
from app.messages.sms_composing import compose_sms
from app.messages.sms_text import MOST_SEGMENTS, Alphabet, CentreAlphabet, least_segments

MANY = 10
"""Segments for one person above which a text is most often a mistake, and a dear one."""
LOOKED_AT = 200
"""Recipients whose texts are measured, however large the campaign."""
LOOKED_AT_CHARACTERS = 100_000
"""Characters of their texts after which no further one is: a fifth of a second."""


@dataclass(frozen=True, slots=True)
class Written:
    """What one recipient would read.

    Attributes:
        text: the message with the recipient's values; empty when none would be sent.
        alphabet: None when none would be sent.
        segments: 0 when none would be sent.
        units: septets or UTF-16 units of the text.
        problem: why none would be sent, a key of `app.calls.reasons.REASONS`; None: it would be.
    """

    text: str
    alphabet: Alphabet | None
    segments: int
    units: int
    problem: str | None


@dataclass(frozen=True, slots=True)
class Size:
    """How many segments a message takes over all its recipients.

    Attributes:
        least, most: for one recipient, among those looked at.
        segments: for all; those to whom nothing would be sent count none.
        exact: whether every recipient was looked at, or all get the same text.
        refused: of the longest text that is not sent for its many segments, how many it takes at least; 0: there is
            none.
    """

    least: int
    most: int
    segments: int
    exact: bool
    refused: int = 0


def written(
    message: str,
    values: Mapping[str, str],
    centre: CentreAlphabet = CentreAlphabet.GSM7,
    most: int = MOST_SEGMENTS,
) -> Written:
    """What a recipient with these tag values would read; `message` is a template that `tags.parse` takes.

    Up to a twentieth of a second, so not for an event loop.
    """
    try:
        sms = compose_sms(message, values, centre, most)
    except CannotComposeError as error:
        return Written("", None, 0, 0, error.reason)
    return Written("".join(sms.segments), sms.alphabet, len(sms.segments), sms.units, None)


def size_of(
    message: str,
    values: Sequence[Mapping[str, str]],
    recipients: int,
    centre: CentreAlphabet = CentreAlphabet.GSM7,
    most: int = MOST_SEGMENTS,
) -> Size:
    """The size of a message for `recipients`, of whom some are looked at. Not for an event loop.

    Args:
        message: a template that `tags.parse` takes.
        values: tag values of at most `LOOKED_AT` of the recipients.
        recipients: how many there are.
        centre: the default alphabet of the message centre.
        most: segments that a recipient is sent.
    """
    if not tags.parse(message).tags:
        each = written(message, {}, centre, most)
        refused = _refused(message, {}, each, centre)
        return Size(each.segments, each.segments, each.segments * recipients, exact=True, refused=refused)
    found: list[int] = []
    characters = refused = 0
    for one in values[:LOOKED_AT]:
        if characters > LOOKED_AT_CHARACTERS:
            break
        each = written(message, one, centre, most)
        found.append(each.segments)
        refused = max(refused, _refused(message, one, each, centre))
        characters += rendered(message, one).length
    if not found:
        return Size(0, 0, 0, exact=recipients == 0)
    exact = len(found) >= recipients
    total = sum(found) if exact else round(sum(found) * recipients / len(found))
    return Size(min(found), max(found), total, exact, refused)


def _refused(message: str, values: Mapping[str, str], found: Written, centre: CentreAlphabet) -> int:
    """Segments of a text that has too many; 0 for any other."""
    return least_segments(rendered(message, values).text, centre) if found.problem == "too_long" else 0
