"""The text that one recipient reads: the message with their tags in it, cut into segments."""

from collections.abc import Mapping
from functools import lru_cache

from app.campaigns import tags
from app.messages.composing import CannotComposeError
from app.messages.sms_text import MOST_SEGMENTS, Sms, sms_of


@lru_cache(maxsize=256)
def _template(message: str) -> tags.Template:
    return tags.parse(message)


def compose_sms(message: str, values: Mapping[str, str]) -> Sms:
    """The message for a recipient with these tag values.

    Raises:
        CannotComposeError: ``missing_tag``, ``nothing_to_say`` or ``too_long``.
    """
    rendered = _template(message).render(values)
    if rendered.missing:
        raise CannotComposeError("missing_tag")
    if not rendered.text.strip():
        raise CannotComposeError("nothing_to_say")
    sms = sms_of(rendered.text)
    if len(sms.segments) > MOST_SEGMENTS:
        raise CannotComposeError("too_long")
    return sms
