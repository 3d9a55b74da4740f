"""The log says who did what: a line for each request and for each act, and nothing of what was sent."""

import json
import socket
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.live import wait_for
from tests.security.conftest import EMAIL, PASSWORD
from tests.security.served import Served

LOGIN, REFRESH = "/api/accounts/login/", "/api/accounts/token/refresh/"
NUMBER, MESSAGE = "9811223344", "an-unheard-of-message"
FIELDS = {
    "method",
    "route",
    "status",
    "ms",
    "account",
    "request_id",
    "address",
    "event",
    "level",
    "logger",
    "timestamp",
}


class Watched:
    """A client whose requests carry an id each, and what the log says of that id."""

    def __init__(self, served: Served, http: httpx.Client) -> None:
        self._served, self._http = served, http

    def ask(
        self, method: str, path: str, token: str | None = None, **request: Any
    ) -> tuple[httpx.Response, list]:
        """The answer, and the lines with this request's id."""
        headers = {"X-Request-ID": uuid4().hex}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        answer = self._http.request(method, path, headers=headers, **request)
        lines = wait_for(lambda: self.lines_of(headers["X-Request-ID"]), "the line of the request")
        return answer, lines

    def lines_of(self, request_id: str) -> list[dict[str, Any]]:
        """The lines of a request once its last is there, which is written behind the answer."""
        written = self._served.said().rpartition("\n")[0]
        lines = [json.loads(line) for line in written.splitlines() if request_id in line]
        return lines if any(line["event"] == "request" for line in lines) else []

    def events(self, method: str, path: str, token: str | None = None, **request: Any) -> list[str]:
        """The events of its lines, in their order."""
        return [line["event"] for line in self.ask(method, path, token, **request)[1]]


@pytest.fixture
def watched(served: Served) -> Iterator[Watched]:
    with httpx.Client(base_url=served.url, trust_env=False, timeout=60) as http:
        yield Watched(served, http)


def test_a_request_leaves_one_line_with_its_route_and_none_of_its_values(watched: Watched, token: str):
    answer, (line,) = watched.ask("GET", f"/api/system/campaigns/424242/details/?secret={NUMBER}", token)

    assert set(line) == FIELDS
    assert (line["event"], line["method"], line["status"]) == ("request", "GET", answer.status_code)
    assert line["route"] == "/api/system/campaigns/{campaign_id}/details"
    assert isinstance(line["account"], int)
    assert line["address"] == "127.0.0.1"
    assert answer.headers["X-Request-ID"] == line["request_id"]
    assert not {NUMBER, "424242", "secret"} & set(json.dumps(line).split('"'))


def test_what_is_nowhere_and_nobodys_leaves_its_line_too(watched: Watched):
    answer, (line,) = watched.ask("GET", f"/no/such/{NUMBER}")
    assert (answer.status_code, line["status"], line["route"], line["account"]) == (404, 404, "none", None)


def test_logins_and_their_refusals_are_told(watched: Watched):
    assert watched.events("POST", LOGIN, json={"email": EMAIL, "password": PASSWORD}) == ["login", "request"]
    _, (refused, request) = watched.ask("POST", LOGIN, json={"email": EMAIL, "password": MESSAGE})
    assert (refused["event"], refused["code"]) == ("login_refused", "wrong_credentials")
    assert isinstance(refused["account"], int)
    _, (refused, _request) = watched.ask("POST", LOGIN, json={"email": "nobody@example.com", "password": "x"})
    assert (refused["code"], refused["account"]) == ("wrong_credentials", None)
    assert request["status"] == 401


def test_a_token_that_is_refused_is_told_with_its_reason(watched: Watched):
    for sent, code in ((None, "not_authenticated"), ("nonsense", "token_invalid")):
        _, (refused, _request) = watched.ask("GET", "/api/accounts/user_details/", sent)
        assert (refused["event"], refused["code"], refused["logger"]) == ("access_refused", code, "trail")


def test_the_reuse_of_a_refresh_token_is_told(watched: Watched):
    answer, _ = watched.ask("POST", LOGIN, json={"email": EMAIL, "password": PASSWORD})
    used = {"refresh": answer.json()["data"]["token"]["refresh"]}
    assert watched.events("POST", REFRESH, json=used) == ["request"]
    _, (reused, _request) = watched.ask("POST", REFRESH, json=used)
    assert reused["event"] == "refresh_token_reused"
    assert isinstance(reused["account"], int)


def test_begin_pause_and_stop_are_told_once_they_stand(watched: Watched, token: str):
    answer, _ = watched.ask(
        "POST",
        "/api/system/campaigns/",
        token,
        json={"name": MESSAGE, "services": "PHONE", "individual_number": [NUMBER]},
    )
    path = f"/api/system/campaigns/{answer.json()['data']['details'][0]['id']}"
    begun, (told, _request) = watched.ask("POST", f"{path}/begin/", token, json={"message": MESSAGE})
    run = begun.json()["data"]["run"]["id"]
    assert (told["event"], told["run"], told["recipients"]) == ("run_begun", run, 1)
    assert isinstance(told["account"], int)

    assert watched.events("POST", f"{path}/begin/", token, json={"message": MESSAGE}) == ["request"], (
        "refused"
    )
    stopped, lines = watched.ask("POST", f"{path}/stop/", token)
    assert stopped.status_code == 200, stopped.text
    assert [(line["event"], line.get("run")) for line in lines] == [("run_stopped", run), ("request", None)]


def test_no_line_holds_a_number_a_message_or_a_password(served: Served, watched: Watched, token: str):
    watched.ask("GET", f"/api/system/campaigns?search={NUMBER}", token)
    watched.ask("POST", LOGIN, json={"email": EMAIL, "password": MESSAGE})
    for secret in (NUMBER, MESSAGE, PASSWORD, EMAIL):
        assert secret not in served.said()


@pytest.mark.parametrize(
    ("sent", "status"),
    [(b"GET / HTTP/1.1\r\nX: " + b"y" * 70_000, 431), (b"\x16\x03\x01\r\n\r\n", 400)],
    ids=["a head too large", "no HTTP"],
)
def test_what_is_refused_before_it_is_a_request_has_an_id_and_its_line(
    served: Served, watched: Watched, sent: bytes, status: int
):
    with socket.create_connection((httpx.URL(served.url).host, httpx.URL(served.url).port)) as client:
        client.sendall(sent)
        head = client.makefile("rb").read().lower().partition(b"\r\n\r\n")[0].decode()
    request_id = head.partition("x-request-id: ")[2].partition("\r\n")[0]
    assert request_id
    (line,) = wait_for(lambda: watched.lines_of(request_id), "the line of the refusal")
    assert set(line) == FIELDS
    assert (line["status"], line["route"], line["address"]) == (status, "none", "127.0.0.1")
