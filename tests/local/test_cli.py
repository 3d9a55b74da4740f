"""The command line: one sentence and an exit code for what an operator can mend."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app.local.ports import free_port

Tingting = Callable[..., subprocess.CompletedProcess[str]]
_KEY = "a signing key for tests, thirty-two characters or more"


@pytest.fixture
def no_server() -> Iterator[int]:
    """A port that nothing listens on for as long as the test runs."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield held.getsockname()[1]


@pytest.fixture
def servers(postgres_url: str, redis_url: str) -> dict[str, str]:
    return {
        "TINGTING_DATABASE_URL": postgres_url,
        "TINGTING_REDIS_URL": redis_url,
        "TINGTING_JWT_SECRET": _KEY,
        "TINGTING_TRIAL": "true",
    }


def _assert_one_sentence(done: subprocess.CompletedProcess[str], code: int, *words: str) -> None:
    assert done.returncode == code, done.stderr
    assert done.stderr.startswith("tingting: ")
    assert done.stderr.count("\n") == 1, done.stderr
    for word in words:
        assert word in done.stderr


def test_help_names_every_command(tingting: Tingting) -> None:
    done = tingting("--help")
    assert done.returncode == 0
    for command in ("demo", "up", "api", "worker", "line", "phones", "centre", "migrate", "accounts"):
        assert f" {command} " in done.stdout


@pytest.mark.parametrize("part", ["api", "worker", "line"])
def test_a_part_without_a_database_says_which_variable(tingting: Tingting, part: str) -> None:
    _assert_one_sentence(tingting(part), 2, "TINGTING_DATABASE_URL is not set")


@pytest.mark.parametrize(
    ("variable", "value"),
    [("TINGTING_HTTP_PORT", "many"), ("TINGTING_LINE_PLACES", "100000"), ("TINGTING_JWT_SECRET", "short")],
)
def test_a_setting_out_of_range_is_named(tingting: Tingting, variable: str, value: str) -> None:
    _assert_one_sentence(tingting("up", **{variable: value}), 2, variable)


def test_a_database_that_does_not_answer_is_named_without_its_password(
    tingting: Tingting, servers: dict[str, str], no_server: int
) -> None:
    servers["TINGTING_DATABASE_URL"] = f"postgresql://tingting:Zq7rW2xKp9mTb4@127.0.0.1:{no_server}/tingting"
    done = tingting("worker", **servers)
    _assert_one_sentence(done, 1, f"127.0.0.1:{no_server}", "TINGTING_DATABASE_URL")
    assert "Zq7rW2xKp9mTb4" not in done.stderr


def test_a_wrong_database_password_is_said(
    tingting: Tingting, servers: dict[str, str], postgres_url: str
) -> None:
    place = postgres_url.rpartition("@")[2]
    servers["TINGTING_DATABASE_URL"] = f"postgresql://tingting:wrong@{place}"
    _assert_one_sentence(tingting("migrate", **servers), 1, "password authentication failed")


def test_a_queue_that_does_not_answer_is_named(
    tingting: Tingting, servers: dict[str, str], no_server: int
) -> None:
    servers["TINGTING_REDIS_URL"] = f"redis://:Zq7rW2xKp9mTb4@127.0.0.1:{no_server}/0"
    done = tingting("worker", **servers)
    _assert_one_sentence(done, 1, f"127.0.0.1:{no_server}", "TINGTING_REDIS_URL")
    assert "Zq7rW2xKp9mTb4" not in done.stderr


@pytest.mark.parametrize("url", ["nonsense", "http://127.0.0.1/", "redis://127.0.0.1:port/0"])
def test_a_queue_address_that_cannot_be_read_is_said(
    tingting: Tingting, servers: dict[str, str], url: str
) -> None:
    servers["TINGTING_REDIS_URL"] = url
    _assert_one_sentence(tingting("worker", **servers), 1, "TINGTING_REDIS_URL")


@pytest.mark.parametrize("part", ["api", "line"])
def test_a_default_voice_that_there_is_not_is_said(
    tingting: Tingting, servers: dict[str, str], part: str
) -> None:
    trunk = {"TINGTING_SIP_TRUNK": "sip:127.0.0.1:5080"}
    done = tingting(part, **servers, **trunk, TINGTING_DEFAULT_VOICE="np_nobody")
    _assert_one_sentence(done, 2, "TINGTING_DEFAULT_VOICE", "np_nobody", "np_rija")
    done = tingting(part, **servers, **trunk, TINGTING_SPEECH_VOICES="np_rija=nobody")
    _assert_one_sentence(done, 2, "TINGTING_SPEECH_VOICES")


