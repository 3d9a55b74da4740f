"""What routes of every door ask for: the parts, ids, and a unit of work that commits before the answer leaves."""

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import Depends, Path, Request
from sqlalchemy.ext.asyncio import AsyncSession

from app.actions.work import Work, unit_of_work
from app.core.clock import Clock
from app.http.access import Access
from app.wiring import Parts

Id = Annotated[int, Path(ge=1, le=2**63 - 1)]
"""An id in a path; anything that cannot be one is answered 404."""


def _parts(request: Request) -> Parts:
    parts: Parts = request.app.state.parts
    return parts


def _access(request: Request) -> Access:
    access: Access = request.app.state.access
    return access


PartsDep = Annotated[Parts, Depends(_parts)]
AccessDep = Annotated[Access, Depends(_access)]


def _clock(parts: PartsDep) -> Clock:
    return parts.clock


ClockDep = Annotated[Clock, Depends(_clock)]


async def _work(parts: PartsDep) -> AsyncIterator[Work]:
    async with unit_of_work(parts.sessions) as work:
        yield work


CurrentWork = Annotated[Work, Depends(_work, scope="function")]
"""The request's transaction. It takes a connection at its first query, not before: bodies are read without one."""


def _session(work: CurrentWork) -> AsyncSession:
    return work.session


SessionDep = Annotated[AsyncSession, Depends(_session)]
