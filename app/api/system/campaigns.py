"""Campaigns: list, add, update, delete, details."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response

from app.actions import campaigns as actions
from app.api.bodies import read
from app.api.costly import ImportTurn
from app.api.docs import body_of, refusals
from app.api.envelope import Success, ok
from app.api.idempotency import OnceDep
from app.api.signed_in import CurrentAccount
from app.api.system.campaign_schemas import (
    AddCampaign,
    Added,
    CampaignDetails,
    CampaignList,
    CampaignPageOut,
    Deleted,
    Details,
    UpdateCampaign,
    Updated,
    campaign_fields,
    campaign_out,
    sent_content,
)
from app.api.system.import_schemas import import_out
from app.campaigns import service as campaigns
from app.http.deps import ClockDep, CurrentWork, Id, PartsDep, SessionDep
from app.http.paging import PageDep, pagination
from app.runs.overview import Overview
from app.runs.repository import RunRepository

router = APIRouter(prefix="/api/system/campaigns", tags=["Campaigns"])

_EXAMPLES = (
    {
        "name": "sample individual campaign",
        "services": "PHONE",
        "individual_number": [9876543210, 98675432123],
    },
    {"name": "sample bulk campaign", "services": "SMS", "send_to_number_file": "numbers.csv"},
)


@router.get("", summary="List campaigns", operation_id="list_campaigns", responses=refusals(503))
async def list_campaigns(
    account: CurrentAccount,
    session: SessionDep,
    page: PageDep,
    request: Request,
    search: Annotated[
        str, Query(max_length=255, description="Part of a name or description, any case.")
    ] = "",
    status: Annotated[str, Query(max_length=50, description="Of the latest run, such as `Running`.")] = "",
) -> CampaignPageOut:
    """The account's own campaigns, newest first."""
    found = await Overview(session).campaigns(
        account.id, search=search.strip(), status=status.strip(), offset=page.offset, limit=page.size
    )
    listed = [campaign_out(campaign, run) for campaign, run in found.items]
    return CampaignPageOut(
        pagination=pagination(page, found.total, request),
        result=CampaignList(messages="Campaign Successfully Retrieved", campaigns=listed),
    )


@router.post(
    "",
    status_code=201,
    summary="Add a campaign",
    operation_id="add_campaign",
    response_model=Success[Added],
    openapi_extra=body_of(AddCampaign, *_EXAMPLES),
    responses=refusals(409, 503, 507),
)
async def add_campaign(
    account: CurrentAccount,
    parts: PartsDep,
    body: Annotated[AddCampaign, Depends(read(AddCampaign))],
    once: OnceDep,
    _turn: ImportTurn,
    work: CurrentWork,
    clock: ClockDep,
) -> Response:
    """Make a campaign and its recipients at once.

    Recipients come from `individual_number`, from `send_to_number_file` (such as .csv or .xlsx) or from both; a number
    that is in both keeps the tags of the file. Numbers that cannot be called are left out and reported in
    `data.import`; when none is left, nothing is stored. Every column of the file besides the number becomes a tag.
    """
    callers = [body.user_phone] if isinstance(body.user_phone, int) else body.user_phone
    asked = campaigns.NewCampaign(body.name, sent_content(body), body.description or "", callers or ())
    campaign, summary = await actions.add(
        parts,
        work,
        account,
        asked,
        body.numbers(),
        body.send_to_number_file,
        include_hidden=bool(body.include_hidden),
        now=clock.now(),
    )
    added = Added(details=[campaign_out(campaign, None)], imported=import_out(summary))
    return await once.keep(ok(added, "Campaign Created Successfully", 201))


@router.put(
    "/{campaign_id}/update",
    summary="Change a campaign",
    operation_id="update_campaign",
    openapi_extra=body_of(
        UpdateCampaign,
        {"name": "new campaign name", "services": "SMS", "description": "Election campaign for 2023"},
        required=False,
    ),
    responses=refusals(409, 503),
)
async def update_campaign(
    campaign_id: Id,
    account: CurrentAccount,
    work: CurrentWork,
    clock: ClockDep,
    body: Annotated[UpdateCampaign, Depends(read(UpdateCampaign))],
) -> Success[Updated]:
    """Change the fields given. A run under way keeps what it began with; `services` cannot change meanwhile (409)."""
    callers = [body.user_phone] if isinstance(body.user_phone, int) else body.user_phone
    changes = campaigns.Changes(body.name, sent_content(body), body.description, callers)
    campaign, latest = await actions.change(work, account, campaign_id, changes, now=clock.now())
    return ok(Updated(details=[campaign_out(campaign, latest)]), "Campaign details successfully updated.")


@router.delete(
    "/{campaign_id}/delete",
    summary="Delete a campaign",
    operation_id="delete_campaign",
    responses=refusals(409, 503),
)
async def delete_campaign(
    campaign_id: Id, account: CurrentAccount, work: CurrentWork, clock: ClockDep
) -> Success[Deleted]:
    """Delete a campaign that has no active run (409 otherwise). Calls already made stay in reports."""
    await actions.delete(work, account, campaign_id, now=clock.now())
    return ok(Deleted(camaign="Campaign Deleted Succesfully"), "Campaign Deleted Succesfully")


@router.get(
    "/{campaign_id}/details",
    summary="Show a campaign",
    operation_id="campaign_details",
    responses=refusals(503),
)
async def campaign_details(campaign_id: Id, account: CurrentAccount, session: SessionDep) -> Success[Details]:
    """One campaign with its usable tags and how many recipients stand where."""
    campaign = await campaigns.find(session, account.id, campaign_id)
    latest = (await RunRepository(session).latest_runs([campaign.id])).get(campaign.id)
    counts = await Overview(session).recipient_counts(campaign, latest)
    shown = CampaignDetails(**campaign_fields(campaign, latest), status_counts=counts)
    message = "Campaign Details Successfully Retrieved"
    return ok(Details(messages=message, details=[shown]), message)
