"""What holds for accounts, runs and trunks, and where each figure comes from, as the commands print it."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from rich.console import Console
from rich.markup import escape
from rich.table import Table
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts import repository
from app.accounts.dialling import UNLIMITED as ANY_NUMBER
from app.accounts.models import Account, CallerNumber
from app.accounts.operating import account_of
from app.calls.models import Line, Trunk
from app.calls.state import LineState
from app.core.clock import to_kathmandu
from app.core.settings import Settings
from app.dispatch.daily_caps import dialled_today
from app.dispatch.limits import UNLIMITED, known_trunks
from app.local.reach import is_trials
from app.runs.models import Run
from app.runs.state import ACTIVE, TITLES, QueuePriority

_WIDE = 200
_TRIAL = "a trial has no limit"
_OWN, _BY_DEFAULT = "its own", "default"
_OF_THE_SERVICE = (
    "calls_a_day",
    "number_calls_a_day",
    "line_places",
    "trunk_cps",
    "sms_rate",
    "sms_window",
    "storage_quota_bytes",
    "voice_tests_a_minute",
    "uploads_a_minute",
)
"""Settings that limit every account or line, in the order in which they are shown."""


def print_table(table: Table) -> None:
    """On a terminal as wide as it is; elsewhere wide, so that no address is broken."""
    console = Console(highlight=False)
    if not console.is_terminal:
        console.width = _WIDE
    console.print(table)


def _table(columns: Sequence[str], rows: Iterable[Sequence[object]], title: str | None = None) -> Table:
    table = Table(*columns, title=title, box=None, pad_edge=False, title_justify="left")
    for row in rows:
        table.add_row(*(escape(str(value)) for value in row))
    return table


def _or_unlimited(value: float | None) -> str:
    return UNLIMITED if value is None else f"{value:g}"


def pace_sentence(name: str, limited: Account | Run | Trunk) -> str:
    """The limits of one as they are now."""
    last = (
        f"weight {limited.weight}"
        if isinstance(limited, Trunk)
        else f"priority {QueuePriority(limited.queue_priority).name.lower()}"
    )
    return (
        f"Limits of {name}: calls a second {_or_unlimited(limited.max_cps)}, "
        f"calls at once {_or_unlimited(limited.max_calls)}, {last}."
    )


async def dialling_sentence(session: AsyncSession, account: Account, settings: Settings) -> str:
    """Whom an account may call and how often, as it is now."""
    allowed, calls = prefixes_of(account), calls_a_day_of(account, await _default_cap(session, settings))
    return (
        f"Limits of {account.email}: numbers {allowed[0]} ({allowed[1]}), "
        f"calls a day {calls[0]} ({calls[1]})."
    )


def prefixes_of(account: Account) -> tuple[str, str]:
    """The numbers that an account may call, and where that comes from."""
    if account.dial_prefixes is None:
        return "mobiles and landlines of Nepal", _BY_DEFAULT
    return ",".join(account.dial_prefixes), _OWN


def calls_a_day_of(account: Account, default: tuple[int | None, str]) -> tuple[str, str]:
    """An account's calls a day, and where that comes from."""
    if account.calls_a_day is None:
        calls, source = default
    else:
        calls, source = (None if account.calls_a_day == ANY_NUMBER else account.calls_a_day), _OWN
    return (UNLIMITED if calls is None else f"{calls:,}"), source


async def _default_cap(session: AsyncSession, settings: Settings) -> tuple[int | None, str]:
    if await is_trials(session, settings):
        return None, _TRIAL
    return settings.calls_a_day, "TINGTING_CALLS_A_DAY"


async def account_table(session: AsyncSession) -> Table:
    """Every account in a line."""
    active = await _active_runs(session)
    rows = [
        (
            account.email,
            "on" if account.is_active else "off",
            "one-time" if account.one_time_until else "own",
            ",".join(account.rights) or "none",
            sum(run.account_id == account.id for run in active),
            f"{to_kathmandu(account.created_at):%Y-%m-%d}",
        )
        for account in await session.scalars(select(Account).order_by(Account.email))
    ]
    return _table(("account", "state", "password", "rights", "runs under way", "made on"), rows)


