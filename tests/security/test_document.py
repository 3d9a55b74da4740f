"""The service does what its document says: Schemathesis, every operation, every check."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.security.served import Served

_FOLDER = Path(__file__).parent
_EXAMPLES = os.environ.get("SCHEMATHESIS_EXAMPLES", "4")


# A stranger is refused before the body counts: for them the boundaries of every field are left out.
_PHASES = {"the owner of an account": "examples,coverage,fuzzing,stateful", "a stranger": "examples,fuzzing"}


@pytest.mark.parametrize(("who", "cases"), [("the owner of an account", 300), ("a stranger", 100)])
def test_every_answer_to_anything_is_what_the_document_says_and_none_is_a_500(
    served: Served, token: str, tmp_path: Path, who: str, cases: int
):
    known = ["--header", f"Authorization: Bearer {token}"] if who != "a stranger" else []
    # In a folder of its own: it keeps a cache of examples where it is started.
    shutil.copy(_FOLDER / "schemathesis.toml", tmp_path)
    done = subprocess.run(
        [
            *(sys.executable, "-m", "schemathesis.cli", "run", f"{served.url}/openapi.json"),
            *(
                "--max-examples",
                _EXAMPLES,
                "--continue-on-failure",
                "--no-color",
                "--phases",
                _PHASES[who],
                *known,
            ),
        ],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )

    assert done.returncode == 0, done.stdout[-20_000:] + done.stderr[-2_000:]
    assert int(re.search(r"(\d+) generated", done.stdout)[1]) > cases
    assert "unexpected_error" not in served.said()
    assert "Traceback" not in served.said()
