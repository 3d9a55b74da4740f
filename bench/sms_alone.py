"""The client library alone, as its manual shows it: ``python -m bench.sms_alone PORT MESSAGES WINDOW``.

Prints the messages and the seconds from the first submit to the last receipt as JSON.
"""

import asyncio
import json
import sys
import time

import smpp34

from bench.seed import MESSAGE


async def send(port: int, messages: int, window: int) -> float:
    """Submit so many messages, `window` at once, and take their receipts; the seconds."""
    client = smpp34.Client("127.0.0.1", port, "bench", "bench", bind_type="TRX", window_size=window)
    centre = await client.connect()
    places = asyncio.Semaphore(window)
    text = MESSAGE.encode("utf-16-be")

    async def submit(nth: int) -> None:
        async with places:
            await centre.submit_sm(
                f"97798{nth:08d}", text, source_addr="TINGTING", data_coding=8, registered_delivery=1
            )

    async def receipts() -> None:
        for _ in range(messages):
            await centre.next()

    began = time.monotonic()
    await asyncio.gather(receipts(), *(submit(nth) for nth in range(messages)))
    took = time.monotonic() - began
    await centre.unbind()
    return took


if __name__ == "__main__":
    port, messages, window = map(int, sys.argv[1:4])
    print(json.dumps({"messages": messages, "seconds": asyncio.run(send(port, messages, window))}))
