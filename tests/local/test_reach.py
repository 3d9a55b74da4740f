"""A trial stays a trial, and a service for real telephones stays one, until a person says otherwise."""

import asyncio
import re
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import asyncpg
import pytest
from pydantic import SecretStr

from app.core.settings import Settings
from app.local import leftovers
from app.local.errors import LocalError
from app.local.home import Home
from app.local.migrate import upgrade
from app.local.ports import free_port
from app.local.postgres import Postgres
from app.local.reach import describe, is_trial, refuse_trial_elsewhere, settle

Tingting = Callable[..., CompletedProcess[str]]
_TRUNK = "sip:sbc.example.net:5060"
_PHONES = "sip:phones:5060"


@pytest.mark.parametrize(
    ("settings", "trial", "said"),
    [
        ({}, True, "no real telephone rings"),
        ({"sip_trunk": _TRUNK}, False, f"real telephones through {_TRUNK}"),
        (
            {"sip_trunk": _TRUNK, "sms_centre": "smpp://smsc.example.net"},
            False,
            "through smpp://smsc.example.net",
        ),
        ({"sms_centre": "smpp://smsc.example.net"}, False, "calls wait"),
        ({"sip_trunk": _PHONES, "trial_phones": _PHONES}, True, "trial phones"),
        ({"sip_trunk": _TRUNK, "trial_phones": _PHONES}, False, "real telephones"),
        (
            {"sip_trunk": _PHONES, "sms_centre": "smpp://smsc.example.net", "trial_phones": _PHONES},
            False,
            "real",
        ),
        ({"sip_trunk": "sip:127.0.0.1:5080", "trial": True}, True, "trial"),
    ],
)
def test_settings_say_whom_a_service_reaches(settings: dict[str, str], trial: bool, said: str) -> None:
    chosen = Settings(**settings)
    assert is_trial(chosen) is trial
    assert said in describe(chosen)


def test_what_is_said_of_a_trunk_holds_no_password() -> None:
    said = describe(Settings(sip_trunk="sip:me:Zq7rW2xK@sbc.example.net", sip_password=SecretStr("Zq7rW2xK")))
    assert "Zq7rW2xK" not in said
    assert "sip:sbc.example.net" in said


def test_a_trunk_elsewhere_cannot_be_called_a_trial() -> None:
    refuse_trial_elsewhere(
        Settings(trial=True, sip_trunk="sip:127.0.0.1:5080", sms_centre="smpp://[::1]:2775")
    )
    for address in ({"sip_trunk": _TRUNK}, {"sms_centre": "smpp://smsc.example.net:2775"}):
        with pytest.raises(LocalError, match="TINGTING_TRIAL"):
            refuse_trial_elsewhere(Settings(trial=True, **address))


async def _rows(url: str, query: str) -> list[object]:
    connection = await asyncpg.connect(url)
    try:
        return [tuple(row) for row in await connection.fetch(query)]
    finally:
        await connection.close()


_RUNS = """
INSERT INTO accounts (id, email, username, password_hash) VALUES (1, 'a@example.com', 'a', '');
INSERT INTO campaigns (id, account_id, name, description, services, voice_input, user_phone, usable_tags)
SELECT n, 1, 'c', '', 'PHONE', 'np_rija', '{}', '{}' FROM generate_series(0, 5) AS n;
INSERT INTO runs (id, campaign_id, account_id, state, services, voice_input, first, ring_timeout_s, recipients,
                  scheduled_for)
SELECT n, n, 1, n, 'PHONE', 'np_rija', 'message', 5, 1, now() FROM generate_series(0, 5) AS n;
"""


async def test_a_trials_runs_never_come_to_real_telephones(clean_database: str) -> None:
    await settle(clean_database, trial=True)
    await _rows(clean_database, "SELECT 1")
    connection = await asyncpg.connect(clean_database)
    await connection.execute(_RUNS)
    await connection.close()
    with pytest.raises(LocalError, match="TINGTING_HOME=another-folder") as refusal:
        await settle(clean_database, trial=False)
    assert "up --adopt" in str(refusal.value)
    assert await _rows(clean_database, "SELECT count(*) FROM runs WHERE state = 3") == [(1,)]
    assert await settle(clean_database, trial=False, adopt=True) == 3
    assert await _rows(clean_database, "SELECT state FROM runs ORDER BY id") == [
        (3,),
        (3,),
        (3,),
        (3,),
        (4,),
        (5,),
    ]
    assert await settle(clean_database, trial=False) == 0


async def test_a_real_services_runs_never_end_at_trial_phones(clean_database: str) -> None:
    await settle(clean_database, trial=False)
    with pytest.raises(LocalError, match="TINGTING_SIP_TRUNK"):
        await settle(clean_database, trial=True)


@pytest.mark.parametrize(
    ("trunks", "trial"),
    [(["sip:127.0.0.1:41000", "smpp://127.0.0.1:41001"], True), ([_PHONES], True), ([_TRUNK], False),
     (["sip:127.0.0.1:41000", "smpp://smsc.example.net"], False)],
)  # fmt: skip
async def test_an_older_database_tells_by_its_lines_whom_it_reached(
    clean_database: str, trunks: list[str], trial: bool
) -> None:
    connection = await asyncpg.connect(clean_database)
    for trunk in trunks:
        await connection.execute(
            "INSERT INTO lines (kind, trunk, places, cps, state, host, pid) VALUES ('sip', $1, 1, 1, 2, 'h', 1)",
            trunk,
        )
    await connection.close()
    with pytest.raises(LocalError):
        await settle(clean_database, trial=not trial)
    assert await settle(clean_database, trial=trial) == 0


