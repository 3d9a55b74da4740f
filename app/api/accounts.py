"""Logging in, who one is, and renewing tokens."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, Field
from starlette.responses import Response

from app.accounts import service
from app.api.body import read_anonymous
from app.api.deps import AccessDep, ClockDep, CurrentAccount, SessionDep
from app.api.docs import body_of, refusals
from app.api.envelope import Success, ok
from app.api.errors import answer_problem
from app.core.errors import Item, UnauthenticatedError

router = APIRouter(prefix="/api/accounts", tags=["Accounts"])


class Login(BaseModel):
    email: str = Field(min_length=1, max_length=254, description="In any letter case.")
    password: str = Field(min_length=1, max_length=service.LONGEST_PASSWORD)


class Refresh(BaseModel):
    refresh: str = Field(
        min_length=1, max_length=4096, description="The refresh token got last; each works once."
    )


class Tokens(BaseModel):
    access: str = Field(description="Send it as `Authorization: Bearer …`; good for an hour by default.")
    refresh: str = Field(description="Gets the next pair; good for 14 days by default, and once.")


class UserData(BaseModel):
    first_name: str
    last_name: str
    email: str


class LoggedIn(BaseModel):
    token: Tokens
    user_data: UserData


class UserDetails(UserData):
    username: str
    is_verified_email: bool
    contact_number: str
    is_verified_phone: bool
    address: str


class Details(BaseModel):
    user_details: UserDetails


@router.post(
    "/login",
    operation_id="login",
    summary="Log in",
    openapi_extra=body_of(Login, {"email": "test@gmail.com", "password": "test"}),
    responses=refusals(400, 401, 415, 422, 429),
)
async def login(
    request: Request,
    body: Annotated[Login, Depends(read_anonymous(Login))],
    access: AccessDep,
    session: SessionDep,
    clock: ClockDep,
) -> Success[LoggedIn]:
    """Gives the access token that every further request needs, and a refresh token.

    A wrong password and an unknown email give the same 401. After ten attempts in five minutes: 429, with
    `Retry-After` in seconds.
    """
    email = service.normalise_email(body.email)
    address = request.client.host if request.client else ""
    await access.throttle.attempt(email, address)
    account = await service.authenticate(session, email, body.password)
    pair = await service.issue_tokens(session, access.tokens, account.id, clock.now())
    await access.throttle.succeeded(email, address)
    data = LoggedIn(
        token=Tokens(access=pair.access, refresh=pair.refresh),
        user_data=UserData(first_name=account.first_name, last_name=account.last_name, email=account.email),
    )
    return ok(data, "Successfully logged in")


@router.get(
    "/user_details",
    operation_id="user_details",
    summary="Who is logged in",
    responses=refusals(401),
)
async def user_details(account: CurrentAccount) -> Success[Details]:
    """The account that the access token belongs to."""
    return ok(Details(user_details=UserDetails.model_validate(account, from_attributes=True)))


@router.post(
    "/token/refresh",
    operation_id="refresh_token",
    summary="Get a new access token",
    response_model=Tokens,
    openapi_extra=body_of(Refresh, {"refresh": "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9…"}),
    responses=refusals(400, 401, 415, 422),
)
async def refresh(
    body: Annotated[Refresh, Depends(read_anonymous(Refresh))],
    access: AccessDep,
    session: SessionDep,
    clock: ClockDep,
) -> Tokens | Response:
    """Gives a new pair for a refresh token, outside the usual envelope.

    Keep the new refresh token: the old one has had its use. One that is used twice ends every token that came of
    the same login, for one of the two who sent it has stolen it.
    """
    pair = await service.refresh(session, access.tokens, body.refresh, clock.now())
    if pair is None:
        # Answered, not raised: the revocation must be committed.
        message = "This refresh token was used before or has been revoked. Log in again."
        return answer_problem(UnauthenticatedError(Item("refresh", "token_revoked", message)))
    return Tokens(access=pair.access, refresh=pair.refresh)
