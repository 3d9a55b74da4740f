"""Checks fields against a model, and says what is wrong field by field in stable codes."""

import json
import types
from collections.abc import Iterable
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, StringConstraints, ValidationError
from pydantic_core import ErrorDetails

from app.core.errors import Item, all_invalid, invalid
from app.http.brackets import Takes, unfolded
from app.http.large import refuse_long_lists

M = TypeVar("M", bound=BaseModel)

Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=255)]
"""A short text that must be there: 1 to 255 characters after trimming."""

LongText = Annotated[str, StringConstraints(strip_whitespace=True, max_length=10_000)]
"""A text of at most 10,000 characters; may be empty."""

_CODES = {
    "missing": ("missing", "This field is required."),
    "string_too_long": ("too_long", "At most {max_length} characters are allowed."),
    "too_long": ("too_long", "At most {max_length} items are allowed."),
    "too_short": ("too_short", "At least {min_length} items are needed."),
    "string_type": ("wrong_type", "This must be text."),
    "int_type": ("wrong_type", "This must be a whole number."),
    "int_parsing": ("wrong_type", "This must be a whole number."),
    "int_from_float": ("wrong_type", "This must be a whole number."),
    "int_parsing_size": ("out_of_range", "This number is too large."),
    "bool_type": ("wrong_type", "This must be true or false."),
    "bool_parsing": ("wrong_type", "This must be true or false."),
    "float_type": ("wrong_type", "This must be a number."),
    "float_parsing": ("wrong_type", "This must be a number."),
    "list_type": ("wrong_type", "This must be a list."),
    "dict_type": ("wrong_type", "This must be an object."),
    "model_type": ("wrong_type", "This must be an object."),
    "greater_than": ("out_of_range", "This must be greater than {gt}."),
    "greater_than_equal": ("out_of_range", "This must be at least {ge}."),
    "less_than": ("out_of_range", "This must be less than {lt}."),
    "less_than_equal": ("out_of_range", "This must be at most {le}."),
    "literal_error": ("unknown_value", "This must be one of {expected}."),
    "enum": ("unknown_value", "This must be one of {expected}."),
    "string_pattern_mismatch": ("wrong_form", "This is not written as it should be."),
    "string_unicode": ("invalid_encoding", "This text is not valid Unicode."),
}
_NO_FILE = "Value error, Expected UploadFile"  # how fastapi.UploadFile refuses what is no file
_TYPE_LABELS = frozenset({"str", "int", "float", "bool", "bytes", "none", "list", "dict", "tuple", "set"})


def checked(model: type[M], fields: dict[str, Any], *, is_form: bool = False) -> M:
    """`fields` as `model`; InvalidError with an item for each field that is wrong."""
    whole = unfolded(fields, _known(model))
    given = _with_lists(model, _last_of_repeated(model, whole) if is_form else whole)
    refuse_long_lists(given)
    try:
        return model.model_validate(given)
    except ValidationError as error:
        raise all_invalid(list(_items(error.errors(include_url=False, include_input=True)))) from None


def refuse_unstorable(value: Any) -> None:
    """Refuse text that PostgreSQL or UTF-8 cannot hold, wherever it stands.

    Raises:
        InvalidError: ``nul_character`` or ``lone_surrogate``, with the path of the text.
    """
    # Encoding finds both in one pass of C; the walk that names the place runs for a bad body only.
    try:
        whole = json.dumps(value, ensure_ascii=False, default=str)
        whole.encode()
    except UnicodeEncodeError:
        _name_unstorable(value, "")
        return
    if "\\u0000" in whole:
        _name_unstorable(value, "")


