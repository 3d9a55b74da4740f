"""One SIP call: what the stack reports about it, turned into the carrier's events."""

import asyncio
import errno
import re
from collections.abc import AsyncIterator, Callable
from typing import Protocol

from baresip import Call, Event, StackEvent

from app.carriers.carrier import SAMPLE_RATE, Answered, Cause, Dial, Ended, Ringing
from app.carriers.carrier import Event as CarrierEvent
from app.carriers.sip_playback import Feeder, Playback
from app.core.metrics import STARVED_FRAMES

TAIL_S = 0.2
"""Between the last sample and our BYE: a callee's jitter buffer holds 60–200 ms, and a BYE cuts it off."""
MEDIA_UP_S = 5.0
"""How long an answered call may take to get media."""
STALLED_S = 30.0
"""How long an answered call may take no audio (put on hold, say) before it counts as lost."""
CLOSE_S = 5.0
"""How long the stack may take to report the end that we asked for."""
PROVISIONAL_S = 2.0
"""How long after its INVITE a call that is to end is left alone, unless it was heard of before.

A CANCEL must wait for a provisional response (RFC 3261, 9.1). The stack forgets a call that had none and sends no
CANCEL later, so that the phone rings on. It does not show us a 100; a trunk that is there says it within 0.2 s
(17.2.1), and a lost INVITE goes again after 0.5 and 1.5 s.
"""
UNHEARD_S = 33.0
"""RFC 3261's Timer B and a second: an INVITE still under way by then was answered, with a 100 at the least."""
PACKET_MS = 20
MOST_DIGITS = 64

_RTP_TIMEOUT = "rtp stream error"  # the stack's only word for it; `rtp_timeout` in its configuration
_STATUS = re.compile(r"(\d{3})(?: |$)")
_ERRNO = re.compile(r"\[(\d+)\]$")
_UNREACHABLE = frozenset(
    {
        errno.ETIMEDOUT,
        errno.ECONNREFUSED,
        errno.ECONNRESET,
        errno.ECONNABORTED,
        errno.EHOSTUNREACH,
        errno.ENETUNREACH,
        errno.EADDRNOTAVAIL,
        errno.EPIPE,
        errno.ENOENT,
        errno.EDESTADDRREQ,
        errno.ENOTCONN,
    }
)


class Line(Protocol):
    """What a call needs from its carrier."""

    feeder: Feeder

    def end(self, call: "SipCall") -> None:
        """Have the call hung up, when its turn comes."""
        ...

    def heard_since(self, moment: float) -> bool:
        """Whether the trunk has answered anything at all since that moment of the loop's clock."""
        ...

    def forget(self, call: "SipCall") -> None:
        """The call is over."""
        ...


