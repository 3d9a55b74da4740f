"""Reads JSON bodies strictly: what PostgreSQL cannot hold or RFC 8259 does not know is refused here, by name."""

import json
from typing import Any, NoReturn

from app.core.errors import InvalidError, Item, MalformedError, ProblemError
from app.http.forms import decoded
from app.http.large import MOST_LISTED, use_a_file

MAX_DEPTH = 32

MOST_VALUES = 2 * MOST_LISTED
"""Commas of a body, and so about its values: each takes 50 to 200 bytes of memory, however short it is written."""


def read_json(raw: bytes) -> dict[str, Any]:
    """The object in `raw`; an empty body is an empty object.

    Raises:
        MalformedError: ``invalid_json``, ``invalid_encoding``, ``too_deep``.
        TooLargeError: ``use_a_file``: over `MOST_VALUES` values.
        InvalidError: ``not_an_object``.
    """
    if raw.count(b",") > MOST_VALUES:
        raise use_a_file(f"The body holds over {MOST_VALUES:,} values.")
    text = decoded(raw)
    if not text.strip():
        return {}
    try:
        value = json.loads(text, parse_constant=_no_constant, parse_float=_finite, parse_int=_whole)
    except ProblemError:
        raise
    except RecursionError:
        raise _too_deep() from None
    except ValueError as error:
        where = (
            f" at line {error.lineno}, column {error.colno}"
            if isinstance(error, json.JSONDecodeError)
            else ""
        )
        reason = error.msg if isinstance(error, json.JSONDecodeError) else str(error)
        message = f"The body is not JSON: {reason}{where}."
        raise MalformedError(Item(None, "invalid_json", message)) from None
    if not isinstance(value, dict):
        message = 'The body must be a JSON object, such as {"name": "…"}.'
        raise InvalidError(Item(None, "not_an_object", message))
    _check_depth(value)
    return value


def _check_depth(value: Any) -> None:
    level: list[Any] = [value]
    for _ in range(MAX_DEPTH):
        level = [
            child
            for parent in level
            for child in (parent.values() if isinstance(parent, dict) else parent)
            if isinstance(child, (dict, list))
        ]
        if not level:
            return
    raise _too_deep()


def _no_constant(name: str) -> NoReturn:
    raise MalformedError(Item(None, "invalid_json", f"The body is not JSON: {name} is not a JSON value."))


def _finite(digits: str) -> float:
    number = float(digits)
    if number in {float("inf"), float("-inf")}:
        raise MalformedError(Item(None, "invalid_json", f"The number {digits[:40]} is out of range."))
    return number


def _whole(digits: str) -> int | str:
    # Python refuses to read integers over 4,300 digits; as a string they fail the field's own check instead.
    return int(digits) if len(digits) <= 1000 else digits


def _too_deep() -> MalformedError:
    return MalformedError(Item(None, "too_deep", f"The body is nested over {MAX_DEPTH} levels deep."))
