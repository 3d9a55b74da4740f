import numpy as np
import pytest


@pytest.fixture(scope="session")
def chirp() -> bytes:
    """Two seconds that sound nowhere like themselves, so that a shift in time shows: a rising tone.

    It is framed by a fifth of a second of silence, as every message is.
    """
    seconds = np.arange(12800) / 8000
    edge = bytes(2 * 1600)
    return edge + (9000 * np.sin(2 * np.pi * (300 + 400 * seconds) * seconds)).astype("<i2").tobytes() + edge
