"""Whether something stays flat over time. Pure."""

from __future__ import annotations

import statistics
from collections.abc import Sequence

MEGABYTES = 3.0
"""What memory may grow by from the second quarter of a soak to its last: caches of the allocator, no leak."""

DESCRIPTORS = 10
"""What open descriptors may grow by: the pool of connections to Dynatrace holds none to ten (`max_concurrency`)."""


def growth(values: Sequence[float]) -> float:
    """Return by how much the median of the last quarter is above that of the second one.

    The first quarter is left out: what is done for the first time stays in memory.
    """
    quarter = len(values) // 4
    if not quarter:
        raise ValueError(f"{len(values)} looks are too few to tell")
    return statistics.median(values[-quarter:]) - statistics.median(values[quarter : 2 * quarter])


def leaks(megabytes: Sequence[float], descriptors: Sequence[float]) -> list[str]:
    """Return what is not flat, in words; nothing if everything is."""
    found = []
    if (more := growth(megabytes)) > MEGABYTES:
        found.append(f"memory grew by {more:.1f} MB, more than the limit of {MEGABYTES:.0f} MB")
    if (more := growth(descriptors)) > DESCRIPTORS:
        found.append(f"open file descriptors grew by {more:.0f}, more than the limit of {DESCRIPTORS:.0f}")
    return found
