"""What is planned and applied, as text: the same number of resources for every contestant. Pure.

Every resource is a block of its own, as an export writes them: with `count`, Terraform alone needs more than a minute
to plan a thousand pairs, because each reference to one of them is a reference to all.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

SOURCE = "terraform.local/dynatrace/dynatrace"
PROVIDER = f'terraform {{\n  required_providers {{\n    dynatrace = {{ source = "{SOURCE}" }}\n  }}\n}}\n'
BUILT_IN = "terraform.io/builtin/terraform"
CONSUMERS = ["APP:dynatrace.aws.connector"]


def connections(names: Sequence[str], role_arn: str | None = None) -> str:
    """Return a configuration of connections; with a role's ARN, of connections and role ARNs."""
    return PROVIDER + "".join(_connection(name) + (_role_arn(name, role_arn) if role_arn else "") for name in names)


def floor(names: Sequence[str], *, pairs: bool) -> str:
    """Return as many resources that Terraform has built in, with the same references."""
    return "".join(_data(name) + (_data_of(name) if pairs else "") for name in names)


def _connection(name: str) -> str:
    return (
        f'resource "dynatrace_aws_connection" "{name}" {{\n  name = "{name}"\n'
        f"  web_identity {{\n    consumers = {json.dumps(CONSUMERS)}\n  }}\n}}\n"
    )


def _role_arn(name: str, role_arn: str) -> str:
    return (
        f'resource "dynatrace_aws_connection_role_arn" "{name}" {{\n'
        f'  aws_connection_id = dynatrace_aws_connection.{name}.id\n  role_arn = "{role_arn}"\n}}\n'
    )


def _data(name: str) -> str:
    return f'resource "terraform_data" "{name}" {{\n  input = "{name}"\n}}\n'


def _data_of(name: str) -> str:
    return f'resource "terraform_data" "{name}_role_arn" {{\n  input = terraform_data.{name}.id\n}}\n'


def state(ids: Mapping[str, str], role_arn: str) -> str:
    """Return the state after connections (object ids by name) and role ARNs were applied.

    It is what the official provider writes; both read it.
    """
    blocks = {"role_based_auth": [], "web_identity": [{"consumers": CONSUMERS}]}
    bound = {"role_arn": role_arn, "timeouts": None}
    return _state(
        resource
        for name, found in ids.items()
        for resource in (
            _resource("dynatrace_aws_connection", name, {"id": found, "name": name} | blocks),
            _resource("dynatrace_aws_connection_role_arn", name, {"id": found, "aws_connection_id": found} | bound),
        )
    )


def floor_state(names: Sequence[str]) -> str:
    """Return the state after the floor's pairs were applied."""
    return _state(
        _resource("terraform_data", name, _data_attributes(name, value), BUILT_IN)
        for first in names
        for name, value in ((first, first), (f"{first}_role_arn", f"id-{first}"))
    )


def _data_attributes(name: str, value: str) -> dict[str, Any]:
    typed = {"value": value, "type": "string"}
    return {"id": f"id-{name}", "input": typed, "output": typed, "triggers_replace": None}


def _state(resources: Iterable[Mapping[str, Any]]) -> str:
    known = {"version": 4, "terraform_version": "1.8.0", "serial": 1, "lineage": "benchmark", "outputs": {}}
    return json.dumps(known | {"resources": list(resources)})


def _resource(type_name: str, name: str, attributes: Mapping[str, Any], source: str = SOURCE) -> dict[str, Any]:
    private = {"private": "bnVsbA=="} if source == SOURCE else {}
    return {
        "mode": "managed",
        "type": type_name,
        "name": name,
        "provider": f'provider["{source}"]',
        "instances": [{"schema_version": 0, "attributes": attributes} | private],
    }
