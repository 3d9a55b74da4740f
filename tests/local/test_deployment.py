"""What is shipped: locks, image, compose file and example settings agree with the code and name no machine."""

import ast
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from app.cli import app as command
from app.core.settings import Settings

_ROOT = Path(__file__).parents[2]
_CACHES = {"UV_CACHE_DIR", "XDG_CACHE_HOME", "UV_NO_CACHE"}
_PARTS = {"api", "worker", "line", "migrate", "phones"}
_NAMES = {item.name or item.callback.__name__ for item in command.registered_commands}
_SETTINGS = {f"TINGTING_{name.upper()}" for name in Settings.model_fields}


@pytest.fixture(scope="module")
def services() -> dict[str, Any]:
    return yaml.safe_load((_ROOT / "compose.yaml").read_text())["services"]


def _instructions() -> list[tuple[str, str]]:
    text = (_ROOT / "Dockerfile").read_text().replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return [(line.split(None, 1)[0], line.split(None, 1)[1]) for line in lines]


@pytest.mark.parametrize("lock", ["run.lock", "dev.lock", "uv.txt"])
def test_locks_pin_every_package_by_hash_and_name_no_machine(lock: str) -> None:
    text = (_ROOT / "requirements" / lock).read_text()
    assert "://" not in text
    assert not re.search(r"(^|[\s=])/[a-z]", text)
    pinned = re.split(r"\n(?=[A-Za-z])", text.partition("\n#    make lock\n")[2])
    assert pinned
    for package in pinned:
        assert re.match(r"[A-Za-z0-9._-]+(\[[a-z,]+\])?==", package), package
        assert "--hash=sha256:" in package, package


def test_what_the_tests_run_on_is_what_is_shipped() -> None:
    def versions(lock: str) -> set[str]:
        return set(re.findall(r"^\S+==\S+", (_ROOT / "requirements" / lock).read_text(), re.MULTILINE))

    assert versions("run.lock") <= versions("dev.lock")


def test_compose_runs_every_part_by_a_command_that_exists(services: dict[str, Any]) -> None:
    assert set(services) == {"postgres", "valkey", "migrate", "api", "worker", "line", "sms", "phones"}
    assert services["sms"]["command"] == ["line", "--kind", "smpp"]
    assert _NAMES >= _PARTS
    for part in _PARTS:
        assert services[part]["command"][0] == part


def test_compose_sets_only_settings_that_exist(services: dict[str, Any]) -> None:
    for part in _PARTS:
        assert set(services[part].get("environment", {})) <= _SETTINGS
    needed = {"TINGTING_DATABASE_URL", "TINGTING_REDIS_URL", "TINGTING_JWT_SECRET", "TINGTING_BLOB_URL"}
    assert all(set(services[part]["environment"]) >= needed for part in ("api", "worker", "line"))


def test_servers_are_watched_and_parts_wait_for_the_migration(services: dict[str, Any]) -> None:
    for name in set(services) - {"migrate"}:
        assert services[name]["healthcheck"]["test"]
    for part in ("api", "worker", "line"):
        assert services[part]["depends_on"]["migrate"] == {"condition": "service_completed_successfully"}


def test_parts_in_containers_write_nowhere_else_and_have_no_right_of_root(services: dict[str, Any]) -> None:
    for part in _PARTS | {"sms"}:
        assert services[part]["read_only"] is True
        assert services[part]["cap_drop"] == ["ALL"]
    for name, service in services.items():
        assert {"mem_limit", "cpus"} <= set(service), name
    assert all(port.startswith("127.0.0.1:") for port in services["api"]["ports"])


def test_the_folder_of_a_mounted_blob_volume_is_made_in_the_image_for_its_user(
    services: dict[str, Any],
) -> None:
    """A volume takes the owner of the folder that it is mounted on; of one that is not there it makes root's."""
    mounted = {volume.partition(":")[2] for volume in services["api"]["volumes"]}
    made = next(rest for name, rest in _instructions() if name == "RUN" and "install -d" in rest)
    assert mounted == {"/data/blobs"}
    assert "-o tingting -g tingting" in made
    assert mounted <= set(made.split())


def test_compose_holds_no_secret_and_publishes_the_api_alone(services: dict[str, Any]) -> None:
    text = (_ROOT / "compose.yaml").read_text()
    for secret in ("POSTGRES_PASSWORD", "VALKEY_PASSWORD", "TINGTING_JWT_SECRET"):
        assert f"${{{secret}:?" in text
    assert [name for name in services if "ports" in services[name]] == ["api"]


