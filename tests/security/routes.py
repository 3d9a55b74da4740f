"""Every route of the service, from its route table: what is added there is attacked here without a word more."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant

from app.api import signed_in
from app.api.application import build_app

PUBLIC = {
    ("POST", "/api/accounts/login"),
    ("POST", "/api/accounts/token/refresh"),
    ("GET", "/api/system/voice/{key}.{kind}"),  # signed, see test_tokens
    ("GET", "/health/live"),
    ("GET", "/health/ready"),
    ("GET", "/openapi.json"),
    ("GET", "/docs"),
    ("GET", "/docs/{name}"),
}
"""All that answers without a token. A route that is meant to joins this list, in a change that somebody reads."""


@dataclass(frozen=True)
class Route:
    """A method and a path as the router knows them; `guarded`: asks who sent the token."""

    method: str
    path: str
    guarded: bool
    example: dict[str, Any]

    @property
    def parameters(self) -> list[str]:
        return re.findall(r"{(\w+)(?::\w+)?}", self.path)

    def address(self, values: dict[str, Any]) -> str:
        """The path with its parameters filled in; KeyError names a parameter that the tests do not know."""
        return re.sub(r"{(\w+)(?::\w+)?}", lambda found: str(values[found[1]]), self.path)

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


def all_routes(app: FastAPI | None = None) -> list[Route]:
    """The whole table, HEAD and OPTIONS apart."""
    app = app or build_app()
    document = app.openapi()
    found = []
    for entry in _entries(app):
        for method in sorted((entry.methods or set()) - {"HEAD", "OPTIONS"}):
            guarded = hasattr(entry, "dependant") and _asks_for_account(entry.dependant)
            operation = document["paths"].get(entry.path, {}).get(method.lower(), {})
            found.append(Route(method, entry.path, guarded, _example(operation)))
    return found


def _entries(app: FastAPI) -> Iterator[Any]:
    for entry in app.routes:
        # Newer releases of FastAPI keep included routers whole.
        contexts = getattr(entry, "effective_route_contexts", None)
        yield from contexts() if contexts else [entry]


def _asks_for_account(dependant: Dependant) -> bool:
    return any(
        inner.call is signed_in._signed_in or _asks_for_account(inner) for inner in dependant.dependencies
    )


def _example(operation: dict[str, Any]) -> dict[str, Any]:
    content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
    return next((example["value"] for example in content.get("examples", {}).values()), {})
