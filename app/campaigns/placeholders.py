"""Placeholders as other mailers write them: ``{{name}}``, ``${name}``, ``%name%``, ``[name]``, ``<name>``.

Here they are text, and everybody would be called with it. So one whose name is a tag of the campaign is refused, with
the spelling that is meant; any other is text: ``[नमुना]``, ``५०%``.
"""

import re
from collections.abc import Collection, Iterator

from app.recipients.columns import LONGEST_NAME, tag_name

CODE = "unknown_placeholder"

_NAME = rf"[^{{}}\[\]<>%|\n]{{1,{LONGEST_NAME}}}"
# In the text of a parsed message {{name}} is {name}, and {{{{name}}}}, which says {{name}}, has two braces left.
_OTHERS = (
    (re.compile(rf"(?<!\{{)\{{({_NAME})(?:\|[^{{}}\n]{{0,100}})?\}}(?!\}})"), "{{{{{}}}}}"),
    (re.compile(rf"\[({_NAME})\]"), "[{}]"),
    (re.compile(rf"<({_NAME})>"), "<{}>"),
    (re.compile(rf"%({_NAME})%"), "%{}%"),
    (re.compile(rf"\*\|({_NAME})\|\*"), "*|{}|*"),
)
_DOLLAR = re.compile(r"(?<![A-Za-z])\$$")


def meant(text: str, usable: Collection[str]) -> Iterator[tuple[str, str]]:
    """What stands in a message's text as a placeholder, and the tag of `usable` that it means."""
    for pattern, shape in _OTHERS:
        at = 0
        while (found := pattern.search(text, at)) is not None:
            tag = tag_name(found[1])
            if tag in usable:
                yield shape.format(found[1]), tag
            # The closing % of one may open the next: ५०% छुट %name%.
            at = found.end() if tag in usable else found.start() + 1


def has_dollar(before: str) -> bool:
    """Whether the text before a tag makes it ``${tags_name}``; ``US$`` is a currency."""
    return _DOLLAR.search(before) is not None


def sentence(written: str, tag: str) -> str:
    """What to write instead."""
    money = " For an amount in dollars, leave a space behind the $." if written.startswith("$") else ""
    return f"{written} is no tag here and would be said as it stands; write {{{tag}}} for the recipient's value.{money}"
