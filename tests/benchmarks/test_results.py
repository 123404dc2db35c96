"""Samples, medians, ratios and the table that shows them."""

from pathlib import Path

import pyperf
import pytest

from benchmarks.results import Results
from benchmarks.servers import Requests


def measured(**samples: list[float]) -> Results:
    results = Results()
    for contestant, values in samples.items():
        for value in values:
            results.add("plan of 1", contestant, value)
    return results


def test_the_table_has_medians_and_their_ratios() -> None:
    """A column for each contestant, and one for each ratio of which there are both."""
    results = measured(floor=[0.1], ours=[0.5, 9, 0.6], official=[1.2])
    results.add("plan of 1: peak memory", "ours", 50 * 2**20, "byte")

    assert results.table(["floor", "ours", "official"]) == (
        "|                        | floor  | ours     | official | ours / floor | ours / official | goal   |\n"
        "| ---                    | ---:   | ---:     | ---:     | ---:         | ---:            | ---:   |\n"
        "| plan of 1              | 100 ms | 600 ms   | 1.20 sec | 6.00         | 0.50            | ≤ 1.00 |\n"
        "| plan of 1: peak memory | -      | 50.0 MiB | -        | -            | -               | -      |\n"
    )


@pytest.mark.parametrize(
    ("row", "ours", "goal"),
    [
        ("plan of 1, 0 ms", 0.65, "≤ 0.65"),
        ("plan of 1, 30 ms", 0.7, "**missed**, ≤ 0.65"),
        ("plan of 1000", 1.0, "≤ 1.00"),
        ("apply of 100 pairs, 0 ms", 0.9, "**missed**, ≤ 0.85"),
        ("refresh of 1000 pairs, 30 ms", 0.3, "≤ 0.35"),
        ("plan of 1000: peak memory", 2, "-"),
    ],
)
def test_each_row_shows_its_goal(row: str, ours: float, goal: str) -> None:
    """As a part of the official provider's time."""
    results = Results()
    results.add(row, "ours", ours)
    results.add(row, "official", 1)

    assert results.table(["ours", "official"]).splitlines()[-1].split("|")[-2].strip() == goal


def test_requests_are_below_their_command() -> None:
    """The median of all requests, and in parentheses of those that only validate."""
    results = measured(ours=[0.5], official=[1])
    for reads in (3, 90, 4):
        results.add_requests("plan of 1", "ours", Requests(reads, writes=200, validations=11))
    results.add_requests("plan of 1", "official", Requests(reads=6))

    assert (
        results.table(["ours", "official"]).splitlines()[-1]
        == "| plan of 1: requests | 215 (11) | 6        | -               | -      |"
    )


def test_all_samples_of_a_contestant_are_kept_for_pyperf(tmp_path: Path) -> None:
    """Its commands compare them with those of another day."""
    file = tmp_path / "ours.json"
    measured(floor=[0.1], ours=[0.5, 9, 0.6]).suite("ours").dump(str(file))

    [benchmark] = pyperf.BenchmarkSuite.load(str(file))
    assert (benchmark.get_name(), benchmark.get_values()) == ("plan of 1", (0.5, 9, 0.6))
