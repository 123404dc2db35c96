"""Which layer takes which part of the time, from a profile. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

LAYERS = {
    "terraform_plugin/cty": "values (msgpack)",
    "msgspec": "values (msgpack)",
    "terraform_plugin/planning": "plan",
    "terraform_plugin/state": "plan",
    "terraform_plugin/validat": "validation",
    "terraform_plugin/grpc": "gRPC and HTTP/2",
    "terraform_plugin": "the rest of terraform_plugin",
    "terraform_provider_": "the provider",
    "google/protobuf": "messages (protobuf)",
    "asyncio/": "asyncio",
    "selectors.py": "asyncio",
    "logging/": "logging",
}
"""Parts of file names, the first that fits, and what they belong to."""

OTHER = "other"
IDLE = ("poll", "select")

Function = tuple[str, int, str]
Callers = Mapping[Function, tuple[int, int, float, float]]


def shares(stats: Mapping[Function, tuple[int, int, float, float, Callers]]) -> dict[str, float]:
    """Return the part of each layer, the largest first. `stats` is what `pstats.Stats` holds.

    What Python has built in belongs to whoever calls it; waiting for something to do is nobody's.
    """
    seconds: dict[str, float] = {}
    for function, (_, _, own, _, callers) in stats.items():
        if _waits(function):
            continue
        if _is_built_in(function) and callers:
            for caller, (_, _, spent, _) in callers.items():
                _add(seconds, layer_of(caller), spent)
        else:
            _add(seconds, layer_of(function), own)
    whole = sum(seconds.values()) or 1
    return {layer: spent / whole for layer, spent in sorted(seconds.items(), key=lambda one: -one[1])}


def _add(seconds: dict[str, float], layer: str, spent: float) -> None:
    seconds[layer] = seconds.get(layer, 0) + spent


def _is_built_in(function: Function) -> bool:
    return function[0] == "~"


def _waits(function: Function) -> bool:
    return _is_built_in(function) and any(f"method '{name}'" in function[2] for name in IDLE)


def layer_of(function: Function) -> str:
    """Return what a function belongs to."""
    path = function[0].replace("\\", "/")
    return next((layer for part, layer in LAYERS.items() if part in path), OTHER)


def shown(parts: Mapping[str, Any]) -> str:
    """Return the parts as a table in Markdown."""
    lines = [f"| {layer.ljust(30)} | {part:5.0%} |\n" for layer, part in parts.items() if part >= 0.005]
    return f"| {'layer'.ljust(30)} |  part |\n| {'---'.ljust(30)} | ----: |\n{''.join(lines)}"
