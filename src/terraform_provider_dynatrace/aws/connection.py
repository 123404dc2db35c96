"""The two kinds of AWS connection: what Terraform calls them, what Dynatrace calls them, who may use them.

Source: the page (block names, consumers), schema `builtin:hyperscaler-authentication.connections.aws` (types).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from terraform_plugin.diagnostics import Error

SCHEMA_ID = "builtin:hyperscaler-authentication.connections.aws"


class Kind(Struct, frozen=True):
    """`block` in Terraform, `type` in Dynatrace (also the name of the property with the details).

    `consumers` are the known values and what they stand for; the list differs between Dynatrace versions.
    """

    block: str
    type: str
    title: str
    consumers: Mapping[str, str]


WEB_IDENTITY = Kind(
    "web_identity",
    "awsWebIdentity",
    "AWS Web Identity",
    {
        "APP:dynatrace.aws.connector": "AWS Connector",
        "APP:dynatrace.biz.carbon": "Cost & Carbon Optimization",
    },
)
ROLE_BASED = Kind(
    "role_based_auth",
    "awsRoleBasedAuthentication",
    "AWS Role Based Authentication",
    {
        "APP:dynatrace.biz.carbon": "Cost & Carbon Optimization",
        "DA": "Data Acquisition Deprecated",
        "SVC:com.dynatrace.bo": "Business Observability",
        "SVC:com.dynatrace.da": "Data Acquisition",
        "SVC:com.dynatrace.openpipeline": "OpenPipeline",
        "NONE": "",
    },
)
KINDS = (ROLE_BASED, WEB_IDENTITY)


def kind_of(value: Mapping[str, Any]) -> Kind | None:
    """Return the kind of a connection's value, or None for one that is newer than this provider."""
    return next((kind for kind in KINDS if kind.type == value.get("type")), None)


def known_kind(value: Mapping[str, Any]) -> Kind:
    """Return the kind of a connection's value. Raises `Error` for one that is newer than this provider."""
    kind = kind_of(value)
    if kind is None:
        raise Error(
            "Unknown type of connection",
            f'The connection "{value.get("name")}" has the type {value.get("type")}, which this version of the '
            "provider does not know. Use a newer release of the provider.",
        )
    return kind


def details_of(value: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what is particular to the connection's type: `{"roleArn": …, "consumers": […]}`."""
    details = value.get(str(value.get("type")))
    return details if isinstance(details, dict) else {}


def name_of(value: Mapping[str, Any]) -> str | None:
    """Return the name of a connection, if it has one. Raises `Error` for what is no text, as the next two do."""
    return None if value.get("name") is None else _text(value["name"], "name")


def consumers_of(value: Mapping[str, Any]) -> list[str]:
    """Return who may use the connection, as its value says."""
    found = details_of(value).get("consumers")
    if not isinstance(found, list | None):
        raise _malformed("consumers")
    return [_text(consumer, "consumers") for consumer in found or []]


def role_arn_of(value: Mapping[str, Any]) -> str:
    """Return the role ARN of a connection's value; empty while none is set."""
    return _text(details_of(value).get("roleArn") or "", "roleArn")


def _text(found: Any, what: str) -> str:
    if not isinstance(found, str):
        raise _malformed(what)
    return found


def _malformed(what: str) -> Error:
    return Error(
        "Dynatrace's answer has an unknown form",
        f"A connection came with {what} in another form than the schema {SCHEMA_ID} describes. Use a newer release of "
        "the provider; if there is none, please report it.",
    )
