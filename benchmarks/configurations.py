"""What is planned and applied, as text: the same number of resources for every contestant. Pure.

Every resource is a block of its own, as an export writes them: with `count`, Terraform alone needs more than a minute
to plan a thousand pairs, because each reference to one of them is a reference to all.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

SOURCE = "terraform.local/dynatrace/dynatrace"
BUILT_IN = "terraform.io/builtin/terraform"
CONSUMERS = ["APP:dynatrace.aws.connector"]
_PROVIDER = f'terraform {{\n  required_providers {{\n    dynatrace = {{ source = "{SOURCE}" }}\n  }}\n}}\n'
_CONNECTION = f"""\
resource "dynatrace_aws_connection" "NAME" {{
  name = "NAME"
  web_identity {{
    consumers = {json.dumps(CONSUMERS)}
  }}
}}
"""
_ROLE_ARN = """\
resource "dynatrace_aws_connection_role_arn" "NAME" {
  aws_connection_id = dynatrace_aws_connection.NAME.id
  role_arn          = "THE_ARN"
}
"""
_FLOOR = 'resource "terraform_data" "NAME" {\n  input = "NAME"\n}\n'
_FLOOR_OF_PAIR = 'resource "terraform_data" "NAME_role_arn" {\n  input = terraform_data.NAME.id\n}\n'


def connections(names: Sequence[str], role_arn: str | None = None) -> str:
    """Return a configuration of connections; with a role's ARN, of connections and role ARNs."""
    blocks = _CONNECTION + (_ROLE_ARN.replace("THE_ARN", role_arn) if role_arn else "")
    return _PROVIDER + "".join(blocks.replace("NAME", name) for name in names)


def floor(names: Sequence[str], *, pairs: bool) -> str:
    """Return as many resources that Terraform has built in, with the same references."""
    return "".join((_FLOOR + _FLOOR_OF_PAIR * pairs).replace("NAME", name) for name in names)


def state(ids: Mapping[str, str], role_arn: str) -> str:
    """Return the state after connections (object ids by name) and role ARNs were applied.

    It is what the official provider writes; both read it.
    """
    blocks = {"role_based_auth": [], "web_identity": [{"consumers": CONSUMERS}]}
    bound = {"role_arn": role_arn, "timeouts": None}
    resources = []
    for name, found in ids.items():
        resources.append(_resource("dynatrace_aws_connection", name, {"id": found, "name": name} | blocks))
        role_arns = {"id": found, "aws_connection_id": found} | bound
        resources.append(_resource("dynatrace_aws_connection_role_arn", name, role_arns))
    return _state(resources)


def floor_state(names: Sequence[str]) -> str:
    """Return the state after the floor's pairs were applied."""
    values = {name: value for one in names for name, value in ((one, one), (f"{one}_role_arn", f"id-{one}"))}
    resources = []
    for name, value in values.items():
        typed = {"value": value, "type": "string"}
        attributes = {"id": f"id-{name}", "input": typed, "output": typed, "triggers_replace": None}
        resources.append(_resource("terraform_data", name, attributes, BUILT_IN))
    return _state(resources)


def _state(resources: Sequence[Mapping[str, Any]]) -> str:
    known = {"version": 4, "terraform_version": "1.8.0", "serial": 1, "lineage": "benchmark", "outputs": {}}
    return json.dumps(known | {"resources": resources})


def _resource(type_name: str, name: str, attributes: Mapping[str, Any], source: str = SOURCE) -> dict[str, Any]:
    instance = {"schema_version": 0, "attributes": attributes} | ({"private": "bnVsbA=="} if source == SOURCE else {})
    provider = f'provider["{source}"]'
    return {"mode": "managed", "type": type_name, "name": name, "provider": provider, "instances": [instance]}
