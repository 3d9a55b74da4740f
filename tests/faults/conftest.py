import os

import pytest

from chaos.rig import rig as a_rig
from chaos.scale import Scale
from chaos.witness import Numbers


@pytest.fixture(scope="session")
def scale() -> Scale:
    """The short form of every row."""
    return Scale(quick=True)


@pytest.fixture(scope="session")
async def rig():
    """Our processes, started again at once when they die; shared, for to start them takes seconds."""
    async with a_rig(lines=2) as shared:
        yield shared


@pytest.fixture(scope="session")
def numbers() -> Numbers:
    """Numbers that no other test has dialled."""
    return Numbers()


@pytest.fixture
def root_only() -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can mount a small file system")
