"""One transaction of one request, and what is to happen once it stands or has failed."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from sqlalchemy.ext.asyncio import AsyncSession

from app.core import trail
from app.core.logging import get_logger
from app.db.engine import Sessions

log = get_logger(__name__)

Later = Callable[[], Awaitable[object]]


class Work:
    """A transaction. Actions flush in its session; whoever opened it commits."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session
        self._committed: list[Later] = []
        self._rolled_back: list[Later] = []
        self._told: list[tuple[str, dict[str, object]]] = []

    def after_commit(self, job: Later) -> None:
        """Run `job` once the commit stands, before the answer leaves.

        Its failure is logged and no more: the database is the truth, and sweeps find what was not told.
        """
        self._committed.append(job)

    def after_rollback(self, job: Later) -> None:
        """Run `job` when the request failed and nothing of it stands."""
        self._rolled_back.append(job)

    def tell(self, event: str, **values: object) -> None:
        """Put a line into the trail once the commit stands."""
        self._told.append((event, values))

    async def committed(self) -> None:
        for event, values in self._told:
            trail.tell(event, **values)
        await _run(self._committed)

    async def rolled_back(self) -> None:
        await _run(self._rolled_back)


async def _run(jobs: list[Later]) -> None:
    for job in jobs:
        try:
            await job()
        except Exception:
            log.exception("after_work_failed", job=getattr(job, "__qualname__", repr(job)))


@asynccontextmanager
async def unit_of_work(sessions: Sessions) -> AsyncIterator[Work]:
    """A Work that is committed when the context ends, and rolled back when it raises.

    It takes a connection at its first query, not before.
    """
    work: Work | None = None
    try:
        async with sessions() as session:
            work = Work(session)
            yield work
            await session.commit()
    except BaseException:
        if work is not None:
            await work.rolled_back()
        raise
    await work.committed()
