"""A message centre that answers after a fixed time and then sends a receipt: ``python -m bench.sms_centre PORT``."""

import asyncio
import sys

import smpp34

RESPONSE_S = 0.02
"""As a centre in the same country answers; the window of a session over this is the most that it can send a second."""
_RECEIPT = 0x04


async def _answer(event: smpp34.SubmitSmEvent, session: smpp34.Esme, message_id: str) -> None:
    await asyncio.sleep(RESPONSE_S)
    event.accept(message_id)
    await session.deliver_sm(
        event.source_addr,
        f"id:{message_id} stat:DELIVRD err:000".encode(),
        source_addr=event.destination_addr,
        esm_class=_RECEIPT,
    )


async def serve(port: int) -> None:
    """Serve until killed."""
    server = smpp34.Server("127.0.0.1", port, inbound_capacity=10_000)
    await server.start()
    sessions: dict[str, smpp34.Esme] = {}
    answers: set[asyncio.Task[None]] = set()
    taken = 0
    while True:
        event = await server.next()
        if isinstance(event, smpp34.Esme):
            sessions[event.session_id] = event
        elif isinstance(event, smpp34.SubmitSmEvent):
            taken += 1
            task = asyncio.create_task(_answer(event, sessions[event.session_id], f"m{taken}"))
            answers.add(task)
            task.add_done_callback(answers.discard)


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1])))
