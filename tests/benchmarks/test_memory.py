"""Which processes are watched, and the most that they held."""

import subprocess
import sys

from benchmarks.memory import watched

HOLDING = "held = bytes(96 << 20).replace(b'\\0', b'\\1'); del held; print(); input()"
"""Hold 96 MB for a moment."""
STARTING = f"""
import subprocess, sys
own = bytes(500 << 20).replace(b'\\0', b'\\1')
subprocess.run([sys.executable, '-c', {HOLDING!r}])
"""


def test_the_peak_is_that_of_the_largest_process_below() -> None:
    """It is seen after the memory was given back; the process that was started itself does not count."""
    with subprocess.Popen([sys.executable, "-c", STARTING], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        with watched(process.pid) as peak:
            process.stdout.readline()
            while not peak.bytes:
                peak.look()
        process.stdin.close()

    assert 96 << 20 < peak.bytes < 200 << 20


def test_a_process_that_starts_nothing_has_no_peak() -> None:
    """The row is left out then."""
    with subprocess.Popen([sys.executable, "-c", "pass"]) as process, watched(process.pid) as peak:
        process.wait()

    assert peak.bytes == 0
