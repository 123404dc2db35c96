"""`aws_iam_role_policy`, as in hashicorp/aws."""

from __future__ import annotations

from terraform_plugin import Attribute, Change, Error, Resource, Schema, State, String
from terraform_provider_aws_iam.client import Aws
from terraform_provider_aws_iam.names import ONE_NAME, name_attributes, name_of
from terraform_provider_aws_iam.policies import is_policy, read_policy, without_respelling


class IamRolePolicy(Resource):
    """Created with an `Aws`. The import ID is `ROLE:NAME`."""

    type_name = "aws_iam_role_policy"
    schema = Schema(
        "A policy that is part of an IAM role (an inline policy).",
        attributes={
            "id": Attribute(
                String, "The names of the role and the policy: `ROLE:NAME`.", computed=True, use_state_for_unknown=True
            ),
            **name_attributes(128),
            "role": Attribute(String, "The name of the role.", required=True, requires_replace=True),
            "policy": Attribute(String, "The policy document, in JSON.", required=True, validators=[is_policy]),
        },
        validators=[ONE_NAME],
    )

    def __init__(self, aws: Aws) -> None:
        self.aws = aws

    async def plan(self, change: Change) -> Change:
        return without_respelling(change, "policy")

    async def create(self, plan: State) -> State:
        name = name_of(plan)
        await self._put(plan["role"], name, plan["policy"])
        return plan | {"id": f"{plan['role']}:{name}", "name": name}

    async def read(self, state: State) -> State | None:
        role, _, name = state["id"].partition(":")
        response = await self.aws.find("get_role_policy", RoleName=role, PolicyName=name)
        if not response:
            return None
        return state | {
            "role": role,
            "name": name,
            "name_prefix": state["name_prefix"] or None,  # hashicorp/aws keeps an empty one
            "policy": read_policy(response["PolicyDocument"], state["policy"]),
        }

    async def update(self, state: State, plan: State) -> State:
        await self._put(state["role"], state["name"], plan["policy"])
        return plan

    async def delete(self, state: State) -> None:
        await self.aws.find("delete_role_policy", RoleName=state["role"], PolicyName=state["name"])

    async def import_state(self, id_: str) -> State:
        role, colon, name = id_.partition(":")
        if not (role and colon and name) or role == "arn":
            raise Error("Cannot import this policy", f'The import ID must be ROLE:NAME, got "{id_}".')
        return State({"id": id_, "role": role, "name": name})

    async def _put(self, role: str, name: str, policy: str) -> None:
        await self.aws.iam("put_role_policy", RoleName=role, PolicyName=name, PolicyDocument=policy)
