import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import func, select, text, update

from app.calls.models import Call
from app.calls.state import CallStatus
from app.campaigns.content import Content, StoredAudio
from app.campaigns.models import Campaign
from app.core.errors import ConflictError, InvalidError
from app.dispatch import fan_out, finishing, starting, stopping
from app.dispatch.claiming import claim
from app.recipients.models import Recipient
from app.runs import service
from app.runs.models import Run
from app.runs.orders import BeginOrder
from app.runs.repository import RunRepository
from app.runs.state import RunState
from tests.factories import NOW, make_account, make_calls, make_campaign, make_line, make_run, recipient_ids

HELLO = BeginOrder(Content(message="नमस्ते"))
AUDIO = StoredAudio("audio/abc", "a.mp3", 1000)


async def begin(sessions, campaign_id, order=HELLO):
    async with sessions.begin() as session:
        campaign = await session.get(Campaign, campaign_id)
        return await service.begin(session, campaign, order, now=NOW, ring_timeout_s=5)


@pytest.fixture
async def campaign(sessions):
    async with sessions.begin() as session:
        return await make_campaign(session, 5, usable_tags=["tags_name"])


def code_of(raised):
    return raised.value.items[0].code


async def test_64_begins_at_once_make_one_run(sessions, campaign):
    results = await asyncio.gather(*(begin(sessions, campaign.id) for _ in range(64)), return_exceptions=True)
    runs = [result for result in results if isinstance(result, Run)]
    refused = [result for result in results if isinstance(result, ConflictError)]
    assert (len(runs), len(refused)) == (1, 63)
    assert {error.data["run"]["id"] for error in refused} == {runs[0].id}


async def test_a_begin_that_is_refused_leaves_the_campaign_as_it_was(sessions, campaign):
    with pytest.raises(InvalidError) as raised:
        await begin(sessions, campaign.id, BeginOrder(Content(message="नमस्ते {tags_age}")))
    assert code_of(raised) == "unknown_tag"
    async with sessions() as session:
        assert (await session.get(Campaign, campaign.id)).message is None
        assert await session.scalar(select(func.count()).select_from(Run)) == 0


@pytest.mark.parametrize(
    ("order", "code"),
    [
        (BeginOrder(), "message_or_audio_required"),
        (BeginOrder(Content(message="नमस्ते", audio=AUDIO)), "priority_required"),
    ],
)
async def test_what_is_said_first_must_be_known(sessions, campaign, order, code):
    with pytest.raises(InvalidError) as raised:
        await begin(sessions, campaign.id, order)
    assert code_of(raised) == code


async def test_the_run_keeps_what_was_ordered_when_the_campaign_changes(sessions, campaign):
    order = BeginOrder(Content(message="पहिलो", audio=AUDIO, first="audio", voice="np_binod"))
    run = await begin(sessions, campaign.id, order)
    async with sessions.begin() as session:
        await session.execute(update(Campaign).values(message="दोस्रो", voice_input="np_rija", audio_key=None))
    async with sessions() as session:
        kept = await session.get(Run, run.id)
    assert (kept.message, kept.audio_key, kept.first, kept.voice_input) == (
        "पहिलो",
        "audio/abc",
        "audio",
        "np_binod",
    )


async def test_an_sms_campaign_cannot_begin_without_a_gateway(sessions, campaign):
    async with sessions.begin() as session:
        await session.execute(update(Campaign).values(services="SMS"))
    with pytest.raises(ConflictError) as raised:
        await begin(sessions, campaign.id)
    assert code_of(raised) == "sms_gateway_not_configured"


async def test_a_campaign_without_recipients_cannot_begin(sessions):
    async with sessions.begin() as session:
        empty = await make_campaign(session, 0)
    with pytest.raises(InvalidError) as raised:
        await begin(sessions, empty.id)
    assert code_of(raised) == "no_recipients"


async def test_a_run_reaches_every_recipient_once(sessions, campaign):
    run = await begin(sessions, campaign.id)
    await asyncio.gather(*(starting.advance(sessions, run.id, NOW) for _ in range(8)))
    async with sessions() as session:
        reached = list(await session.scalars(select(Call.recipient_id).where(Call.run_id == run.id)))
        assert sorted(reached) == await recipient_ids(session, campaign)
        kept = await session.get(Run, run.id)
    assert (kept.state, kept.fanout_done_at) == (RunState.RUNNING, NOW)


