"""`tingting accounts` and `tingting limits` as an operator types them."""

import json
import os
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from app.cli import app

Command = Callable[..., Result]
_PASSWORD = "three long words"
_TRUNK = {"TINGTING_SIP_TRUNK": "sip:sbc.example.net:5060"}


@pytest.fixture
def command(postgres_url: str, clean_database: str, tmp_path: Path) -> Command:
    """The command in this process, on a loop of its own, on an emptied database."""

    def run(*words: str, **settings: str) -> Result:
        known = {"TINGTING_DATABASE_URL": postgres_url, "TINGTING_HOME": str(tmp_path / "home")}
        umask = os.umask(0o077)
        try:
            with ThreadPoolExecutor(1) as pool:
                return pool.submit(CliRunner().invoke, app, words, env={**known, **settings}).result()
        finally:
            os.umask(umask)  # which the command sets for its process

    return run


@pytest.fixture
def operate(command: Command) -> Command:
    """The same with the accounts asha@ and bikash@example.com."""
    for name in ("asha", "bikash"):
        made = command(
            "accounts", "create", "--email", f"{name}@example.com", TINGTING_ACCOUNT_PASSWORD=_PASSWORD
        )
        assert made.exit_code == 0, made.stderr
    return command


def _trail(done: Result) -> dict[str, object]:
    (line,) = [line for line in done.stderr.splitlines() if line.startswith("{")]
    event: dict[str, object] = json.loads(line)
    assert event.pop("by")
    assert event["logger"] == "trail"
    return event


def _said(done: Result) -> str:
    assert done.exit_code == 0, done.stderr
    return done.stdout


def _row(done: Result, first: str) -> str:
    (row,) = [" ".join(line.split()) for line in _said(done).splitlines() if line.startswith(first)]
    return row


def test_an_account_is_switched_off_and_on_and_both_are_told(operate: Command) -> None:
    off = operate("accounts", "disable", "--email", "Asha@Example.com")
    assert _said(off) == "Account asha@example.com is off. Ended sign-ins: 0; no run was under way.\n"
    event = _trail(off)
    assert (event["event"], event["ended_sign_ins"], event["stopped_runs"]) == ("account_disabled", 0, [])
    assert _row(operate("accounts", "list"), "asha@").startswith("asha@example.com off own none 0 20")
    on = operate("accounts", "enable", "--email", "asha@example.com")
    assert (_said(on), _trail(on)["event"]) == ("Account asha@example.com is on.\n", "account_enabled")
    assert _row(operate("accounts", "list"), "asha@").startswith("asha@example.com on own none 0 20")


def test_a_one_time_password_is_printed_and_stands_in_no_log(operate: Command) -> None:
    done = operate("accounts", "password", "--email", "asha@example.com")
    (given,) = re.findall(r"^[a-z2-9]{4}(?:-[a-z2-9]{4}){3}$", _said(done), re.MULTILINE)
    assert given not in done.stderr
    assert _trail(done)["event"] == "password_reset"
    shown = operate("accounts", "show", "--email", "asha@example.com")
    assert "one-time, until " in _row(shown, "password")


def test_rights_are_granted_and_revoked_by_name(operate: Command) -> None:
    words = ("--email", "asha@example.com")
    granted = operate("accounts", "grant", *words, "admin")
    assert _said(granted) == "asha@example.com now has the right admin.\n"
    assert (_trail(granted)["event"], _trail(granted)["right"]) == ("right_granted", "admin")
    assert _row(operate("accounts", "show", *words), "rights") == "rights admin accounts grant, revoke"
    assert "no longer has" in _said(operate("accounts", "revoke", *words, "admin"))
    unknown = operate("accounts", "grant", *words, "everything")
    assert (unknown.exit_code, unknown.stderr) == (
        1,
        "tingting: There is no right 'everything'; there are: admin.\n",
    )


@pytest.mark.parametrize("verb", ["show", "disable", "enable", "password", "limit"])
def test_an_unknown_account_is_an_error_that_names_the_known_ones(operate: Command, verb: str) -> None:
    done = operate("accounts", verb, "--email", "ashaa@example.com")
    assert (done.exit_code, done.stdout, done.stderr) == (
        1,
        "",
        "tingting: There is no account for ashaa@example.com. Known: asha@example.com, bikash@example.com.\n",
    )


