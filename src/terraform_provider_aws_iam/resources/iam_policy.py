"""`aws_iam_policy`, as in hashicorp/aws."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from terraform_plugin import Attribute, Change, Error, Resource, Schema, State, String
from terraform_plugin.validators import length
from terraform_provider_aws_iam.client import Aws
from terraform_provider_aws_iam.names import ONE_NAME, name_attributes, name_of, path_attribute, read_names
from terraform_provider_aws_iam.policies import is_policy, read_policy, without_respelling
from terraform_provider_aws_iam.tags import TAGS, TAGS_ALL, all_tags, change_tags, read_tags, to_pairs, with_tags_all

_MOST_VERSIONS = 5
"""Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_managed-versioning.html."""


class IamPolicy(Resource):
    """Created with an `Aws`. The import ID is the ARN."""

    type_name = "aws_iam_policy"
    schema = Schema(
        "A managed policy in IAM.",
        attributes={
            "id": Attribute(String, "The ARN of the policy.", computed=True, use_state_for_unknown=True),
            "arn": Attribute(String, "The ARN of the policy.", computed=True, use_state_for_unknown=True),
            "policy_id": Attribute(
                String,
                "The ID of the policy, which a later policy with the same name does not have.",
                computed=True,
                use_state_for_unknown=True,
            ),
            **name_attributes(128),
            "path": path_attribute("policy"),
            "policy": Attribute(String, "The policy document, in JSON.", required=True, validators=[is_policy]),
            "description": Attribute(
                String, "A description.", optional=True, requires_replace=True, validators=[length(0, 1000)]
            ),
            "tags": TAGS,
            "tags_all": TAGS_ALL,
        },
        validators=[ONE_NAME],
    )

    def __init__(self, aws: Aws) -> None:
        self.aws = aws

    async def plan(self, change: Change) -> Change:
        return with_tags_all(without_respelling(change, "policy"), self.aws)

    async def create(self, plan: State) -> State:
        tags = all_tags(plan, self.aws)
        request = {"Description": plan["description"], "Path": plan["path"], "Tags": to_pairs(tags)}
        response = await self.aws.iam(
            "create_policy",
            PolicyName=name_of(plan),
            PolicyDocument=plan["policy"],
            **{name: value for name, value in request.items() if value},
        )
        return plan | computed(response["Policy"]) | {"tags_all": tags}

    async def read(self, state: State) -> State | None:
        response = await self.aws.find("get_policy", PolicyArn=state["id"])
        if not response:
            return None
        policy = response["Policy"]
        version = await self.aws.find("get_policy_version", PolicyArn=state["id"], VersionId=policy["DefaultVersionId"])
        if not version:
            return None
        return (
            state
            | computed(policy)
            | read_tags(policy.get("Tags", []), state, self.aws.default_tags)
            | read_names(policy, state)
            | {"policy": read_policy(version["PolicyVersion"]["Document"], state["policy"])}
        )

    async def update(self, state: State, plan: State) -> State:
        which = {"PolicyArn": state["id"]}
        tags = all_tags(plan, self.aws)
        if plan["policy"] != state["policy"]:
            others = await self._other_versions(state["id"])
            if len(others) >= _MOST_VERSIONS - 1:  # IAM would reject one more
                await self.aws.find("delete_policy_version", **which, VersionId=others[0])
            await self.aws.iam("create_policy_version", **which, PolicyDocument=plan["policy"], SetAsDefault=True)
        await change_tags(self.aws, "policy", which, state, tags)
        return plan | {"tags_all": tags}

    async def delete(self, state: State) -> None:
        for version in await self._other_versions(state["id"]):  # IAM deletes only a policy with a single version
            await self.aws.find("delete_policy_version", PolicyArn=state["id"], VersionId=version)
        await self.aws.find("delete_policy", PolicyArn=state["id"])

    async def import_state(self, id_: str) -> State:
        if not (id_.startswith("arn:") and ":policy/" in id_):
            raise Error("Cannot import this policy", f'The import ID must be the ARN of the policy, got "{id_}".')
        return State({"id": id_, "arn": id_})

    async def _other_versions(self, arn: str) -> list[str]:
        """Return the IDs of the versions that are not in use, the oldest first."""
        versions = await self.aws.list_all("list_policy_versions", "Versions", PolicyArn=arn)
        others = [version for version in versions if not version["IsDefaultVersion"]]
        return [version["VersionId"] for version in sorted(others, key=lambda version: version["CreateDate"])]


def computed(policy: Mapping[str, Any]) -> dict[str, Any]:
    """Return what AWS has set, from the `Policy` in its response."""
    return {
        "id": policy["Arn"],
        "arn": policy["Arn"],
        "policy_id": policy["PolicyId"],
        "name": policy["PolicyName"],
    }
