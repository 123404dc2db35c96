"""The provider's arguments that are numbers: how patient it is, and how much it asks at a time. Pure."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from msgspec import Struct

from terraform_plugin.diagnostics import Error, Path

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from decimal import Decimal

    from terraform_plugin.schema import Validator
    from terraform_provider_dynatrace.config.arguments import Given


class Limit(Struct, frozen=True):
    """What an argument may be: `least` to `most`, whole or not, and what it counts."""

    least: int
    most: int
    unit: str
    whole: bool = True

    def __str__(self) -> str:
        return f"a {'whole number' if self.whole else 'number'} of {self.unit} from {self.least} to {self.most}"

    def admits(self, value: float | Decimal) -> bool:
        """Return whether the value is one of them; infinity and what is no number are not."""
        return self.least <= value <= self.most and (not self.whole or value == int(value))


LIMITS: Mapping[str, Limit] = MappingProxyType(
    {
        "max_retries": Limit(0, 100, "retries"),
        "request_timeout": Limit(1, 3600, "seconds", whole=False),
        "operation_timeout": Limit(1, 86400, "seconds", whole=False),
        "max_concurrency": Limit(1, 100, "requests"),
    }
)


def within(name: str) -> Validator:
    """Return the check of the argument `name`: what lies outside its limit is told by `terraform validate`."""

    def check(value: int | Decimal, path: Path) -> Iterator[Error]:
        if not LIMITS[name].admits(value):
            yield _outside(name, f"{path} is {value:.10g}" if -(10**10) < value < 10**10 else f"{path} is too large")

    return check


def limit(given: Mapping[str, Given], name: str, usual: float) -> float:
    """Return the number that was given, or `usual`. Raises `Error` for what is none, or outside its limit."""
    if name not in given:
        return usual
    try:
        value = float(given[name].value)
    except ValueError:
        value = float("nan")
    if not LIMITS[name].admits(value):
        raise _outside(name, f'{given[name].origin} is "{given[name].value}"')
    return value


def _outside(name: str, found: str) -> Error:
    return Error(f"Invalid {name}", f"{found}. It must be {LIMITS[name]}.", Path(name))
