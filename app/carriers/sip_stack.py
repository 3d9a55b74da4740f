"""How the baresip stack is set up: its configuration, and how the kernel runs its threads."""

from baresip import Config, Runtime

from app.carriers.sip_trunk import SipSettings, bound
from app.core.threads import modest_threads

RTP_PORTS = "10000-30000"
"""Below the range from which Linux gives out ports to others (32768–60999)."""
NO_JITTER_BUFFER = "audio_jitter_buffer_type off"
"""What comes in is counted, looked at for keys and thrown away. To put it in order first took half of the time of the
thread that all calls share, for its timers lie in one list."""
SLACK_S = 0.005
"""How late a thread of the stack may wake: a quarter of a packet's time.

Each call's sender looks every 4 ms whether a packet is due. With 200 calls that is 47,000 wakings a second, half of the
stack's processor time. Woken together they cost a third less in all, and packets leave more evenly than from threads
that crowd each other out (99 of 100 gaps between packets: 30 ms at most, and not 46). With few calls, where none did,
gaps are 16 to 25 ms instead of 16 to 22; a phone evens out some 40 and more.
"""
NICE = 5
"""How far the stack's threads, three for each call, stand behind the line's own, which feeds them all.

As one among 600 on a machine that has too little for them, it was kept waiting for more than a second, and calls fell
silent; with this they did not. Beside two programs that take all they can get, 100 calls lost nothing by it.
"""


async def start_stack(runtime: Runtime, settings: SipSettings, address: str) -> None:
    """Start the stack on one of our addresses.

    Raises:
        BaresipError: it cannot start, or one runs in this process already.
        ValueError: a setting that its parser cannot carry.
    """
    lines = (f"sip_listen {bound(address)}", f"rtp_ports {RTP_PORTS}", NO_JITTER_BUFFER)
    config = Config(
        net_interface=address,
        max_concurrent_calls=settings.places + 16,
        rtp_timeout=settings.rtp_timeout_s,
        extra_config_text="\n".join(lines),
    )
    with modest_threads(slack_s=SLACK_S, nice=NICE):
        await runtime.start(config)
