"""The data source `aws_caller_identity`, as in hashicorp/aws."""

from __future__ import annotations

from terraform_plugin import Attribute, DataSource, Schema, State, String
from terraform_provider_aws_iam.client import Aws


class CallerIdentity(DataSource):
    """Created with an `Aws`."""

    type_name = "aws_caller_identity"
    schema = Schema(
        "The owner of the AWS credentials.",
        attributes={
            "id": Attribute(String, "The account ID.", computed=True),
            "account_id": Attribute(String, "The account ID.", computed=True),
            "arn": Attribute(String, "The ARN of the user or role.", computed=True),
            "user_id": Attribute(String, "The unique ID of the user or role.", computed=True),
        },
    )

    def __init__(self, aws: Aws) -> None:
        self.aws = aws

    async def read(self, config: State) -> State:
        caller = await self.aws.sts("get_caller_identity")
        account = caller["Account"]
        return config | {"id": account, "account_id": account, "arn": caller["Arn"], "user_id": caller["UserId"]}
