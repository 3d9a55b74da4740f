"""The bench in its short form: that it runs to its end on the engine as it is. No figure is judged here."""

import json
import subprocess
import sys

import pytest

from bench.figures import Figure, middle
from bench.picture import draw
from bench.stage import RESULTS


@pytest.mark.parametrize("row", ["lifecycle", "dispatch", "storage"])
def test_the_short_form_runs_to_its_end(row, tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "bench", "2000", "--only", row, "--json", str(tmp_path / "found.json")],
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    found = json.loads((tmp_path / "found.json").read_text())
    assert found["size"] == 2000
    assert all(figure["ours"] >= 0 for figure in found["figures"])


def test_the_picture_holds_a_bar_for_each_figure(tmp_path):
    figures = [
        Figure("dispatch", 2400, 3000, "calls/s", 0.8, at_least=True),
        Figure("begin answer", 12, None, "ms", 100, at_least=False),
        Figure("starved frames", 0, None, "frames", 0, at_least=False),
        Figure("starved frames", 7, None, "frames", 0, at_least=False),
    ]
    draw(figures, tmp_path / "picture.png")
    assert (tmp_path / "picture.png").read_bytes().startswith(b"\x89PNG")


def test_of_alternating_runs_the_median_ratio_counts():
    assert middle([(1, 2), (9, 10), (5, 50)]) == (1, 2)


def test_a_goal_is_met_by_the_ratio_or_by_the_value():
    assert Figure("x", 8, 10, "/s", 0.8, at_least=True).met
    assert not Figure("x", 12, 10, "s", 1.1, at_least=False).met
    assert Figure("x", 0.9, None, "s", 1.0, at_least=False).met


def test_results_go_to_a_folder_that_git_ignores():
    ignored = subprocess.run(
        ["git", "check-ignore", "--quiet", str(RESULTS / "full.json")], cwd=RESULTS.parents[1], check=False
    )
    assert ignored.returncode == 0
