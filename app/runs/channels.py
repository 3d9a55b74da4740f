"""On which channels a run reaches its recipients."""

from app.calls.state import Channel
from app.campaigns.content import Content
from app.campaigns.rules import BOTH, SMS


def channels_of(content: Content) -> list[Channel]:
    """The channels of every recipient; with a failover the text is sent to some, after their call."""
    if content.services == SMS:
        return [Channel.SMS]
    at_once = content.services == BOTH and content.failover is None
    return [Channel.VOICE, Channel.SMS] if at_once else [Channel.VOICE]
