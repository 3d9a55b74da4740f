"""What a process holds, read from /proc: memory, open files, children."""

import contextlib
from dataclasses import dataclass
from pathlib import Path

from chaos.rig import Rig

_PAGE_KIB = 4


@dataclass(frozen=True, slots=True)
class Held:
    """Of one process and its children: resident memory in KiB, open files and sockets, and how many processes."""

    memory_kib: int
    files: int
    processes: int


def held_by(pid: int) -> Held:
    """What the process and all below it hold now; zeros when it is gone."""
    family = [pid, *_below(pid)]
    memory = files = 0
    for member in family:
        with contextlib.suppress(OSError, IndexError, ValueError):
            memory += int(Path(f"/proc/{member}/statm").read_text().split()[1]) * _PAGE_KIB
            files += sum(1 for _ in Path(f"/proc/{member}/fd").iterdir())
    return Held(memory, files, len(family))


def _below(pid: int) -> list[int]:
    found: list[int] = []
    with contextlib.suppress(OSError):
        for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
            found += [int(child), *_below(int(child))]
    return found


def held_by_parts(rig: Rig) -> dict[str, Held]:
    """What each part holds."""
    return {name: held_by(part.process.pid) for name, part in rig.parts.items()}
