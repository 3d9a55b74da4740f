"""How fast messages are submitted. Pure policy."""

_SLOWEST_SHARE = 1 / 64
_RECOVERY_SHARE = 1 / 50
_SLOWER = 0.7
_PAUSE_S = 1.0


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

    def reserve(self, now: float) -> float:
        """Book the next submit; seconds to wait before it. `now` is on a monotonic clock."""
        at = max(now, self._next)
        self._next = at + 1 / self.now_rate
        return at - now

    def throttled(self, now: float) -> None:
        """The centre was too busy: lower the rate, once a second at most, since a window of refusals is one event."""
        if self._slowed_at is None or now - self._slowed_at >= _PAUSE_S:
            self._slowed_at = now
            self.now_rate = max(self.rate * _SLOWEST_SHARE, self.now_rate * _SLOWER)
        self._next = max(self._next, now + _PAUSE_S)

    def accepted(self) -> None:
        """The centre took one: back to the full rate within fifty of them."""
        self.now_rate = min(self.rate, self.now_rate + self.rate * _RECOVERY_SHARE)
