"""Secrets are in their files and in the memory of whom they serve: in no log, answer, document or command line."""

import json
import re
import secrets
import stat
from pathlib import Path

import httpx
import pytest

from app.local.valkey import Valkey
from tests.live import Client, Live
from tests.security.conftest import EMAIL, KEY, PASSWORD
from tests.security.served import Served, serving

_HASH = re.compile(r"\$argon2|\$[0-9a-f]{64}")
_TOKEN = re.compile(r"eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}\.")


def of(live: Live) -> dict[str, str]:
    kept = {path.name: path.read_text().strip() for path in (live.home / "secrets").iterdir()}
    assert {"jwt", "database", "redis"} <= set(kept)
    return {**kept, "the account's password": live.password}


def family(pid: int) -> list[int]:
    """A process and all that descend from it."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *(member for child in children for member in family(int(child)))]


@pytest.fixture(scope="module")
def worked(live: Live) -> Client:
    """A stack that has worked: logins good and bad, a campaign, calls."""
    client = live.client()
    for password in ("wrong", live.password + "x"):
        client.http.post("/api/accounts/login/", json={"email": live.email, "password": password})
    client.http.get(
        "/api/accounts/user_details/", headers={"Authorization": f"Bearer {secrets.token_hex(40)}"}
    )
    campaign = client.add(["9816000000", "9816000090"])
    client.finish(campaign, client.begin(campaign, message="नमस्ते"))
    return client


def test_no_log_holds_a_secret_a_token_or_a_hash(live: Live, worked: Client):
    token = worked.http.headers["Authorization"].removeprefix("Bearer ")
    logs = [*live.home.joinpath("logs").iterdir(), live.phones_log]
    assert len(logs) >= 6
    for path in logs:
        said = path.read_text(errors="replace")
        for name, secret in {**of(live), "an access token": token}.items():
            assert secret not in said, (path.name, name)
        assert not _HASH.search(said), path.name
        assert not _TOKEN.search(said), path.name


def test_no_command_line_holds_a_secret(live: Live, worked: Client):
    lines = [Path(f"/proc/{pid}/cmdline").read_bytes() for pid in family(live._process.pid)]
    assert len(lines) >= 8
    for line in lines:
        for name, secret in of(live).items():
            assert secret.encode() not in line, (name, line)


def test_readers_of_uploads_and_speech_are_given_no_secret(live: Live, worked: Client):
    """Processes that meet foreign bytes have nothing to give away."""
    for pid in family(live.pid_of("api"))[1:]:
        line = Path(f"/proc/{pid}/cmdline").read_bytes()
        environment = Path(f"/proc/{pid}/environ").read_bytes()
        if b"import_child" in line or b"decode_child" in line:
            for name, secret in of(live).items():
                assert secret.encode() not in environment, name


def test_files_that_hold_secrets_are_the_owners_alone(live: Live, worked: Client):
    for path in [
        *live.home.joinpath("secrets").iterdir(),
        *live.home.joinpath("logs").iterdir(),
        live.home / "ports.json",
    ]:
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path.name
    for folder in ("secrets", "logs", "valkey"):
        assert stat.S_IMODE(live.home.joinpath(folder).stat().st_mode) == 0o700, folder
    for path in live.home.joinpath("valkey").glob("*.conf"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_nothing_that_anybody_may_read_holds_a_secret(live: Live, worked: Client):
    with httpx.Client(base_url=live.url, trust_env=False) as stranger:
        pages = [
            "/openapi.json",
            "/docs",
            "/health/live",
            "/health/ready",
            "/nothing",
            "/docs/x",
            "/api/system/campaigns",
        ]
        read = "".join(stranger.get(page).text for page in pages)
    for name, secret in of(live).items():
        assert secret not in read, name
    assert str(live.home) not in read
    assert "postgres" not in read.lower().replace("postgresql", "")


def test_answers_to_the_owner_hold_no_hash_key_or_folder(worked: Client, live: Live):
    read = ""
    for page in ("/api/accounts/user_details", "/api/system/campaigns", "/api/system/files"):
        read += worked.http.get(page).text
    assert not _HASH.search(read)
    assert "password" not in read
    assert "blob" not in read
    assert str(live.home) not in read


def test_even_a_log_of_everything_holds_no_secret(
    postgres_url: str, valkey_server: Valkey, served: Served, tmp_path: Path
):
    settings = {
        "TINGTING_DATABASE_URL": postgres_url,
        "TINGTING_REDIS_URL": valkey_server.url(8),
        "TINGTING_JWT_SECRET": KEY,
        "TINGTING_LOG_LEVEL": "debug",
    }
    with serving(tmp_path, **settings) as api, httpx.Client(base_url=api.url, trust_env=False) as client:
        good = client.post("/api/accounts/login/", json={"email": EMAIL, "password": PASSWORD})
        pair = good.json()["data"]["token"]
        client.post("/api/accounts/login/", data={"email": EMAIL, "password": f"{PASSWORD}x"})
        client.post("/api/accounts/token/refresh/", json={"refresh": pair["refresh"]})
        client.post("/api/accounts/token/refresh/", json={"refresh": pair["refresh"]})
        # A refresh token that came twice has ended its sign-in.
        again = client.post("/api/accounts/login/", json={"email": EMAIL, "password": PASSWORD})
        access = again.json()["data"]["token"]["access"]
        client.headers["Authorization"] = f"Bearer {access}"
        client.get("/api/accounts/user_details/")
        body = {"name": "x", "services": "PHONE", "individual_number": ["9811111111"]}
        client.post("/api/system/campaigns/", json=body, headers={"Idempotency-Key": "a-key"})
        voice = client.post("/api/system/test/voice/", json={"message": "नमस्ते"}).json()["data"]["voice_url"]
        client.get(voice)
        client.get("/api/system/campaigns", params={"page": "x"})
        said = api.said()

    assert len(said.splitlines()) > 3
    hidden = {
        "key": KEY,
        "password": PASSWORD,
        "access token": pair["access"],
        "refresh token": pair["refresh"],
        "database": postgres_url.split("@", maxsplit=1)[0].rpartition(":")[2],
        "queue": valkey_server.url(8).split("@")[0].rpartition(":")[2],
        "signature": voice.rpartition("=")[2],
    }
    for name, secret in hidden.items():
        assert secret not in said, name
    assert not _HASH.search(said)
    assert not _TOKEN.search(said)


def test_a_refusal_does_not_repeat_the_password_or_token_that_was_sent(served: Served):
    password, token = secrets.token_urlsafe(20), "eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0."
    with httpx.Client(base_url=served.url, trust_env=False) as client:
        answers = [
            client.post("/api/accounts/login/", json={"email": "nobody@example.com", "password": password}),
            client.post("/api/accounts/login/", json={"email": [], "password": {"x": password}}),
            client.post(
                "/api/accounts/login/", json={"email": "nobody@example.com", "password": password * 100}
            ),
            client.post("/api/accounts/token/refresh/", json={"refresh": token}),
            client.get("/api/accounts/user_details/", headers={"Authorization": f"Bearer {token}"}),
        ]
    for answer in answers:
        assert 400 <= answer.status_code < 500
        assert password not in answer.text
        assert token not in answer.text
    assert password not in served.said()


def test_the_document_gives_no_example_that_is_a_real_secret():
    from app.api.openapi import text

    document = text()
    assert not _TOKEN.search(document)
    assert not _HASH.search(document)
    assert not re.search(r"(?<![\w/])/(?:root|home|tmp|work|var)/", json.dumps(json.loads(document)))
