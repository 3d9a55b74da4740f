"""Running a stack in the foreground: what `tingting up` does between the first line and Ctrl-C."""

import asyncio
import signal
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager

from app.core.spelling import command
from app.local.reach import describe
from app.local.stack import Stack

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

Print = Callable[[str], None]


async def run_stack(
    stack: Stack, tell: Print, client: Callable[[Stack], Awaitable[bool]] | None = None
) -> None:
    """Start `stack`, let `client` use it, stay until a stop signal, stop it.

    Args:
        stack: not started yet.
        tell: takes each line for the terminal.
        client: used once the stack is ready; its answer says whether to stay afterwards. None: stay.

    Raises:
        LocalError: when it cannot start, or a part gives up; everything is stopped first.
    """
    asked = asyncio.Event()
    with _stop_signals(asked, stack, tell):
        try:
            working = asyncio.ensure_future(_use(stack, tell, client, asked))
            asking = asyncio.ensure_future(asked.wait())
            await asyncio.wait((working, asking), return_when=asyncio.FIRST_COMPLETED)
            asking.cancel()
            if not working.done():
                working.cancel()
            await asyncio.gather(working, asking, return_exceptions=True)
            if not working.cancelled():
                working.result()
        finally:
            await stack.stop()


async def _use(
    stack: Stack, tell: Print, client: Callable[[Stack], Awaitable[bool]] | None, asked: asyncio.Event
) -> None:
    await stack.start()
    tell(f"Ready: {stack.address} – {describe(stack.settings)}.")
    if client is None:
        create = command("accounts create --email you@example.com")
        tell(f"The API is explained at {stack.address}/docs. Make an account: {create}")
    if client is None or await stack.unless_broken(client(stack)):
        await stack.unless_broken(asked.wait())


@contextmanager
def _stop_signals(asked: asyncio.Event, stack: Stack, tell: Print) -> Iterator[None]:
    """The first signal asks for an orderly stop, the second hangs up calls, the third ends everything at once."""
    steps = iter(
        (
            ("Stopping; calls in progress get up to 30 s. Ctrl-C again hangs them up.", asked.set),
            ("Hanging up calls in progress. Ctrl-C again kills what is left.", stack.hurry),
        )
    )

    def on_signal() -> None:
        words, act = next(steps, ("Killing what is left.", stack.kill))
        tell(words)
        act()

    loop = asyncio.get_running_loop()
    for number in _SIGNALS:
        loop.add_signal_handler(number, on_signal)
    try:
        yield
    finally:
        for number in _SIGNALS:
            loop.remove_signal_handler(number)
