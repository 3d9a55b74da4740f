"""The service in this process, as for the tests of the API, and the command as a person runs it."""

from tests.api.conftest import (
    account,
    api,
    app,
    client,
    clock,
    new_account,
    other_api,
    parts,
    service,
    token_of,
)
from tests.local.conftest import open_folder, tingting

__all__ = [
    "account",
    "api",
    "app",
    "client",
    "clock",
    "new_account",
    "open_folder",
    "other_api",
    "parts",
    "service",
    "tingting",
    "token_of",
]
