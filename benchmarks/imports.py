"""Where the time of a start goes: what each of its imports takes, one after the other."""

from __future__ import annotations

import re
import statistics
import subprocess
import sys
from collections.abc import Mapping

STEPS = {
    "ssl": "TLS (ssl)",
    "asyncio": "asyncio",
    "msgspec": "msgspec",
    "cryptography.hazmat.primitives.asymmetric.ed25519": "cryptography",
    "terraform_plugin._protocol.tfplugin6_pb2": "protobuf and the messages of the protocol",
    "terraform_plugin.server.session": "terraform_plugin.server and .grpc",
    "terraform_plugin.rpc.service": "the rest of terraform_plugin",
    "terraform_provider_dynatrace.provider": "the provider",
}
"""What a start imports, in an order in which each has only itself to pay for, and what that is."""

_LINE = re.compile(r"import time:\s*(?:\d+) \|\s*(\d+) \| (\S+)$", re.MULTILINE)
_REPEAT = 7


def milliseconds() -> Mapping[str, float]:
    """Return the milliseconds of each part of a start's imports: medians, from what `python -X importtime` prints.

    What a step imports is indented below it. Raises `KeyError` for a step that something before it has imported.
    """
    code = f"import gc; gc.disable(); import {', '.join(STEPS)}"
    command = [sys.executable, "-X", "importtime", "-c", code]
    took: dict[str, list[float]] = {}
    for _ in range(_REPEAT):
        printed = subprocess.run(command, stderr=subprocess.PIPE, text=True, check=True).stderr  # noqa: S603  # ours
        found = {name: int(spent) / 1000 for spent, name in _LINE.findall(printed)}
        for step, part in STEPS.items():
            took.setdefault(part, []).append(found[step])
    return {part: statistics.median(samples) for part, samples in took.items()}
