"""Pause, resume and stop the run of a campaign that is under way."""

from datetime import datetime

from app.accounts.models import Account
from app.actions.work import Work
from app.campaigns import service as campaigns
from app.runs import service as runs
from app.runs.models import Run
from app.runs.state import RunState
from app.wiring import Parts


async def pause(work: Work, account: Account, campaign_id: int) -> Run:
    """Start no further call; calls in progress go on to their end.

    Raises:
        NotFoundError: ``campaign_not_found``.
        ConflictError: ``no_active_run``, ``cannot_pause``.
    """
    await campaigns.find(work.session, account.id, campaign_id)
    run = await runs.pause(work.session, account.id, campaign_id)
    work.tell("run_paused", run=run.id, campaign=campaign_id)
    return run


async def resume(parts: Parts, work: Work, account: Account, campaign_id: int, *, now: datetime) -> Run:
    """Go on where the pause stopped.

    Raises:
        NotFoundError: ``campaign_not_found``.
        ConflictError: ``no_active_run``, ``cannot_resume``.
    """
    await campaigns.find(work.session, account.id, campaign_id)
    run = await runs.resume(work.session, account.id, campaign_id)
    work.after_commit(lambda: parts.queue.ring_start(run.id, now))
    work.tell("run_resumed", run=run.id, campaign=campaign_id)
    return run


async def stop(parts: Parts, work: Work, account: Account, campaign_id: int, *, now: datetime) -> Run:
    """End the run: calls in progress are hung up, those that wait end `terminated`.

    Raises:
        NotFoundError: ``campaign_not_found``.
        ConflictError: ``no_active_run``, ``cannot_stop``.
    """
    await campaigns.find(work.session, account.id, campaign_id)
    run = await runs.stop(work.session, account.id, campaign_id, now=now)
    if run.state is RunState.STOPPING:
        work.after_commit(lambda: parts.queue.ring_stop(run.id))
    work.tell("run_stopped", run=run.id, campaign=campaign_id)
    return run
