"""The SIP carrier: calls over one trunk, by the baresip stack.

Facts that shape it, all measured on baresip-python 0.5.2a3:

- A user agent holds at most 255 calls.
- 250 hang-ups at once time out. Sent one after another they take 27 ms each (the stack waits for the call's audio
  thread), so a line hangs up some 35 calls a second.
- One stack lives in a process. After a clean close another can be started; after a death none can.
- The Call-ID cannot be chosen; the call's own id travels as ``X-Tingting-Call``.
- A 200 that is repeated because our ACK was lost gets an empty datagram instead of a second ACK. Such a peer hangs
  up when it gives up on the ACK, 32 s after it answered (RFC 3261, 13.3.1.4): longer messages end there. Over TCP no
  ACK is lost.
"""

import asyncio
import contextlib
from collections.abc import Sequence

from baresip import (
    Account,
    BaresipError,
    Call,
    CallState,
    CommandTimeout,
    Event,
    Runtime,
    RuntimeDead,
    StackEvent,
    StaleHandleError,
    UserAgent,
)

from app.carriers import sip_options
from app.carriers.carrier import Cause, Dial
from app.carriers.sip_call import PROVISIONAL_S, SipCall
from app.carriers.sip_playback import Feeder
from app.carriers.sip_stack import start_stack
from app.carriers.sip_trunk import SipSettings, dialled, local_address, parse_trunk, require_local
from app.core.logging import get_logger

__all__ = ["SipCarrier", "SipSettings"]

RETRY_S = 0.3
HANGUP_TRIES = 20
CLOSE_S = 30.0
LINGER_S = 0.5
"""RFC 3261's T1: time for a BYE or a CANCEL to be answered, or sent once more, before the stack goes."""

_HEARD = frozenset({Event.CALL_RINGING, Event.CALL_PROGRESS, Event.CALL_ESTABLISHED})
"""What shows that the other side has answered an INVITE, if only provisionally."""

_log = get_logger(__name__)