async def test_a_line_does_not_start_for_the_other_kind_of_telephone(
    tingting: Tingting, clean_database: str, redis_url: str
) -> None:
    await settle(clean_database, trial=True)
    servers = {"TINGTING_DATABASE_URL": clean_database, "TINGTING_REDIS_URL": redis_url}
    for words, settings in (
        (("line",), {"TINGTING_SIP_TRUNK": _TRUNK}),
        (("line", "--kind", "smpp"), {"TINGTING_SMS_CENTRE": "smpp://smsc.example.net"}),
    ):
        done = await asyncio.to_thread(tingting, *words, **servers, **settings)
        assert (done.returncode, "This service is a trial's" in done.stderr) == (2, True), done.stderr
    done = await asyncio.to_thread(tingting, "migrate", "--adopt", **servers)
    assert "for real telephones from now on; runs stopped: 0" in done.stdout, done.stderr


def test_adopting_needs_a_trunk(tingting: Tingting) -> None:
    done = tingting("up", "--adopt")
    assert (done.returncode, "TINGTING_SIP_TRUNK" in done.stderr) == (1, True)


def test_a_misspelt_variable_stops_every_command_and_is_told_its_name(tingting: Tingting) -> None:
    for words in (("up",), ("line",), ("accounts", "create", "--email", "a@example.com"), ("phones",)):
        done = tingting(*words, TINGTING_SIP_TRUNKK=_TRUNK)
        assert done.returncode == 2
        assert done.stderr == (
            "tingting: TINGTING_SIP_TRUNKK is no setting; did you mean TINGTING_SIP_TRUNK? The README lists them all.\n"
        )


def test_a_variable_of_another_part_is_no_stranger(tingting: Tingting) -> None:
    done = tingting(
        "phones", "--keep", "some", TINGTING_SMS_RATE="5", TINGTING_ACCOUNT_PASSWORD="long enough"
    )
    assert "--keep" in done.stderr
    assert "no setting" not in done.stderr


def test_what_kubernetes_sets_for_a_service_is_passed_over_with_one_line(
    tingting: Tingting, postgres_url: str
) -> None:
    injected = {
        "TINGTING_SERVICE_HOST": "10.0.0.1",
        "TINGTING_SERVICE_PORT": "8000",
        "TINGTING_SERVICE_PORT_HTTP": "8000",
        "TINGTING_PORT": "tcp://10.0.0.1:8000",
        "TINGTING_PORT_8000_TCP": "tcp://10.0.0.1:8000",
        "TINGTING_PORT_8000_TCP_PROTO": "tcp",
        "TINGTING_PORT_8000_TCP_ADDR": "10.0.0.1",
        "TINGTING_HTTP_PORT": "tcp://10.0.0.2:80",  # of a Service called tingting-http
        "TINGTING_METRICS_SERVICE_HOST": "10.0.0.3",
    }
    done = tingting("line", TINGTING_DATABASE_URL=postgres_url, TINGTING_REDIS_URL="nonsense", **injected)
    assert "TINGTING_REDIS_URL" in done.stderr
    assert done.stderr.count("kubernetes_variables_ignored") == 1
    assert all(f'"{name}"' in done.stderr for name in injected)
    assert "no setting" not in done.stderr


@pytest.mark.parametrize(
    "words",
    [
        ("accounts", "create", "--email", "a@example.com"),
        ("status",),
        ("migrate",),
        ("limits", "trunk", "sip:a"),
    ],
)
def test_where_there_is_no_service_a_command_says_so_and_makes_nothing(
    tingting: Tingting, open_folder: Path, words: tuple[str, ...]
) -> None:
    done = tingting(*words, TINGTING_ACCOUNT_PASSWORD="long enough")
    assert done.returncode == 1
    assert f"There is no service in {open_folder / 'home'}." in done.stderr
    assert not (open_folder / "home").exists()


def test_the_command_that_a_sentence_names_runs_as_it_stands(
    tingting: Tingting, open_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = tingting("status")
    named = re.search(r"started by: (.*)$", done.stderr)
    assert named is not None
    folder, words = named.group(1).split(" ", 1)
    assert folder == f"TINGTING_HOME={open_folder / 'home'}"
    program = Path(words.removesuffix(" up"))
    assert program.name == "tingting"
    assert program.exists()
    monkeypatch.setenv("PATH", f"{program.absolute().parent}:/usr/bin:/bin")
    assert tingting("status").stderr.rstrip().endswith(f"started by: {folder} tingting up")


def test_a_trials_data_folder_does_not_start_with_a_trunk(tingting: Tingting, home: Home) -> None:
    postgres = Postgres(home)
    postgres.start()
    upgrade(postgres.url())
    asyncio.run(settle(postgres.url(), trial=True))
    postgres.stop()
    done = tingting("up", TINGTING_SIP_TRUNK="sip:127.0.0.1:5080", TINGTING_HTTP_PORT=str(free_port()))
    assert done.returncode == 1
    assert "up --adopt" in done.stderr
    assert "Ready" not in done.stdout
    assert leftovers.marked(home.id) == []
