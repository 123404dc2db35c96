"""The most memory that any process below another one ever held. Linux tells; elsewhere it is not measured."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PROC = Path("/proc")
_EVERY = 0.02  # seconds; the kernel keeps the peak, so only what a process does at its very end is missed
_PEAK = re.compile(r"^VmHWM:\s+(\d+) kB$", re.MULTILINE)


class Family:
    """A process and all that descend from it, as `proc` shows them."""

    def __init__(self, process_id: int, proc: Path = PROC) -> None:
        self._proc = proc
        self._first = process_id
        self._members = {process_id}
        self._others: set[int] = set()

    def descendants(self) -> list[int]:
        """Return the processes of the family, without the first one, and without copies of it.

        A process that is about to become another one still has its parent's memory, and its command line.
        """
        self._look()
        first = command_of(self._first, self._proc)
        others = self._members - {self._first}
        return sorted(one for one in others if command_of(one, self._proc) not in (b"", first))

    def _look(self) -> None:
        """Find new members. Who is not of the family is looked at once."""
        present = {int(path.name) for path in self._proc.glob("[0-9]*")} if self._proc.is_dir() else set[int]()
        self._others &= present
        for process_id in sorted(present - self._members - self._others):
            (self._members if parent_of(process_id, self._proc) in self._members else self._others).add(process_id)


def parent_of(process_id: int, proc: Path = PROC) -> int | None:
    """Return who started a process, None for one that is gone. Source: proc(5), field 4 of `stat`."""
    try:
        return int((proc / str(process_id) / "stat").read_text().rpartition(")")[2].split()[1])
    except OSError:
        return None


def command_of(process_id: int, proc: Path = PROC) -> bytes:
    """Return the command line of a process; nothing for one that is gone."""
    try:
        return (proc / str(process_id) / "cmdline").read_bytes()
    except OSError:
        return b""


def peak_of(process_id: int, proc: Path = PROC) -> float | None:
    """Return the most MB (2**20 bytes) a process ever had resident; None for one that is gone."""
    try:
        found = _PEAK.search((proc / str(process_id) / "status").read_text())
    except OSError:
        return None
    return int(found[1]) / 1024 if found else None


class Peak:
    """The peak so far, in MB; None as long as no process was seen."""

    def __init__(self) -> None:
        self.megabytes: float | None = None

    def look(self, family: Family, proc: Path = PROC) -> None:
        """Note what every process of the family has held."""
        for process_id in family.descendants():
            if held := peak_of(process_id, proc):
                self.megabytes = max(self.megabytes or 0, held)


@contextmanager
def watched(process_id: int) -> Iterator[Peak]:
    """Watch the processes that `process_id` starts, and those below them, for the length of the block."""
    peak, family, ended = Peak(), Family(process_id), threading.Event()

    def watch() -> None:
        while not ended.wait(_EVERY):
            peak.look(family)

    watching = threading.Thread(target=watch, name="memory")
    watching.start()
    try:
        yield peak
    finally:
        ended.set()
        watching.join()
