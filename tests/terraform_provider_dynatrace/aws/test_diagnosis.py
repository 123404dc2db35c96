"""Why AWS does not let Dynatrace assume a role: the table of mistakes."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from terraform_provider_dynatrace.aws.connection import ROLE_BASED, WEB_IDENTITY
from terraform_provider_dynatrace.aws.diagnosis import Check, FoundProvider, diagnose, nothing_failed
from terraform_provider_dynatrace.aws.trust import RoleBased, WebIdentity, trust_of
from terraform_provider_dynatrace.environment import EnvironmentUrls

TENANT = EnvironmentUrls.parse("https://abc12345.live.dynatrace.com")
ROLE = "arn:aws:iam::123456789012:role/name"
PROVIDER = "arn:aws:iam::123456789012:oidc-provider/token.dynatrace.com"
AUDIENCE = "abc12345.apps.dynatrace.com/app-id/dynatrace.aws.connector"
SUB, AUD = "token.dynatrace.com:sub", "token.dynatrace.com:aud"
WEB = trust_of(WEB_IDENTITY, ["APP:dynatrace.aws.connector"], "OBJECT", TENANT)
CROSS = trust_of(ROLE_BASED, [], "OBJECT", TENANT)
FOUND = FoundProvider(PROVIDER, "token.dynatrace.com", (AUDIENCE,))


def policy(**conditions: Any) -> dict[str, Any]:
    """Return the right policy for WEB with condition values replaced; None takes one away."""
    assert isinstance(WEB, WebIdentity)
    document = copy.deepcopy(WEB.policy(PROVIDER))
    equal = document["Statement"][0]["Condition"]["StringEquals"]
    for claim, value in conditions.items():
        equal[f"token.dynatrace.com:{claim}"] = value
    return document


def with_statement(document: dict[str, Any], **parts: Any) -> dict[str, Any]:
    return document | {"Statement": [document["Statement"][0] | parts]}


def failed(checks: list[Check]) -> list[Check]:
    return [check for check in checks if check.passed is False]


@pytest.mark.parametrize("written", [policy(), json.dumps(policy())])
def test_a_right_role_passes_every_check(written: Any) -> None:
    """Role, provider, client id, action, principal, both conditions, all in all."""
    checks = diagnose(WEB, ROLE, written, FOUND)

    assert nothing_failed(checks)
    assert len(checks) == 8
    assert all(check.passed and not check.why and not check.next_step for check in checks)


def test_a_right_role_based_role_passes_every_check() -> None:
    """No OIDC provider is needed."""
    assert isinstance(CROSS, RoleBased)

    checks = diagnose(CROSS, ROLE, CROSS.policy())

    assert all(check.passed for check in checks)


CONDITION_ON_ANOTHER_ISSUER = {
    "StringEquals": {"dev.token.dynatracelabs.com:sub": "dt:connection-id/OBJECT", AUD: AUDIENCE}
}
CONDITION_WITH_SCHEME = {"StringEquals": {f"https://{SUB}": "dt:connection-id/OBJECT", AUD: AUDIENCE}}
WILDCARD = {"StringEquals": {SUB: "dt:connection-id/*", AUD: AUDIENCE}}
NEGATED = {"StringEquals": {AUD: AUDIENCE}, "StringNotEquals": {SUB: "dt:connection-id/OBJECT"}}
OTHER_ACCOUNT = "arn:aws:iam::999999999999:oidc-provider/token.dynatrace.com"
OTHER_PARTITION = "arn:aws-cn:iam::123456789012:oidc-provider/token.dynatrace.com"


@pytest.mark.parametrize(
    ("document", "cause", "remedy"),
    [
        (policy(aud=f"https://{AUDIENCE}"), "written with a scheme", f"{AUD} = {AUDIENCE}"),
        (policy(aud=f"{AUDIENCE}/"), "ends in a slash", f"{AUD} = {AUDIENCE}"),
        (policy(aud=AUDIENCE.replace(".apps.", ".live.")), ".live. host", f"{AUD} = {AUDIENCE}"),
        (policy(aud=AUDIENCE.replace("abc", "xyz")), "another audience", f"{AUD} = {AUDIENCE}"),
        (policy(aud="sts.amazonaws.com"), "sts.amazonaws.com is another audience", f"{AUD} = {AUDIENCE}"),
        (policy(sub="dtid:connection/conn-0"), "old form of the subject", f"{SUB} = dt:connection-id/OBJECT"),
        (policy(sub="dt:connection-id/OTHER"), "id of another connection", f"{SUB} = dt:connection-id/OBJECT"),
        (policy(sub="OBJECT"), "lacks what comes before the id", f"{SUB} = dt:connection-id/OBJECT"),
        (policy(sub="x"), "It wants x", f"{SUB} = dt:connection-id/OBJECT"),
        (with_statement(policy(), Condition=CONDITION_ON_ANOTHER_ISSUER), "a token of dev.token", f"{SUB} ="),
        (with_statement(policy(), Condition=CONDITION_WITH_SCHEME), "written with a scheme", f"{SUB} ="),
        (with_statement(policy(), Condition=WILDCARD), "takes * and ? literally", f"{SUB} ="),
        (with_statement(policy(), Condition=NEGATED), "It excludes dt:connection-id/OBJECT", f"{SUB} ="),
        (
            with_statement(policy(), Action="sts:AssumeRole"),
            "It allows sts:AssumeRole.",
            "sts:AssumeRoleWithWebIdentity",
        ),
        (with_statement(policy(), Principal={"Federated": OTHER_ACCOUNT}), "in the account 999999999999", PROVIDER),
        (with_statement(policy(), Principal={"Federated": OTHER_PARTITION}), "in the partition aws-cn", PROVIDER),
        (with_statement(policy(), Principal={"AWS": "123456789012"}), "no principal of the type Federated", PROVIDER),
        (
            with_statement(policy(), Principal={"Federated": "accounts.google.com"}),
            "It trusts accounts.google",
            PROVIDER,
        ),
        ({"Statement": []}, "no statement with Effect Allow", "aws_trust_policy"),
        (with_statement(policy(), Effect="Deny"), "number 1 has Effect Deny", "Narrow"),
        ("no json", "no JSON", "AWS console"),
    ],
)
def test_each_mistake_in_a_trust_policy_is_recognised(document: Any, cause: str, remedy: str) -> None:
    """With its cause, and how it is written right."""
    [first, *_] = failed(diagnose(WEB, ROLE, document, FOUND))

    assert cause in first.why
    assert remedy in first.next_step


@pytest.mark.parametrize(
    ("provider", "cause", "remedy"),
    [
        (None, f"There is no {PROVIDER}", "https://token.dynatrace.com"),
        (
            FoundProvider(PROVIDER, "https://dev.token.dynatracelabs.com", ()),
            "Its url is",
            "https://token.dynatrace.com",
        ),
        (FoundProvider(PROVIDER, "https://token.dynatrace.com", ()), "nothing is another audience", f"Add {AUDIENCE}"),
        (
            FoundProvider(PROVIDER, "token.dynatrace.com", ("sts.amazonaws.com",)),
            "sts.amazonaws.com",
            f"Add {AUDIENCE}",
        ),
        (FoundProvider(PROVIDER, "token.dynatrace.com", (f"https://{AUDIENCE}",)), "with a scheme", f"Add {AUDIENCE}"),
    ],
)
def test_each_mistake_in_an_oidc_provider_is_recognised(
    provider: FoundProvider | None, cause: str, remedy: str
) -> None:
    """Missing, of another issuer, without the client id."""
    [check] = failed(diagnose(WEB, ROLE, policy(), provider))

    assert cause in check.why
    assert remedy in check.next_step


def test_a_role_that_is_not_there_is_the_first_thing_to_know() -> None:
    """Nothing is said about a policy that nobody has seen."""
    [check] = failed(diagnose(WEB, ROLE, None, FOUND))

    assert "exists" in check.what
    assert "no such role" in check.why


def test_what_is_no_role_arn_ends_the_list() -> None:
    """A partition that Dynatrace does not take, for example."""
    [check] = diagnose(CROSS, "arn:aws-cn:iam::123456789012:role/name", None)

    assert check.passed is False
    assert "partition" in check.why


@pytest.mark.parametrize(
    ("principal", "external_id", "cause"),
    [
        ("arn:aws:iam::476114158034:root", "OBJECT", "in the account 476114158034"),
        ("arn:aws:iam::314146291599:root", "OTHER", "OTHER is the id of another connection"),
        ("arn:aws:iam::314146291599:role/x", "OBJECT", "It trusts arn:aws:iam::314146291599:role/x"),
    ],
)
def test_each_mistake_of_a_role_based_role_is_recognised(principal: str, external_id: str, cause: str) -> None:
    """Wrong account of Dynatrace's, external id of another connection."""
    [first, *_] = failed(diagnose(CROSS, ROLE, RoleBased(principal, external_id).policy()))

    assert cause in first.why


