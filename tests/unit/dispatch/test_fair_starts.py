import asyncio

from hypothesis import given
from hypothesis import strategies as st

from app.dispatch.fair_starts import FairTurns


class Work:
    """Turns that last until they are told to end, in the order in which they were let in."""

    def __init__(self, turns):
        self.turns = turns
        self.let_in = []
        self.ends = {}
        self.tasks = {}

    def ask(self, account, name):
        self.ends[name] = asyncio.Event()
        self.tasks[name] = asyncio.create_task(self._turn(account, name))

    async def _turn(self, account, name):
        async with self.turns.turn(account):
            self.let_in.append(name)
            await self.ends[name].wait()

    async def end(self, name):
        self.ends[name].set()
        await self.tasks[name]
        await settle()


async def settle():
    for _ in range(5):
        await asyncio.sleep(0)


async def test_an_accounts_thousand_starts_leave_the_next_turn_to_another():
    work = Work(FairTurns(at_once=2, of_one=2))
    for n in range(1000):
        work.ask(1, f"many {n}")
    await settle()
    work.ask(2, "other")
    await settle()
    assert work.let_in == ["many 0", "many 1"]
    await work.end("many 0")
    assert work.let_in[2:] == ["many 2"], "it had asked before the other came"
    await work.end("many 1")
    assert work.let_in[3:] == ["other"]
    for task in work.tasks.values():
        task.cancel()


async def test_one_account_never_has_all_turns():
    work = Work(FairTurns(at_once=4, of_one=2))
    for n in range(10):
        work.ask(1, f"many {n}")
    work.ask(2, "other")
    await settle()
    assert work.let_in == ["many 0", "many 1", "other"]
    for task in work.tasks.values():
        task.cancel()


@given(st.lists(st.tuples(st.integers(1, 3), st.booleans()), max_size=30))
async def test_turns_that_are_cancelled_waiting_or_working_are_given_on(asked):
    work = Work(FairTurns(at_once=2, of_one=1))
    for name, (account, _) in enumerate(asked):
        work.ask(account, name)
    await settle()
    for name, (_, cancelled) in enumerate(asked):
        if cancelled:
            work.tasks[name].cancel()
            await settle()
        else:
            work.ends[name].set()
    await asyncio.wait_for(asyncio.gather(*work.tasks.values(), return_exceptions=True), 5)
    kept = {name for name, (_, cancelled) in enumerate(asked) if not cancelled}
    assert kept <= set(work.let_in)
