"""Whom an account may call, and how often a day: the policy that a stolen password runs into.

Only numbers of Nepal come this far (`app.core.phone`), so satellite networks and foreign premium ranges are out
already. Of Nepal's own, mobiles and landlines may be called; 1660…, 1800… and whatever else is longer than a
landline without being a mobile are services, some of which cost their caller. Source: the NP metadata of `phonenumbers`
(lengths 8, 10 and 11) and ITU-T E.164.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from app.core.errors import ConflictError, Item, invalid

CODE = "not_allowed"
"""Of a number that is refused when it is added."""

REASON_NUMBER = "number_not_allowed"
"""Of a call that is refused when it is dialled: the policy was tightened after its number was added."""

REASON_CAP = "daily_cap"
"""Of a begin that its account's limit a day has no room for."""

MESSAGE = "This account may not call this number; ask the operator of the service to allow its range."
MOST_CALLS_A_DAY = 10_000_000
UNLIMITED = -1
"""Calls a day of an account that may start any number, whatever the setting says."""
_MOST_PREFIXES = 100
# Eleven digits: one mistyped mobile number more than a mobile has is possible, as in the original API's sample.
_MOBILE_OR_LANDLINE = re.compile(r"\+977(?:9[678][0-9]{8,9}|[1-9][0-9]{7})")
_PREFIX = re.compile(r"-?\+977[0-9]{0,10}")
_NAMES_A_SERVICE = len("+9771660")


@dataclass(frozen=True, slots=True)
class DiallingPolicy:
    """What an account may dial.

    Attributes:
        prefixes: beginnings of E.164 numbers that may be called, such as ``+97798``; one with a minus before it,
            ``-+977986``, may not. The longest that fits decides; where none fits, the number may not be called.
            None: every mobile and landline number of Nepal.
    """

    prefixes: tuple[str, ...] | None = None

    @classmethod
    def of(cls, prefixes: Sequence[str] | None) -> "DiallingPolicy":
        """The policy as an account's row has it."""
        return _of(None if prefixes is None else tuple(prefixes))

    def allows(self, e164: str) -> bool:
        """Whether a number may be called. A service number needs a prefix of its range, four digits or more."""
        ordinary = _MOBILE_OR_LANDLINE.fullmatch(e164) is not None
        if self.prefixes is None:
            return ordinary
        fitting = [prefix for prefix in self.prefixes if e164.startswith(prefix.removeprefix("-"))]
        decides = max(fitting, key=lambda prefix: len(prefix.removeprefix("-")), default="-")
        return not decides.startswith("-") and (ordinary or len(decides) >= _NAMES_A_SERVICE)


DEFAULT = DiallingPolicy()
"""Of an account that has no prefixes of its own."""


@lru_cache(maxsize=256)
def _of(prefixes: tuple[str, ...] | None) -> DiallingPolicy:
    return DiallingPolicy(prefixes)


def read_prefixes(text: str) -> list[str] | None:
    """The prefixes in an operator's comma-separated list; None for ``default``.

    Raises:
        InvalidError: ``invalid_prefix`` for one that is not +977 and digits, with or without a minus before it;
            ``too_many_prefixes``; ``no_prefix`` for an empty list.
    """
    if text.strip().lower() == "default":
        return None
    prefixes = list(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))
    if not prefixes:
        raise invalid("prefixes", "no_prefix", "Name prefixes such as +97798,+97797, or: default.")
    if len(prefixes) > _MOST_PREFIXES:
        raise invalid("prefixes", "too_many_prefixes", f"At most {_MOST_PREFIXES} prefixes are held.")
    for prefix in prefixes:
        if not _PREFIX.fullmatch(prefix):
            message = f"{prefix!r} is no prefix; write +977 and digits, with a minus before it to refuse its numbers."
            raise invalid("prefixes", "invalid_prefix", message)
    if {prefix.removeprefix("-") for prefix in prefixes if prefix.startswith("-")} & set(prefixes):
        raise invalid("prefixes", "invalid_prefix", "The same prefix is both allowed and refused.")
    return prefixes


def read_calls_a_day(text: str) -> int | None:
    """An operator's limit: 0 for none at all, `UNLIMITED` for ``unlimited``, None for ``default``.

    InvalidError ``out_of_range`` unless it is one of those words or 0 to `MOST_CALLS_A_DAY`.
    """
    words = {"default": None, "unlimited": UNLIMITED}
    if text.strip().lower() in words:
        return words[text.strip().lower()]
    if not re.fullmatch(r"[0-9]{1,9}", text.strip()) or int(text) > MOST_CALLS_A_DAY:
        message = (
            f"Calls a day are a whole number up to {MOST_CALLS_A_DAY:,}; 0: none at all; unlimited: any number; "
            "default: as TINGTING_CALLS_A_DAY says."
        )
        raise invalid("calls_a_day", "out_of_range", message)
    return int(text)


def refuse_over_cap(calls: int, cap: int | None) -> None:
    """Raise ConflictError ``daily_cap`` for a run that no day has room for.

    Args:
        calls: that the run would make.
        cap: calls that the account may start in a day; None: any number.
    """
    if cap is not None and calls > cap:
        message = (
            f"The run has {calls:,} calls and this account may start {cap:,} a day. Split the campaign, or ask the "
            "operator of the service for a higher limit."
        )
        raise ConflictError(Item(None, REASON_CAP, message))