def test_the_nearest_of_several_statements_is_explained() -> None:
    """Not the one for another purpose."""
    other = {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}
    document = policy(sub="dt:connection-id/OTHER")
    document["Statement"].insert(0, other)

    [first, *_] = failed(diagnose(WEB, ROLE, document, FOUND))

    assert "id of another connection" in first.why


def test_what_cannot_be_decided_does_not_fail() -> None:
    """A condition on the caller's address may hold or not."""
    document = with_statement(policy(), Condition={"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}})

    checks = diagnose(WEB, ROLE, document, FOUND)

    assert nothing_failed(checks)
    assert [check.what for check in checks if check.passed is None] == [
        "Its condition IpAddress aws:SourceIp holds",
        "The trust policy as a whole lets Dynatrace assume the role",
    ]


def test_each_consumer_has_to_pass() -> None:
    """A role for one audience is not one for both."""
    both = trust_of(WEB_IDENTITY, list(WEB_IDENTITY.consumers), "OBJECT", TENANT)

    causes = [check.why for check in failed(diagnose(both, ROLE, policy(), FOUND))]

    assert any("dynatrace.biz.carbon" in cause for cause in causes)


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=5)
    | st.sampled_from([AUD, SUB, PROVIDER, "Allow", "*"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "Statement",
                    "Effect",
                    "Principal",
                    "Action",
                    "Condition",
                    "StringEquals",
                    AUD,
                    SUB,
                    "Federated",
                    "AWS",
                ]
            ),
            inner,
        )
    ),
    max_leaves=15,
)


@given(JSON, st.sampled_from([WEB, CROSS]))
def test_any_document_gives_a_list(document: Any, trust: WebIdentity | RoleBased) -> None:
    """Hostile policies end in checks, never in an exception."""
    checks = diagnose(trust, ROLE, {"Statement": document}, FOUND)

    assert all(check.what for check in checks)
