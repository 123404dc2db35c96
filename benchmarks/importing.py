"""Where the time of a start goes: what each of its imports takes, one after the other."""

from __future__ import annotations

import re
import statistics
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence

STEPS = {
    "ssl": "TLS (ssl)",
    "asyncio": "asyncio",
    "msgspec": "msgspec",
    "google.protobuf.message_factory": "protobuf",
    "cryptography.hazmat.primitives.asymmetric.ed25519": "cryptography",
    "terraform_plugin.server.serve": "terraform_plugin",
    "terraform_provider_dynatrace.provider": "the provider",
}
"""What a start imports, in an order in which each has only itself to pay for, and what that is."""

_LINE = re.compile(r"import time:\s*(?:\d+) \|\s*(\d+) \| (\S+)$", re.MULTILINE)
_REPEAT = 7


def milliseconds(printed: str, steps: Iterable[str]) -> list[float]:
    """Return what each step took with all it imported, from what `python -X importtime` printed.

    What a step imports is indented below it, and comes before it. Raises `KeyError` for a step that was not imported.
    """
    took = {name: int(spent) / 1000 for spent, name in _LINE.findall(printed)}
    return [took[step] for step in steps]


def measured() -> Mapping[str, float]:
    """Return the milliseconds of each part of a start's imports: medians."""
    code = f"import gc; gc.disable(); import {', '.join(STEPS)}"
    runs = [_run([sys.executable, "-X", "importtime", "-c", code]) for _ in range(_REPEAT)]
    return dict(zip(STEPS.values(), map(statistics.median, zip(*runs, strict=True)), strict=True))


def _run(command: Sequence[str]) -> list[float]:
    ended = subprocess.run(command, stderr=subprocess.PIPE, text=True, check=True)  # noqa: S603  # ours
    return milliseconds(ended.stderr, STEPS)


def shown(parts: Mapping[str, float]) -> str:
    """Return the parts as a table in Markdown."""
    lines = [f"| {name.ljust(30)} | {took:5.0f} ms |\n" for name, took in parts.items()]
    whole = f"| {'together'.ljust(30)} | {sum(parts.values()):5.0f} ms |\n"
    return f"| {'imports'.ljust(30)} |     time |\n| {'---'.ljust(30)} | -------: |\n{''.join(lines)}{whole}"
