"""When a message that its centre put off is tried again. Pure policy."""

from datetime import datetime, timedelta

FIRST_PAUSE = timedelta(seconds=5)
LONGEST_PAUSE = timedelta(hours=1)
FIRST_SHARE, LONGEST_SHARE = 1 / 20, 1 / 10
"""No pause is longer than these shares of the validity. A message that is valid for a minute has its tries too, and one
whose try came late, since its line died or others went first, is not made to wait for as long again."""


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
    first = min(FIRST_PAUSE, validity * FIRST_SHARE)
    pause = min(max(tried_for, first), LONGEST_PAUSE, validity * LONGEST_SHARE)
    return now + pause * (0.9 + 0.2 * spread)
