import pytest

from app.db.engine import make_sessions


@pytest.fixture
async def sessions(engine, clean_database):
    """Sessions that really commit, on an emptied database."""
    return make_sessions(engine)
