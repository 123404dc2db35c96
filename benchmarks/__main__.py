"""`make bench`: print the table and keep all samples; with PAGE=1 also write the table into docs/benchmarks.md.

ROUNDS is how often each command runs, 5 by default.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.contestants import contestants
from benchmarks.page import machine, write
from benchmarks.rows import Bench
from benchmarks.servers import opened

ROOT = Path(__file__).parent.parent
SAMPLES = ROOT / "build" / "benchmarks"
_INTRODUCTION = """\
Measuring against {url}. This creates at most {most} connections named {prefix}-..., some of them with the role {role}.
All are deleted at the end. Providers: {names}. This takes about {minutes} minutes.
"""


def main() -> None:
    """Measure. Raises `SystemExit` for what is missing."""
    started = time.monotonic()

    def say(text: str) -> None:
        sys.stderr.write(f"[{time.monotonic() - started:5.0f} s] {text}\n")

    with tempfile.TemporaryDirectory() as temporary, opened(os.environ) as server:
        taking_part = contestants(os.environ, ROOT / "dist", Path(temporary) / "mirrors")
        names = [one.name for one in taking_part]
        bench = Bench(server, taking_part, Path(temporary), say, repeat=int(os.environ.get("ROUNDS", "5")))
        url, minutes = server.variables["DYNATRACE_ENV_URL"], bench.repeat * (len(names) - 1)
        shown = {"url": url, "most": bench.most, "prefix": server.prefix, "role": server.role_arn, "minutes": minutes}
        sys.stderr.write(_INTRODUCTION.format(**shown, names=", ".join(names)))
        text = f"{machine()}{server.what}; medians of {bench.repeat} or more.\n\n"
        bench.measure_all()
    text += bench.results.table(names)
    sys.stdout.write(text)
    SAMPLES.mkdir(parents=True, exist_ok=True)
    for name in names:
        bench.results.suite(name).dump(str(SAMPLES / f"{name}.json"), replace=True)
    say(f"wrote all samples to {SAMPLES.relative_to(ROOT)}")
    if os.environ.get("PAGE"):
        write("bench", text)
        say("updated docs/benchmarks.md")


if __name__ == "__main__":
    main()
