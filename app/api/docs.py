"""Pieces of the OpenAPI document: bodies in three content types, and the refusals that a route may answer with."""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel

from app.api.envelope import Failure
from app.api.form_schemas import form_of
from app.core.errors import Item

_REF = "#/components/schemas/{model}"
_bodies: dict[str, type[BaseModel]] = {Failure.__name__: Failure}

_REFUSALS: dict[int, tuple[str, Item]] = {
    400: (
        "The body cannot be parsed.",
        Item(None, "invalid_json", "The body is not JSON: Expecting value at line 1, column 1."),
    ),
    401: (
        "No token, or one that is not valid.",
        Item(None, "not_authenticated", "Send the header: Authorization: Bearer <access token>."),
    ),
    403: (
        "Known, but not allowed this with its own things: `password_change_required`, `missing_right`.",
        Item(None, "password_change_required", "This password is for one use. Set your own first."),
    ),
    404: (
        "No such thing for this account.",
        Item(None, "not_found", "There is nothing at this address for this account."),
    ),
    409: (
        "Right in itself, but not in the present state.",
        Item(None, "run_active", "A run of this campaign is under way. Stop it first."),
    ),
    413: (
        "Too large.",
        Item(None, "use_a_file", "The body is over 8 MiB, the most that is read as JSON or a plain form."),
    ),
    415: (
        "A content type or format that is not read.",
        Item(None, "unsupported_media_type", "The Content-Type text/plain is not read here."),
    ),
    422: (
        "Readable, but a value is wrong; every one found is listed.",
        Item("name", "missing", "This field is required."),
    ),
    429: (
        "Too many attempts or costly requests; `Retry-After` says how many seconds to wait.",
        Item(
            None,
            "too_many_requests",
            "This account may make 60 uploads a minute, and has. Wait 2 seconds and try again.",
        ),
    ),
    503: (
        "Something that this service stands on is down; `Retry-After` says when to try again.",
        Item(None, "database_unavailable", "The database cannot be reached. Try again in a few seconds."),
    ),
    507: (
        "No room is left to store what was sent.",
        Item(None, "storage_full", "No room is left to store this. Free some space, then try again."),
    ),
}


def refusals(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The `responses` of a route that may answer with these statuses, each with an example of its envelope.

    Those that follow from a route's shape (401 behind the bearer token, 400, 413, 415 and 422 with a body, 404 with an
    id in the path) are told without being named.
    """
    return {status: _refusal(status) for status in statuses}


def _refusal(status: int) -> dict[str, Any]:
    description, item = _REFUSALS[status]
    example = {
        "status": status,
        "success": False,
        "message": item.message,
        "errors": [{"field": item.field, "code": item.code, "message": item.message}],
        "data": {},
    }
    schema = {"$ref": _REF.format(model=Failure.__name__)}
    return {
        "description": description,
        "content": {"application/json": {"schema": schema, "example": example}},
    }


def body_of(model: type[BaseModel], *examples: dict[str, Any], required: bool = True) -> dict[str, Any]:
    """The `openapi_extra` of a route that reads `model` by `app.api.bodies.read`.

    Args:
        model: what the body is checked against; fields that hold files make multipart the only way to send those.
        examples: JSON bodies to try on the page, the first shown first.
        required: False where an empty body will do.
    """
    _bodies[model.__name__] = model
    schema = {"$ref": _REF.format(model=model.__name__)}
    named = {f"example_{place}": {"value": value} for place, value in enumerate(examples, 1)}
    content: dict[str, Any] = {
        "application/json": {"schema": schema, **({"examples": named} if named else {})},
        "multipart/form-data": {"schema": form_of(model, with_files=True)},
        "application/x-www-form-urlencoded": {"schema": form_of(model, with_files=False)},
    }
    return {"requestBody": {"required": required, "content": content}}


def upload_of(model: type[BaseModel]) -> dict[str, Any]:
    """As `body_of`, for a route that reads multipart bodies alone."""
    _bodies[model.__name__] = model
    schema = form_of(model, with_files=True)
    return {"requestBody": {"required": True, "content": {"multipart/form-data": {"schema": schema}}}}


def document(app: FastAPI) -> dict[str, Any]:
    """The whole OpenAPI document of `app`, with the models that `body_of` named."""
    whole = get_openapi(
        title=app.title,
        version=app.version,
        description=app.description,
        tags=app.openapi_tags,
        license_info=app.license_info,
        routes=app.routes,
    )
    for operations in whole["paths"].values():
        for operation in operations.values():
            _tell_refusals(operation)
    schemas = whole.setdefault("components", {}).setdefault("schemas", {})
    for name, model in sorted(_bodies.items()):
        schema = model.model_json_schema(ref_template=_REF)
        for inner, definition in schema.pop("$defs", {}).items():
            schemas.setdefault(inner, definition)
        schemas[name] = schema
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    whole["components"]["schemas"] = dict(sorted(schemas.items()))
    return whole


def _tell_refusals(operation: dict[str, Any]) -> None:
    """Complete an operation's refusals, and put our envelope where FastAPI assumes its own error shape."""
    responses = operation["responses"]
    if "HTTPValidationError" in str(responses.get("422")):
        del responses["422"]
    places = {parameter["in"] for parameter in operation.get("parameters", ())}
    implied = {
        401: "security" in operation,
        403: "security" in operation,
        400: "requestBody" in operation,
        413: "requestBody" in operation,
        415: "requestBody" in operation,
        429: "requestBody" in operation,
        507: "requestBody" in operation and "security" in operation,
        422: "requestBody" in operation or "query" in places,
        404: "path" in places,
    }
    for status, holds in implied.items():
        if holds:
            responses.setdefault(str(status), _refusal(status))
    for response in responses.values():
        for error in (
            response.get("content", {}).get("application/json", {}).get("example", {}).get("errors", ())
        ):
            error.setdefault("field", None)  # FastAPI drops nulls from examples
    operation["responses"] = dict(sorted(responses.items()))
