"""Recipients of a campaign: list, add, show, change, delete."""

from typing import Annotated

from fastapi import APIRouter, Depends

from app.actions import recipients as actions
from app.api.bodies import read
from app.api.docs import body_of, refusals
from app.api.envelope import Success, ok
from app.api.signed_in import CurrentAccount
from app.api.system.import_schemas import warnings_of
from app.api.system.number_schemas import (
    AddNumber,
    ChangeNumber,
    NumberDeleted,
    NumberList,
    NumberOut,
    OneNumber,
    number_out,
)
from app.campaigns import service as campaigns
from app.campaigns.models import Campaign
from app.http.deps import ClockDep, CurrentWork, Id, SessionDep
from app.http.paging import KeysetDep
from app.recipients.models import Recipient
from app.recipients.repository import RecipientRepository
from app.runs.overview import Overview
from app.runs.repository import RunRepository

router = APIRouter(prefix="/api/system", tags=["Numbers"])


@router.get(
    "/campaigns/number/{campaign_id}",
    summary="List numbers",
    operation_id="list_numbers",
    responses=refusals(503),
)
async def list_numbers(
    campaign_id: Id, account: CurrentAccount, session: SessionDep, keyset: KeysetDep
) -> Success[NumberList]:
    """The campaign's recipients in the order in which they were added, each with its latest call."""
    campaign = await campaigns.find(session, account.id, campaign_id)
    found = await RecipientRepository(session).page(campaign.id, after=keyset.cursor, limit=keyset.limit + 1)
    shown = found[: keyset.limit]
    calls = await RunRepository(session).latest_calls([recipient.id for recipient in shown])
    return ok(
        NumberList(
            numbers=[number_out(recipient, campaign.name, calls.get(recipient.id)) for recipient in shown],
            next_cursor=shown[-1].id if len(found) > keyset.limit else None,
        ),
        "Numbers Successfully Retrieved",
    )


@router.post(
    "/campaigns/number/{campaign_id}",
    status_code=201,
    summary="Add a number",
    operation_id="add_number",
    openapi_extra=body_of(AddNumber, {"number": "9876543210", "available_tags": {"tags_name": "राम"}}),
    responses=refusals(409, 503),
)
async def add_number(
    campaign_id: Id,
    account: CurrentAccount,
    work: CurrentWork,
    clock: ClockDep,
    body: Annotated[AddNumber, Depends(read(AddNumber))],
) -> Success[OneNumber]:
    """Add one recipient; tags that the campaign does not know yet become usable. 409 when it has the number."""
    taken = await actions.add(work, account, campaign_id, body.number, body.available_tags, now=clock.now())
    shown = number_out(taken.recipient, taken.campaign.name, None)
    return ok(
        OneNumber(details=[shown], warnings=warnings_of(taken.number, taken.tags)),
        "Number Added Successfully",
        201,
    )


@router.delete(
    "/campaigns/number/{number_id}/delete",
    summary="Delete a number",
    operation_id="delete_number",
    responses=refusals(409, 503),
)
async def delete_number(
    number_id: Id, account: CurrentAccount, work: CurrentWork, clock: ClockDep
) -> Success[NumberDeleted]:
    """Take a recipient out of its campaign; its calls stay in reports. 409 while a run is making its calls."""
    await actions.remove(work, account, number_id, now=clock.now())
    message = "Number Deleted Successfully"
    return ok(NumberDeleted(number=message), message)


@router.get(
    "/number/{number_id}", summary="Show a number", operation_id="show_number", responses=refusals(503)
)
async def show_number(number_id: Id, account: CurrentAccount, session: SessionDep) -> Success[OneNumber]:
    """One recipient with its latest call."""
    recipient, campaign = await Overview(session).recipient(account.id, number_id)
    shown = await _with_latest_call(session, recipient, campaign)
    return ok(OneNumber(details=[shown]), "Number Successfully Retrieved")


@router.put(
    "/number/{number_id}",
    summary="Change a number",
    operation_id="change_number",
    openapi_extra=body_of(ChangeNumber, {"available_tags": {"tags_name": "सीता"}}, required=False),
    responses=refusals(409, 503),
)
async def change_number(
    number_id: Id,
    account: CurrentAccount,
    work: CurrentWork,
    body: Annotated[ChangeNumber, Depends(read(ChangeNumber))],
) -> Success[OneNumber]:
    """Change the number or tags of a recipient. 409 while a run is making its calls, or when the number is taken."""
    taken = await actions.change(work, account, number_id, body.number, body.available_tags)
    shown = await _with_latest_call(work.session, taken.recipient, taken.campaign)
    return ok(
        OneNumber(details=[shown], warnings=warnings_of(taken.number, taken.tags)),
        "Number Updated Successfully",
    )


async def _with_latest_call(session: SessionDep, recipient: Recipient, campaign: Campaign) -> NumberOut:
    calls = await RunRepository(session).latest_calls([recipient.id])
    return number_out(recipient, campaign.name, calls.get(recipient.id))
