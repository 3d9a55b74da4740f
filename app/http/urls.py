"""Absolute addresses as clients see them."""

from fastapi import Request

from app.core.settings import Settings


def public_url(request: Request, settings: Settings, path: str) -> str:
    """`path` (with its query) under TINGTING_PUBLIC_URL, or under the address that this request came to."""
    base = settings.public_url or str(request.base_url)
    return base.rstrip("/") + path
