"""Processes of which there are many, or that start again and again, load what they use."""

import subprocess
import sys

import pytest


@pytest.mark.parametrize("module", ["app.speech.child", "app.speech.reading_child"])
def test_a_process_of_speech_loads_no_database_driver(module):
    script = (
        f"import sys, {module}; print([name for name in ('sqlalchemy', 'asyncpg') if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False, timeout=60
    )
    assert (done.returncode, done.stdout) == (0, "[]\n"), done.stderr
