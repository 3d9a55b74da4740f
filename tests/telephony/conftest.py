import numpy as np
import pytest

EDGE_MS = 200
"""How long a message is silent before its first word and after its last."""
VOICED = 80
"""Packets of the chirp that are not silent."""


@pytest.fixture(scope="session")
def chirp() -> bytes:
    """Two seconds that sound nowhere like themselves, so that a shift in time shows: a rising tone.

    It is framed by a fifth of a second of silence, as every message is.
    """
    seconds = np.arange(VOICED * 160) / 8000
    edge = bytes(2 * 8 * EDGE_MS)
    return edge + (9000 * np.sin(2 * np.pi * (300 + 400 * seconds) * seconds)).astype("<i2").tobytes() + edge