class SipCarrier:
    """A `Carrier` on one SIP trunk.

    Attributes:
        dead: set when the stack died. Every call has then ended with `Cause.ERROR`; only a new process helps.
    """

    def __init__(self, settings: SipSettings) -> None:
        self.settings = settings
        self.dead = asyncio.Event()
        self.feeder = Feeder()
        self._trunk = parse_trunk(settings.trunk)
        self._proxy = ""
        self._address = ""
        self._runtime = Runtime()
        self._agents: dict[str, UserAgent] = {}
        self._agents_lock = asyncio.Lock()
        self._calls: set[SipCall] = set()
        self._by_handle: dict[int, SipCall] = {}
        self._strays: dict[int, list[StackEvent]] = {}
        self._dialling = 0
        self._heard_at = float("-inf")
        self._endings: asyncio.Queue[SipCall | Call] = asyncio.Queue()
        self._hanger: asyncio.Task[None] | None = None
        self._idle = asyncio.Event()
        self._idle.set()
        self._closing = False

    # -- the Carrier protocol -------------------------------------------------------------------------------

    async def start(self) -> None:
        """Bring the stack up.

        Raises:
            OSError: the trunk's name is unknown, no route leads to it, or the local address is not ours.
            BaresipError: the stack cannot start, or one runs in this process already.
            ValueError: a setting that the stack's parser cannot carry, such as a quote in the password.
        """
        ours, loopback = await local_address(self._trunk)
        address = self.settings.address or ours
        require_local(address)
        self._address = address
        self._proxy = self._trunk.proxy(loopback)
        self._runtime.on_dead = self._died
        await start_stack(self._runtime, self.settings, address)
        try:
            self._runtime.subscribe(self._on_stack)
            self.feeder.start()
            self._hanger = asyncio.get_running_loop().create_task(self._hang_up_in_turn(), name="sip-hangups")
            await self._agent(self.settings.user)
        except BaseException:
            await self.close()
            raise
        _log.info("sip_carrier_started", trunk=self.settings.trunk, address=address)

    async def place(self, dial: Dial) -> SipCall:
        """Start one call. What goes wrong from here on arrives as `Ended`."""
        call = SipCall(dial, self)
        self._calls.add(call)
        self._idle.clear()
        try:
            number = dialled(dial.number, self.settings.dial_format)
            user = dialled(dial.caller, self.settings.dial_format) if dial.caller else self.settings.user
        except ValueError as error:
            call.fail(Cause.NO_ROUTE, str(error))
            return call
        if self._closing or self.dead.is_set() or len(self._calls) > self.settings.places:
            call.fail(Cause.ERROR, "the carrier is closed or full")
            return call
        await self._dial(call, number, user)
        return call

    async def ask_trunk(self) -> str:
        """What the trunk answers to OPTIONS; `TimeoutError` or `OSError` when nothing does."""
        return await sip_options.ask(self._trunk, self._address, self.settings.user)

    async def close(self) -> None:
        """Hang up what is left, one call after another, and release the stack."""
        self._closing = True
        for call in tuple(self._calls):
            call.hangup()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(CLOSE_S):
                await self._idle.wait()
        for call in tuple(self._calls):
            call.fail(Cause.ERROR, "not ended when the carrier closed")
        if not self.dead.is_set():
            await asyncio.sleep(LINGER_S)
        await self.feeder.close()
        if self._hanger is not None:
            self._hanger.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._hanger
        try:
            await self._runtime.close()
        except BaresipError as error:
            _log.error("sip_stack_did_not_close", error=str(error))

    # -- what a call needs (sip_call.Line) ------------------------------------------------------------------

    def end(self, call: SipCall) -> None:
        """Hang the call up when its turn comes."""
        if call.native is not None:
            self._endings.put_nowait(call)

    def heard_since(self, moment: float) -> bool:
        """Whether the trunk has answered any call since `moment`."""
        return self._heard_at >= moment

    def forget(self, call: SipCall) -> None:
        """The call is over: its place is free."""
        self._calls.discard(call)
        if call.native is not None:
            self._by_handle.pop(call.native.handle, None)
        if not self._calls:
            self._idle.set()

    # -- dialling -------------------------------------------------------------------------------------------

    async def _dial(self, call: SipCall, number: str, user: str) -> None:
        target = f"sip:{number}@{self._trunk.domain};transport={self._trunk.transport}"
        self._dialling += 1
        try:
            agent = await self._agent(user)
            native = await agent.dial(target, headers={"X-Tingting-Call": str(call.dial.uuid)})
        except (CommandTimeout, RuntimeDead) as error:
            # The INVITE may be on its way all the same; `_on_stack` hangs up what nobody owns.
            call.fail(Cause.ERROR, str(error))
        except (BaresipError, ValueError) as error:
            call.fail(Cause.NO_ROUTE, str(error))
        else:
            self._adopt(call, native)
        finally:
            self._dialling -= 1
            if not self._dialling:
                self._drop_strays()

    def _adopt(self, call: SipCall, native: Call) -> None:
        missed = self._strays.pop(native.handle, [])
        if call.ended is not None:
            self._end_unowned(native, missed)
            return
        self._by_handle[native.handle] = call
        call.adopt(native)
        for event in missed:
            # The stack reports from its own thread: a fast answer can be here before `dial` returns. The
            # library's object has missed it as well, and would stay subscribed for ever without its end.
            native._on_stack_event(event)  # noqa: SLF001
            self._route(call, event)

    async def _agent(self, user: str) -> UserAgent:
        """The user agent that calls as `user`; made once and kept (the stack cannot remove one)."""
        async with self._agents_lock:
            if user not in self._agents:
                account = Account(
                    user=user,
                    domain=self._trunk.domain,
                    password=self.settings.password,
                    registrar=self._proxy,
                    reg_interval=0,
                    transport=self._trunk.transport,
                    audio_codecs=self.settings.codecs,
                    auth_user=self.settings.auth_user or self.settings.user,
                    # A redirect or a transfer would let whoever answers choose whom we call, at our cost.
                    extra_params=("sip_autoredirect=no",),
                )
                self._agents[user] = await UserAgent.create(self._runtime, account, transfer_policy="reject")
            return self._agents[user]

    # -- the stack's events ---------------------------------------------------------------------------------

    def _on_stack(self, event: StackEvent) -> None:
        call = self._by_handle.get(event.call)
        if call is not None:
            self._route(call, event)
        elif event.event is Event.CALL_INCOMING:
            # We place calls; whoever calls us finds a busy line.
            self._endings.put_nowait(self._unowned(event))
        elif event.call and self._dialling:
            self._strays.setdefault(event.call, []).append(event)
        elif event.event in _HEARD:
            _log.warning("unowned_call_hung_up", call_id=event.call_id)
            self._endings.put_nowait(self._unowned(event))

    def _route(self, call: SipCall, event: StackEvent) -> None:
        refused = event.event is Event.CALL_CLOSED and (event.text or "")[:3].isdigit()
        if event.event in _HEARD or refused:
            self._heard_at = asyncio.get_running_loop().time()
        call.on_stack(event)

    def _drop_strays(self) -> None:
        """No dial is under way: calls that are still without an owner came from a dial that timed out."""
        strays, self._strays = self._strays, {}
        for events in strays.values():
            if all(event.event is not Event.CALL_CLOSED for event in events):
                self._end_unowned(self._unowned(events[0]), events)

    def _end_unowned(self, native: Call, events: Sequence[StackEvent]) -> None:
        """Hang up what nobody follows; when nothing was heard of it yet, as early as a CANCEL can leave."""
        if any(event.event in _HEARD for event in events):
            self._endings.put_nowait(native)
        else:
            asyncio.get_running_loop().call_later(PROVISIONAL_S, self._endings.put_nowait, native)

    def _unowned(self, event: StackEvent) -> Call:
        return Call(self._runtime, handle=event.call, ua_handle=event.ua, state=CallState.OUTGOING)

    def _died(self) -> None:
        _log.critical("sip_stack_died", calls=len(self._calls))
        self.dead.set()
        for call in tuple(self._calls):
            call.fail(Cause.ERROR, "the SIP stack died")

    # -- hanging up -----------------------------------------------------------------------------------------

    async def _hang_up_in_turn(self) -> None:
        while True:
            ending = await self._endings.get()
            if isinstance(ending, SipCall) and ending.ended is not None:
                continue
            native = ending.native if isinstance(ending, SipCall) else ending
            taken = native is not None and await self._hang_up(native)
            if not isinstance(ending, SipCall):
                continue
            if taken:
                ending.hangup_sent()
            else:
                ending.fail(Cause.ERROR, "the stack would not hang up")

    async def _hang_up(self, native: Call) -> bool:
        """Hang one call up; False when the stack could not be made to."""
        for _ in range(HANGUP_TRIES):
            try:
                await native.hangup()
            except StaleHandleError:
                return True  # the callee closed first; its event is here or on its way
            except RuntimeDead:
                return False
            except BaresipError as error:
                _log.warning("hangup_tried_again", error=str(error))
                await asyncio.sleep(RETRY_S)
            else:
                return True
        return False
