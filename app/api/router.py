"""Every router of the service, in the order of the OpenAPI page. A new endpoint's module is registered here."""

from fastapi import FastAPI

from app.api import accounts, health
from app.api.system import begin, campaigns, files, numbers, preview, reports, runs, sms_preview, voice


def add_routers(app: FastAPI) -> None:
    """Put every route on `app`."""
    for module in (
        accounts,
        campaigns,
        numbers,
        files,
        voice,
        preview,
        sms_preview,
        begin,
        runs,
        reports,
        health,
    ):
        app.include_router(module.router)