async def test_a_fan_out_of_several_chunks_goes_on_where_it_broke_off(sessions, monkeypatch):
    monkeypatch.setattr(fan_out, "FIRST_CHUNK", 3)
    monkeypatch.setattr(fan_out, "CHUNK", 4)
    async with sessions.begin() as session:
        campaign = await make_campaign(session, 10)
    run = await begin(sessions, campaign.id)
    async with sessions.begin() as session:
        await session.execute(update(Run).values(state=RunState.RUNNING))
    assert await fan_out.fan_out_chunk(sessions, run.id, NOW)
    await starting.advance(sessions, run.id, NOW)
    async with sessions() as session:
        assert await session.scalar(select(func.count()).select_from(Call)) == 10


async def test_the_first_large_run_lets_the_planner_know_that_calls_are_many(sessions, monkeypatch):
    monkeypatch.setattr(fan_out, "FIRST_CHUNK", 3)
    monkeypatch.setattr(fan_out, "CHUNK", 40)
    async with sessions.begin() as session:
        run = await make_run(session, await make_campaign(session, 100), fanout_until=2**62)
        await session.execute(text("ANALYZE calls"))
    await starting.advance(sessions, run.id, NOW)
    async with sessions() as session:
        known = text("SELECT reltuples FROM pg_class WHERE oid = 'calls'::regclass")
        assert await session.scalar(known) == 43


async def test_a_scheduled_run_waits_for_its_time(sessions, campaign):
    run = await begin(
        sessions, campaign.id, BeginOrder(Content(message="नमस्ते"), schedule_date=NOW + timedelta(hours=1))
    )
    await starting.advance(sessions, run.id, NOW)
    async with sessions() as session:
        assert (await session.get(Run, run.id)).state is RunState.SCHEDULED
        assert await starting.runs_to_advance(session, NOW) == []
        later = NOW + timedelta(hours=1, seconds=1)
        assert await starting.runs_to_advance(session, later) == [run.id]
    await starting.advance(sessions, run.id, later)
    async with sessions() as session:
        assert (await session.get(Run, run.id)).state is RunState.RUNNING
        assert await session.scalar(select(func.count()).select_from(Call)) == 5


async def finished_campaign(sessions, statuses):
    """A campaign whose last run ended with these statuses."""
    async with sessions.begin() as session:
        campaign = await make_campaign(session, len(statuses))
        run = await make_run(session, campaign, state=RunState.COMPLETED)
        await make_calls(session, run, statuses)
    return campaign


async def reached_by(sessions, campaign, order):
    run = await begin(sessions, campaign.id, order)
    await starting.advance(sessions, run.id, NOW)
    async with sessions() as session:
        ids = await recipient_ids(session, campaign)
        reached = await session.scalars(select(Call.recipient_id).where(Call.run_id == run.id))
        return run, sorted(ids.index(recipient) for recipient in reached)


async def test_a_re_run_reaches_only_whose_latest_call_ended_so(sessions):
    s = CallStatus
    campaign = await finished_campaign(sessions, [s.COMPLETED, s.FAILED, s.UNANSWERED, s.FAILED, s.HUNGUP])
    order = BeginOrder(Content(message="नमस्ते"), statuses=[s.FAILED, s.HUNGUP])
    run, reached = await reached_by(sessions, campaign, order)
    assert reached == [1, 3, 4]
    assert run.recipients == 3


async def test_the_latest_call_decides_not_an_older_one(sessions):
    s = CallStatus
    campaign = await finished_campaign(sessions, [s.FAILED, s.FAILED])
    async with sessions.begin() as session:
        run = await make_run(session, campaign, state=RunState.COMPLETED)
        await make_calls(session, run, [s.COMPLETED])
    _, reached = await reached_by(
        sessions, campaign, BeginOrder(Content(message="नमस्ते"), statuses=[s.FAILED])
    )
    assert reached == [1]


async def test_a_re_run_that_nobody_matches_makes_no_run(sessions):
    campaign = await finished_campaign(sessions, [CallStatus.COMPLETED])
    with pytest.raises(ConflictError) as raised:
        await begin(sessions, campaign.id, BeginOrder(Content(message="नमस्ते"), statuses=[CallStatus.FAILED]))
    assert code_of(raised) == "none_match"
    async with sessions() as session:
        assert await RunRepository(session).active_run_of(campaign.id) is None


