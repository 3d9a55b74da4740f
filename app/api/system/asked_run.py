"""The run that an address names: ``/runs/<run_id>``, or the same below its campaign, where its list stands."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.errors import Item, NotFoundError
from app.runs.models import Run
from app.runs.repository import RunRepository


def campaign_in_path(request: Request) -> str | None:
    """The campaign's id where the address names it beside the run's, as it is written."""
    written: str | None = request.path_params.get("campaign_id")
    return written


CampaignInPath = Annotated[str | None, Depends(campaign_in_path)]


async def find_run(session: AsyncSession, account_id: int, run_id: int, campaign: str | None) -> Run:
    """The account's run, whether or not its campaign was deleted since; NotFoundError otherwise."""
    run = await RunRepository(session).get(account_id, run_id)
    if run is None or campaign not in {None, str(run.campaign_id)}:
        raise NotFoundError(Item(None, "run_not_found", f"No run {run_id} exists in this account."))
    return run


def at_both_addresses(router: APIRouter, routes: APIRouter) -> None:
    """Put `routes` on `router` as they are, and below the campaign; the page shows the short address alone."""
    router.include_router(routes)
    router.include_router(routes, prefix="/campaigns/{campaign_id}", include_in_schema=False)
