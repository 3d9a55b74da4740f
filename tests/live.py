"""A whole running service for tests: `tingting up` in a process of its own, spoken to over HTTP alone."""

import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from app.local.ports import free_port
from app.local.process import dies_with
from tests import warm

PATIENCE_S = 90.0
FINISHED = {"Completed", "Terminated"}


def wait_for(look: Callable[[], Any], what: str, seconds: float = PATIENCE_S) -> Any:
    """Look again and again until something comes of it; AssertionError when nothing does."""
    deadline = time.monotonic() + seconds
    while True:
        found = look()
        if found:
            return found
        assert time.monotonic() < deadline, f"{what} did not come about within {seconds:g} s"
        time.sleep(0.1)


class Live:
    """A stack that runs, and an account on it.

    Attributes:
        url: address of the API.
        email, password: of an account made for the tests.
        home: its data folder.
    """

    def __init__(self, home: Path, **settings: str) -> None:
        self.home = home
        self.email = "tests@example.com"
        self.password = secrets.token_urlsafe(16)
        self.port = free_port(None, "tcp")
        self.url = f"http://127.0.0.1:{self.port}"
        self._environment = {
            **os.environ,
            "TINGTING_HOME": str(home),
            "TINGTING_HTTP_PORT": str(self.port),
            "TINGTING_TRIAL_KEEP": "all",
            "TINGTING_LINE_PLACES": "60",
            "TINGTING_SPEECH_PROCESSES": "1",
            "TINGTING_SMS_VALIDITY_S": "10",  # the trial's five seconds are few on a crowded machine
            "TINGTING_ACCOUNT_PASSWORD": self.password,
            **settings,
        }
        self._process: subprocess.Popen[str] | None = None

    @property
    def phones_log(self) -> Path:
        """The trial phones' own record of the calls that they got, one JSON object a line."""
        return self.home / "phones" / "calls.jsonl"

    @property
    def centre_log(self) -> Path:
        """The trial message centre's own record, one JSON object a line."""
        return self.home / "centre" / "messages.jsonl"

    @property
    def heard_folder(self) -> Path:
        """Where the trial phones keep what they heard."""
        return self.home / "phones" / "heard"

    def start(self) -> None:
        """Start the stack and wait until it says that it is ready."""
        self._process = subprocess.Popen(
            [sys.executable, "-m", "app.cli", "up"],
            env=self._environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            preexec_fn=dies_with(os.getpid(), signal.SIGTERM),  # noqa: PLW1509
        )
        said = []
        for line in self._process.stdout:
            said.append(line)
            if line.startswith("Ready:"):
                break
        else:
            raise AssertionError("the stack did not start: " + "".join(said))
        self.tingting("accounts", "create", "--email", self.email, "--if-missing")

    def stop(self) -> None:
        """Stop the stack as Ctrl-C does; fails when it does not end in time."""
        process, self._process = self._process, None
        if process is not None:
            process.send_signal(signal.SIGINT)
            process.send_signal(signal.SIGINT)
            try:
                process.communicate(timeout=60)
            except subprocess.TimeoutExpired:
                process.kill()
                raise

    def tingting(self, *arguments: str) -> str:
        """Run the `tingting` command on this stack's data; its output."""
        done = warm.tingting(arguments, self._environment, 60)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def pid_of(self, part: str) -> int:
        """The process id of a part (api, worker, line, phones, …), by the command line of the stack's children."""
        for child in Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children").read_text().split():
            words = Path(f"/proc/{child}/cmdline").read_bytes().split(b"\0")
            if part == "sms" or b"smpp" in words:
                if part == "sms" and b"smpp" in words:
                    return int(child)
            elif part.encode() in words or words[0].endswith(part.encode()):
                return int(child)
        raise AssertionError(f"no process of {part}")

    def client(self) -> "Client":
        """A client that is logged in."""
        return Client(self)

    def invites(self, call_ids: Sequence[str] = ()) -> list[dict[str, Any]]:
        """INVITEs that the trial phones got (not retransmissions)."""
        if not self.phones_log.exists():
            return []
        entries = [json.loads(line) for line in self.phones_log.read_text().splitlines()]
        return [e for e in entries if e["event"] == "invite" and (not call_ids or e["call_id"] in call_ids)]

    def heard(self, number: str) -> Path:
        """The WAV of the last call to a national number."""
        files = sorted(self.heard_folder.glob(f"977{number}-*.wav"), key=lambda path: path.stat().st_mtime)
        assert files, f"nothing was heard at {number}"
        return files[-1]

    def dialled(self, numbers: Sequence[str]) -> Counter[str]:
        """How often each of these national numbers was dialled, by the phones' own record."""
        wanted = {f"+977{number}": number for number in numbers}
        return Counter(wanted[e["number"]] for e in self.invites() if e["number"] in wanted)


