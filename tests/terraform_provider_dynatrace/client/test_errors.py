"""The error tree, and what Terraform shows of it."""

from __future__ import annotations

import pytest

from terraform_plugin.diagnostics import Error, Path
from terraform_provider_dynatrace.client import errors
from terraform_provider_dynatrace.client.errors import DynatraceError, Rejected, Violation

ATTRIBUTES = {
    "name": Path("name"),
    "awsWebIdentity": Path("web_identity"),
    "awsWebIdentity/consumers": Path("web_identity", 0, "consumers"),
}


def test_the_docstring_draws_every_error() -> None:
    """The tree in the module's docstring is the tree of the code."""
    drawn = {line.split()[1] for line in (errors.__doc__ or "").splitlines() if line[:1] in ("├", "└")}

    assert drawn == {kind.__name__ for kind in DynatraceError.__subclasses__()}


@pytest.mark.parametrize("kind", DynatraceError.__subclasses__())
def test_every_error_is_one_that_terraform_can_show(kind: type[DynatraceError]) -> None:
    """Summary and detail become the diagnostic."""
    diagnostic = kind("what", "why and next").diagnostic()

    assert (diagnostic.summary, diagnostic.detail) == ("what", "why and next")


@pytest.mark.parametrize(
    ("path", "attribute"),
    [
        ("name", Path("name")),
        ("awsWebIdentity/consumers", Path("web_identity", 0, "consumers")),
        ("awsWebIdentity/consumers/0", Path("web_identity", 0, "consumers")),
        ("awsWebIdentity.consumers[0]", Path("web_identity", 0, "consumers")),
        ("awsWebIdentity/roleArn", Path("web_identity")),
        ("type", Path()),
        ("", Path()),
    ],
)
def test_a_violation_is_shown_at_its_attribute(path: str, attribute: Path) -> None:
    """The longest known path above a violation is its attribute."""
    refusal = Rejected("Dynatrace refuses the connection", "detail", violations=[Violation(path, "is wrong")])

    shown = refusal.at(ATTRIBUTES)

    assert isinstance(shown, Error)
    assert shown.path == attribute


def test_several_violations_are_shown_at_once() -> None:
    """A user reads all reasons of a refusal, each at its attribute."""
    refusal = Rejected(
        "Dynatrace refuses the connection",
        "detail",
        violations=[Violation("name", "is too short"), Violation("awsWebIdentity/consumers", "is empty")],
    )

    shown = refusal.at(ATTRIBUTES)

    assert isinstance(shown, ExceptionGroup)
    assert [(error.path, error.detail) for error in shown.exceptions if isinstance(error, Error)] == [
        (Path("name"), "is too short\n\ndetail"),
        (Path("web_identity", 0, "consumers"), "is empty\n\ndetail"),
    ]


def test_a_refusal_without_reasons_is_shown_as_it_is() -> None:
    """No violation, no attribute."""
    refusal = Rejected("Dynatrace refuses the connection", "Bad request.")

    assert refusal.at(ATTRIBUTES) is refusal
