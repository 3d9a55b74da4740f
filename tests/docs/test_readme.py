"""The README's own curl lines, run as they stand, and its tables against what they are made from."""

import io
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
import wave
from csv import DictReader
from pathlib import Path

import pytest
from openpyxl import load_workbook

from app.trial.behaviour import behaviour
from tests.docs.readme import ROOT, TEXT, blocks, first_cells, section
from tests.live import Live, wait_for

PEOPLE = 60
EXAMPLES = ROOT / "examples"


@pytest.fixture(scope="module")
def tour(live: Live, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder in which the bash blocks of "A first campaign" were run, one script as a reader would type it.

    Only two things differ from the page: where the service listens, and where the `tingting` command lies.
    """
    folder = tmp_path_factory.mktemp("readme")
    shutil.copytree(EXAMPLES, folder / "examples")
    script = "\n".join(blocks("bash", section("A first campaign")))
    command = f"{shlex.quote(sys.executable)} -m app.cli"
    for written, here in ((".venv/bin/tingting", command), ("http://127.0.0.1:8000", live.url)):
        assert script.count(written) == 1, written
        script = script.replace(written, here)
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", f'{script}\nprintf \'%s %s\' "$CAMPAIGN" "$RUN" > ids'],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), "TINGTING_HOME": str(live.home), "no_proxy": "*"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


def answer(tour: Path, name: str) -> dict:
    return json.loads((tour / name).read_text(encoding="utf-8"))


def test_the_readmes_lines_log_in_and_hear_a_voice(tour: Path) -> None:
    assert answer(tour, "login.json")["message"] == "Successfully logged in"
    with wave.open(io.BytesIO((tour / "message.wav").read_bytes())) as sound:
        assert sound.getframerate() == 8000
        assert 2 < sound.getnframes() / sound.getframerate() < 15


def test_the_readmes_lines_add_everybody_of_the_spreadsheet(tour: Path) -> None:
    data = answer(tour, "campaign.json")["data"]

    shown = next(json.loads(block) for block in blocks("json", TEXT) if '"import"' in block)
    assert data["import"] == shown["data"]["import"]
    assert data["import"]["accepted"] == PEOPLE
    assert data["details"][0]["usable_tags"] == ["tags_name", "tags_amount", "tags_due_date"]
    assert (tour / "ids").read_text().split()[0] == str(data["details"][0]["id"])


def test_the_readmes_lines_call_everybody_and_each_call_ends_as_its_phone_behaves(tour: Path) -> None:
    run = answer(tour, "progress.json")["data"]["run"]
    with (tour / "report.csv").open(encoding="utf-8-sig", newline="") as report:
        rows = list(DictReader(report))

    assert answer(tour, "run.json")["message"] == "Campaign is running"
    assert (run["status"], sum(run["counts"].values())) == ("Completed", PEOPLE)
    assert {row["Number"]: row["Status"] for row in rows} == {
        row["Number"]: behaviour(row["Number"]).call_status for row in rows
    }
    sheet = load_workbook(tour / "report.xlsx", read_only=True).worksheets[0]
    assert sum(1 for _ in sheet.iter_rows()) == 1 + PEOPLE


def test_the_readmes_lines_call_those_again_who_did_not_answer(tour: Path, live: Live) -> None:
    again = answer(tour, "again.json")["data"]["run"]
    campaign = int((tour / "ids").read_text().split()[0])
    run = answer(tour, "progress.json")["data"]["run"]

    assert again["recipients"] == run["counts"]["unanswered"]
    # The readme's account is its own; only that the phones rang again can be seen from here.
    unanswered = [
        row["Number"]
        for row in DictReader((tour / "report.csv").read_text(encoding="utf-8-sig").splitlines())
        if row["Status"] == "unanswered"
    ]
    assert campaign > 0
    wait_for(lambda: min(live.dialled(unanswered).values()) >= 2, "the second call of everybody")


def test_the_answers_shown_have_the_shape_of_the_real_ones(tour: Path) -> None:
    shown = [json.loads(block) for block in blocks("json", section("A first campaign"))]
    real = [answer(tour, "campaign.json"), answer(tour, "progress.json")]

    assert [shape(one) for one in shown] == [shape(one) for one in real]


def shape(value: object) -> object:
    """Names and kinds of what a JSON value holds; the counts that happened to be seen do not matter."""
    if isinstance(value, dict):
        return {key: "counts" if key == "counts" else shape(item) for key, item in value.items()}
    if isinstance(value, list):
        return [shape(item) for item in value[:1]]
    return "value"


def test_the_table_of_settings_is_current() -> None:
    done = subprocess.run(
        [sys.executable, "scripts/readme_settings.py", "--check"],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr


def test_every_dependency_is_told_with_its_reason_and_nothing_else() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = [*project["dependencies"], *project["optional-dependencies"]["local"]]
    names = {re.split(r"[\[<>=~!; ]", one, maxsplit=1)[0] for one in wanted}

    assert set(first_cells(section("Parts, and why"))) == names


def test_every_locked_package_has_its_licence_told() -> None:
    locked = re.findall(r"^([a-z0-9_.-]+)==", (ROOT / "requirements" / "run.lock").read_text(), re.MULTILINE)
    licences = (ROOT / "LICENSES.md").read_text(encoding="utf-8")

    assert set(locked) <= set(first_cells(licences.partition("## Python packages")[2]))


def test_every_reason_for_a_phones_behaviour_is_in_the_table_of_trial_phones() -> None:
    told = {}
    table = section("A first campaign").partition("### The trial phones")[2]
    for first, last, status in re.findall(r"^\| (\d\d)(?:–(\d\d))? \|.*\| `(\w+)`", table, re.MULTILINE):
        told.update({f"{ending:02d}": status for ending in range(int(first), int(last or first) + 1)})

    assert told == {f"{ending:02d}": behaviour(f"98000000{ending:02d}").call_status for ending in range(100)}


@pytest.mark.parametrize(
    "page", ["README.md", "CONTRIBUTING.md", "LICENSES.md", "docs/decisions.md", "docs/voices.md"]
)
def test_what_a_page_links_to_is_there(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    links = [link for link in re.findall(r"\]\(([^)]+)\)", text) if "://" not in link]

    for link in links:
        assert ((ROOT / page).parent / link.partition("#")[0]).exists(), link


def test_the_readme_names_no_setting_that_does_not_exist() -> None:
    known = set(re.findall(r"^\| `(TINGTING_\w+)`", section("Settings"), re.MULTILINE))

    assert set(re.findall(r"TINGTING_[A-Z_]+[A-Z]", TEXT)) - known == {"TINGTING_ACCOUNT_PASSWORD"}