def test_a_limit_that_is_not_named_stays(operate: Command) -> None:
    words = ("accounts", "limit", "--email", "asha@example.com")
    _said(operate(*words, "--prefixes", "+97798,-+977986"))
    said = _said(operate(*words, "--calls-a-day", "9"))
    assert "numbers +97798,-+977986 (its own), calls a day 9 (its own)" in said
    pace = ("limits", "account", "--email", "asha@example.com")
    _said(operate(*pace, "--cps", "5", "--calls", "10", "--queue-priority", "high"))
    said = _said(operate(*pace, "--calls", "unlimited"))
    assert said.endswith("calls a second 5, calls at once unlimited, priority high.\n")

    shown = operate("accounts", "show", "--email", "asha@example.com")
    assert _row(shown, "numbers") == "numbers +97798,-+977986 its own"
    assert _row(shown, "calls a day") == "calls a day 9 its own"
    assert _row(shown, "calls a second") == "calls a second 5 its own"
    assert _row(shown, "calls at once") == "calls at once unlimited default"
    assert "bikash@example.com unlimited unlimited normal unlimited a trial has no limit" in _row(
        operate("limits", "show"), "bikash@"
    )
    table = operate("limits", "show", TINGTING_CALLS_A_DAY="777", **_TRUNK)
    assert _row(table, "TINGTING_CALLS_A_DAY") == "TINGTING_CALLS_A_DAY 777 its variable"
    assert _row(table, "TINGTING_TRUNK_CPS") == "TINGTING_TRUNK_CPS 20 default"
    assert _row(table, "asha@") == "asha@example.com 5 unlimited high 9 its own +97798,-+977986"
    assert _row(table, "bikash@").startswith(
        "bikash@example.com unlimited unlimited normal 777 TINGTING_CALLS_A_DAY"
    )


def test_words_say_how_many_calls_a_day_where_a_number_could_be_mistaken(operate: Command) -> None:
    words = ("accounts", "limit", "--email", "asha@example.com", "--calls-a-day")
    assert "calls a day unlimited (its own)" in _said(operate(*words, "unlimited"))
    assert "calls a day 0 (its own)" in _said(operate(*words, "0"))
    assert "calls a day unlimited (TINGTING" in _said(
        operate(*words, "default", TINGTING_CALLS_A_DAY="unlimited", **_TRUNK)
    )
    for wrong in ("none", "-1"):
        assert "unlimited: any number" in operate(*words, wrong).stderr
    refused = operate("limits", "show", TINGTING_CALLS_A_DAY="0")
    assert refused.exit_code == 2
    assert refused.stderr == (
        "tingting: TINGTING_CALLS_A_DAY: must be a whole number from 1 to 10,000,000, or unlimited.\n"
    )


def test_a_trunk_and_a_run_that_there_are_not_are_refused(operate: Command) -> None:
    trunk = "sip:sbc.example.net:5060"
    _said(operate("limits", "trunk", trunk, "--cps", "5", "--calls", "10", TINGTING_SIP_TRUNK=trunk))
    said = _said(operate("limits", "trunk", trunk, "--weight", "3"))
    assert said == f"Limits of {trunk}: calls a second 5, calls at once 10, weight 3.\n"
    wrong = operate("limits", "trunk", "sip:sbc.example.com:5060", "--weight", "3")
    assert (wrong.exit_code, wrong.stderr) == (
        1,
        f"tingting: There is no trunk sip:sbc.example.com:5060. Known: {trunk}.\n",
    )
    assert "No run 42 is under way. There is none at all." in operate("limits", "run", "42").stderr


def test_a_common_password_is_refused(command: Command) -> None:
    words = ("accounts", "create", "--email", "weak@example.com")
    done = command(*words, TINGTING_ACCOUNT_PASSWORD="password1234")
    assert (done.exit_code, done.stdout) == (1, "")
    assert "hard to guess" in done.stderr


def test_any_password_is_for_trials_alone(command: Command) -> None:
    words = ("accounts", "create", "--email", "weak@example.com", "--password", "test", "--any-password")
    done = command(*words, TINGTING_SIP_TRUNK="sip:sbc.example.net")
    assert done.exit_code == 1
    assert "for trials alone" in done.stderr


def test_what_commands_do_stands_in_a_log_of_the_home_for_its_owner_alone(
    operate: Command, tmp_path: Path
) -> None:
    logs = tmp_path / "home" / "logs"
    logs.mkdir(parents=True)
    done = operate("accounts", "disable", "--email", "asha@example.com")
    assert done.stderr == ""
    assert json.loads((logs / "commands.log").read_text())["event"] == "account_disabled"
    assert (logs / "commands.log").stat().st_mode & 0o777 == 0o600
