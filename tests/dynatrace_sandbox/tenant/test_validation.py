"""A value against a schema. Source: docs/design/0008-sources.md#settings-schemas."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dynatrace_sandbox.tenant.releases import RELEASES, load_schemas
from dynatrace_sandbox.tenant.validation import complete, repair, unique_rules, violations
from tests.dynatrace_sandbox.in_process import SCHEMA, role_based, web_identity

CONNECTIONS = load_schemas()[SCHEMA]
PARTITIONS = ["aws", "aws-cn", "aws-us-gov"]


def paths(value: Any, before: Any = None, schema: Any = CONNECTIONS) -> list[str]:
    return [violation.path for violation in violations(schema, complete(schema, value), before)]


def schema_of(**properties: Any) -> Any:
    """Return a schema with these properties, which are texts by default."""
    return {
        "properties": {name: {"type": "text"} | rule for name, rule in properties.items()},
        "enums": {},
        "types": {},
    }


@pytest.mark.parametrize(
    "value",
    [
        web_identity("abc"),
        web_identity("x" * 100),
        web_identity("ünïcödé ✓ \u202e"),
        role_based(role_arn="arn:aws:iam::123456789012:role/path/name"),
        role_based(role_arn="arn:aws:iam::aws:role/service-role/x"),
        role_based(role_arn="arn:aws:iam::123456789012:role/"),
        *(web_identity(role_arn=f"arn:{partition}:iam::123456789012:role/x") for partition in PARTITIONS),
        {"name": "abc", "type": "awsWebIdentity", "awsWebIdentity": {}},
        {"name": "abc", "awsRoleBasedAuthentication": {}},
        {
            "name": "abc",
            "type": "awsWebIdentity",
            "awsWebIdentity": {"consumers": []},
            "awsRoleBasedAuthentication": None,
        },
    ],
)
@pytest.mark.parametrize("release", RELEASES)
def test_a_valid_value_has_no_violations(value: Any, release: str) -> None:
    """A3: 3 to 100 characters without a colon; ARNs of each partition, also without a role name; defaults."""
    assert paths(value, schema=load_schemas(release)[SCHEMA]) == []


@pytest.mark.parametrize(
    ("value", "path"),
    [
        (web_identity("ab"), "name"),
        (web_identity("x" * 101), "name"),
        (web_identity("a:b"), "name"),
        (web_identity() | {"name": None}, "name"),
        (web_identity() | {"name": 7}, "name"),
        ({"name": "abc"}, "awsRoleBasedAuthentication"),
        ({"name": "abc", "type": "awsKeys"}, "type"),
        ({"name": "abc", "type": ["awsWebIdentity"]}, "type"),
        ({"name": "abc", "type": "awsWebIdentity"}, "awsWebIdentity"),
        (web_identity() | {"awsRoleBasedAuthentication": {"consumers": []}}, "awsRoleBasedAuthentication"),
        (web_identity() | {"awsWebIdentity": "x"}, "awsWebIdentity"),
        (web_identity() | {"awsWebIdentity": None}, "awsWebIdentity"),
        (web_identity() | {"owner": "x"}, "owner"),
        (web_identity() | {"awsWebIdentity": {"arn": "x"}}, "awsWebIdentity/arn"),
        (web_identity() | {"awsWebIdentity": {"roleArn": None}}, "awsWebIdentity/roleArn"),
        (web_identity() | {"awsWebIdentity": {"consumers": None}}, "awsWebIdentity/consumers"),
        (web_identity() | {"awsWebIdentity": {"consumers": "x"}}, "awsWebIdentity/consumers"),
        (
            web_identity() | {"awsWebIdentity": {"consumers": ["APP:dynatrace.aws.connector"] * 2}},
            "awsWebIdentity/consumers",
        ),
        (web_identity(consumer="SVC:com.dynatrace.da"), "awsWebIdentity/consumers/0"),
        (web_identity(role_arn="arn:aws:iam::123456789012:user/x"), "awsWebIdentity/roleArn"),
        (web_identity(role_arn="arn:aws-iso:iam::123456789012:role/x"), "awsWebIdentity/roleArn"),
        (web_identity(role_arn="arn:aws:iam::123456789012:role/" + "x" * 2048), "awsWebIdentity/roleArn"),
        (role_based(role_arn="arn:aws-cn:iam::123456789012:role/x"), "awsRoleBasedAuthentication/roleArn"),
        ([], ""),
        ("x", ""),
    ],
)
def test_a_violation_has_the_path_of_its_property(value: Any, path: str) -> None:
    """Each broken constraint is one violation; null is one for a property that is not nullable."""
    assert paths(value) == [path]


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (web_identity("a:b"), "The symbol : is not allowed the name"),
        (role_based(role_arn="x"), "Invalid AWS IAM Role ARN, it does not adhere to pattern "),
        (web_identity(role_arn="x"), "Role must be valid with given pattern "),
    ],
)
def test_a_pattern_has_the_message_of_the_schema(value: Any, message: str) -> None:
    """A3: `customMessage`. Source: docs/design/0008-sources.md#aws-connection-schema."""
    (violation,) = violations(CONNECTIONS, value)

    assert violation.message.startswith(message)


def test_every_violation_is_reported_at_once() -> None:
    """A name that is too short and has a colon, and an unknown consumer."""
    assert paths(web_identity(":", consumer="x")) == ["name", "name", "awsWebIdentity/consumers/0"]