def test_every_variable_of_compose_is_explained_in_the_example_and_none_is_filled_with_a_secret() -> None:
    example = (_ROOT / ".env.example").read_text()
    used = set(re.findall(r"(?<!\$)\$\{(\w+)", (_ROOT / "compose.yaml").read_text()))
    given = dict(re.findall(r"^#? ?(\w+)=(.*)$", example, re.MULTILINE))
    assert used | {"COMPOSE_PROFILES"} == set(given)
    assert {name for name in given if name.startswith("TINGTING_")} <= _SETTINGS
    for name, value in given.items():
        if "PASSWORD" in name or "SECRET" in name:
            assert value == ""


def test_the_image_copies_what_is_there_and_runs_as_nobody_special() -> None:
    steps = _instructions()
    for name, rest in steps:
        if name == "COPY" and not rest.startswith("--from"):
            for source in rest.split()[:-1]:
                assert (_ROOT / source).exists(), source
                assert f"!{source}" in (_ROOT / ".dockerignore").read_text().splitlines(), source
    assert dict(steps)["USER"] == "10001:10001"
    assert ast.literal_eval(dict(steps)["ENTRYPOINT"]) == ["tingting"]
    assert ast.literal_eval(dict(steps)["CMD"])[0] in _PARTS
    assert sum(name == "FROM" for name, _ in steps) == 2


def test_nobody_without_python_is_left_guessing(tmp_path: Path) -> None:
    (tmp_path / "python3").write_text("#!/bin/sh\nexit 1\n")
    (tmp_path / "python3").chmod(0o755)
    done = _find_python(tmp_path)
    assert done.returncode == 1
    assert "Python 3.11 to 3.14 is needed" in done.stderr


def test_the_readme_names_the_pythons_that_the_script_takes() -> None:
    script = (_ROOT / "scripts/find-python.sh").read_text()
    first, last = re.findall(r"\(3, (\d+)\)", script)
    assert f"with Python 3.{first} to 3.{last}," in (_ROOT / "README.md").read_text()


def test_nobody_without_the_venv_module_is_left_guessing(tmp_path: Path) -> None:
    (tmp_path / "python3").write_text('#!/bin/sh\ncase "$2" in *ensurepip*) exit 1 ;; esac\nexit 0\n')
    (tmp_path / "python3").chmod(0o755)
    done = _find_python(tmp_path)
    assert done.returncode == 1
    assert "python3-venv" in done.stderr


def test_a_missing_program_is_named_with_its_package(tmp_path: Path) -> None:
    (tmp_path / "id").write_text("#!/bin/sh\necho 1000\n")
    (tmp_path / "id").chmod(0o755)
    done = subprocess.run(
        ["/bin/sh", str(_ROOT / "scripts/system-packages.sh"), "sh=dash", "no-such-program=its-package"],
        env={"PATH": f"{tmp_path}:{os.defpath}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr.rstrip().endswith("apt-get install its-package")


def _find_python(path: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["/bin/sh", str(_ROOT / "scripts/find-python.sh")],
        env={"PATH": str(path)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_documents_spell_the_command_so_that_it_runs_as_typed() -> None:
    words = "|".join(sorted({*_NAMES, "accounts", "limits"}))
    wrong = []
    for path in (*_ROOT.glob("*.md"), *(_ROOT / "docs").glob("*.md")):
        text = path.read_text()
        if path.name in {"CONTRIBUTING.md", "CHANGELOG.md"}:
            continue
        in_image = re.search(r"^## Running in containers\n.*?(?=^## )", text, re.MULTILINE | re.DOTALL)
        if in_image:  # whose entry point it is
            text = text.replace(in_image.group(), "")
        wrong += [
            f"{path.name}: {found}" for found in re.findall(rf"(?<![\w/.-])tingting (?:{words})\b", text)
        ]
    assert wrong == []


def test_a_user_without_a_home_can_install(tmp_path: Path) -> None:
    uv = f"{sys.executable} -m uv pip list"
    environment = {name: value for name, value in os.environ.items() if name not in _CACHES}

    def listed(script: str, home: Path) -> subprocess.CompletedProcess[str]:
        called = ["sh", "-euc", script]
        here = {**environment, "HOME": str(home)}
        return subprocess.run(called, cwd=_ROOT, env=here, capture_output=True, text=True, check=False)

    nowhere = tmp_path / "file" / "home"
    nowhere.parent.write_text("a file, in which not even root makes a folder")
    assert listed(uv, nowhere).returncode != 0
    done = listed(f". scripts/cache.sh; {uv}", nowhere)
    assert done.returncode == 0, done.stderr
    assert "true" not in listed('. scripts/cache.sh; echo "${UV_NO_CACHE:-}"', tmp_path).stdout
