"""What Linux tells of a process: processor time, memory, descriptors."""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple

_TICKS = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")


class Look(NamedTuple):
    """What a process holds now: MB (2**20 bytes) resident, and how many open descriptors."""

    megabytes: float
    descriptors: int


def cpu_seconds(process_id: int) -> float:
    """Return the processor time a process has used. Source: proc(5), fields 14 and 15 of `stat`."""
    user, system = Path(f"/proc/{process_id}/stat").read_text().rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / _TICKS


def look(process_id: int) -> Look:
    """Look at a process. Source: proc(5), field 2 of `statm`, and `fd`."""
    resident = int(Path(f"/proc/{process_id}/statm").read_text().split()[1])
    return Look(resident * _PAGE / 2**20, len(os.listdir(f"/proc/{process_id}/fd")))  # noqa: PTH208  # only how many