class SipCall:
    """A call under way; the `CallHandle` of the SIP carrier.

    Whoever decides first that the call ends (all played, stopped, rang out, lost) decides its cause; what the
    stack reports afterwards only closes it.
    """

    def __init__(self, dial: Dial, line: Line) -> None:
        self.dial = dial
        self.native: Call | None = None
        self.ended: Ended | None = None
        self._line = line
        self._loop = asyncio.get_running_loop()
        self._queue: asyncio.Queue[CarrierEvent] = asyncio.Queue()
        self._timers: list[asyncio.TimerHandle] = []
        self._placed_at = self._invited_at = self._loop.time()
        self._established_at: float | None = None
        self._rang = False
        self._answer_told = False
        self._cause: Cause | None = None
        self._digits = ""
        self._playback: Playback | None = None
        self._finishing = False

    # -- for the caller of the carrier ----------------------------------------------------------------------

    async def events(self) -> AsyncIterator[CarrierEvent]:
        """What happens, in order; ends after `Ended`. To be read once."""
        while True:
            event = await self._queue.get()
            yield event
            if isinstance(event, Ended):
                return

    def hangup(self) -> None:
        """Ask for the end. Harmless at any time and any number of times."""
        self._decide(Cause.STOPPED)

    # -- for the carrier ------------------------------------------------------------------------------------

    def adopt(self, native: Call) -> None:
        """The INVITE is on its way as `native`; the ring timeout runs from now."""
        self.native = native
        self._invited_at = self._loop.time()
        if self._cause is not None:
            self._hang_up()
            return
        self._later(self.dial.ring_timeout_s, self._rang_out)

    def on_stack(self, event: StackEvent) -> None:
        """Take one of the stack's events about this call."""
        if self.ended is not None:
            return
        match event.event:
            case Event.CALL_RINGING:
                self._ringing(180)
            case Event.CALL_PROGRESS:
                self._ringing(183)
            case Event.CALL_ESTABLISHED:
                self._established()
            case Event.CALL_DTMF_START if event.text and len(self._digits) < MOST_DIGITS:
                self._digits += event.text[0]
            case Event.CALL_CLOSED:
                self._closed(event.text or "", int(event.stats.get("tx", {}).get("packets", 0)))

    def hangup_sent(self) -> None:
        """The stack took our hang-up; should it never report the end, the call is ended all the same."""
        self._later(CLOSE_S, self._given_up)

    def fail(self, cause: Cause, detail: str) -> None:
        """End the call without the stack: it never took it, or it died."""
        self._finish(self._cause or cause, None if not self._established_at else 200, 0, detail)

    # -- the call's life ------------------------------------------------------------------------------------

    def _ringing(self, status: int) -> None:
        """Networks say it several times: a 183, a 180, and each again for an INVITE that is sent again."""
        if self._rang or self._established_at is not None:
            return
        self._rang = True
        if self._cause is None:
            self._queue.put_nowait(Ringing(status))
        else:
            self._hang_up()

    def _established(self) -> None:
        if self._established_at is not None:
            return
        self._established_at = self._loop.time()
        if self._cause is not None:
            # The 200 crossed our CANCEL: the stack has acknowledged it, and it must not stay open.
            self._hang_up()
            return
        if self.native is None:
            return
        self._playback = Playback(self.native.audio, memoryview(self.dial.audio))
        self._line.feeder.add(self._tick, self._broken)
        self._tick(self._established_at)

    def _tick(self, now: float) -> None:
        if self._playback is None or self._established_at is None or self._cause is not None:
            return
        left = self._playback.feed(now)
        moved_at = self._playback.moved_at
        if moved_at and not self._answer_told:
            self._answer_told = True
            self._queue.put_nowait(Answered())
        if left is not None:
            self._finish_playing(left)
        elif now - (moved_at or self._established_at) > (STALLED_S if moved_at else MEDIA_UP_S):
            self._decide(Cause.MEDIA_LOST)

    def _finish_playing(self, left: float) -> None:
        if left <= 0:
            self._line.feeder.discard(self._tick)
            self._cause = Cause.PLAYED
            self._later(TAIL_S, self._hang_up)
        elif not self._finishing:
            self._finishing = True
            self._later(left, self._look_again)

    def _broken(self) -> None:
        self._decide(Cause.ERROR)

    def _look_again(self) -> None:
        self._finishing = False
        self._tick(self._loop.time())

    def _hang_up(self) -> None:
        """Have the stack hang up, as soon as a CANCEL or a BYE can leave."""
        heard = self._rang or self._established_at is not None
        early = self._invited_at + PROVISIONAL_S - self._loop.time()
        if heard or early <= 0:
            self._line.end(self)
        else:
            self._later(early, self._hang_up)

    def _rang_out(self) -> None:
        if self._established_at is not None:
            return
        # Without a ringing tone it may be that nobody is there at all. The stack does not show us a 100, so the
        # trunk counts as alive when it has answered any call of this line in the meantime.
        heard = self._rang or self._loop.time() - self._placed_at > UNHEARD_S
        alive = heard or self._line.heard_since(self._placed_at)
        self._decide(Cause.RING_TIMEOUT if alive else Cause.NO_ROUTE)

    def _decide(self, cause: Cause) -> None:
        if self._cause is None and self.ended is None:
            self._cause = cause
            self._line.feeder.discard(self._tick)
            if self._playback is not None:
                self._playback.stop(self._loop.time())
            self._hang_up()

    def _given_up(self) -> None:
        self.fail(Cause.ERROR, "the stack never reported the end")

    # -- the end --------------------------------------------------------------------------------------------

    def _closed(self, text: str, packets: int) -> None:
        if self._cause is not None:
            text = ""  # we ended it; the stack's words ("Rejected by user") are about our hanging up
        if self._established_at is not None:
            self._finish(self._cause or _why_closed(text), 200, packets, text)
            return
        status = _STATUS.match(text)
        if self._cause is not None:
            sip_status = None if self._cause is Cause.NO_ROUTE else 487
            self._finish(self._cause, sip_status, 0, text)
        elif status is not None and int(status[1]) >= 300:
            self._finish(Cause.REJECTED, int(status[1]), 0, text)
        else:
            self._finish(Cause.NO_ROUTE if _errno(text) in _UNREACHABLE else Cause.ERROR, None, 0, text)

    def _finish(self, cause: Cause, sip_status: int | None, packets: int, detail: str) -> None:
        if self.ended is not None:
            return
        now = self._loop.time()
        self._line.feeder.discard(self._tick)
        for timer in self._timers:
            timer.cancel()
        if self._playback is not None:
            STARVED_FRAMES.inc(self._playback.starved_frames)
        answered_ms = int((now - self._established_at) * 1000) if self._established_at is not None else 0
        self.ended = Ended(
            cause=cause,
            sip_status=sip_status,
            played_ms=self._played_ms(now, packets),
            digits=self._digits,
            sip_call_id=self.native.call_id if self.native else None,
            packets_sent=packets,
            answered_ms=answered_ms,
            detail=detail,
        )
        self._queue.put_nowait(self.ended)
        self._line.forget(self)

    def _played_ms(self, now: float, packets: int) -> int:
        """Audio that left, never more than the packets that carried it (when the stack has counted them)."""
        if self._playback is None:
            return 0
        played = self._playback.played_bytes(now) * 1000 // (SAMPLE_RATE * 2)
        return min(played, packets * PACKET_MS) if packets else played

    def _later(self, delay_s: float, then: Callable[[], None]) -> None:
        self._timers.append(self._loop.call_later(delay_s, then))


def _errno(text: str) -> int | None:
    """The system's error number at the end of the stack's close text, such as ``… timed out [110]``."""
    number = _ERRNO.search(text)
    return int(number[1]) if number else None


def _why_closed(text: str) -> Cause:
    """Why an answered call closed by itself. The stack reports a BYE as ECONNRESET, or by its Reason header."""
    if text == _RTP_TIMEOUT:
        return Cause.MEDIA_LOST
    return Cause.REMOTE_HANGUP if _errno(text) in (None, errno.ECONNRESET) else Cause.ERROR
