"""Prints the OpenAPI document: ``python -m app.api.openapi > docs/openapi.json``. Needs no server and no setting."""

import json
import sys

from app.api.application import build_app


def text() -> str:
    """The document as it is committed: two spaces, Devanagari as it is, a newline at the end."""
    return json.dumps(build_app().openapi(), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    sys.stdout.buffer.write(text().encode())
