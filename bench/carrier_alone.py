"""The SIP carrier with nothing of the engine above it: ``python -m bench.carrier_alone <calls> <pcm file>``.

Dials the trial phones of ``TINGTING_SIP_TRUNK`` at the line's pace and prints its processor seconds as JSON.
"""

import asyncio
import json
import sys
import time
from pathlib import Path
from uuid import uuid4

import uvloop

from app.carriers.carrier import Dial
from app.carriers.sip import SipCarrier
from app.core.settings import Settings
from workers.sip_line import sip_settings

CALLS_A_SECOND = 20


async def _one(carrier: SipCarrier, number: str, audio: bytes) -> None:
    handle = await carrier.place(Dial(uuid4(), number, None, audio, 30.0))
    async for _ in handle.events():
        pass


async def _main(calls: int, audio: bytes) -> float:
    carrier = SipCarrier(sip_settings(Settings()))
    await carrier.start()
    before = time.process_time()
    under_way = []
    for nth in range(calls):
        under_way.append(asyncio.create_task(_one(carrier, f"+97798{nth // 80:06d}{nth % 80:02d}", audio)))
        await asyncio.sleep(1 / CALLS_A_SECOND)
    await asyncio.gather(*under_way)
    spent = time.process_time() - before
    await carrier.close()
    return spent


if __name__ == "__main__":
    sound = Path(sys.argv[2]).read_bytes()
    sys.stdout.write("\n" + json.dumps({"cpu_s": uvloop.run(_main(int(sys.argv[1]), sound))}))
