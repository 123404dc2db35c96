"""The error tree, and what Terraform shows of it."""

from __future__ import annotations

import pytest

from terraform_plugin.diagnostics import Error, Path
from terraform_provider_dynatrace.client import errors
from terraform_provider_dynatrace.client.errors import DynatraceError, Rejected, Unreachable, Violation

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
        response="POST /x returned 400",
    )

    shown = refusal.at(ATTRIBUTES)

    assert isinstance(shown, ExceptionGroup)
    assert [(error.path, error.detail) for error in shown.exceptions if isinstance(error, Error)] == [
        (Path("name"), "is too short\n\nPOST /x returned 400"),
        (Path("web_identity", 0, "consumers"), "is empty\n\nPOST /x returned 400"),
    ]


def test_violations_without_an_attribute_are_one_error() -> None:
    """So that many reasons do not become many long messages; those with an attribute keep it."""
    refusal = Rejected(
        "Dynatrace rejected the request",
        "everything",
        violations=[Violation("type", "is wrong"), Violation("name", "is too short"), Violation("", "is odd")],
        response="POST /x returned 400",
    )

    shown = refusal.at(ATTRIBUTES)

    assert isinstance(shown, ExceptionGroup)
    assert [(error.path, error.detail) for error in shown.exceptions if isinstance(error, Error)] == [
        (Path("name"), "is too short\n\nPOST /x returned 400"),
        (Path(), "POST /x returned 400\n\ntype: is wrong\n\nis odd"),
    ]
    assert refusal.at({}) is refusal


def test_a_refusal_without_reasons_is_shown_as_it_is() -> None:
    """No violation, no attribute."""
    refusal = Rejected("Dynatrace refuses the connection", "Bad request.")

    assert refusal.at(ATTRIBUTES) is refusal


@pytest.mark.parametrize("kind", [DynatraceError, *DynatraceError.__subclasses__()])
def test_an_error_cannot_be_changed(kind: type[DynatraceError]) -> None:
    """Several callers can get the same error, so changes are made to a copy with the same cause."""
    failure, cause = kind("what", "why"), OSError("reset")
    failure.__cause__ = cause

    for name in ("summary", "detail", "path", "status", "outcome_unknown", "attempts", "retry"):
        with pytest.raises(AttributeError):
            setattr(failure, name, "other")
    noted = failure.with_note("And this.")

    assert (failure.detail, noted.detail) == ("why", "why\n\nAnd this.")
    assert type(noted) is kind
    assert noted.__cause__ is cause


def test_a_copy_of_a_refusal_keeps_its_violations() -> None:
    """And what came back without them."""
    refusal = Rejected("what", violations=[Violation("name", "is wrong")], response="POST /x returned 400", status=400)

    copy = refusal.with_note("more")

    assert (copy.violations, copy.response, copy.status) == (refusal.violations, refusal.response, 400)


@pytest.mark.parametrize("unknown", [True, False])
def test_later_failures_count_the_earlier_attempts(unknown: bool) -> None:  # noqa: FBT001 -- both values
    """Whether one of them may have been carried out, and how many there were."""
    earlier = Unreachable("reset", outcome_unknown=unknown, attempts=2)

    found = Unreachable("refused").with_earlier(earlier)

    assert (found.outcome_unknown, found.attempts) == (unknown, 3)
    assert Unreachable("refused").with_earlier(None).attempts == 1
