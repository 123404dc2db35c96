"""May these claims assume this role? A table of trust policies."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dynatrace_sandbox.aws.trust import (
    Decision,
    OidcProvider,
    Role,
    assume_role,
    assume_role_with_web_identity,
)
from tests.dynatrace_sandbox.in_process import ACCOUNT, AUDIENCE, PROVIDER, ROLE

DYNATRACE = "314146291599"
SUBJECT = "dt:connection-id/vu9U3hXa3q0AAAAB"
ISSUER = "https://token.dynatrace.com"
CLAIMS = {"iss": ISSUER, "sub": SUBJECT, "aud": AUDIENCE}
PROVIDERS = [OidcProvider(PROVIDER, "token.dynatrace.com", (AUDIENCE,))]
SUB, AUD = "token.dynatrace.com:sub", "token.dynatrace.com:aud"
EXACT = {"StringEquals": {SUB: SUBJECT, AUD: AUDIENCE}}
EXTERNAL = {"StringEquals": {"sts:ExternalId": "vu9U3hXa3q0AAAAB"}}


def allow(**parts: Any) -> dict[str, Any]:
    """Return the page's statement with parts replaced; None leaves a part out."""
    whole = {
        "Effect": "Allow",
        "Principal": {"Federated": PROVIDER},
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": EXACT,
    } | parts
    return {name: part for name, part in whole.items() if part is not None}


def deny(**parts: Any) -> dict[str, Any]:
    return allow(Effect="Deny", **parts)


def web(statements: Any, providers: list[OidcProvider] = PROVIDERS, **claims: str) -> Decision:
    policy = {"Version": "2012-10-17", "Statement": statements}
    return assume_role_with_web_identity(Role(ROLE, policy), ROLE, providers, CLAIMS | claims)


def cross_account(statements: Any, role_arn: str = ROLE) -> Decision:
    policy = {"Version": "2012-10-17", "Statement": statements}
    return assume_role(Role(role_arn, policy), role_arn, DYNATRACE, "vu9U3hXa3q0AAAAB")


