"""Named points for faults: inert by themselves, refused outside a trial, exact inside one."""

import os
import subprocess
import sys

import pytest

from app.core import faults
from app.core.faults import FaultRefusedError

_PASS_TWICE = """
from app.core import faults
faults.arm(trial=True)
for nth in (1, 2, 3):
    print(nth, flush=True)
    faults.reach(faults.INVITE_SENT)
    faults.reach(faults.BEFORE_RESULT)
"""


def run_with(fault):
    return subprocess.run(
        [sys.executable, "-c", _PASS_TWICE],
        env={**os.environ, faults.VARIABLE: fault},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


def test_a_process_ends_where_it_was_told_to():
    done = run_with(f"{faults.BEFORE_RESULT}:2")
    assert (done.returncode, done.stdout.split()) == (-9, ["1", "2"])


def test_nothing_happens_unless_a_point_is_named(monkeypatch):
    monkeypatch.delenv(faults.VARIABLE, raising=False)
    faults.arm(trial=False)
    for point in faults.POINTS:
        faults.reach(point)


def test_no_fault_outside_a_trial(monkeypatch):
    monkeypatch.setenv(faults.VARIABLE, f"{faults.CLAIMED}:1")
    with pytest.raises(FaultRefusedError, match="outside a trial"):
        faults.arm(trial=False)


@pytest.mark.parametrize("words", ["nowhere:1", "claimed", "claimed:0", "claimed:x", "claimed:1:burn"])
def test_words_that_mean_nothing_are_refused(monkeypatch, words):
    monkeypatch.setenv(faults.VARIABLE, words)
    with pytest.raises(FaultRefusedError, match="points: claimed"):
        faults.arm(trial=True)


def test_a_worker_with_a_fault_outside_a_trial_does_not_start(postgres_url, valkey_server):
    done = subprocess.run(
        [sys.executable, "-m", "app.cli", "worker"],
        env={
            **os.environ,
            faults.VARIABLE: f"{faults.CLAIMED}:1",
            "TINGTING_DATABASE_URL": postgres_url,
            "TINGTING_REDIS_URL": valkey_server.url(),
        },
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 2
    assert "outside a trial" in done.stderr