async def test_individual_reaches_only_those_of_this_campaign(sessions, campaign):
    async with sessions.begin() as session:
        ids = await recipient_ids(session, campaign)
        stranger = await make_campaign(session, 1)
        (foreign,) = await recipient_ids(session, stranger)
    order = BeginOrder(Content(message="नमस्ते"), individual=[ids[2], foreign])
    run, reached = await reached_by(sessions, campaign, order)
    assert reached == [2]
    assert run.recipients == 1


async def test_pause_gives_claims_back_and_resume_goes_on(sessions, campaign):
    async with sessions.begin() as session:
        run = await make_run(session, campaign, fanout_done_at=NOW)
        await make_calls(
            session, run, [CallStatus.QUEUED, CallStatus.CLAIMED, CallStatus.ANSWERED], line_id=1
        )
    async with sessions.begin() as session:
        paused = await service.pause(session, campaign.account_id, campaign.id)
        assert paused.state is RunState.PAUSED
    async with sessions() as session:
        counts = (await RunRepository(session).counts([run.id]))[run.id]
    assert counts == {CallStatus.QUEUED: 2, CallStatus.ANSWERED: 1}
    async with sessions.begin() as session:
        with pytest.raises(ConflictError) as raised:
            await service.pause(session, campaign.account_id, campaign.id)
    assert code_of(raised) == "cannot_pause"
    async with sessions.begin() as session:
        assert (await service.resume(session, campaign.account_id, campaign.id)).state is RunState.RUNNING


async def test_stop_ends_what_is_queued_and_leaves_calls_in_progress_to_their_line(sessions, campaign):
    async with sessions.begin() as session:
        run = await make_run(session, campaign, fanout_done_at=NOW)
        await make_calls(session, run, [CallStatus.QUEUED])
        held = [CallStatus.CLAIMED, CallStatus.ANSWERED, CallStatus.COMPLETED]
        await make_calls(session, run, held, line_id=1, attempt=2)
    await stopping.end_queued(sessions, run.id, NOW)
    async with sessions() as session:
        assert (await RunRepository(session).counts([run.id]))[run.id][CallStatus.QUEUED] == 1
    async with sessions.begin() as session:
        await service.stop(session, campaign.account_id, campaign.id, now=NOW)
    async with sessions() as session:
        assert await stopping.runs_to_end(session) == [run.id]
    await stopping.end_queued(sessions, run.id, NOW)
    async with sessions.begin() as session:
        counts = (await RunRepository(session).counts([run.id]))[run.id]
        assert counts == {CallStatus.TERMINATED: 2, CallStatus.ANSWERED: 1, CallStatus.COMPLETED: 1}
        assert await finishing.finish_runs(session, NOW) == []
        await session.execute(update(Call).where(Call.status == CallStatus.ANSWERED).values(status=9))
        assert await finishing.finish_runs(session, NOW) == [run.id]
    async with sessions() as session:
        assert (await session.get(Run, run.id)).state is RunState.TERMINATED


@pytest.mark.parametrize("state", [RunState.SCHEDULED, RunState.RUNNING, RunState.PAUSED])
async def test_a_stop_ends_at_once_what_has_no_call_in_progress(sessions, campaign, state):
    waiting = [] if state is RunState.SCHEDULED else [CallStatus.QUEUED, CallStatus.DEFERRED]
    async with sessions.begin() as session:
        run = await make_run(session, campaign, state=state)
        await make_calls(session, run, [*waiting, *([CallStatus.COMPLETED] if waiting else [])])
    async with sessions.begin() as session:
        stopped = await service.stop(session, campaign.account_id, campaign.id, now=NOW)
        assert (stopped.state, stopped.finished_at) == (RunState.TERMINATED, NOW)
    async with sessions() as session:
        counts = (await RunRepository(session).counts([run.id]))[run.id]
    expected = {CallStatus.TERMINATED: 2, CallStatus.COMPLETED: 1} if waiting else {}
    assert counts == expected


async def test_a_stop_leaves_more_calls_than_a_request_may_end_to_the_control_worker(
    sessions, campaign, monkeypatch
):
    monkeypatch.setattr("app.runs.stopping.MOST_AT_ONCE", 2)
    monkeypatch.setattr(stopping, "CHUNK", 2)
    async with sessions.begin() as session:
        run = await make_run(session, campaign)
        await make_calls(session, run, [CallStatus.QUEUED] * 3)
    async with sessions.begin() as session:
        stopped = await service.stop(session, campaign.account_id, campaign.id, now=NOW)
        assert stopped.state is RunState.STOPPING
    await stopping.end_queued(sessions, run.id, NOW)
    async with sessions.begin() as session:
        assert await finishing.finish_runs(session, NOW) == [run.id]


