"""Which layer takes which part of the time, from a profile. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

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

Function = tuple[str, int, str]
Callers = Mapping[Function, tuple[int, int, float, float]]


def shares(stats: Mapping[Function, tuple[int, int, float, float, Callers]]) -> dict[str, float]:
    """Return the part of each layer, the largest first. `stats` is what `pstats.Stats` holds.

    What Python has built in belongs to whoever calls it; waiting for something to do is nobody's.
    """
    seconds = Counter[str]()
    for function, (_, _, own, _, callers) in stats.items():
        path, _, name = function
        if path != "~":
            seconds[layer_of(function)] += own  # type: ignore[assignment]  # a Counter adds any number
        elif "method 'poll'" not in name and "method 'select'" not in name:
            for caller, (_, _, spent, _) in callers.items():
                seconds[layer_of(caller)] += spent  # type: ignore[assignment]  # the same
    whole = sum(seconds.values()) or 1
    return {layer: spent / whole for layer, spent in seconds.most_common()}


def layer_of(function: Function) -> str:
    """Return what a function belongs to."""
    path = function[0].replace("\\", "/")
    return next((layer for part, layer in LAYERS.items() if part in path), "other")
