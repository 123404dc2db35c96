"""The `timeouts` block: how long an operation may take, as durations such as "30s" or "1h30m"."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from terraform_plugin.cty.types import String, Unknown, Value
from terraform_plugin.diagnostics import Error, Path
from terraform_plugin.schema import Attribute, Block
from terraform_plugin.validators import shortened

_UNITS = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "\u03bcs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}
_PART = re.compile(r"([0-9]+(?:\.[0-9]*)?|\.[0-9]+)(ns|us|µs|\u03bcs|ms|s|m|h)")
_LONGEST = 2**63 / 1e9  # seconds; Go counts nanoseconds in 64 bits
_DURATION = re.compile(rf"(?:{_PART.pattern})+\Z")


def seconds(duration: str) -> float:
    """Return the seconds in a duration such as "15s", "1m30s" or "1.5h". Raises `ValueError` for anything else.

    Source: the grammar of Go's time.ParseDuration, which other providers use, without a sign.
    """
    if not _DURATION.match(duration):
        raise ValueError(f"{duration!r} is not a duration")
    total = sum(float(number) * _UNITS[unit] for number, unit in _PART.findall(duration))
    if total >= _LONGEST:
        raise ValueError(f"{duration!r} is more than 292 years")
    return total


def is_duration(value: str, path: Path) -> Iterator[Error]:
    """Check that the value is a duration above zero."""
    try:
        if seconds(value) > 0:
            return
    except ValueError:
        pass
    yield Error(
        "Invalid duration",
        f'{path} must be a duration above zero, got "{shortened(value)}". Write a number and a unit, for example '
        '"30s", "2m" or "1h30m".',
        path,
    )


def timeouts(**operations: str) -> Block:
    """Return a `timeouts` block: `timeouts(create="2m")`. The values are the defaults, for the description."""
    for default in operations.values():
        seconds(default)
    return Block(
        {
            operation: Attribute(
                String,
                f'How long {operation} may take, such as "30s" or "2m". Default: "{default}".',
                optional=True,
                validators=[is_duration],
            )
            for operation, default in operations.items()
        },
        description="How long operations may take.",
        nesting="single",
    )


def timeout_of(values: Mapping[str, Value], operation: str, default: str) -> float:
    """Return the seconds that `operation` may take according to the block in `values`, or else `default`."""
    block = values.get("timeouts")
    configured = block.get(operation) if isinstance(block, dict) else None
    return seconds(default if configured is None or isinstance(configured, Unknown) else configured)