@pytest.mark.parametrize(
    ("release", "consumer", "path"),
    [
        ("0.0.24", "APP:dynatrace.biz.carbon", []),
        ("0.0.24", "SVC:com.dynatrace.grail", ["awsRoleBasedAuthentication/consumers/0"]),
        ("0.0.26", "APP:dynatrace.biz.carbon", ["awsRoleBasedAuthentication/consumers/0"]),
        ("0.0.26", "DA", []),
        ("0.0.26", "NONE", []),
        ("345", "SVC:com.dynatrace.grail", []),
        ("345", "DA", ["awsRoleBasedAuthentication/consumers/0"]),
        ("345", "NONE", ["awsRoleBasedAuthentication/consumers/0"]),
    ],
)
def test_consumers_depend_on_the_release(release: str, consumer: str, path: list[str]) -> None:
    """A3. Source: docs/design/0008-sources.md#aws-connection-schema."""
    value = role_based()
    value["awsRoleBasedAuthentication"]["consumers"] = [consumer]

    assert paths(value, schema=load_schemas(release)[SCHEMA]) == path


def test_the_type_cannot_change() -> None:
    """Its modification policy is NEVER."""
    assert paths(role_based(), web_identity()) == ["type"]


def test_the_name_can_change() -> None:
    """Its modification policy is ALWAYS."""
    assert paths(web_identity("after"), web_identity("before")) == []


def test_defaults_are_filled_in() -> None:
    """A3: the role ARN is empty, the consumers are those of the schema; what was sent stays, an empty list too."""
    web, role = "awsWebIdentity", "awsRoleBasedAuthentication"
    empty = {"name": "abc", "type": web, web: {"consumers": []}}

    assert complete(CONNECTIONS, {"name": "abc", "type": web, web: {}}) == web_identity("abc")
    assert complete(CONNECTIONS, {"name": "abc", role: {}}) == role_based("abc")
    assert complete(CONNECTIONS, empty)[web] == {"roleArn": "", "consumers": []}
    assert complete(CONNECTIONS, web_identity(role_arn="arn")) == web_identity(role_arn="arn")


def test_a_default_of_null_means_an_empty_collection() -> None:
    """And null for everything else."""
    schema = schema_of(one={"default": None, "nullable": True}, many={"type": "list", "default": None})

    assert complete(schema, {}) == {"one": None, "many": []}


def test_the_unique_properties_come_from_the_schema_constraints() -> None:
    """A2: the name, with the message that users read."""
    assert unique_rules(CONNECTIONS) == [(("name",), "There is another connection defined under this name.")]


def test_a_nullable_property_can_be_null_or_missing() -> None:
    """B22: and another one cannot."""
    schema = schema_of(may={"nullable": True}, must={"nullable": False})

    assert paths({"may": None, "must": "x"}, schema=schema) == []
    assert paths({"must": "x"}, schema=schema) == []
    assert paths({"may": "x", "must": None}, schema=schema) == ["must"]
    assert paths({"may": "x"}, schema=schema) == ["must"]
    assert paths({"may": 7, "must": "x"}, schema=schema) == ["may"]


EQUALS = {"type": "EQUALS", "property": "kind", "expectedValue": "a"}
IN = {"type": "IN", "property": "kind", "expectedValues": ["b", "c"]}


@pytest.mark.parametrize(
    ("precondition", "kinds"),
    [
        (EQUALS, "a"),
        (IN, "bc"),
        ({"type": "REGEX_MATCH", "property": "kind", "pattern": "[cd]"}, "cd"),
        ({"type": "NULL", "property": "kind"}, ""),
        ({"type": "NOT", "precondition": EQUALS}, "bcd"),
        ({"type": "NOT", "precondition": {"type": "NULL", "property": "kind"}}, "abcd"),
        ({"type": "OR", "preconditions": [EQUALS, IN]}, "abc"),
        ({"type": "AND", "preconditions": [{"type": "NOT", "precondition": EQUALS}, IN]}, "bc"),
    ],
)
def test_a_precondition_decides_where_a_property_belongs(precondition: Any, kinds: str) -> None:
    """B21, B22: where it is met, the property is required; elsewhere it is refused, which is inferred."""
    schema = schema_of(kind={}, part={"precondition": precondition})

    for kind in "abcd":
        assert paths({"kind": kind, "part": "x"}, schema=schema) == ([] if kind in kinds else ["part"])
        assert paths({"kind": kind}, schema=schema) == (["part"] if kind in kinds else [])
        assert paths({"kind": kind, "part": None}, schema=schema) == (["part"] if kind in kinds else [])


def test_input_is_repaired_on_request() -> None:
    """B21: other parts are dropped, a null list becomes empty, other nulls become defaults; what is valid stays."""
    sent: dict[str, Any] = {"name": "abc", "type": "awsRoleBasedAuthentication", "awsWebIdentity": {"consumers": []}}
    sent |= {"awsRoleBasedAuthentication": {"roleArn": None, "consumers": None}}

    assert len(paths(sent)) == 3
    repaired = complete(CONNECTIONS, repair(CONNECTIONS, sent))
    assert repaired["awsRoleBasedAuthentication"] == {"roleArn": "", "consumers": []}
    assert repaired.keys() == role_based("abc").keys()
    assert repair(CONNECTIONS, web_identity()) == web_identity()
    assert paths(repair(CONNECTIONS, web_identity() | {"name": None, "owner": "x"})) == ["owner", "name", "name"]


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
def test_every_value_is_valid_or_has_violations(value: Any) -> None:
    """No JSON breaks the validation; completing and repairing a valid value changes nothing."""
    completed = complete(CONNECTIONS, value)
    violations(CONNECTIONS, complete(CONNECTIONS, repair(CONNECTIONS, value)))
    if not violations(CONNECTIONS, completed, web_identity()):
        assert complete(CONNECTIONS, completed) == completed
