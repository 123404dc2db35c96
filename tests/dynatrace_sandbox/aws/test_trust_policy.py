"""The form of a trust policy: what IAM stores, and what it refuses."""

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dynatrace_sandbox.aws.trust_policy import MalformedPolicy, parse, statements

ALLOW = {"Effect": "Allow", "Principal": {"AWS": "314146291599"}, "Action": "sts:AssumeRole"}


def policy(**elements: Any) -> dict[str, Any]:
    """Return a policy with a statement in which elements are replaced; None leaves one out."""
    statement = {name: part for name, part in (ALLOW | elements).items() if part is not None}
    return {"Version": "2012-10-17", "Statement": [statement]}


WELL_FORMED: dict[str, Any] = {
    "an account": policy(),
    "no version": {"Statement": ALLOW},
    "the older version, with an ID": {"Version": "2008-10-17", "Id": "x", "Statement": [ALLOW]},
    "a Sid": policy(Sid="Dynatrace"),
    "everybody": policy(Principal="*"),
    "principals of every kind": policy(
        Principal={
            "AWS": ["*", "arn:aws:iam::314146291599:root", "arn:aws:sts::314146291599:assumed-role/a/b"],
            "Federated": "cognito-identity.amazonaws.com",
            "Service": ["ec2.amazonaws.com"],
            "CanonicalUser": "79a59df900b949e55d96a1e698fbaced",
        }
    ),
    "a principal that was deleted": policy(Principal={"AWS": "AROAEXAMPLEID1234567"}),
    "every action but one": policy(Action=None, NotAction=["sts:TagSession"]),
    "a list of actions": policy(Action=["sts:AssumeRole", "sts:TagSession"]),
    "values of each type": policy(Condition={"Bool": {"a": True}, "NumericLessThan": {"b": [1, 2.5], "c": "3"}}),
    "a quantifier and IfExists": policy(Condition={"ForAllValues:StringLikeIfExists": {"a": []}}),
    "no condition in a condition": policy(Condition={"StringEquals": {}}),
}
MALFORMED: dict[str, tuple[Any, str]] = {
    "a list": ([ALLOW], "it has no Statement"),
    "names in lower case": ({"version": "2012-10-17", "statement": [ALLOW]}, "it has no Statement"),
    "another element": (policy() | {"Resource": "*"}, "it has Resource"),
    "another version": (policy() | {"Version": "2013-01-01"}, "Version is not 2008-10-17 or 2012-10-17"),
    "no statement": (policy() | {"Statement": []}, "it has no statement"),
    "a statement that is a text": (policy() | {"Statement": ["x"]}, "a statement is not an object"),
    "a resource": (policy(Resource="*"), "a statement has Resource"),
    "NotPrincipal": (policy(Principal=None, NotPrincipal={"AWS": "1"}), "a statement has NotPrincipal"),
    "a Sid that is a number": (policy(Sid=1), "Sid is not a text"),
    "an effect in lower case": (policy(Effect="allow"), "Effect is neither"),
    "no action": (policy(Action=None), "either Action or NotAction"),
    "both kinds of action": (policy(NotAction="sts:*"), "either Action or NotAction"),
    "an empty list of actions": (policy(Action=[]), "neither a text nor a list of texts"),
    "a list in a list": (policy(Action=[["sts:AssumeRole"]]), "neither a text nor a list of texts"),
    "no principal": (policy(Principal=None), "Principal is neither * nor an object"),
    "an empty principal": (policy(Principal={}), "Principal is neither * nor an object"),
    "an ARN without its kind": (policy(Principal="arn:aws:iam::314146291599:root"), "Principal is neither"),
    "another kind of principal": (policy(Principal={"User": "x"}), "Principal has User"),
    "an account of 11 digits": (policy(Principal={"AWS": "31414629159"}), "'31414629159' is neither an account"),
    "a wildcard in an ARN": (policy(Principal={"AWS": "arn:aws:iam::314146291599:role/*"}), "without wildcards"),
    "a condition that is a list": (policy(Condition=[]), "Condition is not an object"),
    "an operator without keys": (policy(Condition={"Bool": "true"}), "operator Bool has no keys"),
    "an operator that does not exist": (policy(Condition={"Equals": {"a": "b"}}), "operator Equals is not known"),
    "a value that is null": (policy(Condition={"Null": {"a": None}}), "key a has a value that is neither"),
    "a value that is an object": (policy(Condition={"Null": {"a": [{}]}}), "key a has a value that is neither"),
}


@pytest.mark.parametrize("written", WELL_FORMED.values(), ids=WELL_FORMED)
def test_a_policy_is_stored(written: Any) -> None:
    """As the grammar of IAM's policies has it; one statement may stand without a list."""
    found = statements(parse(json.dumps(written)))

    assert found == (written["Statement"] if isinstance(written["Statement"], list) else [written["Statement"]])


@pytest.mark.parametrize(("written", "reason"), MALFORMED.values(), ids=MALFORMED)
def test_a_malformed_policy_is_refused(written: Any, reason: str) -> None:
    """With what is wrong."""
    with pytest.raises(MalformedPolicy) as refused:
        statements(written)

    assert reason in str(refused.value)


@pytest.mark.parametrize("document", ["", "{", "'x'", '{"a": NaN}', "[" * 9999, '"\\ud800"'])
def test_a_document_that_is_not_json_is_refused(document: str) -> None:
    """Whatever Python's own parser would accept."""
    with pytest.raises(MalformedPolicy, match="not valid JSON"):
        parse(document)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
elements = st.dictionaries(st.sampled_from([*ALLOW, "Condition", "Sid", "NotAction"]), json_values)


@given(json_values | elements | st.builds(lambda one: policy(**one), elements))
def test_every_value_is_a_policy_or_refused(written: Any) -> None:
    """No other exception, whatever JSON it is."""
    found: list[Any] = []
    with suppress(MalformedPolicy):
        found = statements(written)

    assert all(one["Effect"] in ("Allow", "Deny") for one in found)
