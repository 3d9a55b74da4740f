"""Builds and runs the image by buildah, with everything that it makes in one folder."""

import os
import shutil
import signal
import subprocess
from collections.abc import Mapping
from pathlib import Path

_BASE = "docker.io/library/python:3.12-slim-bookworm"
_TOOLS = ("buildah", "debootstrap")
_PACKAGES = "python3,python3-venv,ca-certificates,binutils"
_CACHE = Path("/var/cache/tingting-tests")
_CERTIFICATES = Path("/etc/ssl/certs")


def missing_tools() -> list[str]:
    """Programs that are not here; Debian has them under the same names."""
    return [name for name in _TOOLS if shutil.which(name) is None]


class Builder:
    """One image and the parts that run from it.

    Attributes:
        folder: holds images, containers and logs.
        url, settings: of the service, for the tests.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.url = ""
        self.settings: dict[str, str] = {}
        self._logs: dict[int, Path] = {}
        self._container = ""
        self._environment = {
            **os.environ,
            "BUILDAH_ISOLATION": "chroot",
            "STORAGE_DRIVER": "vfs",
            "XDG_RUNTIME_DIR": str(folder),
        }

    def build(self, root: Path) -> None:
        """Make the base and build the Dockerfile of the checkout at `root` on it."""
        container = self._buildah("from", "scratch")
        self._buildah("add", container, str(_base_archive()), "/")
        self._buildah("commit", "--rm", container, _BASE)
        pip = self.folder / "pip.conf"
        pip.write_text("[global]\ncert = /etc/ssl/certs/ca-certificates.crt\n")
        self._buildah(
            "bud", "--pull-never", "--network", "host", "--format", "docker", "--tag", "tingting-server",
            "--volume", f"{_CERTIFICATES}:{_CERTIFICATES}:ro", "--volume", f"{pip}:/etc/pip.conf:ro", str(root),
        )  # fmt: skip
        self._container = self._buildah("from", "--pull-never", "tingting-server")

    def run(self, variables: Mapping[str, str], *command: str) -> subprocess.Popen[str]:
        """Start a command of the image on the host's network, as the image's own user."""
        settings = [word for name, value in variables.items() for word in ("--env", f"{name}={value}")]
        log = self.folder / f"{len(self._logs)}-{command[1]}.log"
        with log.open("w") as out:
            process = subprocess.Popen(
                [*self._prefix(), "run", "--network", "host", *settings, self._container, "--", *command],
                env=self._environment,
                stdout=out,
                stderr=subprocess.STDOUT,
                text=True,
                start_new_session=True,
            )
        self._logs[process.pid] = log
        return process

    def output(self, *command: str) -> str:
        """What a command of the image prints."""
        process = self.run({}, *command)
        assert process.wait(60) == 0, self.log(process)
        return self.log(process)

    def log(self, process: subprocess.Popen[str]) -> str:
        """What it has printed so far."""
        return self._logs[process.pid].read_text()

    def signal(self, process: subprocess.Popen[str], number: signal.Signals) -> None:
        """Send a signal to the innermost process, as an engine does to a container's first."""
        if process.poll() is None:
            os.kill(_innermost(process.pid), number)

    def remove(self) -> None:
        """Remove containers and images."""
        self._buildah("rm", "--all")
        self._buildah("rmi", "--all", "--force")

    def _buildah(self, *words: str) -> str:
        done = subprocess.run(
            [*self._prefix(), *words], env=self._environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"buildah {words}: {done.stdout[-3000:]}{done.stderr[-3000:]}"
        return done.stdout.strip().splitlines()[-1] if done.stdout.strip() else ""

    def _prefix(self) -> list[str]:
        return ["buildah", "--root", str(self.folder / "storage"), "--runroot", str(self.folder / "run")]


def _innermost(pid: int) -> int:
    """The first process below buildah's own that is not buildah."""
    while Path(f"/proc/{pid}/cmdline").read_text().startswith("buildah"):
        # Any of its threads may have made the child.
        lists = [path.read_text().split() for path in Path(f"/proc/{pid}/task").glob("*/children")]
        children = [int(child) for some in lists for child in some]
        if not children:
            break
        pid = children[0]
    return pid


def _base_archive() -> Path:
    """Debian with its own Python, as a tar file that is made once a machine."""
    archive = _CACHE / "bookworm-python.tar"
    if not archive.exists():
        _CACHE.mkdir(parents=True, exist_ok=True)
        tree = _CACHE / "tree"
        shutil.rmtree(tree, ignore_errors=True)
        mirror = _mirror()
        subprocess.run(
            ["debootstrap", "--variant=minbase", f"--include={_PACKAGES}", "bookworm", str(tree), mirror],
            check=True,
            stdout=subprocess.DEVNULL,
        )
        draft = archive.with_suffix(".draft")
        subprocess.run(["tar", "cf", str(draft), "--exclude=./dev/*", "-C", str(tree), "."], check=True)
        draft.rename(archive)
        shutil.rmtree(tree, ignore_errors=True)
    return archive


def _mirror() -> str:
    """The mirror that this machine's own packages come from."""
    wanted = [
        "apt-get",
        "indextargets",
        "--format",
        "$(REPO_URI)",
        "Created-By: Packages",
        "Codename: bookworm",
    ]
    found = subprocess.run(wanted, check=True, capture_output=True, text=True).stdout.split()
    assert found, "run apt-get update first"
    return found[0]