def test_a_line_without_a_trunk_says_so(tingting: Tingting, servers: dict[str, str]) -> None:
    _assert_one_sentence(tingting("line", **servers), 2, "TINGTING_SIP_TRUNK")


def test_a_trunk_that_is_no_sip_uri_is_said(tingting: Tingting, servers: dict[str, str]) -> None:
    servers["TINGTING_SIP_TRUNK"] = "sbc.example.net"
    _assert_one_sentence(tingting("line", **servers), 2, "TINGTING_SIP_")


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({}, "TINGTING_SMS_CENTRE"),
        ({"SMS_CENTRE": "smsc.example.net:2775"}, "smpp://"),
        ({"SMS_CENTRE": "smpp://smsc.example.net", "SMS_SOURCE": "a name that is too long"}, "SMS source"),
        ({"SMS_CENTRE": "smpp://smsc.example.net", "SMS_WINDOW": "0"}, "TINGTING_SMS_WINDOW"),
    ],
)
def test_a_line_of_messages_that_cannot_work_says_why(
    tingting: Tingting, servers: dict[str, str], settings: dict[str, str], words: str
) -> None:
    chosen = {f"TINGTING_{name}": value for name, value in settings.items()}
    _assert_one_sentence(tingting("line", "--kind", "smpp", **servers, **chosen), 2, words)


def test_a_message_centre_whose_port_is_taken_says_so(tingting: Tingting) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        _assert_one_sentence(tingting("centre", "--port", port), 1, port)


def test_an_api_port_that_is_taken_is_said(tingting: Tingting, servers: dict[str, str]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        _assert_one_sentence(
            tingting("api", **servers, TINGTING_HTTP_PORT=port), 1, port, "TINGTING_HTTP_PORT"
        )


def test_a_phones_port_that_is_taken_is_said(tingting: Tingting) -> None:
    with socket.socket(type=socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        port = str(taken.getsockname()[1])
        _assert_one_sentence(tingting("phones", "--port", port), 1, port)


def test_phones_refuse_a_wish_they_do_not_know(tingting: Tingting) -> None:
    _assert_one_sentence(tingting("phones", "--port", "0", "--keep", "some"), 2, "--keep")


def test_the_trials_far_end_loads_neither_database_driver_nor_speech() -> None:
    script = (
        "import sys; from app.local.commandline import part_settings; part_settings(); "
        "import app.trial.phones, app.trial.message_centre; "
        "print([name for name in ('sqlalchemy', 'asyncpg', 'app.speech.service') if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False, timeout=60
    )
    assert (done.returncode, done.stdout) == (0, "[]\n"), done.stderr


def test_phones_answer_their_stop_signal(open_folder: Path) -> None:
    log = open_folder / "err"
    with log.open("wb") as out:
        phones = subprocess.Popen(
            [sys.executable, "-m", "app.cli", "phones", "--port", str(free_port(kind="udp"))],
            env={**os.environ, "TINGTING_HOME": str(open_folder)},
            stderr=out,
        )
    deadline = time.monotonic() + 60
    while "trial_phones_listening" not in log.read_text():
        assert time.monotonic() < deadline, log.read_text()
        time.sleep(0.05)
    phones.send_signal(signal.SIGTERM)
    assert phones.wait(30) == 0


def test_migrate_is_harmless_when_repeated(tingting: Tingting, servers: dict[str, str]) -> None:
    for _ in range(2):
        done = tingting("migrate", **servers)
        assert (done.returncode, done.stdout) == (0, "The database is up to date.\n")


def test_an_account_is_made_once(tingting: Tingting, servers: dict[str, str]) -> None:
    words = ("accounts", "create", "--email", "Once@Example.com", "--password", "three long words")
    assert tingting(*words, **servers).stdout == "Account Once@Example.com created.\n"
    _assert_one_sentence(tingting(*words, **servers), 1)
    assert "exists already" in tingting(*words, "--if-missing", **servers).stdout


def test_an_account_with_a_short_password_is_refused(tingting: Tingting, servers: dict[str, str]) -> None:
    words = ("accounts", "create", "--email", "short@example.com", "--password", "short")
    _assert_one_sentence(tingting(*words, **servers), 1, "10 characters")


def test_the_demo_never_calls_a_trunk(tingting: Tingting) -> None:
    _assert_one_sentence(tingting("demo", TINGTING_SIP_TRUNK="sip:sbc.example.net"), 1, "TINGTING_SIP_TRUNK")
