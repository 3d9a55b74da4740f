"""The text that one recipient reads: the message with their tags in it, cut into segments."""

import asyncio
from collections.abc import Mapping

from app.messages.composing import CannotComposeError, rendered
from app.messages.sms_text import LONGEST_TEXT, MOST_SEGMENTS, CentreAlphabet, Sms, fits, sms_of
from app.speech.kinds.signs import repaired

_AT_ONCE = 700
"""Characters, ten segments, that take no more than a millisecond."""


async def composed_sms(
    message: str,
    values: Mapping[str, str],
    centre: CentreAlphabet = CentreAlphabet.GSM7,
    most: int = MOST_SEGMENTS,
) -> Sms:
    """As `compose_sms`, for an event loop: a text of many segments is cut in a thread."""
    if rendered(message, values).length > _AT_ONCE:
        return await asyncio.to_thread(compose_sms, message, values, centre, most)
    return compose_sms(message, values, centre, most)


def compose_sms(
    message: str,
    values: Mapping[str, str],
    centre: CentreAlphabet = CentreAlphabet.GSM7,
    most: int = MOST_SEGMENTS,
) -> Sms:
    """The message for a recipient with these tag values, of at most `most` segments.

    Raises:
        CannotComposeError: ``missing_tag``, ``nothing_to_say`` or ``too_long``.
    """
    for_one = rendered(message, values)
    if for_one.missing:
        raise CannotComposeError("missing_tag")
    if for_one.length > LONGEST_TEXT or not fits(text := for_one.text, centre, most):
        raise CannotComposeError("too_long")  # before anything is cut into segments
    if not text.strip():
        raise CannotComposeError("nothing_to_say")
    # Phones draw a sign that belongs to no letter on a dotted circle; what is well written stays as it is.
    sms = sms_of(repaired(text), centre)
    if len(sms.segments) > most:
        raise CannotComposeError("too_long")
    return sms
