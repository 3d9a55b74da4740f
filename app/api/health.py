"""Whether this process lives, and whether the whole can place calls."""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from app import checks
from app.api.docs import refusals
from app.api.envelope import Success, failure, ok
from app.core.checks import Checks
from app.core.errors import Item
from app.wiring import Parts

router = APIRouter(prefix="/health", tags=["Health"])


class Alive(BaseModel):
    live: Literal[True] = True


class Ready(BaseModel):
    database: bool = Field(description="PostgreSQL answered.")
    redis: bool = Field(description="Redis or Valkey answered.")
    line: bool = Field(description="At least one line worker was heard of in the last 15 seconds.")
    blobs: bool = Field(description="The file store took a write within the last minute.")
    disk: bool = Field(description="The disk that holds the files has room.")
    degraded: list[str] = Field(description="What of these does not work though requests are served.")
    advice: dict[str, str] = Field(description="What to do about each that does not work.")


def open_checks(parts: Parts) -> Checks:
    """What the API's readiness looks at."""
    return Checks(
        (
            checks.database(parts),
            checks.queue(parts),
            checks.line(parts),
            checks.blobs(parts),
            checks.disk(parts),
        )
    )


def _checks(request: Request) -> Checks:
    found: Checks = request.app.state.checks
    return found


@router.get("/live", operation_id="live", summary="Is this process alive")
async def live() -> Success[Alive]:
    """Answers as long as the process does; asks nothing of anything else."""
    return ok(Alive())


@router.get(
    "/ready",
    operation_id="ready",
    summary="Can requests be served, and calls be placed",
    response_model=Success[Ready],
    responses=refusals(503),
)
async def ready(looked_at: Annotated[Checks, Depends(_checks)]) -> Success[Ready] | JSONResponse:
    """503 without the database alone. All else that does not work stands in `degraded`: requests are still served.

    Campaigns can be made and begun while Redis, the lines, the file store or the disk fail, and an orchestrator that
    took the API away for these would take more than they do.
    """
    findings = await looked_at.findings()
    advice = {part: finding.advice for part, finding in findings.items() if not finding.ok}
    found = Ready(
        **{part: finding.ok for part, finding in findings.items()},
        degraded=[part for part in advice if part != "database"],
        advice=advice,
    )
    if not found.database:
        missing = [Item("database", "database_missing", advice["database"])]
        return failure(503, missing, data=found.model_dump(), headers={"Retry-After": "5"})
    return ok(found)
