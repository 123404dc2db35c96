"""A value against the schema of AWS connections."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dynatrace_sandbox.tenant.validation import complete, load_schemas, unique_rules, violations
from tests.dynatrace_sandbox.in_process import SCHEMA, role_based, web_identity

CONNECTIONS = load_schemas()[SCHEMA]
PARTITIONS = ["aws", "aws-cn", "aws-us-gov"]


def paths(value: Any, before: Any = None) -> list[str]:
    return [violation.path for violation in violations(CONNECTIONS, value, before)]


@pytest.mark.parametrize(
    "value",
    [
        web_identity("abc"),
        web_identity("x" * 100),
        web_identity("ünïcödé ✓ \u202e"),
        role_based(role_arn="arn:aws:iam::123456789012:role/path/name"),
        role_based(role_arn="arn:aws:iam::aws:role/service-role/x"),
        *(web_identity(role_arn=f"arn:{partition}:iam::123456789012:role/x") for partition in PARTITIONS),
        {"name": "abc", "type": "awsWebIdentity", "awsWebIdentity": {}},
        {
            "name": "abc",
            "type": "awsWebIdentity",
            "awsWebIdentity": {"consumers": []},
            "awsRoleBasedAuthentication": None,
        },
    ],
)
def test_a_good_value_breaks_nothing(value: Any) -> None:
    """Names of 3 to 100 characters without a colon, role ARNs of each partition, defaults where nothing is said."""
    assert violations(CONNECTIONS, value) == []


@pytest.mark.parametrize(
    ("value", "path"),
    [
        (web_identity("ab"), "name"),
        (web_identity("x" * 101), "name"),
        (web_identity("a:b"), "name"),
        (web_identity() | {"name": None}, "name"),
        (web_identity() | {"name": 7}, "name"),
        ({"type": "awsWebIdentity", "awsWebIdentity": {}}, "name"),
        ({"name": "abc"}, "type"),
        ({"name": "abc", "type": "awsKeys"}, "type"),
        ({"name": "abc", "type": ["awsWebIdentity"]}, "type"),
        ({"name": "abc", "type": "awsWebIdentity"}, "awsWebIdentity"),
        (web_identity() | {"awsRoleBasedAuthentication": {"consumers": []}}, "awsRoleBasedAuthentication"),
        (web_identity() | {"awsWebIdentity": "x"}, "awsWebIdentity"),
        (web_identity() | {"owner": "x"}, "owner"),
        (web_identity() | {"awsWebIdentity": {"arn": "x"}}, "awsWebIdentity/arn"),
        (web_identity(consumer="SVC:com.dynatrace.da"), "awsWebIdentity/consumers/0"),
        (web_identity() | {"awsWebIdentity": {"consumers": "x"}}, "awsWebIdentity/consumers"),
        (
            web_identity()
            | {"awsWebIdentity": {"consumers": ["APP:dynatrace.aws.connector", "APP:dynatrace.biz.carbon"]}},
            "awsWebIdentity/consumers",
        ),
        (web_identity(role_arn="arn:aws:iam::123456789012:user/x"), "awsWebIdentity/roleArn"),
        (web_identity(role_arn="arn:aws-iso:iam::123456789012:role/x"), "awsWebIdentity/roleArn"),
        (web_identity(role_arn="arn:aws:iam::123456789012:role/" + "x" * 2048), "awsWebIdentity/roleArn"),
        (role_based(role_arn="arn:aws-cn:iam::123456789012:role/x"), "awsRoleBasedAuthentication/roleArn"),
        ([], ""),
        ("x", ""),
    ],
)
def test_a_bad_value_names_the_place(value: Any, path: str) -> None:
    """Each broken constraint is one violation with the path of its property."""
    assert paths(value) == [path]


def test_every_mistake_is_found_at_once() -> None:
    """A name that is too short and has a colon, and a consumer that does not exist."""
    assert paths(web_identity(":", consumer="x")) == ["name", "name", "awsWebIdentity/consumers/0"]


def test_the_type_never_changes() -> None:
    """The kind of authentication is fixed at birth."""
    assert paths(role_based(), web_identity()) == ["type"]


def test_the_role_arn_is_written_once() -> None:
    """It can be set later, but neither changed nor emptied."""
    one, other = (f"arn:aws:iam::123456789012:role/{name}" for name in ("one", "other"))

    assert paths(web_identity(role_arn=one), web_identity()) == []
    assert paths(web_identity(role_arn=one), web_identity(role_arn=one)) == []
    assert paths(web_identity(role_arn=other), web_identity(role_arn=one)) == ["awsWebIdentity/roleArn"]
    assert paths(web_identity(), web_identity(role_arn=one)) == ["awsWebIdentity/roleArn"]


def test_the_name_may_change() -> None:
    """A connection can be renamed at any time."""
    assert paths(web_identity("after"), web_identity("before")) == []


def test_defaults_are_filled_in() -> None:
    """No role ARN is an empty one, no consumers an empty list; what was given stays."""
    given_value = {"name": "abc", "type": "awsWebIdentity", "awsWebIdentity": {}}

    assert complete(CONNECTIONS, given_value)["awsWebIdentity"] == {"roleArn": "", "consumers": []}
    assert complete(CONNECTIONS, web_identity(role_arn="arn")) == web_identity(role_arn="arn")


def test_the_schema_says_which_property_is_unique() -> None:
    """The name, with the message that users read."""
    assert unique_rules(CONNECTIONS) == [("name", "There is another connection defined under this name.")]


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
arms = json_values | st.fixed_dictionaries({}, optional={"roleArn": json_values, "consumers": json_values})
values = json_values | st.fixed_dictionaries(
    {},
    optional={
        "name": json_values,
        "type": st.sampled_from(["awsWebIdentity", "awsRoleBasedAuthentication"]) | json_values,
        "awsWebIdentity": arms,
        "awsRoleBasedAuthentication": arms,
    },
)


@given(values)
def test_every_value_is_good_or_has_violations(value: Any) -> None:
    """Any JSON is judged; what is good can be completed."""
    if not violations(CONNECTIONS, value, web_identity()):
        assert violations(CONNECTIONS, complete(CONNECTIONS, value)) == []