WEB_IDENTITY_ALLOWED: dict[str, Any] = {
    "the page's policy": [allow()],
    "one statement without a list": allow(),
    "the second of two statements": [allow(Action="sts:TagSession"), allow()],
    "a list of actions": [allow(Action=["sts:TagSession", "sts:AssumeRoleWithWebIdentity"])],
    "an action with a wildcard": [allow(Action="sts:Assume*")],
    "an action in another case": [allow(Action="STS:assumerolewithwebidentity")],
    "every action": [allow(Action="*")],
    "every action of STS": [allow(Action="sts:*")],
    "every action but another": [allow(Action=None, NotAction="sts:AssumeRole")],
    "a list of federated principals": [allow(Principal={"Federated": ["arn:aws:iam::1:saml-provider/x", PROVIDER]})],
    "everybody": [allow(Principal="*")],
    "every AWS principal": [allow(Principal={"AWS": "*"})],
    "principals of two kinds": [allow(Principal={"AWS": DYNATRACE, "Federated": PROVIDER})],
    "no condition": [allow(Condition=None)],
    "the audience alone": [allow(Condition={"StringEquals": {AUD: AUDIENCE}})],
    "the subject by wildcard": [allow(Condition={"StringLike": {SUB: "dt:connection-id/*"}})],
    "one of several audiences": [allow(Condition={"StringEquals": {AUD: ["other", AUDIENCE]}})],
    "a condition on a key that is missing, if it exists": [
        allow(Condition=EXACT | {"StringEqualsIfExists": {"aws:SourceAccount": "1"}})
    ],
    "for any value": [allow(Condition={"ForAnyValue:StringEquals": {AUD: [AUDIENCE, "other"]}})],
    "for all values": [allow(Condition={"ForAllValues:StringLike": {AUD: "*.apps.dynatrace.com/*"}})],
    "a negation that holds": [allow(Condition=EXACT | {"StringNotEquals": {SUB: "dt:connection-id/other"}})],
    "the provider as condition": [allow(Condition={"ArnEquals": {"aws:FederatedProvider": PROVIDER}})],
    "a Deny about another connection": [allow(), deny(Condition={"StringEquals": {SUB: "dt:connection-id/other"}})],
    "a Deny of requests without TLS": [allow(), deny(Condition={"Bool": {"aws:SecureTransport": False}})],
    "a Deny about an external ID": [allow(), deny(Condition={"StringLike": {"sts:ExternalId": "*"}})],
    "a Deny about another action": [deny(Action="sts:AssumeRole", Condition=None), allow()],
    "a Deny about another principal": [deny(Principal={"AWS": DYNATRACE}, Condition=None), allow()],
}
WEB_IDENTITY_REFUSED: dict[str, tuple[Any, str]] = {
    "the audience with a scheme": (
        [allow(Condition={"StringEquals": {AUD: f"https://{AUDIENCE}", SUB: SUBJECT}})],
        f"{AUD}: wants 'https://{AUDIENCE}', got '{AUDIENCE}'",
    ),
    "the subject of another connection": (
        [allow(Condition={"StringEquals": {SUB: "dt:connection-id/other"}})],
        f"{SUB}: wants 'dt:connection-id/other'",
    ),
    "the subject of the older schema": ([allow(Condition={"StringEquals": {SUB: "dtid:connection/x"}})], "got 'dt:"),
    "a wildcard where none is read": ([allow(Condition={"StringEquals": {SUB: "dt:*"}})], "StringEquals"),
    "a key that is missing": ([allow(Condition={"StringEquals": {"aws:SourceAccount": "1"}})], "got nothing"),
    "a key of another issuer": ([allow(Condition={"StringEquals": {"dev.token:sub": SUBJECT}})], "got nothing"),
    "an operator that is not known": ([allow(Condition={"StringMatches": {SUB: SUBJECT}})], "StringMatches"),
    "an explicit Deny after an Allow": ([allow(), deny(Condition=None)], "says Deny"),
    "an explicit Deny before an Allow": ([deny(Condition=None), allow()], "says Deny"),
    "a Deny that cannot be decided": ([allow(), deny(Condition={"DateLessThan": {"aws:x": "2"}})], "says Deny"),
    "a Deny of everything else": (
        [allow(), deny(Condition={"StringNotEquals": {SUB: "dt:connection-id/other"}})],
        "says Deny",
    ),
    "only a Deny": ([deny(Condition={"StringEquals": {SUB: "x"}})], "got"),
    "another action": ([allow(Action="sts:AssumeRole")], "not about sts:AssumeRoleWithWebIdentity"),
    "every action but this": ([allow(Action=None, NotAction="sts:Assume*")], "not about"),
    "another provider as principal": (
        [allow(Principal={"Federated": f"arn:aws:iam::{ACCOUNT}:oidc-provider/dev.token.dynatracelabs.com"})],
        "its principal is",
    ),
    "the provider of another account": (
        [allow(Principal={"Federated": "arn:aws:iam::999999999999:oidc-provider/token.dynatrace.com"})],
        "its principal is",
    ),
    "the provider of another partition": (
        [allow(Principal={"Federated": PROVIDER.replace("arn:aws:", "arn:aws-cn:")})],
        "its principal is",
    ),
    "a wildcard inside the principal": ([allow(Principal={"Federated": PROVIDER[:-3] + "*"})], "its principal is"),
    "the provider's ARN as an AWS principal": ([allow(Principal={"AWS": PROVIDER})], "its principal is"),
    "no statement": ([], "malformed: it has no statement"),
    "a key that Dynatrace may send or not": (
        [allow(Condition=EXACT | {"BoolIfExists": {"aws:MultiFactorAuthPresent": "true"}})],
        "does not simulate the condition key aws:MultiFactorAuthPresent",
    ),
    "a Deny about such a key": (
        [allow(), deny(Condition={"StringLike": {"sts:RoleSessionName": "*"}})],
        "says Deny",
    ),
    "no principal": ([allow(Principal=None)], "malformed: Principal"),
    "a principal that is a number": ([allow(Principal={"Federated": 7})], "malformed: 7"),
    "a text as principal": ([allow(Principal=PROVIDER)], "malformed: Principal"),
    "NotPrincipal": ([allow(Principal=None, NotPrincipal={"AWS": "1"})], "malformed: a statement has NotPrincipal"),
    "a Resource": ([allow(Resource="*")], "malformed: a statement has Resource"),
    "another effect": ([allow(Effect="allow")], "malformed: Effect"),
    "no action": ([allow(Action=None)], "malformed: a statement needs"),
    "both kinds of action": ([allow(NotAction="sts:*")], "malformed: a statement needs"),
    "an action that is a number": ([allow(Action=[7])], "malformed: [7]"),
    "a malformed statement beside a good one": ([allow(), "x"], "malformed: a statement is not an object"),
    "a condition that is a text": ([allow(Condition="x")], "Condition is not an object"),
}


@pytest.mark.parametrize("statements", WEB_IDENTITY_ALLOWED.values(), ids=WEB_IDENTITY_ALLOWED)
def test_a_policy_lets_the_web_identity_in(statements: Any) -> None:
    """One Allow that fits is enough, unless a Deny fits too."""
    decision = web(statements)

    assert decision.allowed, decision.reason
    assert decision.reason.endswith("says Allow")


