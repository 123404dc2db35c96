"""Findings about a role: the table of mistakes."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from terraform_provider_dynatrace.aws.connection import ROLE_BASED, WEB_IDENTITY
from terraform_provider_dynatrace.aws.diagnosis import Finding, OidcProvider, Outcome, Unreadable, diagnose
from terraform_provider_dynatrace.aws.trust import RoleBased, WebIdentity, trust_of
from terraform_provider_dynatrace.environment import EnvironmentUrls

TENANT = EnvironmentUrls.parse("https://abc12345.live.dynatrace.com")
ROLE = "arn:aws:iam::123456789012:role/name"
PROVIDER = "arn:aws:iam::123456789012:oidc-provider/token.dynatrace.com"
AUDIENCE = "abc12345.apps.dynatrace.com/app-id/dynatrace.aws.connector"
SUB, AUD = "token.dynatrace.com:sub", "token.dynatrace.com:aud"
WEB = trust_of(WEB_IDENTITY, ["APP:dynatrace.aws.connector"], "OBJECT", TENANT)
CROSS = trust_of(ROLE_BASED, [], "OBJECT", TENANT)
FOUND = OidcProvider(PROVIDER, "token.dynatrace.com", (AUDIENCE,))


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


def failed(findings: list[Finding]) -> list[Finding]:
    return [finding for finding in findings if finding.outcome is Outcome.FAILED]


@pytest.mark.parametrize("written", [policy(), json.dumps(policy())])
def test_a_right_role_passes_every_check(written: Any) -> None:
    """Role, provider, client id, action, principal, both conditions, all in all."""
    findings = diagnose(WEB, ROLE, written, FOUND)

    assert len(findings) == 8
    assert {(finding.outcome, finding.cause, finding.next_step) for finding in findings} == {(Outcome.PASSED, "", "")}


def test_a_right_role_based_role_passes_every_check() -> None:
    """No OIDC provider is needed."""
    assert isinstance(CROSS, RoleBased)

    findings = diagnose(CROSS, ROLE, CROSS.policy())

    assert {finding.outcome for finding in findings} == {Outcome.PASSED}


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
        (policy(aud=f"https://{AUDIENCE}"), "has a scheme", f"{AUD} = {AUDIENCE}"),
        (policy(aud=f"{AUDIENCE}/"), "ends with a slash", f"{AUD} = {AUDIENCE}"),
        (policy(aud=AUDIENCE.replace(".apps.", ".live.")), ".live. host", f"{AUD} = {AUDIENCE}"),
        (policy(aud=AUDIENCE.replace("abc", "xyz")), "a different audience", f"{AUD} = {AUDIENCE}"),
        (policy(aud="sts.amazonaws.com"), "sts.amazonaws.com is a different audience", f"{AUD} = {AUDIENCE}"),
        (policy(sub="dtid:connection/conn-0"), "old form of the subject", f"{SUB} = dt:connection-id/OBJECT"),
        (policy(sub="dt:connection-id/OTHER"), "ID of another connection", f"{SUB} = dt:connection-id/OBJECT"),
        (policy(sub="OBJECT"), "lacks the prefix dt:connection-id/", f"{SUB} = dt:connection-id/OBJECT"),
        (policy(sub="x"), "It requires x", f"{SUB} = dt:connection-id/OBJECT"),
        (with_statement(policy(), Condition=CONDITION_ON_ANOTHER_ISSUER), "a token from dev.token", f"{SUB} ="),
        (with_statement(policy(), Condition=CONDITION_WITH_SCHEME), "has a scheme or a slash", f"{SUB} ="),
        (with_statement(policy(), Condition=WILDCARD), "compares * and ? literally", f"{SUB} ="),
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
        ("no json", "not JSON", "AWS console"),
    ],
)
def test_each_mistake_in_a_trust_policy_is_recognised(document: Any, cause: str, remedy: str) -> None:
    """With its cause, and how it is written right."""
    [first, *_] = failed(diagnose(WEB, ROLE, document, FOUND))

    assert cause in first.cause
    assert remedy in first.next_step


@pytest.mark.parametrize(
    ("provider", "cause", "remedy"),
    [
        (None, f"{PROVIDER} does not exist", "https://token.dynatrace.com"),
        (
            OidcProvider(PROVIDER, "https://dev.token.dynatracelabs.com", ()),
            "Its URL is",
            "https://token.dynatrace.com",
        ),
        (OidcProvider(PROVIDER, "https://token.dynatrace.com", ()), "There is no audience", f"Add {AUDIENCE}"),
        (
            OidcProvider(PROVIDER, "token.dynatrace.com", ("sts.amazonaws.com",)),
            "sts.amazonaws.com",
            f"Add {AUDIENCE}",
        ),
        (OidcProvider(PROVIDER, "token.dynatrace.com", (f"https://{AUDIENCE}",)), "has a scheme", f"Add {AUDIENCE}"),
    ],
)
def test_each_mistake_in_an_oidc_provider_is_recognised(provider: OidcProvider | None, cause: str, remedy: str) -> None:
    """Missing, of another issuer, without the client id."""
    [finding] = failed(diagnose(WEB, ROLE, policy(), provider))

    assert cause in finding.cause
    assert remedy in finding.next_step


def test_a_role_that_is_not_there_is_the_first_thing_to_know() -> None:
    """Nothing is said about a policy that nobody has seen."""
    [finding] = failed(diagnose(WEB, ROLE, None, FOUND))

    assert "exists" in finding.statement
    assert "no such role" in finding.cause


def test_text_that_is_not_a_role_arn_is_the_only_finding() -> None:
    """A partition that Dynatrace does not take, for example."""
    [finding] = diagnose(CROSS, "arn:aws-cn:iam::123456789012:role/name", None)

    assert finding.outcome is Outcome.FAILED
    assert "partition" in finding.cause


@pytest.mark.parametrize(
    ("principal", "external_id", "cause"),
    [
        ("arn:aws:iam::476114158034:root", "OBJECT", "in the account 476114158034"),
        ("arn:aws:iam::314146291599:root", "OTHER", "OTHER is the ID of another connection"),
        ("arn:aws:iam::314146291599:role/x", "OBJECT", "It trusts arn:aws:iam::314146291599:role/x"),
    ],
)
def test_each_mistake_of_a_role_based_role_is_recognised(principal: str, external_id: str, cause: str) -> None:
    """Wrong account of Dynatrace's, external ID of another connection."""
    [first, *_] = failed(diagnose(CROSS, ROLE, RoleBased(principal, external_id).policy()))

    assert cause in first.cause


