"""Logging in, who one is, and renewing tokens."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, Field
from starlette.responses import Response

from app.accounts import service
from app.accounts.passwords import LONGEST_PASSWORD, SHORTEST_PASSWORD
from app.actions import signing_in
from app.api.bodies import read_anonymous
from app.api.docs import body_of, refusals
from app.api.envelope import Success, ok
from app.api.signed_in import CurrentAccount, CurrentSignIn
from app.core import trail
from app.core.errors import Item, UnauthenticatedError
from app.http.deps import AccessDep, ClockDep, CurrentWork, SessionDep
from app.http.dialect import answer_problem

router = APIRouter(prefix="/api/accounts", tags=["Accounts"])


class Login(BaseModel):
    email: str = Field(min_length=1, max_length=254, description="In any letter case.")
    password: str = Field(min_length=1, max_length=LONGEST_PASSWORD)


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
    password_change_required: bool | None = Field(
        None,
        description="`true`, or absent. The password was for one use: the tokens open `POST /api/accounts/password/` "
        "alone, and everything else answers 403 `password_change_required`.",
    )


class NewPassword(BaseModel):
    current: str = Field(min_length=1, max_length=LONGEST_PASSWORD, description="The password until now.")
    new: str = Field(
        min_length=1,
        max_length=LONGEST_PASSWORD,
        description=f"At least {SHORTEST_PASSWORD} characters, and hard to guess.",
    )


class PasswordSet(BaseModel):
    ended_sign_ins: int = Field(description="Other sign-ins that this ended.")


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
    response_model_exclude_none=True,
    openapi_extra=body_of(Login, {"email": "test@gmail.com", "password": "test"}),
    responses=refusals(400, 401, 415, 422, 429),
)
async def login(
    request: Request,
    body: Annotated[Login, Depends(read_anonymous(Login))],
    access: AccessDep,
    work: CurrentWork,
    clock: ClockDep,
) -> Success[LoggedIn]:
    """Gives the access token that every further request needs, and a refresh token.

    After a one-time password the owner has to set another before anything else: `data.password_change_required`.

    A wrong password and an unknown email give the same 401. After ten attempts in five minutes: 429, with
    `Retry-After` in seconds.
    """
    now, address = clock.now(), _address(request)
    account = await signing_in.authenticate(
        work.session, access.throttle, body.email, body.password, address, now
    )
    with signing_in.refusals_told():
        pair = await service.issue_tokens(work.session, access.tokens, account, now)
    request.scope["account_id"] = account.id
    work.tell("login", account=account.id)
    await access.throttle.succeeded(account.email, address)
    data = LoggedIn(
        token=Tokens(access=pair.access, refresh=pair.refresh),
        user_data=UserData(first_name=account.first_name, last_name=account.last_name, email=account.email),
        password_change_required=account.one_time_until is not None or None,
    )
    return ok(data, "Successfully logged in")


def _address(request: Request) -> str:
    return request.client.host if request.client else ""


@router.post(
    "/password",
    operation_id="change_password",
    summary="Change the password",
    openapi_extra=body_of(
        NewPassword, {"current": "the password until now", "new": "four words that have no link"}
    ),
    responses=refusals(409, 429),
)
async def change_password(
    request: Request,
    signed_in: CurrentSignIn,  # before the body: nobody unknown has one read
    body: Annotated[NewPassword, Depends(read_anonymous(NewPassword))],
    access: AccessDep,
    work: CurrentWork,
    clock: ClockDep,
) -> Success[PasswordSet]:
    """Sets another password and ends every other sign-in at once; the one that asked goes on.

    Guesses at the present password count as attempts to log in.
    """
    ended = await signing_in.change_password(
        work,
        access.throttle,
        signed_in.account,
        body.current,
        body.new,
        keep=signed_in.family,
        address=_address(request),
        now=clock.now(),
    )
    return ok(PasswordSet(ended_sign_ins=ended), "Password changed; other sign-ins have ended")


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
    request: Request,
    body: Annotated[Refresh, Depends(read_anonymous(Refresh))],
    access: AccessDep,
    session: SessionDep,
    clock: ClockDep,
) -> Tokens | Response:
    """Gives a new pair for a refresh token, outside the usual envelope.

    Keep the new refresh token: the old one has had its use. One that is used twice ends every token that came of
    the same login, for one of the two who sent it has stolen it.
    """
    try:
        pair = await service.refresh(session, access.tokens, body.refresh, clock.now())
    except UnauthenticatedError as refusal:
        trail.tell("refresh_refused", code=refusal.items[0].code)
        raise
    if isinstance(pair, service.RefusedRefresh):
        event = "refresh_token_reused" if pair.reused else "refresh_refused"
        trail.tell(event, account=pair.account_id, code="token_revoked")
        # Answered, not raised: the revocation must be committed.
        message = "This refresh token was used before or has been revoked. Log in again."
        return answer_problem(request.scope, UnauthenticatedError(Item("refresh", "token_revoked", message)))
    return Tokens(access=pair.access, refresh=pair.refresh)
