"""Whom a service reaches: the trial phones or real telephones. Its database remembers, so that the two never mix.

A run that was made for the trial would ring real telephones once a trunk is set, and one that was made for real
telephones would end at the trial phones, with nobody called.
"""

import ipaddress
import re

from sqlalchemy import select, update
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.ext.asyncio import AsyncSession

from app.calls.models import Line
from app.core.logging import get_logger
from app.core.settings import Settings
from app.core.spelling import command
from app.db.engine import make_engine, make_sessions
from app.installation.models import Installation
from app.installation.repository import installation
from app.local.errors import LocalError
from app.runs.models import Run
from app.runs.state import RunState, sources_of

_COMPOSE_PHONES = "phones"
_HOST = re.compile(r"^(?:sips?|smpps?):(?://)?(?:[^@/]*@)?(\[[^\]]+\]|[^:;/?]+)")

log = get_logger(__name__)


def is_trial(settings: Settings) -> bool:
    """Whether these settings reach trial phones alone: no trunk and no message centre, or those of the trial."""
    given = [address for address in (settings.sip_trunk, settings.sms_centre) if address]
    trial_phones = settings.trial or (given == [settings.trial_phones] and bool(given))
    return not given or trial_phones


async def is_trials(session: AsyncSession, settings: Settings) -> bool:
    """Whether a database is a trial's: as it remembers, else as these settings would make it."""
    known = await session.scalar(select(Installation.trial))
    return is_trial(settings) if known is None else known


def refuse_trial_elsewhere(settings: Settings) -> None:
    """LocalError when TINGTING_TRIAL is said of a trunk or message centre that is not on this machine."""
    if not settings.trial:
        return
    for name, address in (("SIP_TRUNK", settings.sip_trunk), ("SMS_CENTRE", settings.sms_centre)):
        if address and not _is_here(address):
            msg = (
                f"TINGTING_TRIAL says that nobody is reached, but TINGTING_{name} is not on this machine; "
                f"unset one of the two."
            )
            raise LocalError(msg)


def describe(settings: Settings) -> str:
    """What rings, in words, for whoever has just started the service."""
    if not settings.sip_trunk and not settings.sms_centre:
        return "trial: calls and messages go to trial phones on this machine, no real telephone rings"
    if is_trial(settings):
        return f"trial: calls go to the trial phones at {_place(settings.sip_trunk or settings.sms_centre)}"
    calls = (
        f"calls ring real telephones through {_place(settings.sip_trunk)}"
        if settings.sip_trunk
        else "TINGTING_SIP_TRUNK is not set, so calls wait"
    )
    messages = (
        f"messages go to real telephones through {_place(settings.sms_centre)}"
        if settings.sms_centre
        else "TINGTING_SMS_CENTRE is not set, so no message is sent"
    )
    return f"{calls}; {messages}"


async def settle(url: str, *, trial: bool, adopt: bool = False) -> int:
    """Write down at the first start whom the service at the database `url` reaches, and hold later starts to it.

    Args:
        url: of a migrated database.
        trial: whether the settings of this start reach trial phones alone.
        adopt: make a trial's service one for real telephones; each of its runs that is not over is stopped.

    Returns:
        How many runs were stopped.

    Raises:
        LocalError: the service was started for the other before.
    """
    engine = make_engine(url, application="tingting start", pool_size=1)
    try:
        async with make_sessions(engine).begin() as session:
            return await _settle(session, trial=trial, adopt=adopt)
    except ProgrammingError as error:
        msg = f"The database is not of this version; bring it there first: {command('migrate')}"
        raise LocalError(msg) from error
    finally:
        await engine.dispose()


async def _settle(session: AsyncSession, *, trial: bool, adopt: bool) -> int:
    row = await installation(session)
    known = row.trial if row.trial is not None else await _has_reached_nobody(session)
    row.trial = trial if known is None else known
    if row.trial == trial:
        return 0
    if trial:
        msg = (
            "This service has reached real telephones, and neither TINGTING_SIP_TRUNK nor TINGTING_SMS_CENTRE is set: "
            "its runs would end at trial phones and nobody would be called. Set them as before, or try things out in a "
            "new data folder: TINGTING_HOME=another-folder."
        )
        raise LocalError(msg)
    if not adopt:
        msg = (
            "This service is a trial's: its runs were made for trial phones and would now ring real telephones. "
            "Start the real one in a new data folder (TINGTING_HOME=another-folder) or on a new database. To go on "
            f"with this one and stop every run of it that is not over: {command('up --adopt')} "
            f"(in containers: {command('migrate --adopt')})."
        )
        raise LocalError(msg)
    row.trial = False
    stopped = await session.scalars(
        update(Run)
        .where(Run.state.in_(sources_of(RunState.STOPPING)))
        .values(state=RunState.STOPPING)
        .returning(Run.id)
    )
    runs = stopped.all()
    log.info("trial_adopted", runs_stopped=len(runs))
    return len(runs)


async def _has_reached_nobody(session: AsyncSession) -> bool | None:
    """What the lines say of a database from before this was written down; None when none ever ran."""
    trunks = (await session.scalars(select(Line.trunk).distinct())).all()
    return all(_is_here(trunk) for trunk in trunks) if trunks else None


def _is_here(address: str) -> bool:
    """Whether a trunk or message centre is on this machine, or is the phones of compose.yaml."""
    found = _HOST.match(address)
    host = found.group(1).strip("[]") if found else ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host in {"localhost", _COMPOSE_PHONES}


def _place(address: str) -> str:
    """Without a user and password."""
    return re.sub(r"^(\w+:(?://)?)[^@/]*@", r"\1", address)
