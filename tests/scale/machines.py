"""Machines on a network of their own, as namespaces of the kernel: each has its interface, name and process table.

Nothing of it has a name outside. A machine lives as long as its first process, and that ends with the tests, however
they end; the kernel then ends whatever ran on it and takes the network back. So no crash leaves anything behind.
"""

import contextlib
import ctypes
import os
import signal
import socket
import subprocess
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
_NET = "192.0.2"  # TEST-NET-1, RFC 5737: routed nowhere
_FIRST_PROCESS = 'hostname "$0" && ip link set lo up && echo up && exec sleep infinity'
_CLONE_NEWNET = 0x40000000  # linux/sched.h
_LIBC = ctypes.CDLL(None, use_errno=True)
_OWN = ("--net", "--uts", "--pid")


def unshare(*command: str) -> list[str]:
    """A command in new namespaces, which ends with the thread that starts it. Only the main thread outlasts a test."""
    ties = ("setpriv", "--pdeathsig", "KILL", "unshare", *_OWN, "--mount-proc", "--fork", "--kill-child")
    return [*ties, "--", *command]


class Machine:
    """A machine that nothing is connected to yet.

    Args:
        name: its host name.
        folder: where the output of its programs goes; made.

    Attributes:
        address: of its interface; empty until a `Network` connects it.
    """

    def __init__(self, name: str, folder: Path) -> None:
        self.name = name
        self.folder = folder
        self.address = ""
        folder.mkdir(parents=True, exist_ok=True)
        self._programs: list[subprocess.Popen[bytes]] = []
        with (folder / "unshare.log").open("ab") as log:
            self._holder = subprocess.Popen(
                unshare("sh", "-c", _FIRST_PROCESS, name),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
            )
        assert self._holder.stdout.readline() == b"up\n", f"the machine {name} did not start"
        holder = self._holder.pid
        self.first_process = int(Path(f"/proc/{holder}/task/{holder}/children").read_text())

    @property
    def is_up(self) -> bool:
        return self._holder.poll() is None

    def start(self, program: str, *arguments: str, env: Mapping[str, str] | None = None) -> None:
        """Start a program here that runs until the machine fails; what it writes goes to `<program>.log`."""
        with (self.folder / f"{Path(program).name}.log").open("ab") as log:
            started = subprocess.Popen(
                self._enter("--uts", "--pid", "--mount", f"--wd={REPOSITORY}", "--", program, *arguments),
                env=env,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        self._programs.append(started)

    def run(self, *command: str) -> int:
        """Run a command on this machine's network and wait for it; its exit code."""
        return subprocess.run(self._enter("--", *command), cwd=self.folder, check=False).returncode

    def open_socket(self, make: Callable[[], socket.socket]) -> socket.socket:
        """A socket of ours on this machine's network: it stays where it was made, wherever its process is."""

        def visit() -> socket.socket:
            with Path(f"/proc/{self.first_process}/ns/net").open("rb") as namespace:
                if _LIBC.setns(namespace.fileno(), _CLONE_NEWNET) != 0:
                    raise OSError(ctypes.get_errno(), "setns")
            return make()

        with ThreadPoolExecutor(1) as visitor:  # this thread stays on that network, and ends
            return visitor.submit(visit).result()

    def udp(self) -> socket.socket:
        """A UDP port of ours on this machine, waited on for 15 s at most."""

        def make() -> socket.socket:
            made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            made.bind((self.address, 0))
            made.settimeout(15)
            return made

        return self.open_socket(make)

    def received_bytes(self) -> int:
        """What came in by its interface since it was connected."""
        for line in Path(f"/proc/{self.first_process}/net/dev").read_text().splitlines():
            interface, _, counters = line.partition(":")
            if interface.strip() == "eth0":
                return int(counters.split()[0])
        raise AssertionError(f"{self.name} is not connected")

    def fail(self) -> None:
        """Kill everything that runs here at once, as a power cut does."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.first_process, signal.SIGKILL)
        self._holder.wait()
        self._holder.stdout.close()
        for program in self._programs:
            program.wait()

    def _enter(self, *arguments: str) -> list[str]:
        return ["nsenter", f"--target={self.first_process}", "--net", *arguments]


class Network:
    """A switch and the machines on it.

    Args:
        folder: each machine gets a folder of its own in it.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._machines: list[Machine] = []
        self._switch = Machine("switch", folder / "switch")
        self._ip(self._switch, "link add lan up type bridge")

    def machine(self, name: str, host: int) -> Machine:
        """A new machine whose address ends in `host`; the last one of that name must have failed."""
        machine = Machine(name, self._folder / name)
        self._machines.append(machine)
        machine.address = f"{_NET}.{host}"
        end = f"peer name eth0 netns {machine.first_process}"
        self._ip(self._switch, f"link add {name} up master lan type veth {end}")
        self._ip(machine, f"address add {machine.address}/24 dev eth0")
        self._ip(machine, "link set eth0 up")
        return machine

    def close(self) -> None:
        """Let everything fail."""
        for machine in (*self._machines, self._switch):
            machine.fail()

    @staticmethod
    def _ip(machine: Machine, words: str) -> None:
        assert machine.run("ip", *words.split()) == 0, f"{machine.name}: ip {words}"
