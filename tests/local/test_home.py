"""The data folder: secrets that stay secret, one holder at a time."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from app.local.errors import LocalError
from app.local.home import Home

_HOLD = """
import sys
from pathlib import Path
from app.local.home import Home
home = Home.open(Path(sys.argv[1]))
home.hold("http://127.0.0.1:8123")
print("held", flush=True)
sys.stdin.read()
"""


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_secrets_are_readable_by_their_owner_alone(home: Home) -> None:
    home.secret("jwt")
    home.secret("database")
    assert _mode(home.path / "secrets") == 0o700
    assert {_mode(path) for path in (home.path / "secrets").iterdir()} == {0o600}
    assert _mode(home.logs) == 0o700


def test_a_closed_umask_is_not_needed_for_secret_secrets(open_folder: Path) -> None:
    before = os.umask(0)
    try:
        home = Home.open(open_folder / "open")
        home.secret("redis")
    finally:
        os.umask(before)
    assert _mode(home.path / "secrets" / "redis") == 0o600
    assert _mode(home.path) & 0o066 == 0


def test_a_secret_is_long_random_and_kept(home: Home) -> None:
    secret = home.secret("jwt")
    assert len(secret) == 48
    assert Home.open(home.path).secret("jwt") == secret
    assert home.secret("database") != secret


def test_two_homes_are_told_apart(open_folder: Path, home: Home) -> None:
    assert Home.open(open_folder / "other").id != home.id
    assert Home.open(home.path).id == home.id


def test_a_second_start_is_told_who_holds_the_home(home: Home) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", _HOLD, str(home.path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        assert home.is_held()
        with pytest.raises(LocalError) as refusal:
            home.hold("http://127.0.0.1:8124")
        assert str(holder.pid) in str(refusal.value)
        assert "http://127.0.0.1:8123" in str(refusal.value)
        holder.kill()
    home.hold("http://127.0.0.1:8124")
    assert home.holder() == {"pid": os.getpid(), "address": "http://127.0.0.1:8124"}
    home.release()
    assert not home.is_held()


def test_ports_are_remembered(home: Home) -> None:
    home.keep_port("postgres", 4001)
    home.keep_port("valkey", 4002)
    assert Home.open(home.path).ports() == {"postgres": 4001, "valkey": 4002}


def test_a_damaged_port_file_is_as_good_as_none(home: Home) -> None:
    (home.path / "ports.json").write_text("{")
    assert home.ports() == {}


def test_a_folder_that_cannot_be_made_is_named(open_folder: Path) -> None:
    (open_folder / "file").write_text("")
    with pytest.raises(LocalError, match="TINGTING_HOME"):
        Home.open(open_folder / "file" / "home")
