"""All parts of one sandbox together."""

from typing import Any

import pytest

from dynatrace_sandbox.sandbox import Options, Sandbox
from tests.dynatrace_sandbox.in_process import Roles


def test_options_reach_the_parts() -> None:
    """At the start, and when they are changed."""
    sandbox = Sandbox(Options(token_lifetime=2, iam_propagation=3, request_rate=1), Roles())
    assert (sandbox.tokens.lifetime, sandbox.aws_check.propagation) == (2, 3)
    assert [sandbox.rate_limit.take(), sandbox.rate_limit.take()] == [None, 1]

    sandbox.configure({"request_rate": 0})

    assert sandbox.rate_limit.take() is None
    assert sandbox.tokens.lifetime == 2


@pytest.mark.parametrize(
    ("tenant", "issuer"),
    [
        ("abc12345.apps.dynatrace.com", "https://token.dynatrace.com"),
        ("abc12345.dev.apps.dynatracelabs.com", "https://dev.token.dynatracelabs.com"),
    ],
)
def test_the_tenants_name_decides_its_issuer(tenant: str, issuer: str) -> None:
    """Production or labs."""
    assert Sandbox(Options(tenant=tenant), Roles()).issuer.url == issuer


def test_the_issuer_can_be_set() -> None:
    """Sources disagree about the one of the sprint stage."""
    options = Options(tenant="abc12345.sprint.apps.dynatracelabs.com", issuer="https://hard.token.dynatracelabs.com")

    assert Sandbox(options, Roles()).issuer.url == "https://hard.token.dynatracelabs.com"


def test_the_tenants_name_is_fixed() -> None:
    """It is in tokens and audiences from the beginning."""
    with pytest.raises(ValueError, match="tenant"):
        Sandbox(Options(), Roles()).configure({"tenant": "other"})


@pytest.mark.parametrize(
    "changes",
    [
        {"speed": 1},
        {"latency": "slow"},
        {"latency": None},
        {"latency": True},
        {"latency": -1},
        {"latency": 1e300},
        {"latency": 10**400},
        {"latency": float("inf")},
        {"token_lifetime": float("nan")},
        {"iam_propagation": 3601},
        {"request_rate": 1e9},
    ],
)
def test_an_option_has_limits(changes: Any) -> None:
    """A number from 0 to the limit of the option; nothing changes otherwise."""
    sandbox = Sandbox(Options(), Roles())

    with pytest.raises(ValueError, match=r"must be|cannot be changed"):
        sandbox.configure(changes)

    assert sandbox.options == Options()


@pytest.mark.parametrize(
    "options", [{"tenant": "https://x"}, {"tenant": ""}, {"tenant": "a b"}, {"issuer": "http://x"}, {"issuer": "x"}]
)
def test_names_are_host_names(options: dict[str, str]) -> None:
    """The environment is a host name, the issuer an https URL of one."""
    with pytest.raises(ValueError, match="must be"):
        Options(**options)  # type: ignore[arg-type]


def test_the_release_can_change() -> None:
    """Its schemas apply from then on; a reset goes back to the first one."""
    sandbox = Sandbox(Options(release="0.0.26"), Roles())
    sandbox.configure({"release": "0.0.24"})
    assert [schema["version"] for schema in sandbox.environment.schemas.values()] == ["0.0.24"]
    assert {version for _, version in sandbox.environment.versions} == {"0.0.24"}

    sandbox.reset()

    assert [schema["version"] for schema in sandbox.environment.schemas.values()] == ["0.0.26"]
    with pytest.raises(ValueError, match=r"release must be one of 0\.0\.24, 0\.0\.26, 345, got 'newest'"):
        sandbox.configure({"release": "newest"})
