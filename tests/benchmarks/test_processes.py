"""What Linux tells of this very process."""

import os
import time

from benchmarks.processes import cpu_seconds, look


def test_an_open_descriptor_is_counted() -> None:
    """Until it is closed again."""
    before = look(os.getpid()).descriptors
    reading, writing = os.pipe()
    during = look(os.getpid()).descriptors
    os.close(reading)
    os.close(writing)

    assert (during - before, look(os.getpid()).descriptors) == (2, before)


def test_memory_that_is_held_is_seen() -> None:
    """In MB."""
    before = look(os.getpid()).megabytes
    held = bytes(64 << 20).replace(b"\0", b"\1")

    assert 60 < look(os.getpid()).megabytes - before < 200
    assert len(held) == 64 << 20


def test_processor_time_is_that_of_the_process() -> None:
    """As far as Linux counts it, in hundredths of a second."""
    assert abs(cpu_seconds(os.getpid()) - time.process_time()) < 0.5
