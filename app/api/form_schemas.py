"""What a model looks like as a form: no field of a form is null, and a file is picked.

A page made from the document shows a union with null as a text field and fills it with the word null, which is then
sent, and hides the picker of a file that may also be a name.
"""

from typing import Any

from pydantic import BaseModel

_REF = "#/components/schemas/{model}"


def form_of(model: type[BaseModel], *, with_files: bool) -> dict[str, Any]:
    """The schema of `model` as a form.

    Args:
        model: what the body is checked against.
        with_files: whether the form can hold files; otherwise a file is named.
    """
    whole = model.model_json_schema(ref_template=_REF)
    whole.pop("$defs", None)
    fields = {name: _field(schema, with_files=with_files) for name, schema in whole["properties"].items()}
    return {**whole, "properties": fields}


def _field(schema: dict[str, Any], *, with_files: bool) -> dict[str, Any]:
    kinds = [kind for kind in schema.get("anyOf", [schema]) if kind.get("type") != "null"]
    beside = {key: value for key, value in schema.items() if key in {"description", "title", "examples"}}
    if schema.get("default") is not None:
        beside["default"] = schema["default"]
    files = [kind for kind in kinds if "contentMediaType" in kind]
    if files and with_files:
        return {"type": "string", "format": "binary", **files[0], **beside}
    chosen = min((kind for kind in kinds if kind not in files or len(kinds) == 1), key=_rank)
    items = {"items": chosen["items"] or {"type": "string"}} if "items" in chosen else {}
    kind = {key: value for key, value in chosen.items() if key != "default"}
    if not {"type", "$ref", "enum", "const"} & kind.keys():
        kind["type"] = "string"  # of whatever kind it may be, in a form it is text
    return {**kind, **items, **beside}


def _rank(kind: dict[str, Any]) -> int:
    """A text before a list, and a list before one number of it."""
    return {"string": 0, "array": 1}.get(kind.get("type", ""), 2)
