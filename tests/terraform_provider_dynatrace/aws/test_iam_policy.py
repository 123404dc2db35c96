"""IAM's policy language, as far as trust policies need it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dynatrace_sandbox.aws.trust import OidcProvider, Role, assume_role, assume_role_with_web_identity
from terraform_plugin.diagnostics import Error
from terraform_provider_dynatrace.aws.iam_policy import Request, Ternary, decide, statements

ROLE = "arn:aws:iam::123456789012:role/name"
PROVIDER = "arn:aws:iam::123456789012:oidc-provider/token.dynatrace.com"
SUB, AUD = "token.dynatrace.com:sub", "token.dynatrace.com:aud"
SUBJECT, AUDIENCE = "dt:connection-id/A", "abc12345.apps.dynatrace.com/app-id/dynatrace.aws.connector"
PRINCIPAL = "arn:aws:iam::314146291599:root"
WEB = Request(
    "sts:AssumeRoleWithWebIdentity",
    "Federated",
    PROVIDER,
    {SUB: SUBJECT, AUD: AUDIENCE, "aws:federatedprovider": PROVIDER},
    frozenset({"sts:externalid"}),
    "token.dynatrace.com",
)
CROSS = Request("sts:AssumeRole", "AWS", PRINCIPAL, {"sts:externalid": "A", "aws:principalaccount": "314146291599"})


def allow(**parts: Any) -> dict[str, Any]:
    """Return a statement that allows WEB, with parts replaced."""
    return {"Effect": "Allow", "Principal": {"Federated": PROVIDER}, "Action": WEB.action} | parts


def when(operator: str, key: str, value: Any) -> dict[str, Any]:
    return allow(Condition={operator: {key: value}})


@pytest.mark.parametrize(
    ("found", "answer"),
    [
        ([], False),
        (allow(), True),
        ([allow(Action="sts:TagSession"), allow()], True),
        ([allow(), allow(Effect="Deny")], False),
        ([allow(), allow(Effect="Deny", Action="sts:AssumeRole")], True),
        ([allow(), allow(Effect="Deny", Condition={"Bool": {"aws:SecureTransport": "false"}})], None),
        ([allow(Effect="Deny")], False),
        (allow(Action="STS:Assume*"), True),
        (allow(Action=["sts:TagSession", "*"]), True),
        (allow(Action="sts:AssumeRole"), False),
        ({"Effect": "Allow", "Principal": "*", "NotAction": "sts:AssumeRole"}, True),
        (allow(Principal="*"), True),
        (allow(Principal={"AWS": "*"}), True),
        (allow(Principal={"Federated": ["x", PROVIDER]}), True),
        (allow(Principal={"AWS": PROVIDER}), False),
        (allow(Principal={"Federated": "*"}), False),
        ({"Effect": "Allow", "NotPrincipal": {"Federated": PROVIDER}, "Action": "*"}, False),
        (when("StringEquals", SUB, SUBJECT), True),
        (when("StringEquals", SUB.upper(), SUBJECT), True),
        (when("StringEquals", SUB, SUBJECT.upper()), False),
        (when("StringEqualsIgnoreCase", SUB, SUBJECT.upper()), True),
        (when("StringEquals", AUD, ["x", AUDIENCE]), True),
        (when("StringEquals", SUB, "dt:connection-id/*"), False),
        (when("StringLike", SUB, "dt:connection-id/?"), True),
        (when("StringLike", SUB, "dt.connection-id/*"), False),
        (when("StringNotEquals", SUB, SUBJECT), False),
        (when("StringNotLike", SUB, "x*"), True),
        (when("StringEquals", "sts.amazonaws.com:aud", "x"), False),
        (when("StringNotEquals", "sts.amazonaws.com:aud", "x"), True),
        (when("StringEqualsIfExists", "other.example.com:aud", "x"), True),
        (when("ForAllValues:StringEquals", "other.example.com:aud", "x"), True),
        (when("ForAnyValue:StringEquals", "other.example.com:aud", "x"), False),
        (when("ForAnyValue:StringNotEquals", "other.example.com:aud", "x"), False),
        (when("ForAnyValue:StringLike", AUD, ["x", "*.apps.dynatrace.com/*"]), True),
        (when("Null", SUB, "false"), True),
        (when("Null", SUB, ["true"]), False),
        (when("Null", "sts:ExternalId", "true"), True),
        (when("ArnLike", "aws:FederatedProvider", "arn:aws:iam::*:oidc-provider/token.dynatrace.com"), True),
        (when("ArnLike", "aws:FederatedProvider", "arn:*"), False),
        (when("IpAddress", "aws:SourceIp", "10.0.0.0/8"), None),
        (when("StringEquals", "token.dynatrace.com:amr", "x"), None),
        (when("StringEquals", SUB, "${aws:username}"), None),
        (allow(Condition={"StringEquals": {SUB: SUBJECT, AUD: "x"}}), False),
        (allow(Condition={"StringEquals": {AUD: "x"}, "IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}), False),
    ],
)
def test_a_policy_decides_as_iam_documents_it(found: Any, answer: Ternary) -> None:
    """Deny first; every condition; None for what is not known here."""
    assert decide(statements({"Version": "2012-10-17", "Statement": found}), WEB) is answer


@pytest.mark.parametrize(
    ("principal", "answer"),
    [
        (PRINCIPAL, True),
        ("314146291599", True),
        ("*", True),
        (["123456789012", PRINCIPAL], True),
        ("arn:aws:iam::476114158034:root", False),
        ("arn:aws:iam::314146291599:role/x", False),
    ],
)
def test_an_account_is_trusted_by_its_id_or_root(principal: Any, answer: Ternary) -> None:
    """Both forms are the same principal."""
    statement = {"Effect": "Allow", "Principal": {"AWS": principal}, "Action": "sts:AssumeRole"}

    assert decide(statements({"Statement": statement}), CROSS) is answer


@pytest.mark.parametrize("policy", ["", "{", "[]", "{}", '{"Statement": 7}', '{"Statement": ["x"]}', "[" * 100_000])
def test_text_that_is_not_a_policy_is_an_error(policy: str) -> None:
    """Never a guess."""
    with pytest.raises(Error):
        statements(policy)


def test_a_policy_may_be_text() -> None:
    """As jsonencode and the AWS API give it."""
    assert statements('{"Statement": {"Effect": "Allow"}}')[0].allows


def one_or_more(*values: str) -> st.SearchStrategy[Any]:
    return st.sampled_from(values) | st.lists(st.sampled_from(values), min_size=1, max_size=3)


PRINCIPALS = (PROVIDER, PRINCIPAL, "314146291599", "*", "arn:aws:iam::111111111111:role/x")
ACTIONS = ("sts:AssumeRole", "sts:AssumeRoleWithWebIdentity", "sts:*", "*", "sts:TagSession", "STS:assumerole*")
OPERATORS = [
    f"{quantifier}{negation}{suffix}"
    for quantifier in ("", "ForAnyValue:", "ForAllValues:")
    for negation in ("StringEquals", "StringNotEquals", "StringLike", "StringNotLike", "ArnLike", "ArnNotEquals")
    for suffix in ("", "IfExists")
] + ["Null"]
KEYS = (SUB, AUD, "Token.Dynatrace.com:SUB", "sts:ExternalId", "aws:FederatedProvider", "sts.amazonaws.com:aud")
VALUES = (
    SUBJECT,
    AUDIENCE,
    "A",
    PROVIDER,
    "*",
    "dt:*",
    "?",
    "true",
    "false",
    "arn:aws:iam::*:*",
    f"https://{AUDIENCE}",
)
CONDITIONS = st.dictionaries(
    st.sampled_from(OPERATORS), st.dictionaries(st.sampled_from(KEYS), one_or_more(*VALUES), max_size=2), max_size=2
)
STATEMENT = st.fixed_dictionaries(
    {
        "Effect": st.sampled_from(["Allow", "Allow", "Deny"]),
        "Principal": st.just("*")
        | st.dictionaries(st.sampled_from(["AWS", "Federated"]), one_or_more(*PRINCIPALS), min_size=1),
        "Condition": CONDITIONS,
    }
)
POLICIES = st.lists(
    st.tuples(STATEMENT, st.sampled_from(["Action", "NotAction"]), one_or_more(*ACTIONS)).map(
        lambda parts: parts[0] | {parts[1]: parts[2]}
    ),
    max_size=3,
).map(lambda found: {"Version": "2012-10-17", "Statement": found})


@settings(max_examples=200)
@given(POLICIES)
def test_two_readings_of_iam_agree(policy: dict[str, Any]) -> None:
    """The sandbox decides by another reading of the same documentation: where we are sure, both say the same."""
    role, provider = Role(ROLE, policy), OidcProvider(PROVIDER, "token.dynatrace.com", (AUDIENCE,))
    claims = {"iss": "https://token.dynatrace.com", "sub": SUBJECT, "aud": AUDIENCE}

    web, cross = (decide(statements(policy), request) for request in (WEB, CROSS))

    assert web in (None, assume_role_with_web_identity(role, ROLE, [provider], claims).allowed)
    assert cross in (None, assume_role(role, ROLE, "314146291599", "A").allowed)


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("dt:*************************x", "dt:connection-id/" + "A" * 4000),
        ("*A" * 500 + "x", "A" * 4000),
        ("?*" * 500 + "x", "A" * 4000),
    ],
)
def test_wildcards_take_no_exponential_time(pattern: str, text: str) -> None:
    """Whoever may edit the role writes the pattern. A chain of regular expressions would not end in a lifetime."""
    statement = {"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"}
    document = statement | {"Condition": {"StringLike": {"sts:ExternalId": pattern}}}
    request = Request("sts:AssumeRole", "AWS", "arn:aws:iam::123456789012:root", {"sts:externalid": text})

    assert decide(statements({"Statement": document}), request) is False


@pytest.mark.parametrize(
    ("pattern", "text", "matches"),
    [("a[b]*", "a[b]c", True), ("a[b]", "ab", False), ("a.c", "abc", False), ("a?c", "a\nc", True), ("*", "", True)],
)
def test_only_star_and_question_mark_are_wildcards(pattern: str, text: str, *, matches: bool) -> None:
    """Every other character stands for itself."""
    document = {
        "Effect": "Allow",
        "Principal": "*",
        "Action": "sts:AssumeRole",
        "Condition": {"StringLike": {"sts:ExternalId": pattern}},
    }
    request = Request("sts:AssumeRole", "AWS", "arn:aws:iam::123456789012:root", {"sts:externalid": text})

    assert decide(statements({"Statement": document}), request) is matches
