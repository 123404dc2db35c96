"""The kinds of connection: AWS today. What is the same for all clouds takes a `ConnectionType`.

A cloud declares its own in its folder, for example `aws.connection.AWS_CONNECTION`. CONTRIBUTING.md lists what else a
new cloud needs ("How to add a connection for another cloud").
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from terraform_plugin import Error, Path


class Authentication(Struct, frozen=True):
    """One of the ways in which a connection authenticates to its cloud."""

    block: str
    """The name of the block in Terraform."""
    type: str
    """The value's `type` in Dynatrace, which is also the name of the property with the details."""
    title: str
    """What Dynatrace's documentation calls it."""
    consumers: Mapping[str, str]
    """Known consumers and their titles. The list differs between Dynatrace versions, so others may be valid, too."""


class ConnectionType(Struct, frozen=True):
    """Connections of one cloud."""

    type_name: str
    """The Terraform resource, for example `dynatrace_aws_connection`."""
    schema_id: str
    """The settings schema of its objects."""
    title: str
    """What messages call one of them, for example "AWS connection"."""
    authentications: tuple[Authentication, ...]
    """The ways to authenticate; each has a block."""

    def paths(self) -> dict[str, Path]:
        """Return the attribute path for each path that Dynatrace uses in violations."""
        paths = {"name": Path("name")}
        for one in self.authentications:
            paths |= {one.type: Path(one.block), f"{one.type}/consumers": Path(one.block, 0, "consumers")}
        return paths

    def authentication_of(self, value: Mapping[str, Any]) -> Authentication | None:
        """Return how the connection with this settings value authenticates, None for a newer type."""
        return next((one for one in self.authentications if one.type == value.get("type")), None)

    def known_authentication(self, value: Mapping[str, Any]) -> Authentication:
        """Return how a connection authenticates. Raises `Error` for a type newer than this provider."""
        authentication = self.authentication_of(value)
        if authentication is None:
            raise Error(
                "Unknown type of connection",
                f'The connection "{value.get("name")}" has the type "{value.get("type")}", which this version of the '
                "provider does not support. Upgrade the provider.",
            )
        return authentication


def allowed_consumers(schema: Any, authentication: Authentication) -> list[str]:
    """Return the consumers that a settings schema allows, empty for a schema in an unknown form."""
    try:
        details = schema["properties"][authentication.type]["type"]["$ref"].rpartition("/")[2]
        consumers = schema["types"][details]["properties"]["consumers"]["items"]["type"]["$ref"].rpartition("/")[2]
        return [str(item["value"]) for item in schema["enums"][consumers]["items"]]
    except (KeyError, TypeError, AttributeError):
        return []


def details_of(value: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the property that belongs to the type of a connection, `{"roleArn": …, "consumers": […]}` for AWS."""
    details = value.get(str(value.get("type")))
    return details if isinstance(details, dict) else {}