async def account_facts(session: AsyncSession, email: str, settings: Settings, now: datetime) -> Table:
    """All that holds for one account."""
    account = await account_of(session, email)
    callers = await session.execute(
        select(CallerNumber.id, CallerNumber.number).where(CallerNumber.account_id == account.id)
    )
    runs = [run for run in await _active_runs(session) if run.account_id == account.id]
    one_time = account.one_time_until
    password = f"one-time, until {to_kathmandu(one_time):%Y-%m-%d %H:%M}" if one_time else "its owner's"
    pace = _OWN if account.max_cps is not None else _BY_DEFAULT
    rows = [
        ("account", account.email, f"id {account.id}"),
        ("state", "on" if account.is_active else "off", "accounts enable, disable"),
        ("password", password, "accounts password"),
        ("rights", ", ".join(account.rights) or "none", "accounts grant, revoke"),
        ("sign-ins", await repository.usable_sign_ins(session, account.id, now), "that are not over"),
        ("numbers", *prefixes_of(account)),
        ("calls a day", *calls_a_day_of(account, await _default_cap(session, settings))),
        ("calls today", f"{await dialled_today(session, account.id, now):,}", "started, in Kathmandu's day"),
        ("calls a second", _or_unlimited(account.max_cps), pace),
        ("calls at once", _or_unlimited(account.max_calls), _OWN if account.max_calls else _BY_DEFAULT),
        ("priority", QueuePriority(account.queue_priority).name.lower(), "of runs whose begin names none"),
        (
            "caller numbers",
            ", ".join(f"{number} (id {key})" for key, number in callers) or "none",
            "accounts caller",
        ),
        ("runs under way", ", ".join(f"{run.id} {TITLES[run.state]}" for run in runs) or "none", ""),
    ]
    return _table(("what", "value", "from"), rows)


async def limit_tables(session: AsyncSession, settings: Settings) -> list[Table]:
    """Every limit of the service, of accounts, trunks and runs under way."""
    default = await _default_cap(session, settings)
    accounts = [
        (
            account.email,
            _or_unlimited(account.max_cps),
            _or_unlimited(account.max_calls),
            QueuePriority(account.queue_priority).name.lower(),
            *calls_a_day_of(account, default),
            prefixes_of(account)[0],
        )
        for account in await session.scalars(select(Account).order_by(Account.email))
    ]
    runs = [
        (
            run.id,
            TITLES[run.state],
            _or_unlimited(run.max_cps),
            _or_unlimited(run.max_calls),
            run.queue_priority.name.lower(),
        )
        for run in await _active_runs(session)
    ]
    pace = ("calls/s", "calls at once")
    return [
        _table(
            ("setting", "value", "from"), _service_rows(settings, trial=default[1] == _TRIAL), "The service"
        ),
        _table(("account", *pace, "priority", "calls a day", "from", "numbers"), accounts, "Accounts"),
        _table(
            ("trunk", *pace, "weight", "open lines", "their calls/s", "their places"),
            await _trunk_rows(session, settings),
            "Trunks",
        ),
        _table(("run", "state", *pace, "priority"), runs, "Runs under way"),
    ]


def _service_rows(settings: Settings, *, trial: bool) -> list[Sequence[object]]:
    """As this command's environment has the settings, which is to be that of the service."""
    rows: list[Sequence[object]] = []
    for name in _OF_THE_SERVICE:
        value = getattr(settings, name)
        shown = UNLIMITED if value is None else f"{value:,g}" if isinstance(value, float) else f"{value:,}"
        source = "its variable" if name in settings.model_fields_set else _BY_DEFAULT
        if trial and name.endswith("calls_a_day"):
            shown, source = UNLIMITED, _TRIAL
        rows.append((f"TINGTING_{name.upper()}", shown, source))
    return rows


async def _trunk_rows(session: AsyncSession, settings: Settings) -> list[Sequence[object]]:
    own = {trunk.name: trunk for trunk in await session.scalars(select(Trunk))}
    of_lines = (
        select(Line.trunk, func.count(), func.sum(Line.cps), func.sum(Line.places))
        .where(Line.state == LineState.OPEN)
        .group_by(Line.trunk)
    )
    lines = {trunk: figures for trunk, *figures in await session.execute(of_lines)}
    rows: list[Sequence[object]] = []
    for name in await known_trunks(session, (settings.sip_trunk, settings.sms_centre)):
        trunk = own.get(name, Trunk(name=name, weight=1))
        count, cps, places = lines.get(name, (0, 0, 0))
        pace = (_or_unlimited(trunk.max_cps), _or_unlimited(trunk.max_calls))
        rows.append((name, *pace, trunk.weight, count, f"{cps:g}", places))
    return rows


async def _active_runs(session: AsyncSession) -> Sequence[Run]:
    return (await session.scalars(select(Run).where(Run.state.in_(ACTIVE)).order_by(Run.id))).all()