def _name_unstorable(value: Any, path: str) -> None:
    if isinstance(value, str):
        if "\x00" in value:
            raise invalid(path or None, "nul_character", "The text holds a NUL character. Remove it.")
        if any("\ud800" <= character <= "\udfff" for character in value):
            raise invalid(
                path or None, "lone_surrogate", "The text holds half a character. Send whole Unicode text."
            )
    elif isinstance(value, dict):
        for key, child in value.items():
            _name_unstorable(key, path)
            _name_unstorable(child, f"{path}.{key}" if path else str(key))
    elif isinstance(value, (list, tuple)):
        for place, child in enumerate(value):
            _name_unstorable(child, f"{path}.{place}" if path else str(place))


def _known(model: type[BaseModel]) -> dict[str, Takes]:
    return {info.alias or name: _takes(info.annotation) for name, info in model.model_fields.items()}


def _with_lists(model: type[BaseModel], fields: dict[str, Any]) -> dict[str, Any]:
    """Lists written as text, such as ``"9801234567, 9812345678"``, become lists."""
    lists = {name for name, takes in _known(model).items() if takes is Takes.LIST}
    return {name: _as_list(name, value) if name in lists else value for name, value in fields.items()}


def _last_of_repeated(model: type[BaseModel], fields: dict[str, Any]) -> dict[str, Any]:
    """Of a plain form field sent twice the last counts, as in most frameworks."""
    plain = {name for name, takes in _known(model).items() if takes is Takes.ONE}
    return {
        name: value[-1] if name in plain and isinstance(value, list) and value else value
        for name, value in fields.items()
    }


def _as_list(name: str, value: Any) -> Any:
    if not isinstance(value, str):
        return value
    text = value.strip()
    if text.startswith("["):
        try:
            found = json.loads(text)
        except (ValueError, RecursionError):
            raise invalid(
                name, "wrong_type", "This looks like a JSON list but cannot be read as one."
            ) from None
        refuse_unstorable({name: found})
        return found
    return [part.strip() for part in text.split(",") if part.strip()]


def _takes(annotation: Any) -> Takes:
    kinds = {get_origin(kind) or kind for kind in _kinds(annotation)}
    if dict in kinds:
        return Takes.OBJECT
    return Takes.LIST if list in kinds else Takes.ONE


def _kinds(annotation: Any) -> Iterable[Any]:
    origin = get_origin(annotation)
    if origin in {Union, types.UnionType}:
        for part in get_args(annotation):
            yield from _kinds(part)
    elif origin is Annotated:
        yield from _kinds(get_args(annotation)[0])
    else:
        yield annotation


def _items(errors: list[ErrorDetails]) -> Iterable[Item]:
    seen: set[str | None] = set()
    for error in errors:
        field = _path(error["loc"])
        # A union reports one failure for each of its kinds; the first says enough.
        if field in seen:
            continue
        seen.add(field)
        yield Item(field, *_code_and_message(error))


def _path(location: tuple[int | str, ...]) -> str | None:
    parts = [
        str(part)
        for place, part in enumerate(location)
        if place == 0 or isinstance(part, int) or (part not in _TYPE_LABELS and part.isidentifier())
    ]
    return ".".join(parts) or None


def _code_and_message(error: ErrorDetails) -> tuple[str, str]:
    kind, context = error["type"], error.get("ctx", {})
    if kind == "string_too_short":
        if context.get("min_length") == 1:
            return "empty", "This must not be empty."
        return "too_short", f"At least {context.get('min_length')} characters are needed."
    if kind in _CODES:
        code, message = _CODES[kind]
        return code, message.format(**context) if context else message
    if kind == "value_error" and error["msg"].startswith(_NO_FILE):
        return "wrong_type", "Send this as a file: a part of multipart/form-data that has a file name."
    if kind in {"value_error", "assertion_error"}:
        return "invalid_value", error["msg"].removeprefix("Value error, ").removeprefix("Assertion failed, ")
    if "_" in kind and kind.endswith(("_type", "_parsing", "instance_of", "is_instance_of")):
        return "wrong_type", f"{error['msg']}."
    # A PydanticCustomError of ours carries its own code and sentence.
    return kind, error["msg"]
