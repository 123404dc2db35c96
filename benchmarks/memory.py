"""The most memory that any process below another one held."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil

_EVERY = 0.1  # seconds; Linux keeps the peak, so only what a process does at its very end is missed
_PEAK = re.compile(r"^VmHWM:\s+(\d+) kB$", re.MULTILINE)


class Peak:
    """The peak of the largest process below `process_id`, in bytes; 0 as long as there is none."""

    def __init__(self, process_id: int) -> None:
        self.bytes = 0
        self._first = psutil.Process(process_id)
        self._command = self._first.cmdline()

    def look(self) -> None:
        """Note what the processes hold, or held before where the system tells."""
        with suppress(psutil.Error):
            for process in self._first.children(recursive=True):
                # A process that is about to become another one still has its parent's memory, and its command line.
                with suppress(psutil.Error, OSError):
                    if process.cmdline() not in ([], self._command):
                        self.bytes = max(self.bytes, peak_of(process))


def peak_of(process: psutil.Process) -> int:
    """Return the most bytes a process had resident so far (Linux, proc(5): `VmHWM`), elsewhere what it has now."""
    status = Path(f"/proc/{process.pid}/status")
    found = _PEAK.search(status.read_text()) if status.exists() else None
    return int(found[1]) * 1024 if found else int(process.memory_info().rss)


@contextmanager
def watched(process_id: int) -> Iterator[Peak]:
    """Watch the processes that `process_id` starts, and those below them, for the length of the block."""
    peak, ended = Peak(process_id), threading.Event()

    def watch() -> None:
        while not ended.wait(_EVERY):
            peak.look()

    watching = threading.Thread(target=watch, name="memory")
    watching.start()
    try:
        yield peak
    finally:
        ended.set()
        watching.join()
