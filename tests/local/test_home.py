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


def _open_ones(folder: Path) -> list[str]:
    everything = [folder, *(path for path in folder.rglob("*") if not path.is_symlink())]
    return [str(path.relative_to(folder)) for path in everything if _mode(path) & 0o077]


def test_a_home_that_stands_open_is_closed_at_its_start(home: Home) -> None:
    home.secret("jwt")
    for folder in ("blobs/uploads/1", "logs", "phones/heard", "demo/blobs", "demo/secrets", "postgres"):
        (home.path / folder).mkdir(parents=True, exist_ok=True)
        (home.path / folder / "file").write_text("a recording")
        (home.path / folder / "file").chmod(0o644)
    for path in (home.path, *home.path.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
    outside = home.path.parent / "outside"
    outside.write_text("somebody else's")
    outside.chmod(0o644)
    (home.path / "blobs" / "link").symlink_to(outside)
    Home.open(home.path)
    assert _open_ones(home.path) == ["postgres/file"]  # the server's own, which it keeps closed itself
    assert _mode(outside) == 0o644


def test_a_closing_that_was_cut_short_is_made_good_by_the_next_start(home: Home) -> None:
    (home.path / "blobs").mkdir(mode=0o700)
    (home.path / "blobs" / "open").write_text("")
    (home.path / "blobs" / "open").chmod(0o644)
    home.path.chmod(0o711)
    Home.open(home.path)
    assert _open_ones(home.path) == []


def test_what_is_not_ours_in_a_chosen_folder_keeps_its_rights(open_folder: Path) -> None:
    shared = open_folder / "shared"
    shared.mkdir(mode=0o755)
    shared.chmod(0o755)
    (shared / "notes").write_text("")
    (shared / "notes").chmod(0o644)
    Home.open(shared)
    assert (_mode(shared), _mode(shared / "notes"), _mode(shared / "secrets")) == (0o755, 0o644, 0o700)
