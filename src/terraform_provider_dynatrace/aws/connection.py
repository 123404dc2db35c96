"""AWS connections: how they authenticate, who may use them, and the mapping from a settings value to a state and back.

Pure. Source: docs/design/0008-sources.md#connection-page (blocks and consumers) and #aws-connection-schema (types and
properties of the value).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from terraform_plugin import Attribute, Error, Set, String, Value
from terraform_plugin.validators import one_of
from terraform_provider_dynatrace.connections.kinds import Authentication, ConnectionType, details_of

SCHEMA_ID = "builtin:hyperscaler-authentication.connections.aws"


WEB_IDENTITY = Authentication(
    "web_identity",
    "awsWebIdentity",
    "AWS Web Identity",
    {
        "APP:dynatrace.aws.connector": "AWS Connector",
        "APP:dynatrace.biz.carbon": "Cost & Carbon Optimization",
    },
)
ROLE_BASED = Authentication(
    "role_based_auth",
    "awsRoleBasedAuthentication",
    "AWS Role Based Authentication",
    {
        "APP:dynatrace.biz.carbon": "Cost & Carbon Optimization",
        "DA": "Data Acquisition Deprecated",
        "SVC:com.dynatrace.bo": "Business Observability",
        "SVC:com.dynatrace.da": "Data Acquisition",
        "SVC:com.dynatrace.grail": "Grail",
        "SVC:com.dynatrace.openpipeline": "OpenPipeline",
        "NONE": "",
    },
)
AWS_CONNECTION = ConnectionType(
    "dynatrace_aws_connection", SCHEMA_ID, "AWS connection", authentications=(ROLE_BASED, WEB_IDENTITY)
)


def name_of(value: Mapping[str, Any]) -> str | None:
    """Return the connection's name, None if it has none. Raises `Error` if it is not text."""
    return None if value.get("name") is None else _text(value["name"], "name")


def consumers_of(value: Mapping[str, Any]) -> list[str]:
    """Return the connection's consumers. Raises `Error` if they are not a list of texts."""
    consumers = details_of(value).get("consumers")
    if not isinstance(consumers, list | None):
        raise _unexpected("consumers")
    return [_text(consumer, "consumers") for consumer in consumers or []]


def role_arn_of(value: Mapping[str, Any]) -> str:
    """Return the connection's role ARN, empty if none is set. Raises `Error` if it is not text."""
    return _text(details_of(value).get("roleArn") or "", "roleArn")


def _text(value: Any, name: str) -> str:
    if not isinstance(value, str):
        raise _unexpected(name)
    return value


def _unexpected(name: str) -> Error:
    return Error(
        "Unexpected response from Dynatrace",
        f"The property {name} of an AWS connection does not have the form that the schema {SCHEMA_ID} documents. "
        "Upgrade the provider; if you use its newest release, report this as a bug.",
    )


def to_value(plan: Mapping[str, Value]) -> dict[str, Any]:
    """Return the settings value of a planned connection. Without consumers, Dynatrace sets its default."""
    authentication = next(one for one in AWS_CONNECTION.authentications if plan[one.block])
    consumers = plan[authentication.block][0]["consumers"]
    details = {"roleArn": ""} | ({"consumers": sorted(consumers)} if consumers else {})
    return {"name": plan["name"], "type": authentication.type, authentication.type: details}


def from_value(value: Mapping[str, Any], state: Mapping[str, Value]) -> dict[str, Value]:
    """Return the name and the blocks for a settings value.

    If `state` has the block without consumers, they were left to Dynatrace, and none are shown: the default differs
    between versions of Dynatrace, may be empty, and can be written as null. Consumers never change, so nothing is
    hidden by that. A `state` without the block is that of an import, which shows what is there.

    Raises `Error` for a type of connection that is newer than this provider.
    """
    authentication = AWS_CONNECTION.known_authentication(value)
    prior = state.get(authentication.block)
    consumers = prior[0]["consumers"] if prior and not prior[0]["consumers"] else consumers_of(value) or None
    blocks = {
        one.block: [{"consumers": consumers}] if one is authentication else [] for one in AWS_CONNECTION.authentications
    }
    return {"name": name_of(value), **blocks}


def unmanaged_properties(value: Mapping[str, Any]) -> list[str]:
    """Return the properties that a newer Dynatrace has and this provider does not; updates leave them unchanged."""
    authentication = AWS_CONNECTION.authentication_of(value)
    known = {"name", "type", authentication.type if authentication else ""}
    details = [f"{value.get('type')}.{name}" for name in details_of(value) if name not in ("roleArn", "consumers")]
    return sorted([name for name in value if name not in known] + details)


COMPUTED = {
    "id": Attribute(String, "The ID of the connection.", computed=True),
    "name": Attribute(String, "The name of the connection.", computed=True),
    "kind": Attribute(
        String,
        "How the connection authenticates: `web_identity` or `role_based_auth`; `null` for a type of connection that "
        "is newer than this provider.",
        computed=True,
    ),
    "consumers": Attribute(Set(String), "Dynatrace integrations that can use the connection.", computed=True),
    "role_arn": Attribute(String, "The ARN of the connection's role; `null` until it is set.", computed=True),
}
"""What data sources show of a connection."""


def describe(object_id: str, value: Mapping[str, Any]) -> dict[str, Value]:
    """Return the attributes `COMPUTED` of a connection, given its settings object ID and value."""
    authentication = AWS_CONNECTION.authentication_of(value)
    return {
        "id": object_id,
        "name": name_of(value),
        "kind": authentication.block if authentication else None,
        "consumers": consumers_of(value),
        "role_arn": role_arn_of(value) or None,
    }


FILTERS = {
    "name_prefix": Attribute(String, "Only connections whose name begins with this text.", optional=True),
    "kind": Attribute(
        String,
        "Only connections that authenticate in this way: `web_identity` or `role_based_auth`.",
        optional=True,
        validators=[one_of(*(one.block for one in AWS_CONNECTION.authentications))],
    ),
    "consumer": Attribute(String, "Only connections that this Dynatrace integration can use.", optional=True),
}
"""What data sources and list resources can restrict a list of connections to."""


def passes(connection: Mapping[str, Value], filters: Mapping[str, Value]) -> bool:
    """Return whether a connection, as `describe` returns it, matches all `FILTERS` that are not null."""
    prefix, kind, consumer = filters["name_prefix"], filters["kind"], filters["consumer"]
    return (
        str(connection["name"]).startswith(prefix or "")
        and kind in (None, connection["kind"])
        and (consumer is None or consumer in connection["consumers"])
    )
