"""When a message that its centre put off is tried again. Pure policy."""

from datetime import datetime, timedelta

FIRST_PAUSE = timedelta(seconds=5)
LONGEST_PAUSE = timedelta(hours=1)
SHARE_OF_VALIDITY = 1 / 20
"""A first pause is no longer than this share, for messages that are valid for a minute."""


def next_try(now: datetime, *, gives_up_at: datetime, validity: timedelta, spread: float) -> datetime:
    """When to try next: after as long again as it has been tried, from five seconds to an hour.

    The pauses double: 5 s, 5 s, 10 s, 20 s, … An inbox that is full for a day costs some 35 submits.

    Args:
        now: when it was put off.
        gives_up_at: when its validity ends.
        validity: how long it was valid in all.
        spread: 0 to 1, by chance: messages that were put off together do not come back together.
    """
    tried_for = validity - (gives_up_at - now)
    first = min(FIRST_PAUSE, validity * SHARE_OF_VALIDITY)
    pause = min(max(tried_for, first), LONGEST_PAUSE)
    return now + pause * (0.9 + 0.2 * spread)
