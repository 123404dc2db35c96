"""The provider's arguments that are numbers: a table."""

from __future__ import annotations

from decimal import Decimal

import pytest

from terraform_plugin.diagnostics import Error, Path
from terraform_provider_dynatrace.config.arguments import gather
from terraform_provider_dynatrace.config.connect import options
from terraform_provider_dynatrace.config.number_limits import LIMITS, limit, within

GOOD = [
    ("max_retries", 0),
    ("max_retries", 100),
    ("request_timeout", 1),
    ("request_timeout", Decimal("2.5")),
    ("request_timeout", 3600),
    ("operation_timeout", 86400),
    ("max_concurrency", 1),
    ("max_concurrency", 100),
]
BAD = [
    ("max_retries", -1),
    ("max_retries", 101),
    ("max_retries", Decimal("0.5")),
    ("max_retries", 10**400),
    ("request_timeout", 0),
    ("request_timeout", Decimal("3600.1")),
    ("operation_timeout", Decimal("0.5")),
    ("max_concurrency", 0),
    ("max_concurrency", 101),
]


@pytest.mark.parametrize(("name", "value"), GOOD)
def test_a_number_within_its_limit_is_taken(name: str, value: int | Decimal) -> None:
    """From the argument as from the environment."""
    assert list(within(name)(value, Path(name))) == []
    assert limit(gather({name: value}, {}), name, 7) == float(value)
    assert limit(gather({}, {f"DYNATRACE_{name.upper()}": f" {value}\n"}), name, 7) == float(value)


@pytest.mark.parametrize(("name", "value"), BAD)
def test_a_number_outside_its_limit_is_an_error(name: str, value: int | Decimal) -> None:
    """Found by validate where it is an argument; in both cases at the argument, with what it must be."""
    [mistake] = within(name)(value, Path(name))

    with pytest.raises(Error) as caught:
        limit(gather({}, {f"DYNATRACE_{name.upper()}": str(value)}), name, 7)

    for error in (mistake, caught.value):
        assert error.path == Path(name)
        assert f"from {LIMITS[name].least} to {LIMITS[name].most}" in error.detail


@pytest.mark.parametrize("text", ["many", "nan", "inf", "-inf", "1e999", "0x10", "5 s"])
def test_a_variable_that_is_no_number_is_an_error(text: str) -> None:
    """Which names the variable and shows what it holds."""
    with pytest.raises(Error, match="Invalid request_timeout") as caught:
        limit(gather({}, {"DYNATRACE_REQUEST_TIMEOUT": text}), "request_timeout", 7)

    assert f'DYNATRACE_REQUEST_TIMEOUT is "{text}"' in caught.value.detail


def test_what_is_given_reaches_the_client() -> None:
    """An argument wins over its variable; what is not given stays as it usually is."""
    found = options(gather({"max_retries": 0, "request_timeout": Decimal("2.5")}, {"DYNATRACE_MAX_RETRIES": "9"}))

    assert (found.max_retries, found.request_timeout, found.max_concurrency) == (0, 2.5, 10)
    assert options(gather({}, {"DYNATRACE_MAX_CONCURRENCY": "3"})).max_concurrency == 3
