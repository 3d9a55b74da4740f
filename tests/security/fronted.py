"""The nginx of `examples/`, before a running API."""

import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from tests.security.served import free_port

EXAMPLE = Path(__file__).parents[2] / "examples/nginx/tingting.conf"
_START_S = 30.0
_MAIN = """
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/nginx.log;
worker_processes 1;
{user}
events {{ worker_connections 4096; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/tingting.conf;
}}
"""


@dataclass(frozen=True)
class Front:
    """A running nginx: where it speaks TLS, where the same server speaks plain HTTP, where it only redirects.

    Attributes:
        certificate: to be trusted by its clients.
        log: what nginx itself writes.
    """

    tls: str
    plain: str
    redirecting: str
    certificate: Path
    log: Path


@contextmanager
def nginx_before(url: str, folder: Path, **changes: str) -> Iterator[Front]:
    """nginx with the example's file, its addresses and paths put for those of this machine; `changes`: directives."""
    tls, plain, redirecting = free_port(), free_port(), free_port()
    certificate, key = _certificate(folder)
    upstream = httpx.URL(url)
    text = EXAMPLE.read_text()
    for old, new in {
        "server 127.0.0.1:8000;": f"server {upstream.host}:{upstream.port};",
        "listen 80;": f"listen 127.0.0.1:{redirecting};",
        "listen [::]:80;": "",
        "listen 443 ssl;": f"listen 127.0.0.1:{tls} ssl; listen 127.0.0.1:{plain};",
        "listen [::]:443 ssl;": "",
        "/etc/ssl/calls.example.com/fullchain.pem": str(certificate),
        "/etc/ssl/calls.example.com/privkey.pem": str(key),
    }.items():
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    for name, value in changes.items():
        text, found = re.subn(rf"{name} [^;]*;", f"{name} {value};", text)
        assert found, name
    (folder / "tingting.conf").write_text(text)
    root = folder.owner() == "root"
    (folder / "nginx.conf").write_text(_MAIN.format(folder=folder, user="user root;" if root else ""))
    program = shutil.which("nginx") or "/usr/sbin/nginx"
    log = folder / "nginx.log"
    with (folder / "nginx.out").open("wb") as out:
        process = subprocess.Popen(
            [program, "-p", folder, "-e", log, "-c", folder / "nginx.conf"], stdout=out, stderr=out
        )
    try:
        front = Front(
            f"https://localhost:{tls}",
            f"http://127.0.0.1:{plain}",
            f"http://127.0.0.1:{redirecting}",
            certificate,
            log,
        )
        _wait(process, front)
        yield front
    finally:
        process.terminate()
        process.wait(30)


def _wait(process: subprocess.Popen[bytes], front: Front) -> None:
    ends = time.monotonic() + _START_S
    while time.monotonic() < ends:
        assert process.poll() is None, front.log.read_text()
        try:
            httpx.get(f"{front.plain}/health/live", trust_env=False)
        except httpx.TransportError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError("nginx did not start: " + front.log.read_text())


def _certificate(folder: Path) -> tuple[Path, Path]:
    certificate, key = folder / "certificate.pem", folder / "key.pem"
    subprocess.run(
        [
            *(
                "openssl",
                "req",
                "-x509",
                "-newkey",
                "ec",
                "-pkeyopt",
                "ec_paramgen_curve:prime256v1",
                "-nodes",
            ),
            *("-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"),
            *("-keyout", key, "-out", certificate),
        ],
        check=True,
        capture_output=True,
    )
    return certificate, key
