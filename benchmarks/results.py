"""Samples of each row, kept as pyperf's benchmarks, and the table of their medians."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence

import pyperf

from benchmarks.servers import Requests

FLOOR, OURS, PACKAGE, OFFICIAL = "floor", "ours", "package", "official"
RATIOS = ((OURS, FLOOR), (OURS, OFFICIAL), (PACKAGE, FLOOR), (PACKAGE, OFFICIAL))
"""What is divided by what, where both were measured."""
GOALS = {
    "plan of 1,": 0.65,
    "apply of 100 pairs": 0.85,
    "destroy of 100 pairs": 0.9,
    "refresh of 1000 pairs, 0": 0.8,
    "refresh of 1000 pairs, 30": 0.35,
    "": 1.0,
}
"""At most what part of the official provider's time each row should take, by how its title begins."""


class Results:
    """Samples by row and contestant, in the order they first came."""

    def __init__(self) -> None:
        self._runs: dict[str, dict[str, list[pyperf.Run]]] = {}
        self._requests: dict[str, dict[str, list[Requests]]] = {}

    def add(self, row: str, contestant: str, value: float, unit: str = "second") -> None:
        """Add one sample; `unit` is one of pyperf's: `second` or `byte`."""
        run = pyperf.Run([value], metadata={"name": row, "unit": unit}, collect_metadata=False)
        self._runs.setdefault(row, {}).setdefault(contestant, []).append(run)

    def add_requests(self, row: str, contestant: str, requests: Requests) -> None:
        """Add how many requests one run of a command sent. They get a row below that of the command."""
        self._requests.setdefault(row, {}).setdefault(contestant, []).append(requests)

    def suite(self, contestant: str) -> pyperf.BenchmarkSuite:
        """Return all samples of a contestant, for pyperf's commands (`compare_to`, `hist`, `stats`)."""
        return pyperf.BenchmarkSuite(
            [_benchmarks(runs)[contestant] for runs in self._runs.values() if contestant in runs]
        )

    def table(self, contestants: Sequence[str]) -> str:
        """Return the medians as a table in Markdown: a column for each contestant, and one for each ratio."""
        ratios = [pair for pair in RATIOS if any(set(pair) <= runs.keys() for runs in self._runs.values())]
        heads = [*contestants, *(f"{above} / {below}" for above, below in ratios)]
        heads += ["goal"] * (rated := (OURS, OFFICIAL) in ratios)
        lines = [["", *heads], ["---", *["---:"] * len(heads)]]
        for row, runs in self._runs.items():
            found = _benchmarks(runs)
            medians = {name: one.format_value(one.median()) for name, one in found.items()}
            quotients = [_ratio(found, *pair) for pair in ratios]
            goal = [_goal(found, row)] * rated
            lines.append([row, *(medians.get(name, "-") for name in contestants), *quotients, *goal])
            if counts := self._requests.get(row):
                shown = [_counted(counts[name]) if name in counts else "-" for name in contestants]
                lines.append([f"{row}: requests", *shown, *["-"] * (len(ratios) + rated)])
        widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
        return "".join(f"| {' | '.join(map(str.ljust, line, widths))} |\n" for line in lines)


def _benchmarks(runs: Mapping[str, Sequence[pyperf.Run]]) -> dict[str, pyperf.Benchmark]:
    return {name: pyperf.Benchmark(samples) for name, samples in runs.items()}


def _ratio(found: Mapping[str, pyperf.Benchmark], above: str, below: str) -> str:
    return f"{found[above].median() / found[below].median():.2f}" if {above, below} <= found.keys() else "-"


def _goal(found: Mapping[str, pyperf.Benchmark], row: str) -> str:
    """Return the goal of a row for ours / official, and whether it was met."""
    if not {OURS, OFFICIAL} <= found.keys() or row.endswith("memory"):
        return "-"
    most = next(most for beginning, most in GOALS.items() if row.startswith(beginning))
    return f"≤ {most:.2f}" if found[OURS].median() <= most * found[OFFICIAL].median() else f"**missed**, ≤ {most:.2f}"


def _counted(samples: Sequence[Requests]) -> str:
    """Return the median of all requests, and in parentheses of those that only validate, if there are any."""
    everything = statistics.median(map(sum, samples))
    validations = statistics.median(one.validations for one in samples)
    return f"{everything:.0f} ({validations:.0f})" if validations else f"{everything:.0f}"
