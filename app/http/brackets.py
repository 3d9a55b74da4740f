"""Fields whose names say where a value belongs: ``tags[name]``, ``numbers[]``, ``numbers[0]``, ``tags.name``.

PHP (`http_build_query`), jQuery, qs, Laravel and axios write objects and lists of a form so. A value whose place cannot
be read is refused: left out in silence, it would be missed when a thousand people have been called without it.
"""

import re
from collections.abc import Iterable, Mapping
from enum import Enum, auto
from typing import Any

from app.core.errors import InvalidError, invalid

DEEPEST = 8
"""Names in one field's name; no field of this service goes deeper than two."""

_SHOWN = 80
_BASE = re.compile(r"[^\[\].]+")
_KEY = re.compile(r"\[([^\[\]]*)\]|\.([^\[\].]+)")

_Path = tuple[str, ...]
_Placed = tuple[_Path, Any]


class Takes(Enum):
    """What a field of a model may hold."""

    ONE = auto()
    LIST = auto()
    OBJECT = auto()


def base_of(name: str) -> str:
    """The field that `name` belongs to: all before its first bracket or dot."""
    found = _BASE.match(name)
    return found[0] if found else name


def unfolded(fields: Mapping[str, Any], known: Mapping[str, Takes]) -> dict[str, Any]:
    """`fields` with what was written in brackets or with dots put together under its field.

    Args:
        fields: by the names that were sent; a name sent several times has a list.
        known: the fields there are. In an object a key of digits is a name and no place in a list. What belongs to
            no field stays as it is, and so does a dot behind one that takes neither list nor object.

    Raises:
        InvalidError: ``bad_field_name``: brackets that do not close, or too many; ``sent_twice``: as a whole and in
            brackets, or as an object and as a list.
    """
    whole: dict[str, Any] = {}
    placed: dict[str, list[_Placed]] = {}
    for name, value in fields.items():
        base = base_of(name)
        dotted = name[len(base) : len(base) + 1] == "."
        if base == name or base not in known or (dotted and known[base] is Takes.ONE):
            whole[name] = value
        else:
            placed.setdefault(base, []).append((_path(name, len(base)), value))
    for base, values in placed.items():
        if not _is_blank(whole.get(base)):
            values.insert(0, (("",), whole[base]))
        whole[base] = _folded(base, values, is_object=known[base] is Takes.OBJECT)
    return whole


def _path(name: str, at: int) -> _Path:
    keys: list[str] = []
    while at < len(name):
        found = _KEY.match(name, at)
        if found is None or len(keys) == DEEPEST:
            raise _bad_name(name)
        key = found[1] if found[1] is not None else found[2]
        quoted = len(key) > 1 and key[0] in "'\"" and key[-1] == key[0]
        keys.append(key[1:-1] if quoted else key)
        at = found.end()
    return tuple(keys)


def _folded(field: str, values: list[_Placed], *, is_object: bool) -> Any:
    """What stands at one place; an empty path is the place itself."""
    here = [value for path, value in values if not path]
    if here:
        if len(values) > 1:
            raise _twice(field)
        return here[0]
    grouped: dict[str, list[_Placed]] = {}
    for path, value in values:
        grouped.setdefault(path[0], []).append((path[1:], value))
    numbered = [key for key in grouped if _is_index(key)]
    if len(numbered) == len(grouped) and not (is_object and "" not in grouped):
        return _listed(field, grouped, numbered)
    if "" in grouped:
        raise _twice(field)
    return {key: _at(field, key, found) for key, found in grouped.items()}


def _at(field: str, key: str, values: list[_Placed]) -> Any:
    if len(values) == 1 and not values[0][0]:
        return values[0][1]
    return _folded(f"{field}.{key}", values, is_object=False)


def _listed(field: str, grouped: dict[str, list[_Placed]], keys: list[str]) -> list[Any]:
    """A list in the order of its indexes, whatever the order sent and however far apart; ``[]`` goes last."""
    found: list[Any] = []
    for key in sorted(keys, key=lambda key: (key == "", int(key or 0))):
        if key:
            found.append(_at(field, key, grouped[key]))
        else:
            found.extend(_appended(field, grouped[key]))
    return found


def _appended(field: str, values: Iterable[_Placed]) -> Iterable[Any]:
    for path, value in values:
        if path:
            yield _folded(field, [(path, value)], is_object=False)
        elif isinstance(value, list):
            yield from value
        else:
            yield value


def _is_index(key: str) -> bool:
    return key == "" or (len(key) <= 9 and key.isascii() and key.isdigit())


def _is_blank(value: Any) -> bool:
    """Nothing, or the empty field that frameworks send ahead of a list."""
    return value is None or (isinstance(value, str) and not value.strip())


def _bad_name(name: str) -> InvalidError:
    base = base_of(name)
    message = f"The field name {name[:_SHOWN]!r} cannot be read; write {base}[name], {base}[] or {base}[0]."
    return invalid(base, "bad_field_name", message)


def _twice(field: str) -> InvalidError:
    message = (
        f"{field[:_SHOWN]} is sent in two ways that do not go together; send it once, whole or in brackets."
    )
    return invalid(field[:_SHOWN], "sent_twice", message)
