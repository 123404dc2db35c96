"""Samples -> medians -> a table with ratios. Pure."""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Mapping, Sequence

FLOOR = "floor"
OURS = "ours"
PACKAGE = "package"
OFFICIAL = "official"
RATIOS = ((OURS, FLOOR), (OURS, OFFICIAL), (PACKAGE, FLOOR), (PACKAGE, OFFICIAL))
"""What is divided by what, where both were measured."""

_NOTHING = "-"
_DECIMALS = {"s": 2, "ms": 0, "MB": 0, "requests": 0, "starts": 1}


class Results:
    """Samples by row (its title and its unit) and by contestant, in the order they first came."""

    def __init__(self) -> None:
        self._rows: dict[tuple[str, str], dict[str, list[float]]] = {}

    def add(self, title: str, unit: str, contestant: str, sample: float | None) -> None:
        """Note one sample; None, for what could not be measured, is none."""
        if sample is not None:
            self._rows.setdefault((title, unit), {}).setdefault(contestant, []).append(sample)

    def medians(self) -> Mapping[tuple[str, str], Mapping[str, float]]:
        """Return the median of each row for each contestant."""
        return {
            row: {name: statistics.median(samples) for name, samples in measured.items()}
            for row, measured in self._rows.items()
        }

    def fewest(self) -> int:
        """Return of how many samples the median of the fewest is made."""
        return min((len(samples) for measured in self._rows.values() for samples in measured.values()), default=0)


def ratios(medians: Mapping[tuple[str, str], Mapping[str, float]]) -> list[tuple[str, str]]:
    """Return the pairs of contestants that any row has both of."""
    return [pair for pair in RATIOS if any(set(pair) <= row.keys() for row in medians.values())]


def table(medians: Mapping[tuple[str, str], Mapping[str, float]], contestants: Sequence[str]) -> str:
    """Return the medians as a table in Markdown: a column for each contestant, then one for each ratio."""
    pairs = ratios(medians)
    heads = ["", *contestants, *(f"{above} / {below}" for above, below in pairs)]
    lines = [heads, ["---", *["---:"] * (len(heads) - 1)]]
    lines += [_line(title, unit, row, contestants, pairs) for (title, unit), row in medians.items()]
    return "".join(f"{text}\n" for text in _aligned(lines))


def _line(
    title: str, unit: str, row: Mapping[str, float], contestants: Sequence[str], pairs: Sequence[tuple[str, str]]
) -> list[str]:
    return [title, *(shown(row.get(name), unit) for name in contestants), *(ratio(row, *pair) for pair in pairs)]


def shown(value: float | None, unit: str) -> str:
    """Return a figure with its unit."""
    return _NOTHING if value is None else f"{value:.{_DECIMALS[unit]}f}{'' if unit == 'requests' else f' {unit}'}"


def ratio(row: Mapping[str, float], above: str, below: str) -> str:
    """Return how many times as much the one is as the other, where there are both."""
    return f"{row[above] / row[below]:.2f}" if above in row and row.get(below) else _NOTHING


def _aligned(lines: Sequence[Sequence[str]]) -> Iterator[str]:
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    for line in lines:
        first, *others = zip(line, widths, strict=True)
        cells = [first[0].ljust(first[1]), *(text.rjust(width) for text, width in others)]
        yield f"| {' | '.join(cells)} |"
