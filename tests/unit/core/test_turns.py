"""Turns are fair between accounts."""

import asyncio

import pytest

from app.core.errors import ThrottledError
from app.core.turns import Turns

ASHA, BIKASH = 1, 2


class Work:
    """Requests that hold their turn until they are told to end."""

    def __init__(self, turns: Turns) -> None:
        self.turns, self.running, self.tasks = turns, [], []
        self.ends: list[asyncio.Event] = []

    def ask(self, account: int) -> None:
        self.tasks.append(asyncio.create_task(self._hold(account)))

    async def _hold(self, account: int) -> None:
        async with self.turns.of(account):
            end = asyncio.Event()
            self.running.append(account)
            self.ends.append(end)
            await end.wait()
            self.running.remove(account)

    async def end_first(self) -> None:
        self.ends.pop(0).set()
        await settled()


async def settled() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


async def test_one_that_asks_a_hundred_times_does_not_keep_another_waiting():
    work = Work(Turns(2, lined_up=200))
    for _ in range(100):
        work.ask(ASHA)
    work.ask(BIKASH)
    await settled()
    assert work.running == [ASHA, BIKASH]
    for task in work.tasks:
        task.cancel()


async def test_where_there_is_one_turn_accounts_have_it_alternately():
    work = Work(Turns(1))
    for _ in range(3):
        work.ask(ASHA)
    for _ in range(2):
        work.ask(BIKASH)
    order = []
    for _ in range(5):
        await settled()
        order += work.running
        await work.end_first()
    assert order == [ASHA, BIKASH, ASHA, BIKASH, ASHA]
    assert work.turns._lines == {}


async def test_who_has_too_many_lined_up_is_told_when_to_come_back():
    work = Work(Turns(1, lined_up=3))
    for _ in range(3):
        work.ask(ASHA)
    await settled()
    with pytest.raises(ThrottledError) as refused:
        async with work.turns.of(ASHA):
            pass
    assert refused.value.items[0].code == "too_many_at_once"
    assert refused.value.retry_after > 0
    for task in work.tasks:
        task.cancel()


async def test_a_request_that_is_given_up_while_it_waits_leaves_nothing():
    work = Work(Turns(1))
    work.ask(ASHA)
    work.ask(ASHA)
    await settled()
    work.tasks[1].cancel()
    await settled()
    await work.end_first()
    assert work.turns._lines == {}
