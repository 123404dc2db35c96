"""The `Condition` element: a table of operators, and what must never count as fulfilled."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dynatrace_sandbox.aws.conditions import Undecidable, holds, unmet, wildcard_match

KEYS = {"idp:sub": "dt:connection-id/A", "idp:aud": "abc.apps/app-id/x", "aws:arn": "arn:aws:iam::1:role/r"}

HOLDS = [
    ("StringEquals", ["A"], "A"),
    ("StringEquals", ["B", "A"], "A"),
    ("StringNotEquals", ["B", "C"], "A"),
    ("StringNotEquals", ["B"], None),
    ("StringEqualsIgnoreCase", ["a"], "A"),
    ("StringNotEqualsIgnoreCase", ["b"], "A"),
    ("StringLike", ["dt:*/A?"], "dt:connection-id/AB"),
    ("StringLike", ["[A]"], "[A]"),
    ("StringNotLike", ["x*"], "A"),
    ("StringEqualsIfExists", ["B"], None),
    ("StringLikeIfExists", ["A*"], "AB"),
    ("ForAnyValue:StringEquals", ["A", "B"], "A"),
    ("ForAnyValue:StringLike", ["A*"], "AB"),
    ("ForAllValues:StringEquals", ["A"], None),
    ("ForAllValues:StringLike", ["A*"], "AB"),
    ("Null", ["true"], None),
    ("Null", ["false"], "A"),
    ("Bool", ["true"], "true"),
    ("Bool", ["True"], "true"),
    ("BoolIfExists", ["true"], None),
    ("ArnLike", ["arn:aws:iam::*:role/*"], "arn:aws:iam::1:role/a/b"),
    ("ArnEquals", ["arn:aws:iam::1:role/r"], "arn:aws:iam::1:role/r"),
    ("ArnNotLike", ["arn:aws:iam::2:*"], "arn:aws:iam::1:role/r"),
]
DOES_NOT_HOLD = [
    ("StringEquals", ["A"], "a"),
    ("StringEquals", ["A*"], "AB"),
    ("StringEquals", ["A"], None),
    ("StringEquals", [], "A"),
    ("StringNotEquals", ["B", "A"], "A"),
    ("StringLike", ["A"], "AB"),
    ("StringLike", ["A*"], None),
    ("StringNotLike", ["A*"], "AB"),
    ("StringEqualsIfExists", ["B"], "A"),
    ("ForAnyValue:StringEquals", ["A"], None),
    ("ForAnyValue:StringNotEquals", ["A"], None),
    ("ForAllValues:StringEquals", ["A"], "B"),
    ("Null", ["true"], "A"),
    ("Null", ["false"], None),
    ("Bool", ["true"], "false"),
    ("Bool", ["true"], None),
    ("ArnLike", ["arn:*"], "arn:aws:iam::1:role/r"),
    ("ArnLike", ["arn:aws:iam::1:role/r"], "not an arn"),
]


@pytest.mark.parametrize(("operator", "wanted", "present"), HOLDS)
def test_an_operator_holds(operator: str, wanted: list[str], present: str | None) -> None:
    """Several wanted values are alternatives; a missing key satisfies only negations, IfExists, ForAllValues, Null."""
    assert holds(operator, wanted, present)


@pytest.mark.parametrize(("operator", "wanted", "present"), DOES_NOT_HOLD)
def test_an_operator_does_not_hold(operator: str, wanted: list[str], present: str | None) -> None:
    """Texts are compared with their case and, but for Like, to the letter; a missing key satisfies nothing positive."""
    assert not holds(operator, wanted, present)


@pytest.mark.parametrize("operator", ["NumericEquals", "DateGreaterThan", "IpAddress", "stringequals", "", "For:Bool"])
def test_an_operator_that_is_not_known_decides_nothing(operator: str) -> None:
    """What cannot be decided is an error, so that it never counts as fulfilled."""
    with pytest.raises(Undecidable):
        holds(operator, ["1"], "1")


@pytest.mark.parametrize("operator", ["StringEquals", "StringNotEquals", "StringEqualsIfExists", "Null", "Bool"])
@pytest.mark.parametrize("key", ["aws:MultiFactorAuthPresent", "aws:RequestTag/a:b", "idp:amr", "AWS:x"])
def test_a_key_that_is_not_simulated_decides_nothing(operator: str, key: str) -> None:
    """A request may have it or not, so that neither a test for its value nor one for its absence may hold."""
    with pytest.raises(Undecidable, match=f"does not simulate the condition key {key}"):
        unmet({operator: {key: "true"}}, KEYS)


def test_a_key_that_aws_leaves_out_is_missing() -> None:
    """So is a key of another identity provider."""
    keys = KEYS | {"aws:sourcearn": None}

    assert unmet({"Null": {"aws:SourceArn": "true", "other:sub": "true"}}, keys) is None
    assert unmet({"StringEquals": {"aws:SourceArn": "x"}}, keys) == "StringEquals aws:SourceArn: wants 'x', got nothing"


def test_all_operators_and_all_keys_must_hold() -> None:
    """The reason names the first one that fails, with the wanted and the actual value."""
    assert unmet({"StringEquals": {"idp:sub": KEYS["idp:sub"]}, "StringLike": {"idp:aud": "abc*"}}, KEYS) is None
    wrong = {"StringEquals": {"idp:sub": KEYS["idp:sub"], "idp:aud": "https://abc"}}

    assert unmet(wrong, KEYS) == "StringEquals idp:aud: wants 'https://abc', got 'abc.apps/app-id/x'"


def test_names_of_condition_keys_have_no_case() -> None:
    """IAM compares key names without case."""
    assert unmet({"StringEquals": {"IDP:Sub": [KEYS["idp:sub"]]}}, KEYS) is None


def test_values_may_be_booleans_and_numbers() -> None:
    """JSON's true is the text `true` in a condition."""
    assert unmet({"Bool": {"aws:secure": True}}, {"aws:secure": "true"}) is None


@given(st.text(), st.text(), st.text())
def test_a_star_stands_for_any_text(before: str, middle: str, after: str) -> None:
    """Every other character, including line breaks and brackets, matches itself."""
    plain = before.replace("*", "").replace("?", ""), after.replace("*", "").replace("?", "")

    assert wildcard_match("*".join(plain), middle.join(plain))
    assert wildcard_match(plain[0], plain[0])