async def test_a_stop_and_claims_at_once_leave_no_call_behind(engine, sessions):
    async with sessions.begin() as session:
        campaign = await make_campaign(session, 40)
        run = await make_run(session, campaign, fanout_done_at=NOW)
        line = await make_line(session, places=100)
        await make_calls(session, run, [CallStatus.QUEUED] * 40)

    async def claim_some():
        async with engine.begin() as connection:
            await claim(connection, line_id=line.id, run_id=run.id, calls=3, now=NOW)

    async def stop():
        async with sessions.begin() as session:
            return (await service.stop(session, campaign.account_id, campaign.id, now=NOW)).state

    *_, state = await asyncio.gather(*(claim_some() for _ in range(4)), stop())
    async with sessions() as session:
        counts = (await RunRepository(session).counts([run.id]))[run.id]
    held = counts.get(CallStatus.CLAIMED, 0)
    assert (state is RunState.TERMINATED) == (held == 0)
    if state is RunState.TERMINATED:
        assert counts == {CallStatus.TERMINATED: 40}


async def test_a_stop_during_the_fan_out_leaves_no_call_behind(sessions, campaign):
    run = await begin(sessions, campaign.id)
    async with sessions.begin() as session:
        await session.execute(update(Run).values(state=RunState.RUNNING))
    async with sessions() as session:
        await session.execute(text("SELECT 1 FROM runs FOR UPDATE"))
        chunk = asyncio.create_task(fan_out.fan_out_chunk(sessions, run.id, NOW))
        await service.stop(session, campaign.account_id, campaign.id, now=NOW)
        await session.commit()
    assert await chunk is False
    async with sessions() as session:
        assert await session.scalar(select(func.count()).select_from(Call)) == 0


async def test_a_run_whose_calls_all_ended_is_completed(sessions, campaign):
    async with sessions.begin() as session:
        run = await make_run(session, campaign, fanout_done_at=NOW)
        await make_calls(session, run, [CallStatus.COMPLETED] * 4 + [CallStatus.ANSWERED])
        assert await finishing.finish_runs(session, NOW) == []
        await session.execute(update(Call).values(status=CallStatus.COMPLETED))
        assert await finishing.finish_runs(session, NOW) == [run.id]


async def test_a_run_whose_fan_out_goes_on_is_not_completed(sessions, campaign):
    async with sessions.begin() as session:
        run = await make_run(session, campaign)
        await make_calls(session, run, [CallStatus.COMPLETED])
        assert await finishing.finish_runs(session, NOW) == []


async def test_another_accounts_run_does_not_exist(sessions, campaign):
    async with sessions.begin() as session:
        await make_run(session, campaign)
        stranger = await make_account(session)
        with pytest.raises(ConflictError) as raised:
            await service.stop(session, stranger.id, campaign.id, now=NOW)
    assert code_of(raised) == "no_active_run"


async def add_recipient(sessions, campaign, number):
    async with sessions.begin() as session:
        session.add(Recipient(campaign_id=campaign.id, number=number, national=number))
        await session.execute(update(Campaign).values(recipient_count=Campaign.recipient_count + 1))


async def test_who_is_added_before_a_scheduled_run_starts_is_called_and_who_comes_later_is_not(
    sessions, campaign, monkeypatch
):
    monkeypatch.setattr(fan_out, "FIRST_CHUNK", 2)
    later = NOW + timedelta(hours=1)
    run = await begin(sessions, campaign.id, BeginOrder(Content(message="नमस्ते"), schedule_date=later))
    await add_recipient(sessions, campaign, "+9779841000001")
    write_chunk = fan_out.fan_out_chunk

    async def interrupted(*arguments):
        more = await write_chunk(*arguments)
        if more:
            await add_recipient(sessions, campaign, "+9779841000002")
        return more

    monkeypatch.setattr(starting, "fan_out_chunk", interrupted)
    await starting.advance(sessions, run.id, later)
    async with sessions() as session:
        numbers = select(Recipient.number).join(Call, Call.recipient_id == Recipient.id)
        reached = set(await session.scalars(numbers))
        assert len(reached) == (await session.get(Run, run.id)).recipients == 6
    assert "+9779841000001" in reached
    assert "+9779841000002" not in reached
