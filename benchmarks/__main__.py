"""`make bench`: print the table; with PAGE=1 also write it into docs/benchmarks.md."""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.contestants import Contestant, contestants
from benchmarks.figures import Results, table
from benchmarks.machine import described
from benchmarks.page import write
from benchmarks.rows import MANY, MOST, PAIRS, Bench, measure_all
from benchmarks.tenant import Tenant, opened

ROOT = Path(__file__).parent.parent
REPEAT = 5

_WHERE = """\
Measuring against {url}. This creates at most {most} connections named {prefix}-..., {pairs} or {many} of them with
Terraform and the role {role}. All are deleted at the end.
Providers: {names}. {repeat} samples of each; this takes about {minutes} minutes.
"""


def main() -> None:
    """Measure. Raises `SystemExit` for what is missing."""
    started = time.monotonic()

    def say(text: str) -> None:
        sys.stderr.write(f"[{time.monotonic() - started:5.0f} s] {text}\n")

    with tempfile.TemporaryDirectory() as temporary, opened(os.environ) as tenant:
        taking_part = contestants(os.environ, ROOT / "dist", Path(temporary) / "mirrors")
        sys.stderr.write(_introduction(tenant, taking_part))
        results = measured(tenant, taking_part, Path(temporary), say)
    names = [one.name for one in taking_part]
    text = f"{described()}Medians of {results.fewest()} or more.\n\n{table(results.medians(), names)}"
    sys.stdout.write(text)
    if os.environ.get("PAGE"):
        write("bench", text)
        say("updated docs/benchmarks.md")


def measured(tenant: Tenant, taking_part: list[Contestant], folder: Path, say: Callable[[str], None]) -> Results:
    """Return the samples of every row."""
    bench = Bench(tenant, taking_part, folder, REPEAT, say)
    measure_all(bench)
    return bench.results


def _introduction(tenant: Tenant, taking_part: list[Contestant]) -> str:
    return _WHERE.format(
        url=tenant.variables["DYNATRACE_ENV_URL"],
        most=MOST,
        many=MANY,
        pairs=PAIRS,
        prefix=tenant.prefix,
        role=tenant.role_arn,
        names=", ".join(one.name for one in taking_part),
        repeat=REPEAT,
        minutes=6 * (len(taking_part) - 1),
    )


if __name__ == "__main__":
    main()