@pytest.mark.parametrize(("statements", "reason"), WEB_IDENTITY_REFUSED.values(), ids=WEB_IDENTITY_REFUSED)
def test_a_policy_keeps_the_web_identity_out(statements: Any, reason: str) -> None:
    """The reason names the element that did not fit."""
    decision = web(statements)

    assert not decision.allowed
    assert reason in decision.reason


@pytest.mark.parametrize("policy", [None, [], "x", {}, {"Version": "2012-10-17"}])
def test_a_malformed_policy_denies_everything(policy: Any) -> None:
    """A trust policy is an object with statements."""
    decision = assume_role_with_web_identity(Role(ROLE, policy), ROLE, PROVIDERS, CLAIMS)

    assert not decision.allowed
    assert "malformed" in decision.reason


def test_everything_is_compared_also_after_the_first_difference() -> None:
    """A person sees the whole comparison, of the token and of each statement."""
    decision = web(
        [deny(Action="sts:TagSession"), allow(Principal={"AWS": "*"}, Condition={"StringEquals": {SUB: "x"}})]
    )

    assert [(one.place, one.effect, one.applies) for one in decision.evaluations] == [
        ("OIDC provider", "", True),
        ("statement 0", "Deny", False),
        ("statement 1", "Allow", False),
    ]
    assert [(one.element, one.wanted, one.got, one.matches) for one in decision.evaluations[2].comparisons] == [
        ("Action", "sts:AssumeRoleWithWebIdentity", "sts:AssumeRoleWithWebIdentity", True),
        ("Principal", ["*"], PROVIDER, True),
        (f"StringEquals {SUB}", "x", SUBJECT, False),
    ]
    without = web([allow()], providers=[])
    assert [(one.element, one.wanted, one.got, one.matches) for one in without.evaluations[0].comparisons] == [
        ("issuer", [], ISSUER, False)
    ]


def test_the_reason_names_every_statement_that_missed() -> None:
    """A statement is called by its Sid, or by its position."""
    decision = web([allow(Sid="Mine", Action="sts:AssumeRole"), allow(Action="sts:TagSession")])

    assert decision.reason.startswith("statement Mine: it is not about")
    assert "; statement 1: it is not about" in decision.reason


def test_an_audience_that_is_not_a_client_id_is_refused() -> None:
    """Whatever the policy says: the provider's client ids come first."""
    providers = [OidcProvider(PROVIDER, "token.dynatrace.com", (f"https://{AUDIENCE}",))]

    decision = web([allow(Condition=None)], providers)

    assert not decision.allowed
    assert (
        f"the audience {AUDIENCE} is not a client ID of the OIDC provider, which has https://{AUDIENCE}"
        in decision.reason
    )
    assert decision.token_problem == "Incorrect token audience"


def test_an_issuer_without_a_provider_is_refused() -> None:
    """The account must have an OIDC provider for exactly the token's issuer."""
    decision = web([allow(Condition=None)], iss="https://dev.token.dynatracelabs.com")

    assert not decision.allowed
    assert decision.reason == "the account has no OIDC provider for the issuer https://dev.token.dynatracelabs.com"
    assert decision.token_problem.startswith("No OpenIDConnect provider found in your account for https://dev.token.")


@pytest.mark.parametrize("arn", [PROVIDER.replace(ACCOUNT, "999999999999"), PROVIDER.replace("arn:aws", "arn:aws-cn")])
def test_a_provider_elsewhere_is_refused(arn: str) -> None:
    """Role and provider are in the same account and partition."""
    decision = web([allow(Principal="*", Condition=None)], [OidcProvider(arn, ISSUER, (AUDIENCE,))])

    assert not decision.allowed
    assert "not in the role's account and partition" in decision.reason


def test_one_provider_serves_several_tenants() -> None:
    """Client ids of others do not matter; the URL may have its scheme."""
    assert web([allow()], [OidcProvider(PROVIDER, f"{ISSUER}/", ("other", AUDIENCE))]).allowed


CROSS_ACCOUNT_ALLOWED: dict[str, Any] = {
    "the account's root": {"AWS": f"arn:aws:iam::{DYNATRACE}:root"},
    "the account by its number": {"AWS": DYNATRACE},
    "one of several accounts": {"AWS": ["111111111111", f"arn:aws:iam::{DYNATRACE}:root"]},
    "everybody": "*",
    "every AWS principal": {"AWS": "*"},
}
CROSS_ACCOUNT_REFUSED: dict[str, Any] = {
    "the account of Dynatrace's labs": {"AWS": "arn:aws:iam::476114158034:root"},
    "one's own account": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
    "the root of another partition": {"AWS": f"arn:aws-cn:iam::{DYNATRACE}:root"},
    "one role of the account": {"AWS": f"arn:aws:iam::{DYNATRACE}:role/other"},
    "a service": {"Service": "ec2.amazonaws.com"},
    "the account as federated": {"Federated": DYNATRACE},
}


