"""`aws_iam_role`, as in hashicorp/aws."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC
from typing import Any

from terraform_plugin import Attribute, Bool, Change, Error, Number, Path, Resource, Schema, State, String
from terraform_plugin.validators import length
from terraform_provider_aws_iam.client import Aws
from terraform_provider_aws_iam.names import ONE_NAME, name_attributes, name_of, path_attribute, read_names
from terraform_provider_aws_iam.policies import is_policy, read_policy, without_respelling
from terraform_provider_aws_iam.tags import (
    TAGS,
    TAGS_ALL,
    Tags,
    all_tags,
    change_tags,
    read_tags,
    to_pairs,
    with_tags_all,
)


def _is_session_duration(value: int, path: Path) -> Iterator[Error]:
    if not 3600 <= value <= 43200:
        yield Error("Invalid session duration", f"{path} must be 3600 to 43200 seconds, got {value}.", path)


class IamRole(Resource):
    """Created with an `Aws`. The import ID is the name."""

    type_name = "aws_iam_role"
    schema = Schema(
        "An IAM role.",
        attributes={
            "id": Attribute(String, "The name of the role.", computed=True, use_state_for_unknown=True),
            "arn": Attribute(String, "The ARN of the role.", computed=True, use_state_for_unknown=True),
            "unique_id": Attribute(
                String,
                "The ID of the role, which a later role with the same name does not have.",
                computed=True,
                use_state_for_unknown=True,
            ),
            "create_date": Attribute(
                String, "The time at which the role was created (RFC 3339).", computed=True, use_state_for_unknown=True
            ),
            **name_attributes(64),
            "path": path_attribute("role"),
            "assume_role_policy": Attribute(
                String,
                "The trust policy, in JSON: who may assume the role.",
                required=True,
                validators=[is_policy],
            ),
            "description": Attribute(String, "A description.", optional=True, validators=[length(0, 1000)]),
            "max_session_duration": Attribute(
                Number,
                "The longest session, in seconds, from 3600 to 43200.",
                optional=True,
                default=3600,
                validators=[_is_session_duration],
            ),
            "permissions_boundary": Attribute(
                String, "The ARN of the policy that limits the permissions of the role.", optional=True
            ),
            "force_detach_policies": Attribute(
                Bool,
                "Detach and delete the policies of the role before it is destroyed.",
                optional=True,
                default=False,
            ),
            "tags": TAGS,
            "tags_all": TAGS_ALL,
        },
        validators=[ONE_NAME],
    )

    def __init__(self, aws: Aws) -> None:
        self.aws = aws

    async def plan(self, change: Change) -> Change:
        return with_tags_all(without_respelling(change, "assume_role_policy"), self.aws)

    async def create(self, plan: State) -> State:
        tags = all_tags(plan, self.aws)
        response = await self.aws.iam("create_role", RoleName=name_of(plan), **to_request(plan, tags))
        return plan | computed(response["Role"]) | {"tags_all": tags}

    async def read(self, state: State) -> State | None:
        response = await self.aws.find("get_role", RoleName=state["id"])
        return state | from_response(response["Role"], state, self.aws.default_tags) if response else None

    async def update(self, state: State, plan: State) -> State:
        role = {"RoleName": state["id"]}
        tags = all_tags(plan, self.aws)
        if plan["assume_role_policy"] != state["assume_role_policy"]:
            await self.aws.iam("update_assume_role_policy", **role, PolicyDocument=plan["assume_role_policy"])
        if any(plan[name] != state[name] for name in ("description", "max_session_duration")):
            settings = {"Description": plan["description"] or "", "MaxSessionDuration": plan["max_session_duration"]}
            await self.aws.iam("update_role", **role, **settings)
        await self._change_boundary(role, state["permissions_boundary"], plan["permissions_boundary"])
        await change_tags(self.aws, "role", role, state, tags)
        return plan | {"tags_all": tags}

    async def delete(self, state: State) -> None:
        if state["force_detach_policies"]:
            await self._detach_policies(state["id"])
        await self.aws.find("delete_role", RoleName=state["id"])

    async def import_state(self, id_: str) -> State:
        if id_.startswith("arn:"):
            raise Error("Cannot import this role", f'The import ID must be the name of the role, got "{id_}".')
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


def to_request(plan: Mapping[str, Any], tags: Tags) -> dict[str, Any]:
    """Return the request CreateRole, without the name.

    Source: https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html.
    """
    request = {
        "AssumeRolePolicyDocument": plan["assume_role_policy"],
        "Description": plan["description"],
        "Path": plan["path"],
        "MaxSessionDuration": plan["max_session_duration"],
        "PermissionsBoundary": plan["permissions_boundary"],
        "Tags": to_pairs(tags),
    }
    return {name: value for name, value in request.items() if value not in (None, "", [])}


def computed(role: Mapping[str, Any]) -> dict[str, Any]:
    """Return what AWS has set, from the `Role` in its response."""
    return {
        "id": role["RoleName"],
        "name": role["RoleName"],
        "arn": role["Arn"],
        "unique_id": role["RoleId"],
        "create_date": f"{role['CreateDate'].astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
    }


def from_response(role: Mapping[str, Any], prior: Mapping[str, Any], defaults: Tags) -> dict[str, Any]:
    """Return the state of a role. Values that mean the same as in the prior state are kept as they are there."""
    return (
        computed(role)
        | read_tags(role.get("Tags", []), prior, defaults)
        | read_names(role, prior)
        | {
            "assume_role_policy": read_policy(role["AssumeRolePolicyDocument"], prior.get("assume_role_policy")),
            "max_session_duration": role["MaxSessionDuration"],
            "permissions_boundary": role.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn"),
            "force_detach_policies": bool(prior.get("force_detach_policies")),
        }
    )
