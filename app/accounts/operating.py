"""What an operator, or its owner, does with an account that exists. Services flush and never commit."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from difflib import get_close_matches
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts import repository
from app.accounts.models import Account
from app.accounts.passwords import hash_password, one_time_password, refuse_weak, verify_password
from app.accounts.rights import Right
from app.accounts.service import normalise_email, one_time_is_over
from app.core.errors import ConflictError, Item, NotFoundError, invalid
from app.core.phone import NumberError, parse_number

ONE_TIME = timedelta(days=3)
"""How long a one-time password is good: it is given over the telephone, before a day off perhaps."""

_MOST_NAMED = 10


async def account_of(session: AsyncSession, email: str, *, lock: bool = False) -> Account:
    """The account of this email, locked for a change; NotFoundError ``account_not_found`` that names the known ones."""
    account = await repository.find_by_email(session, normalise_email(email), lock=lock)
    if account is None:
        named = nearest(email, await repository.emails(session))
        raise NotFoundError(Item("email", "account_not_found", f"There is no account for {email}. {named}"))
    return account


def nearest(wanted: str, known: Sequence[str]) -> str:
    """A sentence that names what there is instead of `wanted`, the likeliest first."""
    if not known:
        return "There is none at all."
    close = get_close_matches(wanted, known, n=_MOST_NAMED, cutoff=0.5)
    named = [*close, *(name for name in known if name not in close)][:_MOST_NAMED]
    return f"Known: {', '.join(named)}{', …' if len(known) > len(named) else ''}."


async def set_dialling_policy(session: AsyncSession, account: Account, changes: dict[str, object]) -> None:
    """Change an account's dialling policy; it holds for the next call that is dialled.

    Args:
        session: flushed, not committed.
        account: whose policy it is.
        changes: any of ``dial_prefixes`` and ``calls_a_day``, as `app.accounts.dialling` reads them.
    """
    for name, value in changes.items():
        setattr(account, name, value)
    await session.flush()


async def switch_off(session: AsyncSession, account: Account, now: datetime) -> int:
    """Let nobody in any more; returns how many sign-ins that ended.

    `app.runs.switched_off_accounts` ends its runs.
    """
    account.is_active = False
    await session.flush()
    return await repository.revoke_sign_ins(session, account.id, now)


async def switch_on(session: AsyncSession, account: Account) -> None:
    """Let its owner log in again; neither sign-ins nor runs that were ended come back."""
    account.is_active = True
    await session.flush()


async def give_one_time_password(session: AsyncSession, account: Account, now: datetime) -> str:
    """Replace the password by one that lets its owner set another within `ONE_TIME`, and end every sign-in."""
    password = one_time_password()
    account.password_hash, account.one_time_until = await hash_password(password), now + ONE_TIME
    await session.flush()
    await repository.revoke_sign_ins(session, account.id, now)
    return password


async def change_password(
    session: AsyncSession, account: Account, current: str, new: str, *, keep: UUID | int, now: datetime
) -> int:
    """Set the owner's own password and end every sign-in but `keep`; returns how many that were.

    Raises:
        InvalidError: ``wrong_password``, ``password_unchanged``, and those of `app.accounts.passwords.refuse_weak`.
        ConflictError: ``password_changed``: somebody else changed it in the meantime.
    """
    if not await verify_password(account.password_hash, current) or one_time_is_over(account, now):
        raise invalid("current", "wrong_password", "This is not the present password.")
    if new == current:
        raise invalid("new", "password_unchanged", "The new password is the present one. Choose another.")
    await refuse_weak("new", new, (account.email, account.first_name, account.last_name))
    changed = await session.scalar(
        update(Account)
        .where(Account.id == account.id, Account.password_hash == account.password_hash, Account.is_active)
        .values(password_hash=await hash_password(new), one_time_until=None)
        .returning(Account.id)
        .execution_options(synchronize_session=False)
    )
    if changed is None:
        message = "The password was changed by somebody else in the meantime. Log in again."
        raise ConflictError(Item(None, "password_changed", message))
    return await repository.revoke_sign_ins(session, account.id, now, keep=keep)


async def grant(session: AsyncSession, account: Account, right: Right) -> bool:
    """Give an account a right; False when it has it."""
    if right in account.rights:
        return False
    account.rights = sorted({*account.rights, right.value})
    await session.flush()
    return True


async def revoke(session: AsyncSession, account: Account, right: Right) -> bool:
    """Take a right from an account; False when it has none such."""
    if right not in account.rights:
        return False
    account.rights = [name for name in account.rights if name != right]
    await session.flush()
    return True


async def add_caller_number(session: AsyncSession, account: Account, number: str) -> int:
    """Let an account show `number` to those it calls; the id that campaigns name in `user_phone`.

    The same number again gives the same id.

    Raises:
        InvalidError: ``invalid_number`` and its like; the operator vouches that the trunk may show it.
    """
    try:
        wanted = parse_number(number).e164
    except NumberError as error:
        raise invalid("number", error.code, str(error)) from error
    return await repository.keep_caller_number(session, account.id, wanted)