@pytest.mark.parametrize("principal", CROSS_ACCOUNT_ALLOWED.values(), ids=CROSS_ACCOUNT_ALLOWED)
def test_a_policy_lets_dynatraces_account_in(principal: Any) -> None:
    """The account may be written in each of IAM's ways."""
    assert cross_account(allow(Principal=principal, Action="sts:AssumeRole", Condition=EXTERNAL)).allowed


@pytest.mark.parametrize("principal", CROSS_ACCOUNT_REFUSED.values(), ids=CROSS_ACCOUNT_REFUSED)
def test_a_policy_keeps_dynatraces_account_out(principal: Any) -> None:
    """Only the principal that Dynatrace presents fits."""
    decision = cross_account(allow(Principal=principal, Action="sts:AssumeRole", Condition=EXTERNAL))

    assert not decision.allowed
    assert "its principal is" in decision.reason


def test_the_external_id_must_be_the_connections() -> None:
    """A role that trusts another connection's external id is refused with both named."""
    principal = {"AWS": f"arn:aws:iam::{DYNATRACE}:root"}
    condition = {"StringEquals": {"sts:ExternalId": "other"}}

    decision = cross_account(allow(Principal=principal, Action="sts:AssumeRole", Condition=condition))

    assert not decision.allowed
    assert "sts:ExternalId: wants 'other', got 'vu9U3hXa3q0AAAAB'" in decision.reason


def test_web_identity_is_another_action_than_assume_role() -> None:
    """A policy for one kind of authentication does not serve the other."""
    assert not cross_account(allow(Principal="*", Condition=None)).allowed


def test_a_role_that_is_not_there_cannot_be_assumed() -> None:
    """The reason names its ARN, for both kinds of authentication."""
    decisions = [
        assume_role(None, ROLE, DYNATRACE, "x"),
        assume_role_with_web_identity(None, ROLE, PROVIDERS, CLAIMS),
    ]

    assert [decision.reason for decision in decisions] == [f"there is no role {ROLE}"] * 2
    assert not any(decision.allowed for decision in decisions)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
effects = st.sampled_from(["Allow", "Deny"]) | json_values
statements = st.fixed_dictionaries(
    {},
    optional={
        "Sid": json_values,
        "Effect": effects,
        "Principal": st.just("*") | st.dictionaries(st.sampled_from(["AWS", "Federated"]), json_values) | json_values,
        "Action": st.just("*") | json_values,
        "NotAction": json_values,
        "Condition": st.dictionaries(
            st.sampled_from(["StringEquals", "ForAnyValue:StringLike", "Null", "Bool", "ArnLike", "Numeric"]),
            st.dictionaries(st.sampled_from([SUB, AUD, "x"]), json_values, max_size=2) | json_values,
            max_size=2,
        )
        | json_values,
    },
)


@given(st.lists(statements, max_size=3) | json_values, json_values)
def test_every_policy_gets_a_decision_with_a_reason(listed: Any, version: Any) -> None:
    """Whatever JSON a policy is, the answer is yes or no with a reason, never an exception."""
    policy = {"Version": version, "Statement": listed}
    decision = assume_role_with_web_identity(Role(ROLE, policy), ROLE, PROVIDERS, CLAIMS)

    assert decision.reason


@given(st.lists(statements, max_size=3))
def test_the_comparisons_lead_to_the_decision(listed: Any) -> None:
    """A statement applies if everything in it matches; any Deny that applies wins, else one Allow is required."""
    policy = {"Version": "2012-10-17", "Statement": listed}
    decision = assume_role_with_web_identity(Role(ROLE, policy), ROLE, PROVIDERS, CLAIMS)

    applying = [one.effect for one in decision.evaluations if one.effect and one.applies]
    assert decision.allowed is ("Allow" in applying and "Deny" not in applying)


@given(st.lists(statements, max_size=3))
def test_a_deny_of_everything_beats_every_policy(listed: Any) -> None:
    """No other statement, before it or after it, opens the role again."""
    everything = {"Effect": "Deny", "Principal": "*", "Action": "*"}

    assert not web([*listed, everything]).allowed
    assert not web([everything, *listed]).allowed
