"""On which channels a run reaches its recipients."""

from collections.abc import Sequence

from app.calls.state import Channel
from app.campaigns.rules import BOTH, SMS


def channels_of(services: str, failover: Sequence[int] | None) -> list[Channel]:
    """The channels of every recipient; with `failover` the text is sent to some, after their call."""
    if services == SMS:
        return [Channel.SMS]
    return [Channel.VOICE, Channel.SMS] if services == BOTH and failover is None else [Channel.VOICE]
