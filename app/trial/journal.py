"""What the trial phones write down: a line for each thing that happened, and the audio that was heard."""

import asyncio
import json
import re
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

REMEMBERED = 20_000
_UNSAFE = re.compile(r"[^0-9A-Za-z]+")


@dataclass(frozen=True, slots=True)
class Keep:
    """Which calls' audio is kept: everyone's, the first so many calls', or certain numbers'."""

    everyone: bool = False
    first: int = 0
    numbers: frozenset[str] = frozenset()

    @classmethod
    def parse(cls, text: str) -> "Keep":
        """Read ``none``, ``all``, ``first:20`` or ``+9779812345601,+9779812345602``; ValueError otherwise."""
        match text.strip().partition(":"):
            case ("none" | "", "", _):
                return cls()
            case ("all", "", _):
                return cls(everyone=True)
            case ("first", ":", count):
                return cls(first=int(count))
        numbers = frozenset(part.strip() for part in text.split(","))
        if not all(re.fullmatch(r"\+?[0-9]+", number) for number in numbers):
            raise ValueError(f"{text!r}: write none, all, first:20 or numbers with commas between them")
        return cls(numbers=numbers)

    def wants(self, number: str, nth: int) -> bool:
        """Whether the `nth` call (from 1), to `number`, is kept; a plus in front makes no difference."""
        plain = number.removeprefix("+")
        named = any(plain == kept.removeprefix("+") for kept in self.numbers)
        return self.everyone or nth <= self.first or named


class Journal:
    """The phones' memory.

    Attributes:
        entries: the latest entries of this process, at most `REMEMBERED`, oldest first.
    """

    def __init__(self, log_path: Path | None, heard_dir: Path | None) -> None:
        self.entries: deque[dict[str, Any]] = deque(maxlen=REMEMBERED)
        self._heard_dir = heard_dir
        self._heard: dict[str, bytes | Path] = {}
        if heard_dir is not None:
            heard_dir.mkdir(parents=True, exist_ok=True)
        self._file = None
        if log_path is not None:
            log_path.parent.mkdir(parents=True, exist_ok=True)
            self._file = log_path.open("a", encoding="utf-8")

    def write(self, event: str, **facts: Any) -> None:
        """Add an entry, with the time in UTC, and put it in the file at once."""
        entry = {"time": datetime.now(UTC).isoformat(timespec="milliseconds"), "event": event, **facts}
        self.entries.append(entry)
        if self._file is not None:
            self._file.write(json.dumps(entry, ensure_ascii=False) + "\n")
            self._file.flush()

    async def keep(self, number: str, nth: int, wav: bytes) -> str | None:
        """Keep what was heard in the `nth` call; returns the file's path when there is a folder."""
        if self._heard_dir is None:
            self._heard[number] = wav
            return None
        stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S")
        path = self._heard_dir / f"{_UNSAFE.sub('', number) or 'unknown'}-{stamp}-{nth}.wav"
        await asyncio.to_thread(path.write_bytes, wav)
        self._heard[number] = path
        return str(path)

    def heard(self, number: str) -> bytes:
        """The WAV of the last kept call to `number`; KeyError when there is none."""
        wav = self._heard[number]
        return wav.read_bytes() if isinstance(wav, Path) else wav

    def of(self, number: str, event: str | None = None) -> Iterable[dict[str, Any]]:
        """The entries about `number`, all or of one kind."""
        return (e for e in self.entries if e["number"] == number and event in (None, e["event"]))

    def close(self) -> None:
        """Let the file go."""
        if self._file is not None:
            self._file.close()
            self._file = None
