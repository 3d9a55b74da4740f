"""What tests of begin share."""

import io
import wave

import numpy as np
from sqlalchemy import select

from app.runs.models import Run
from app.wiring import Parts

CAMPAIGNS = "/api/system/campaigns"


def tone(seconds: float = 1.0, level: float = 0.3) -> bytes:
    """A WAV of a plain tone."""
    rate = 16_000
    wave_form = level * np.sin(2 * np.pi * 440 * np.arange(int(rate * seconds)) / rate)
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes((wave_form * 32767).astype("<i2").tobytes())
    return out.getvalue()


async def runs_of(parts: Parts) -> list[Run]:
    async with parts.sessions() as session:
        return list(await session.scalars(select(Run).order_by(Run.id)))
