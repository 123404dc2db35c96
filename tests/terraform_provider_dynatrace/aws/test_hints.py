"""Usual mistakes in trust policies, recognised and put into words."""

from __future__ import annotations

import pytest

from terraform_provider_dynatrace.aws.hints import (
    about_audience,
    about_condition,
    about_principal,
    correction,
    intended_key,
)
from terraform_provider_dynatrace.aws.iam_policy import Condition, Request

AUDIENCE = "abc12345.apps.dynatrace.com/app-id/dynatrace.aws.connector"
SUBJECT = "dt:connection-id/OBJECT"
REQUEST = Request(
    "sts:AssumeRoleWithWebIdentity",
    "Federated",
    "arn:aws:iam::123456789012:oidc-provider/token.dynatrace.com",
    {"token.dynatrace.com:sub": SUBJECT, "token.dynatrace.com:aud": AUDIENCE},
    issuer="token.dynatrace.com",
)
ASSUME_ROLE = Request("sts:AssumeRole", "AWS", "arn:aws:iam::314146291599:root", {"sts:externalid": "OBJECT"})


def condition(key: str, *values: str, operator: str = "StringEquals", request: Request = REQUEST) -> Condition:
    return Condition(operator, key, values, request.context.get(key.lower()), holds=False)


@pytest.mark.parametrize(
    ("key", "intended"),
    [
        ("token.dynatrace.com:sub", ("token.dynatrace.com:sub", SUBJECT)),
        ("https://token.dynatrace.com/:aud", ("token.dynatrace.com:aud", AUDIENCE)),
        ("token.actions.githubusercontent.com:sub", ("token.dynatrace.com:sub", SUBJECT)),
        ("aws:SourceIp", None),
    ],
)
def test_the_key_that_was_meant_is_that_of_the_claim(key: str, intended: tuple[str, str] | None) -> None:
    """Whatever issuer is written before it; a key that is not a claim of Dynatrace's means nothing here."""
    assert intended_key(key, REQUEST) == intended


def test_a_key_of_sts_keeps_its_spelling() -> None:
    """IAM compares keys in any case; the correction shows the documented one."""
    assert intended_key("STS:EXTERNALID", ASSUME_ROLE) == ("sts:ExternalId", "OBJECT")


@pytest.mark.parametrize(
    ("mistake", "words"),
    [
        (condition("token.dynatrace.com:sub", "dtid:connection/production"), "an old form of the subject"),
        (condition("token.dynatrace.com:sub", "dt:connection-id/OTHER"), "the ID of another connection"),
        (condition("token.dynatrace.com:sub", "OBJECT"), "OBJECT lacks the prefix dt:connection-id/"),
        (condition("token.dynatrace.com:sub", "something"), "It requires something; Dynatrace presents"),
        (condition("token.dynatrace.com:sub", "dt:connection-id/*"), "compares * and ? literally"),
        (condition("token.dynatrace.com:aud", f"https://{AUDIENCE}"), "The audience has a scheme"),
        (condition("https://token.dynatrace.com/:aud", AUDIENCE), "The condition key has a scheme or a slash"),
        (condition("other.example.com:sub", SUBJECT), "It requires a token from other.example.com"),
        (condition("token.dynatrace.com:sub", SUBJECT, operator="StringNotEquals"), f"It excludes {SUBJECT}"),
        (condition("aws:SourceIp", "10.0.0.0/8"), "It is not documented what Dynatrace's request has"),
    ],
)
def test_a_condition_that_does_not_hold_is_explained(mistake: Condition, words: str) -> None:
    """By the likeliest mistake, in terms of what is written and what Dynatrace presents."""
    assert words in about_condition(mistake, REQUEST)


def test_an_external_id_of_another_connection_is_named() -> None:
    """Copied from another role, usually."""
    mistake = condition("sts:ExternalId", "OTHER", request=ASSUME_ROLE)
    assert about_condition(mistake, ASSUME_ROLE) == (
        "OTHER is the ID of another connection; Dynatrace presents OBJECT."
    )


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("https://token.dynatrace.com/:sub", f"Replace it with StringEquals token.dynatrace.com:sub = {SUBJECT}."),
        ("aws:SourceIp", "Remove it, or make sure that it holds."),
    ],
)
def test_a_correction_can_be_copied(key: str, words: str) -> None:
    """Operator, key and value of the condition that works."""
    assert correction(condition(key, "x"), REQUEST) == words


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ([], "There is no audience"),
        ([f"{AUDIENCE}/"], "ends with a slash"),
        ([f"https://{AUDIENCE}"], "has a scheme"),
        (["abc12345.live.dynatrace.com/app-id/dynatrace.aws.connector"], "has the .live. host"),
        (["sts.amazonaws.com"], "sts.amazonaws.com is a different audience"),
        (["other", f"{AUDIENCE}/"], "ends with a slash"),
    ],
)
def test_an_audience_is_compared_with_the_right_one(values: list[str], words: str) -> None:
    """The near miss counts, wherever it stands in the list; the right audience is always shown."""
    text = about_audience(AUDIENCE, values)
    assert words in text
    assert text.rstrip(".").endswith((AUDIENCE, "presents it without one", "presents the .apps. host"))


@pytest.mark.parametrize(
    ("principals", "words"),
    [
        ([], "It has no principal of the type AWS."),
        (["arn:aws:iam::123456789012:root"], "is in the account 123456789012, not in 314146291599"),
        (["arn:aws-cn:iam::314146291599:root"], "is in the partition aws-cn, not in aws"),
        (["*"], "It trusts *."),
    ],
)
def test_a_principal_is_compared_with_dynatraces(principals: list[str], words: str) -> None:
    """Account and partition, where the rest is the same."""
    assert words in about_principal(ASSUME_ROLE, principals)