class Client:
    """One account's HTTP conversation with a stack."""

    def __init__(self, live: Live) -> None:
        self.http = httpx.Client(base_url=live.url, timeout=30, trust_env=False)
        answer = self.http.post("/api/accounts/login/", json={"email": live.email, "password": live.password})
        assert answer.status_code == 200, answer.text
        self.http.headers["Authorization"] = f"Bearer {answer.json()['data']['token']['access']}"

    def add(self, numbers: Sequence[str], **fields: Any) -> int:
        """A PHONE campaign with these numbers; its id."""
        body = {"name": "Test", "services": "PHONE", "individual_number": list(numbers), **fields}
        return self._data("POST", "/api/system/campaigns/", json=body)["details"][0]["id"]

    def add_file(self, csv: str, **fields: Any) -> int:
        """A PHONE campaign from a CSV; its id."""
        files = {"send_to_number_file": ("numbers.csv", csv.encode(), "text/csv")}
        data = {"name": "Test", "services": "PHONE", **fields}
        return self._data("POST", "/api/system/campaigns/", data=data, files=files)["details"][0]["id"]

    def begin(self, campaign_id: int, **fields: Any) -> int:
        """Begin; the run's id."""
        return self._data("POST", f"/api/system/campaigns/{campaign_id}/begin/", json=fields)["run"]["id"]

    def act(self, campaign_id: int, verb: str) -> httpx.Response:
        """pause, resume or stop."""
        return self.http.post(f"/api/system/campaigns/{campaign_id}/{verb}/")

    def run(self, campaign_id: int, run_id: int) -> dict[str, Any]:
        """A run with its counts."""
        return self._data("GET", f"/api/system/campaigns/{campaign_id}/runs/{run_id}/")["run"]

    def finish(self, campaign_id: int, run_id: int, seconds: float = PATIENCE_S) -> dict[str, Any]:
        """The run once it is over."""

        def over() -> dict[str, Any] | None:
            run = self.run(campaign_id, run_id)
            return run if run["status"] in FINISHED else None

        return wait_for(over, f"the end of run {run_id}", seconds)

    def calls(self, campaign_id: int, run_id: int) -> dict[str, dict[str, Any]]:
        """All calls of a run by national number."""
        found: dict[str, dict[str, Any]] = {}
        cursor = None
        while True:
            query = {"limit": "100", **({"cursor": cursor} if cursor else {})}
            data = self._data(
                "GET", f"/api/system/campaigns/{campaign_id}/runs/{run_id}/calls/", params=query
            )
            found.update({call["number"]: call for call in data["calls"]})
            cursor = data.get("next_cursor")
            if not cursor:
                return found

    def _data(self, method: str, path: str, **arguments: Any) -> Any:
        answer = self.http.request(method, path, **arguments)
        assert answer.is_success, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json()["data"]


@contextmanager
def running(**settings: str) -> Iterator[Live]:
    """A stack of one's own in a new data folder, stopped and removed at the end."""
    base = Path(tempfile.mkdtemp(prefix="tingting-live-"))
    base.chmod(0o711)
    live = Live(base / "home", **settings)
    try:
        live.start()
        yield live
        live.stop()
    finally:
        if live._process is not None:
            live._process.kill()
        shutil.rmtree(base, ignore_errors=True)
