"""How fast messages are submitted. Pure policy."""

_SLOWEST_SHARE = 1 / 64
_RECOVERY_SHARE = 1 / 50
_SLOWER = 0.7
_PAUSE_S = 1.0
_MANY = 10
"""Refusals of so many messages in a row are about the session and not about each of their numbers."""
_TAKEN_WEIGHS = 0.5
"""A centre that throttles takes messages in between, as many as its limit. We are too fast when it refuses more than a
third; with one phone in five that has a full inbox we are not."""


class SubmitPace:
    """Even spacing at a rate that falls by a third when the centre is too busy, and recovers as it takes more.

    Args:
        rate: segments a second that the operator allows.
    """

    def __init__(self, rate: float) -> None:
        self.rate = rate
        self.now_rate = rate
        self._next = 0.0
        self._slowed_at: float | None = None
        self._in_a_row = 0
        self._throttled = 0.0

    def reserve(self, now: float) -> float:
        """Book the next submit; seconds to wait before it. `now` is on a monotonic clock."""
        at = max(now, self._next)
        self._next = at + 1 / self.now_rate
        return at - now

    def refused(self, now: float, *, throttled: bool) -> bool:
        """A message was refused for now that had not been refused before; slower when there are many of them.

        Args:
            now: on a monotonic clock.
            throttled: the centre said that it is our pace.

        Returns:
            Whether the rate was lowered: once a second at most, since a window of refusals is one event.
        """
        self._in_a_row += 1
        self._throttled += throttled
        if self._in_a_row < _MANY and self._throttled < _MANY:
            return False
        if self._slowed_at is not None and now - self._slowed_at < _PAUSE_S:
            return False
        self._slowed_at = now
        self._next = max(self._next, now + _PAUSE_S)
        self._throttled = 0.0
        self.now_rate = max(self.rate * _SLOWEST_SHARE, self.now_rate * _SLOWER)
        return True

    def accepted(self) -> None:
        """The centre took one: back to the full rate within fifty of them."""
        self._in_a_row = 0
        self._throttled = max(0.0, self._throttled - _TAKEN_WEIGHS)
        self.now_rate = min(self.rate, self.now_rate + self.rate * _RECOVERY_SHARE)
