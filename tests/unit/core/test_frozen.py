"""Timers of the kernel's: they run on in a process that stands still."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from app.core.frozen import ends_if_frozen

_ACT = """
import os, signal, sys
from app.core.frozen import ends_if_frozen
with ends_if_frozen(float(sys.argv[1])):
    print("inside", flush=True)
    os.kill(os.getpid(), signal.SIGSTOP)
    print("acted", flush=True)
print("left", flush=True)
"""
_PATIENCE_S = 30


def stopped(seconds):
    """A process that has just been frozen inside."""
    process = subprocess.Popen([sys.executable, "-c", _ACT, str(seconds)], stdout=subprocess.PIPE, text=True)
    _, status = os.waitpid(process.pid, os.WUNTRACED)
    assert os.WIFSTOPPED(status)
    return process


def woken(process):
    process.send_signal(signal.SIGCONT)
    said, _ = process.communicate(timeout=_PATIENCE_S)
    return process.returncode, said.split()


def until_rung(process):
    """Wait until the timer's signal waits for the process."""
    deadline = time.monotonic() + _PATIENCE_S
    while True:
        status = Path(f"/proc/{process.pid}/status").read_text()
        pending = int(status.partition("ShdPnd:")[2].split()[0], 16)
        if pending & 1 << (signal.SIGALRM - 1):
            return
        assert time.monotonic() < deadline, status
        time.sleep(0.01)


def test_a_process_that_was_frozen_for_too_long_does_not_go_on():
    process = stopped(0.1)
    until_rung(process)
    assert woken(process) == (-signal.SIGALRM, ["inside"])


def test_one_that_was_frozen_for_a_moment_goes_on():
    assert woken(stopped(600)) == (0, ["inside", "acted", "left"])


def test_the_timer_runs_while_anybody_is_inside():
    def left_s():
        return signal.getitimer(signal.ITIMER_REAL)[0]

    assert left_s() == 0
    with ends_if_frozen(600):
        assert 0 < left_s() <= 600
        with ends_if_frozen(900):
            assert 600 < left_s() <= 900
        assert left_s() > 0
    assert left_s() == 0
