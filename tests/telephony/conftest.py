import numpy as np
import pytest


@pytest.fixture(scope="session")
def chirp() -> bytes:
    """Two seconds that sound nowhere like themselves: a rising tone, so that a shift in time shows."""
    seconds = np.arange(16000) / 8000
    return (9000 * np.sin(2 * np.pi * (300 + 400 * seconds) * seconds)).astype("<i2").tobytes()
