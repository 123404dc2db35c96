"""What is told when AWS did not let Dynatrace assume a role."""

from __future__ import annotations

from typing import Any

import pytest

from terraform_provider_dynatrace.aws.connection import ROLE_BASED, WEB_IDENTITY
from terraform_provider_dynatrace.aws.refusal import explanation
from terraform_provider_dynatrace.connections.kinds import Authentication
from terraform_provider_dynatrace.environment import EnvironmentUrls

TENANT = EnvironmentUrls.parse("https://abc12345.live.dynatrace.com")
ROLE = "arn:aws:iam::123456789012:role/name"
PROVIDER = "arn:aws:iam::123456789012:oidc-provider/token.dynatrace.com"
AUDIENCE = "abc12345.apps.dynatrace.com/app-id/dynatrace.aws.connector"
WEB = ["APP:dynatrace.aws.connector"]
DENIED = (
    "Unable to assume role with web identity. (AccessDenied) Not authorized to perform sts:AssumeRoleWithWebIdentity"
)
NO_PROVIDER = "(InvalidIdentityToken) No OpenIDConnect provider found in your account for https://token.dynatrace.com"
NO_CLIENT_ID = "Unable to assume role with web identity. (InvalidIdentityToken) Incorrect token audience"


def value(authentication: Authentication, consumers: Any) -> dict[str, Any]:
    return {"name": "conn", "type": authentication.type, authentication.type: {"roleArn": "", "consumers": consumers}}


def explain(value: dict[str, Any], answer: str = DENIED) -> str:
    return explanation(value, "OBJECT", TENANT, ROLE, answer)


def causes(text: str) -> list[str]:
    return [line.removeprefix("  - ") for line in text.splitlines() if line.startswith("  - ")]


def test_web_identity_shows_what_is_presented_next_to_what_must_match() -> None:
    """Issuer, subject and audience; provider, principal, action and conditions."""
    text = explain(value(WEB_IDENTITY, WEB))

    for words in (
        "issuer    https://token.dynatrace.com\n",
        "subject   dt:connection-id/OBJECT\n",
        f"audience  {AUDIENCE}\n",
        f"client ID\n{AUDIENCE}.\n",
        PROVIDER,
        "token.dynatrace.com:sub = dt:connection-id/OBJECT",
        f"token.dynatrace.com:aud = {AUDIENCE}",
    ):
        assert words in text


def test_role_based_shows_principal_and_external_id() -> None:
    """And its own usual mistakes."""
    text = explain(value(ROLE_BASED, []))

    assert "principal    arn:aws:iam::314146291599:root\n" in text
    assert "sts:ExternalId = OBJECT" in text
    assert causes(text)[0].startswith("The condition on sts:ExternalId has the ID of another connection")


@pytest.mark.parametrize(
    "mistake",
    [
        "starts with https://",
        "the .live. host",
        "the ID of another connection",
        "dtid:connection/<name>",
        "another issuer than token.dynatrace.com",
        "another account or partition",
        f"The account 123456789012 (aws) has no role with exactly this ARN: {ROLE}",
        f"do not contain exactly {AUDIENCE} (no https://, no trailing slash)",
        "Raise timeouts.create",
    ],
)
def test_a_denial_lists_every_usual_mistake(mistake: str) -> None:
    """STS keeps the reason to itself: the order is that of experience."""
    assert any(mistake in cause for cause in causes(explain(value(WEB_IDENTITY, WEB))))


@pytest.mark.parametrize(
    ("answer", "cause"),
    [
        (NO_PROVIDER, "The account 123456789012 has no IAM OIDC provider for https://token.dynatrace.com."),
        (NO_CLIENT_ID, f"The client IDs of the OIDC provider do not contain exactly {AUDIENCE}"),
    ],
)
def test_where_sts_refuses_the_token_itself_there_is_one_cause(answer: str, cause: str) -> None:
    """Then its words tell it."""
    text = explain(value(WEB_IDENTITY, WEB), answer)

    assert [found.startswith(cause) for found in causes(text)] == [True]
    assert "The response of AWS shows the cause" in text


@pytest.mark.parametrize("authentication", [WEB_IDENTITY, ROLE_BASED])
def test_the_doctor_is_named_with_everything_to_type(authentication: Authentication) -> None:
    """It sees what the provider cannot."""
    assert explain(value(authentication, WEB)).endswith(
        f"\n  terraform-provider-dynatrace doctor aws OBJECT --role-arn {ROLE}"
    )


@pytest.mark.parametrize("odd", [{}, {"type": "newer"}])
def test_a_connection_newer_than_us_is_not_explanation(odd: dict[str, Any]) -> None:
    """Nothing is made up about it."""
    assert explain(odd) == ""


def test_an_unknown_consumer_is_named() -> None:
    """Its audience is not known."""
    assert "NONE" in explain(value(WEB_IDENTITY, ["NONE"]))
