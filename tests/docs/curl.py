"""What a developer with the API text has: curl."""

import json
import subprocess
from dataclasses import dataclass
from typing import Any

from tests.live import FINISHED, wait_for


@dataclass
class Curl:
    """What a developer with the API text and curl has."""

    url: str
    token: str = ""

    def __call__(self, method: str, path: str, body: str | None = None, *more: str) -> tuple[int, Any]:
        """The HTTP status and the JSON that came back."""
        command = ["curl", "--silent", "--show-error", "--noproxy", "*", "--request", method, *more]
        if self.token:
            command += ["--header", f"Authorization: Bearer {self.token}"]
        if body is not None:
            command += ["--header", "Content-Type: application/json", "--data-binary", body]
        command += ["--write-out", "\n%{http_code}", self.url + path]
        done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=True)
        text, _, status = done.stdout.rpartition("\n")
        return int(status), json.loads(text)

    def done(self, method: str, path: str, body: str | None = None) -> Any:
        """`data` of an answer that must be a success."""
        status, answer = self(method, path, body)
        assert 200 <= status < 300, answer
        assert answer["status"] == status
        assert answer["success"] is True
        return answer["data"]

    def campaign(self, **fields: Any) -> int:
        """A PHONE campaign from numbers.csv; its id."""
        body = {"name": "sample", "services": "PHONE", "send_to_number_file": "numbers.csv", **fields}
        return self.done("POST", "/api/system/campaigns/", json.dumps(body))["details"][0]["id"]

    def begin(self, campaign: int, sample: str) -> dict[str, Any]:
        """The run that a sample of begin makes."""
        return self.done("POST", f"/api/system/campaigns/{campaign}/begin/", sample)["run"]

    def finish(self, campaign: int, run: int) -> dict[str, dict[str, Any]]:
        """The calls of a run by number, once it is over."""
        at = f"/api/system/campaigns/{campaign}/runs/{run}/"
        wait_for(lambda: self.done("GET", at)["run"]["status"] in FINISHED, "the end of the run")
        return {str(call["number"]): call for call in self.done("GET", f"{at}calls/")["calls"]}
