"""Asks a trunk by OPTIONS whether it is there (RFC 3261, 11), over a socket of our own beside the stack.

Any final answer counts, a refusal too: it shows that somebody answers. What the trunk can do is not asked.
"""

import asyncio
import secrets
import socket

from app.carriers.sip_trunk import Trunk, bracketed

T1_S = 0.5
"""RFC 3261, 17.1.2: the first wait before a request over UDP is sent again; it doubles up to T2."""
T2_S = 4.0
ASK_S = 8.0
"""Seconds after which no answer is none. The stack's own INVITE waits 32, but no phone waits for this one."""
_MOST_BYTES = 65_535


async def ask(trunk: Trunk, address: str, user: str) -> str:
    """The trunk's answer, such as ``200 OK``.

    Args:
        trunk: whom to ask.
        address: one of this machine's, from which the trunk's calls leave.
        user: user part of our From.

    Raises:
        OSError: the name is unknown, or the address refuses.
        TimeoutError: nothing answered within `ASK_S`.
    """
    loop = asyncio.get_running_loop()
    kind = socket.SOCK_STREAM if trunk.transport == "tcp" else socket.SOCK_DGRAM
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    found = await loop.getaddrinfo(trunk.host.strip("[]"), trunk.port or 5060, family=family, type=kind)
    async with asyncio.timeout(ASK_S):
        with socket.socket(family, kind) as ours:
            ours.setblocking(False)
            ours.bind((address, 0))
            await loop.sock_connect(ours, found[0][4])
            request = _request(trunk, address, ours.getsockname()[1], user)
            if kind is socket.SOCK_STREAM:
                return await _over_tcp(ours, request)
            return await _over_udp(ours, request)


def _request(trunk: Trunk, address: str, port: int, user: str) -> bytes:
    mark = secrets.token_hex(8)
    us = f"{bracketed(address)}:{port}"
    lines = (
        f"OPTIONS sip:{trunk.domain};transport={trunk.transport} SIP/2.0",
        f"Via: SIP/2.0/{trunk.transport.upper()} {us};branch=z9hG4bK{mark};rport",
        "Max-Forwards: 70",
        f"From: <sip:{user}@{trunk.domain}>;tag={mark}",
        f"To: <sip:{trunk.domain}>",
        f"Call-ID: {mark}@{bracketed(address)}",
        "CSeq: 1 OPTIONS",
        f"Contact: <sip:{user}@{us};transport={trunk.transport}>",
        "Accept: application/sdp",
        "Content-Length: 0",
    )
    return "\r\n".join((*lines, "", "")).encode("ascii")


async def _over_udp(ours: socket.socket, request: bytes) -> str:
    loop = asyncio.get_running_loop()
    wait = T1_S
    await loop.sock_sendall(ours, request)
    while True:
        try:
            async with asyncio.timeout(wait):
                answer = _final(await loop.sock_recv(ours, _MOST_BYTES))
        except TimeoutError:
            # The outer limit ends this: it is cancelled, and this one is not asked again.
            await loop.sock_sendall(ours, request)
            wait = min(2 * wait, T2_S)
            continue
        if answer is not None:
            return answer


async def _over_tcp(ours: socket.socket, request: bytes) -> str:
    loop = asyncio.get_running_loop()
    await loop.sock_sendall(ours, request)
    got = b""
    while True:
        piece = await loop.sock_recv(ours, _MOST_BYTES)
        if not piece:
            raise ConnectionError("the trunk closed the connection without an answer")
        got += piece
        *whole, got = got.split(b"\r\n\r\n")
        for head in whole:
            answer = _final(head.lstrip())
            if answer is not None:
                return answer


def _final(message: bytes) -> str | None:
    """The status code and its words of a final response; None for a provisional one, and for anything else."""
    version, _, rest = message.split(b"\r\n", 1)[0].partition(b" ")
    if version != b"SIP/2.0" or not rest[:3].isdigit() or rest[:1] == b"1":
        return None
    return rest.decode("ascii", "replace")[:80]
