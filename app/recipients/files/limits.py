"""How much of a recipient file is read, and how much of the machine reading it may take."""

import resource
from dataclasses import dataclass


@dataclass(frozen=True)
class ImportLimits:
    """Bounds of one import.

    Attributes:
        rows: recipients, the header not counted.
        columns: columns with a name, that of the numbers included.
        cell_chars: characters in one cell.
        row_chars: characters of a recipient as it is stored, the names of its tags included. Lists show 200 at a time,
            reports 500, and a line claims dozens.
        file_bytes: the file as sent.
        inflated_bytes: what an .xlsx unpacks to. A million rows of five columns are 285 MB.
        cells: rows times columns between the outermost cells of an .xlsx: what its reader holds in memory,
            115 bytes each as measured with text in most.
        memory_bytes: address space of the reading process. A CSV file of a million rows takes 35 MB in all.
        cpu_s: seconds of processor time.
        wall_s: seconds from start to end.
    """

    rows: int = 1_000_000
    columns: int = 200
    cell_chars: int = 5_000
    row_chars: int = 30_000
    file_bytes: int = 256 * 1024**2
    inflated_bytes: int = 1024**3
    cells: int = 10_000_000
    memory_bytes: int = 1536 * 1024**2
    cpu_s: int = 120
    wall_s: float = 300.0

    def confine(self) -> None:
        """Hold the present process to the memory and processor limits, for good."""
        _lower(resource.RLIMIT_AS, self.memory_bytes)
        _lower(resource.RLIMIT_CPU, self.cpu_s)
        _lower(resource.RLIMIT_CORE, 0)


def _lower(which: int, limit: int) -> None:
    """Set a limit, never above the one that holds already."""
    hard = resource.getrlimit(which)[1]
    limit = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
    resource.setrlimit(which, (limit, hard))