def test_the_nearest_of_several_statements_is_explained() -> None:
    """Not the one for another purpose."""
    other = {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}
    document = policy(sub="dt:connection-id/OTHER")
    document["Statement"].insert(0, other)

    [first, *_] = failed(diagnose(WEB, ROLE, document, FOUND))

    assert "ID of another connection" in first.cause


def test_what_cannot_be_decided_does_not_fail() -> None:
    """A condition on the caller's address may hold or not."""
    document = with_statement(policy(), Condition={"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}})

    findings = diagnose(WEB, ROLE, document, FOUND)

    assert failed(findings) == []
    assert [finding.statement for finding in findings if finding.outcome is Outcome.NOT_CHECKED] == [
        "The condition IpAddress aws:SourceIp holds",
        "The trust policy as a whole allows the request",
    ]


def test_each_consumer_has_to_pass() -> None:
    """A role for one audience is not one for both."""
    both = trust_of(WEB_IDENTITY, list(WEB_IDENTITY.consumers), "OBJECT", TENANT)

    causes = [finding.cause for finding in failed(diagnose(both, ROLE, policy(), FOUND))]

    assert any("dynatrace.biz.carbon" in cause for cause in causes)


@pytest.mark.parametrize(
    ("role", "provider", "not_checked"),
    [
        (Unreadable("No iam:GetRole."), FOUND, ["The role", "No iam:GetRole."]),
        (policy(), Unreadable("No permission."), ["The role's account has an OIDC provider", "No permission."]),
    ],
)
def test_what_could_not_be_read_is_not_checked(
    role: Any, provider: OidcProvider | Unreadable, not_checked: list[str]
) -> None:
    """It neither passes nor fails; everything else is checked."""
    findings = diagnose(WEB, ROLE, role, provider)

    [unread] = [finding for finding in findings if finding.outcome is Outcome.NOT_CHECKED]
    assert unread.statement.startswith(not_checked[0])
    assert unread.cause == not_checked[1]
    assert failed(findings) == []
    assert len(findings) > 1


WITHOUT_SUBJECT = {"StringEquals": {AUD: AUDIENCE}}
ANY_SUBJECT = {"StringEquals": {AUD: AUDIENCE}, "StringLike": {SUB: "dt:connection-id/*"}}
IF_EXISTS = {"StringEqualsIfExists": {SUB: "dt:connection-id/OBJECT"}}
NO_ROLE_SESSION = {"StringEqualsIfExists": {SUB: "dt:connection-id/OBJECT", AUD: AUDIENCE}}
WITH_ORGANIZATION = {"StringEquals": {"sts:ExternalId": "OBJECT", "aws:PrincipalOrgID": "o-1"}}


def subject_like(pattern: str) -> dict[str, Any]:
    return {"StringEquals": {AUD: AUDIENCE}, "StringLike": {SUB: pattern}}


@pytest.mark.parametrize(
    ("trust", "parts", "causes"),
    [
        (WEB, {}, []),
        (WEB, {"Condition": WITHOUT_SUBJECT}, ["does not restrict the subject"]),
        (WEB, {"Condition": ANY_SUBJECT}, ["does not restrict the subject"]),
        (WEB, {"Condition": {}}, ["does not restrict the subject"]),
        (WEB, {"Condition": {}, "Principal": "*"}, ["does not restrict the subject", "trusts every principal"]),
        (WEB, {"Principal": "*"}, []),
        (WEB, {"Condition": IF_EXISTS, "Principal": "*"}, ["trusts every principal"]),
        (CROSS, {}, []),
        (CROSS, {"Condition": {}}, ["any customer of Dynatrace"]),
        (CROSS, {"Condition": {"StringLike": {"sts:ExternalId": "*"}}}, ["any customer of Dynatrace"]),
        (CROSS, {"Principal": "*"}, ["trusts every principal"]),
        (CROSS, {"Principal": {"AWS": "*"}, "Condition": {}}, ["any customer of Dynatrace", "trusts every principal"]),
        (CROSS, {"Principal": "*", "Condition": WITH_ORGANIZATION}, []),
        (WEB, {"Condition": subject_like("dt:connection-id/OBJ*")}, ["does not restrict the subject"]),
        (WEB, {"Condition": subject_like("*ECT")}, ["The subject *ECT in the policy has a wildcard"]),
        (WEB, {"Condition": subject_like("dt:connection-id/OBJE?T")}, ["dt:connection-id/OBJE?T in the policy"]),
        (WEB, {"Condition": subject_like("dt:connection-id/OBJECT")}, []),
        (CROSS, {"Condition": {"StringLike": {"sts:ExternalId": "O*T"}}}, ["The external ID O*T in the policy"]),
        (CROSS, {"Condition": {"StringEquals": {"sts:ExternalId": ["OBJECT", "O*T"]}}}, []),
        (WEB, {"Action": "sts:*", "Principal": "*", "Condition": NO_ROLE_SESSION}, ["trusts every principal"]),
    ],
)
def test_a_policy_that_lets_others_in_is_a_warning(
    trust: WebIdentity | RoleBased, parts: dict[str, Any], causes: list[str]
) -> None:
    """Dynatrace can use the role, and so can somebody else. With a condition that only AWS can decide there is none."""
    right = trust.policy(PROVIDER) if isinstance(trust, WebIdentity) else trust.policy()

    findings = diagnose(trust, ROLE, with_statement(right, **parts), FOUND)

    warnings = [finding.cause for finding in findings if finding.outcome is Outcome.WARNING]
    assert [cause in warning for cause, warning in zip(causes, warnings, strict=True)] == [True] * len(causes)
    assert failed(findings) == []


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
    """A hostile policy results in findings, never in an exception."""
    findings = diagnose(trust, ROLE, {"Statement": document}, FOUND)

    assert all(finding.statement for finding in findings)
