"""`aws_iam_role`, as in hashicorp/aws."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec.structs

from terraform_plugin import (
    Attribute,
    Bool,
    Change,
    Error,
    Number,
    Path,
    Resource,
    Schema,
    State,
    String,
    is_known,
)
from terraform_plugin.validators import at_most_one_of, length, matches
from terraform_provider_aws_iam.client import Aws
from terraform_provider_aws_iam.policies import is_policy, same_policy
from terraform_provider_aws_iam.tags import TAGS, change_tags, from_pairs, to_pairs

_IN_A_NAME = matches(r"[A-Za-z0-9_+=,.@-]+", "contain only letters, digits and the characters _+=,.@-")


def _is_session_duration(value: int, path: Path) -> Iterator[Error]:
    if not 3600 <= value <= 43200:
        yield Error("Invalid session duration", f"{path} must be 3600 to 43200 seconds, got {value}.", path)


class IamRole(Resource):
    """Takes an `Aws`. Import by name."""

    type_name = "aws_iam_role"
    schema = Schema(
        "An IAM role.",
        attributes={
            "id": Attribute(String, "The name of the role.", computed=True, use_state_for_unknown=True),
            "arn": Attribute(String, "The ARN of the role.", computed=True, use_state_for_unknown=True),
            "unique_id": Attribute(
                String, "The id that no later role of this name has.", computed=True, use_state_for_unknown=True
            ),
            "create_date": Attribute(
                String, "When it was created (RFC 3339).", computed=True, use_state_for_unknown=True
            ),
            "name": Attribute(
                String,
                "The name. Without it and `name_prefix`, a unique one is made.",
                optional=True,
                computed=True,
                use_state_for_unknown=True,
                requires_replace=True,
                validators=[length(1, 64), _IN_A_NAME],
            ),
            "name_prefix": Attribute(
                String,
                "The beginning of a name that is made unique.",
                optional=True,
                requires_replace=True,
                validators=[length(1, 38), _IN_A_NAME],
            ),
            "assume_role_policy": Attribute(
                String, "Who may assume the role: a policy in JSON.", required=True, validators=[is_policy]
            ),
            "description": Attribute(String, "A description.", optional=True, validators=[length(0, 1000)]),
            "path": Attribute(
                String,
                "The path to the role, between slashes.",
                optional=True,
                default="/",
                requires_replace=True,
                validators=[matches(r"/|/[!-~]+/", "begin and end with a slash")],
            ),
            "max_session_duration": Attribute(
                Number,
                "The longest session, in seconds.",
                optional=True,
                default=3600,
                validators=[_is_session_duration],
            ),
            "permissions_boundary": Attribute(
                String, "The ARN of the policy that limits what the role may do.", optional=True
            ),
            "force_detach_policies": Attribute(
                Bool, "Whether destroying it detaches its policies first.", optional=True, default=False
            ),
            "tags": TAGS,
        },
        validators=[at_most_one_of("name", "name_prefix")],
    )

    def __init__(self, aws: Aws) -> None:
        self.aws = aws

    async def plan(self, change: Change) -> Change:
        """Plan no change for a policy that only is spelled otherwise."""
        if change.prior is None or change.planned is None or not is_known(change.planned["assume_role_policy"]):
            return change
        before, after = change.prior["assume_role_policy"], change.planned["assume_role_policy"]
        kept = before if before and same_policy(before, after) else after
        return msgspec.structs.replace(change, planned=change.planned | {"assume_role_policy": kept})

    async def create(self, plan: State) -> State:
        name = plan["name"] if is_known(plan["name"]) else unique_name(plan["name_prefix"] or "terraform-")
        answer = await self.aws.iam("create_role", RoleName=name, **to_request(plan))
        return plan | computed(answer["Role"])

    async def read(self, state: State) -> State | None:
        answer = await self.aws.find("get_role", RoleName=state["id"])
        return state | from_answer(answer["Role"], state) if answer else None

    async def update(self, state: State, plan: State) -> State:
        role = {"RoleName": state["id"]}
        if plan["assume_role_policy"] != state["assume_role_policy"]:
            await self.aws.iam("update_assume_role_policy", **role, PolicyDocument=plan["assume_role_policy"])
        if any(plan[name] != state[name] for name in ("description", "max_session_duration")):
            settings = {"Description": plan["description"] or "", "MaxSessionDuration": plan["max_session_duration"]}
            await self.aws.iam("update_role", **role, **settings)
        await self._change_boundary(role, state["permissions_boundary"], plan["permissions_boundary"])
        await change_tags(self.aws, "role", role, state["tags"], plan["tags"])
        return plan

    async def delete(self, state: State) -> None:
        if state["force_detach_policies"]:
            await self._detach_policies(state["id"])
        await self.aws.find("delete_role", RoleName=state["id"])

    async def import_state(self, id_: str) -> State:
        if id_.startswith("arn:"):
            raise Error("Cannot import this role", f'A role is imported by its name; "{id_}" is an ARN.')
        return State({"id": id_, "name": id_})

    async def _change_boundary(self, role: Mapping[str, str], before: str | None, after: str | None) -> None:
        if after and after != before:
            await self.aws.iam("put_role_permissions_boundary", **role, PermissionsBoundary=after)
        elif before and not after:
            await self.aws.iam("delete_role_permissions_boundary", **role)

    async def _detach_policies(self, name: str) -> None:
        for policy in await self.aws.list_all("list_attached_role_policies", "AttachedPolicies", RoleName=name):
            await self.aws.find("detach_role_policy", RoleName=name, PolicyArn=policy["PolicyArn"])
        for inline in await self.aws.list_all("list_role_policies", "PolicyNames", RoleName=name):
            await self.aws.find("delete_role_policy", RoleName=name, PolicyName=inline)


def unique_name(prefix: str) -> str:
    """Return a name that nothing else has: the prefix, the time, and six random characters."""
    return f"{prefix}{datetime.now(UTC):%Y%m%d%H%M%S%f}{os.urandom(3).hex()}"


def to_request(plan: Mapping[str, Any]) -> dict[str, Any]:
    """Return what CreateRole takes beside the name. Source: https://docs.aws.amazon.com/IAM/latest/APIReference."""
    request = {
        "AssumeRolePolicyDocument": plan["assume_role_policy"],
        "Description": plan["description"],
        "Path": plan["path"],
        "MaxSessionDuration": plan["max_session_duration"],
        "PermissionsBoundary": plan["permissions_boundary"],
        "Tags": to_pairs(plan["tags"]),
    }
    return {name: value for name, value in request.items() if value not in (None, "", [])}


def computed(role: Mapping[str, Any]) -> dict[str, Any]:
    """Return what AWS chose, from the `Role` of its answer."""
    return {
        "id": role["RoleName"],
        "name": role["RoleName"],
        "arn": role["Arn"],
        "unique_id": role["RoleId"],
        "create_date": f"{role['CreateDate'].astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
    }


def from_answer(role: Mapping[str, Any], before: Mapping[str, Any]) -> dict[str, Any]:
    """Return the state of a role; what means the same as in the state `before` keeps its spelling there."""
    policy = json.dumps(role["AssumeRolePolicyDocument"], separators=(",", ":"))
    known = before.get("assume_role_policy")
    return computed(role) | {
        "assume_role_policy": known if known and same_policy(known, policy) else policy,
        "description": role.get("Description") or ("" if before.get("description") == "" else None),
        "name_prefix": before.get("name_prefix") or None,  # hashicorp/aws keeps an empty one
        "path": role["Path"],
        "max_session_duration": role["MaxSessionDuration"],
        "permissions_boundary": role.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn"),
        "force_detach_policies": bool(before.get("force_detach_policies")),
        "tags": from_pairs(role.get("Tags", []), before.get("tags")),
    }
