"""The fields of a begin as clients write them, read strictly; `schedule_date` has a file of its own.

Pure functions; each raises `InvalidError`.

Source of the rules: the API contract, "Begin".
"""

import re
from collections.abc import Iterable
from itertools import islice

from app.calls.state import RERUN_CHOICES, CallStatus
from app.core.errors import InvalidError, invalid

_LONGEST_STATUS = 1_000
MOST_INDIVIDUAL = 10_000
"""Recipients that a begin may name one by one; every list of runs answers them all."""
_LONGEST_IDS = 21 * MOST_INDIVIDUAL
PRIORITIES = ("message", "audio")


def parse_statuses(value: object) -> list[CallStatus] | None:
    """`status` of a re-run: one name or several, a list or comma-separated, in any case.

    Returns:
        The statuses without repetition, in the order given; None when absent or empty.

    Raises:
        InvalidError: ``unknown_status``, naming the five that exist.
    """
    if value is None:
        return None
    values: Iterable[object] = value if isinstance(value, list) else [value]
    found: dict[CallStatus, None] = {}
    for item in islice(values, _LONGEST_STATUS):
        names = item[:_LONGEST_STATUS].split(",") if isinstance(item, str) else [item]
        for name in names:
            key = str(name).strip().strip("'\"").lower()
            if key == "":
                continue
            if not isinstance(name, str) or key not in RERUN_CHOICES:
                choices = ", ".join(RERUN_CHOICES)
                raise invalid(
                    "status", "unknown_status", f"'{str(name)[:40]}' is no status; use one of: {choices}."
                )
            found[RERUN_CHOICES[key]] = None
    return list(found) or None


def parse_failover(value: object) -> tuple[CallStatus, ...] | None:
    """`failover_target`: ends of a call, spelled as in `parse_statuses`; ``terminated`` is none of them.

    A run that is stopped calls nobody, and writes to nobody either.

    Raises:
        InvalidError: field ``failover_target``, code ``unknown_status``.
    """
    choices = [name for name in RERUN_CHOICES if RERUN_CHOICES[name] is not CallStatus.TERMINATED]
    try:
        found = parse_statuses(value)
    except InvalidError as error:
        message = f"This is no end of a call; use one or several of: {', '.join(choices)}."
        raise invalid("failover_target", "unknown_status", message) from error
    if found and CallStatus.TERMINATED in found:
        message = f"Who was terminated is not written to; use one or several of: {', '.join(choices)}."
        raise invalid("failover_target", "unknown_status", message)
    return None if found is None else tuple(found)


def parse_priority(value: object) -> str | None:
    """`priority`: ``message`` or ``audio`` in any case; None when absent or empty.

    Raises:
        InvalidError: ``unknown_priority``.
    """
    if value is None or value == "":
        return None
    key = value.strip().lower() if isinstance(value, str) else ""
    if key not in PRIORITIES:
        raise invalid("priority", "unknown_priority", "Send 'message' or 'audio': what the call starts with.")
    return key


def parse_individual(value: object) -> list[int] | None:
    """`individual`: recipient ids as a list, one id, or comma-separated; None when absent or empty.

    Raises:
        InvalidError: ``invalid_id`` for what is no positive 64-bit number, ``too_long`` for over `MOST_INDIVIDUAL` ids.
    """
    if value is None or value == "":
        return None
    values: list[object] = []
    for item in value if isinstance(value, list) else [value]:
        values.extend(item[:_LONGEST_IDS].split(",") if isinstance(item, str) else [item])
        if len(values) > MOST_INDIVIDUAL:
            message = f"At most {MOST_INDIVIDUAL:,} recipients are named one by one; make a campaign of them instead."
            raise invalid("individual", "too_long", message)
    ids: dict[int, None] = {}
    for index, item in enumerate(values):
        text = str(item).strip()
        if isinstance(item, bool) or not re.fullmatch(r"[0-9]{1,19}", text) or not 0 < int(text) < 2**63:
            raise invalid(
                f"individual.{index}", "invalid_id", "Send the ids of recipients, as their list shows them."
            )
        ids[int(text)] = None
    return list(ids) or None
