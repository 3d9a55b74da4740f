"""The policy that says what follows the end of a call.

`app.calls.steps` applies it in the statement that ends the call, so that neither a crash nor the end of the run can
come between. Source of the rules: the API contract, `failover_target`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

from app.calls.state import TERMINAL, CallStatus, Channel


@dataclass(frozen=True, slots=True)
class End:
    """The end of a call or message, with what its run says of it.

    Attributes:
        channel: how the recipient was reached for.
        status: how it ended.
        asked: the run writes to those whose call ends in this status.
        goes_on: the run runs or is paused; one that was stopped starts nothing more.
    """

    channel: Channel
    status: CallStatus
    asked: bool
    goes_on: bool


@dataclass(frozen=True, slots=True)
class Retry:
    """The recipient is called once more. No rule asks for it: a run makes one attempt."""


@dataclass(frozen=True, slots=True)
class Text:
    """The recipient is sent the text that stands in for the call."""


@dataclass(frozen=True, slots=True)
class Nothing:
    """That was all."""


def after(ended: End) -> Retry | Text | Nothing:
    """What follows this end; total over all of them.

    A text stands in for a call, and never for another text. Who was terminated is not written to, for a stop starts
    nothing.
    """
    if ended.channel is not Channel.VOICE or ended.status is CallStatus.TERMINATED:
        return Nothing()
    return Text() if ended.asked and ended.goes_on else Nothing()


def every_end() -> Iterator[End]:
    """All that `after` may be asked."""
    for channel, status, asked, goes_on in product(Channel, sorted(TERMINAL), (False, True), (False, True)):
        yield End(channel, status, asked, goes_on)


def may_be_followed(status: CallStatus) -> bool:
    """Whether there is a call whose step to this status is followed by something."""
    return any(after(end) != Nothing() for end in every_end() if end.status is status)
