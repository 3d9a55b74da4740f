"""A line whose SIP stack stops under it; run as a process of its own, prints what became of the calls."""

import asyncio
import json
import sys

from baresip._native import ffi, lib

from app.carriers.carrier import Answered
from tests.telephony.peers import carrier, dial, number, outcome


async def die(port: int) -> None:
    audio = b"\x10\x20" * 8000 * 10
    async with carrier(port) as line:
        answered, ringing = [await line.place(dial(audio, number(ending), 30)) for ending in (1, 85)]
        async for event in answered.events():
            if isinstance(event, Answered):
                break
        lib.bp_cmd(lib.BP_CMD_STOP, 0, ffi.NULL)  # the stack's thread ends, and nobody has asked the carrier
        async with asyncio.timeout(5):
            await line.dead.wait()
        _, afterwards = await outcome(line, dial(audio))
    causes = [str(call.ended.cause) for call in (answered, ringing) if call.ended]
    print(json.dumps({"dead": line.dead.is_set(), "causes": causes, "afterwards": str(afterwards.cause)}))


if __name__ == "__main__":
    asyncio.run(die(int(sys.argv[1])))
