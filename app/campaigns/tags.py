"""Tags in a message: what a template says, and what one recipient hears. Pure: no database, no settings.

``{tags_name}`` is replaced by the recipient's value, ``{tags_name|default}`` by the default when there is none;
``{{`` and ``}}`` are braces. Values go in verbatim: a brace in a value is text, never a tag.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from app.campaigns import placeholders
from app.core.errors import InvalidError, Item, all_invalid, invalid
from app.recipients.columns import LONGEST_NAME, plain_name, tag_name

FIELD = "message"

_NAMED = 20
"""Unknown tags that are named; a message may hold 3,000."""
_LISTED = 50
"""Usable tags that are listed for each of them."""

# Two braces are looked for before one, so {{{tags_name}}} is a tag in braces.
_BRACE = re.compile(r"\{\{|\}\}|\{|\}")
_SINGLE = re.compile(r"[{}]")


@dataclass(frozen=True, slots=True)
class Tag:
    """One place in a message that differs from recipient to recipient.

    Attributes:
        name: with its prefix, such as ``tags_name``.
        default: said when the recipient has no value; None: such a recipient is not called.
    """

    name: str
    default: str | None


@dataclass(frozen=True, slots=True)
class Rendered:
    """A message for one recipient, its values not yet put in: twenty long ones may be more than is wanted of it.

    Attributes:
        parts: text as it stands, and the names of tags with the recipient's values, in order; a missing tag leaves
            nothing in its place.
        missing: names without a value and without a default, once each, in order; empty when it may be said.
    """

    parts: tuple[str | tuple[str, str], ...]
    missing: tuple[str, ...]

    @property
    def length(self) -> int:
        """Characters of `text`, before there is one."""
        return sum(len(part) if isinstance(part, str) else len(part[1]) for part in self.parts)

    @property
    def text(self) -> str:
        """What is said."""
        return "".join(part if isinstance(part, str) else part[1] for part in self.parts)


@dataclass(frozen=True)
class Template:
    """A parsed message: parsed once a run, rendered once a recipient.

    Attributes:
        segments: text and tags, in order.
    """

    segments: tuple[str | Tag, ...]

    @cached_property
    def tags(self) -> list[str]:
        """The names used, once each, in order of first use."""
        return list(dict.fromkeys(part.name for part in self.segments if isinstance(part, Tag)))

    def render(self, values: Mapping[str, str]) -> Rendered:
        """The message for a recipient with these values; an empty or blank one counts as none."""
        said: list[str | tuple[str, str]] = []
        missing: dict[str, None] = {}
        for part in self.segments:
            if isinstance(part, str):
                said.append(part)
                continue
            value = values.get(part.name, "")
            if value and not value.isspace():
                said.append((part.name, value))
            elif part.default is not None:
                said.append(part.default)
            else:
                missing[part.name] = None
        return Rendered(tuple(said), tuple(missing))


def parse(template: str) -> Template:
    """Read a message once.

    Raises:
        InvalidError: field ``message``; ``unbalanced_brace`` or ``bad_tag``, with the position of the brace
            (1 is the first character) and what to write instead.
    """
    segments: list[str | Tag] = []
    text: list[str] = []
    at = 0
    while (brace := _BRACE.search(template, at)) is not None:
        text.append(template[at : brace.start()])
        if len(brace[0]) == 2:
            text.append(brace[0][0])
            at = brace.end()
            continue
        if brace[0] == "}":
            raise _unbalanced(brace.start(), "closes nothing", "}")
        tag, at = _tag(template, brace.start())
        segments += ["".join(text), tag]
        text.clear()
    segments.append("".join(text) + template[at:])
    return Template(tuple(part for part in segments if part != ""))


def _tag(template: str, opened: int) -> tuple[Tag, int]:
    """The tag whose brace is at index `opened`, and the index after its closing brace."""
    end = _SINGLE.search(template, opened + 1)
    if end is None:
        raise _unbalanced(opened, "is never closed", "{")
    if end[0] == "{":
        raise _unbalanced(opened, f"is not closed before another opens at character {end.start() + 1}", "{")
    name, bar, default = template[opened + 1 : end.start()].partition("|")
    return Tag(_checked(plain_name(name), opened), default if bar else None), end.end()


def _checked(name: str, opened: int) -> str:
    where = f"The tag at character {opened + 1}"
    if not name:
        raise invalid(
            FIELD, "bad_tag", f"{where} is empty; write a name as in {{tags_name}}, or {{{{ for a brace."
        )
    if len(name) > LONGEST_NAME:
        raise invalid(FIELD, "bad_tag", f"{where} is over {LONGEST_NAME} characters; was a brace left open?")
    if any(mark.isspace() or not mark.isprintable() for mark in name):
        hint = tag_name(name)
        raise invalid(
            FIELD, "bad_tag", f"{where} holds a space or a line break; write {{{hint}}}, or {{{{ for a brace."
        )
    return name


def _unbalanced(index: int, what: str, brace: str) -> InvalidError:
    message = (
        f"The brace {brace} at character {index + 1} {what}; "
        f"write a tag as {{tags_name}}, and {brace * 2} for a brace."
    )
    return invalid(FIELD, "unbalanced_brace", message)


def check(template: Template, usable: Sequence[str]) -> None:
    """Refuse tags that no recipient of the campaign can have, and other mailers' placeholders of those that it can.

    Args:
        template: the parsed message.
        usable: the campaign's tags, as ``tags_<column>``.

    Raises:
        InvalidError: field ``message``, one ``unknown_tag`` a name, each listing the usable ones; one
            ``unknown_placeholder`` for each that names a usable tag, with its right spelling.
    """
    known = frozenset(usable)
    foreign = dict.fromkeys(_placeholders(template, known))
    dollars = {written[2:-1] for written, _ in foreign if written.startswith("$")}
    unknown = [name for name in template.tags if name not in known and name not in dollars]
    faults = [Item(FIELD, "unknown_tag", _unknown(name, usable)) for name in unknown]
    faults += [
        Item(FIELD, placeholders.CODE, placeholders.sentence(written, tag)) for written, tag in foreign
    ]
    if faults:
        raise all_invalid(faults[:_NAMED])


def _placeholders(template: Template, known: frozenset[str]) -> Iterator[tuple[str, str]]:
    """Placeholders of other mailers that stand for one of the `known` tags, and which."""
    before = ""
    for part in template.segments if known else ():
        if isinstance(part, str):
            yield from placeholders.meant(part, known)
            before = part
            continue
        if placeholders.has_dollar(before) and (tag := tag_name(part.name)) in known:
            yield f"${{{part.name}}}", tag
        before = ""


def _unknown(name: str, usable: Sequence[str]) -> str:
    if not usable:
        return (
            f"{{{name}}} is not a tag of this campaign: its recipients have none. Take it out of the message."
        )
    listed = ", ".join(f"{{{each}}}" for each in usable[:_LISTED])
    if len(usable) > _LISTED:
        listed += f" and {len(usable) - _LISTED} more"
    meant = tag_name(name)
    hint = f" Did you mean {{{meant}}}?" if meant in usable else ""
    return f"{{{name}}} is not a tag of this campaign.{hint} Usable: {listed}."
