"""`aws_iam_role_policy_attachment`, as in hashicorp/aws."""

from __future__ import annotations

from terraform_plugin import Attribute, Error, Resource, Schema, State, String
from terraform_plugin.validators import matches
from terraform_provider_aws_iam.client import Aws


class IamRolePolicyAttachment(Resource):
    """Created with an `Aws`. The import ID is `ROLE/POLICY_ARN`."""

    type_name = "aws_iam_role_policy_attachment"
    schema = Schema(
        "The attachment of a managed policy to an IAM role.",
        attributes={
            "id": Attribute(
                String,
                "The name of the role and the ARN of the policy: `ROLE/POLICY_ARN`.",
                computed=True,
                use_state_for_unknown=True,
            ),
            "role": Attribute(String, "The name of the role.", required=True, requires_replace=True),
            "policy_arn": Attribute(
                String,
                "The ARN of the policy.",
                required=True,
                requires_replace=True,
                validators=[matches(r"arn:[\w-]+:iam::(\d{12}|aws):policy/\S+", "be the ARN of a policy")],
            ),
        },
    )

    def __init__(self, aws: Aws) -> None:
        self.aws = aws

    async def create(self, plan: State) -> State:
        await self.aws.iam("attach_role_policy", RoleName=plan["role"], PolicyArn=plan["policy_arn"])
        return plan | {"id": f"{plan['role']}/{plan['policy_arn']}"}

    async def read(self, state: State) -> State | None:
        attached = await self.aws.list_all("list_attached_role_policies", "AttachedPolicies", RoleName=state["role"])
        return state if state["policy_arn"] in {policy["PolicyArn"] for policy in attached} else None

    async def delete(self, state: State) -> None:
        await self.aws.find("detach_role_policy", RoleName=state["role"], PolicyArn=state["policy_arn"])

    async def import_state(self, id_: str) -> State:
        role, slash, policy_arn = id_.partition("/")
        if not (role and slash and policy_arn.startswith("arn:")):
            raise Error("Cannot import this attachment", f'The import ID must be ROLE/POLICY_ARN, got "{id_}".')
        return State({"id": id_, "role": role, "policy_arn": policy_arn})
