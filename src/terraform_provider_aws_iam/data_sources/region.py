"""The data source `aws_region`, as in hashicorp/aws, for the region of the provider."""

from __future__ import annotations

from terraform_plugin import Attribute, DataSource, Schema, State, String
from terraform_provider_aws_iam.client import Aws


class Region(DataSource):
    """Created with an `Aws`."""

    type_name = "aws_region"
    schema = Schema(
        "The region of the provider.",
        attributes={
            "id": Attribute(String, "The region, such as `eu-central-1`.", computed=True),
            "name": Attribute(String, "The region, such as `eu-central-1`.", computed=True),
            "region": Attribute(String, "The region, such as `eu-central-1`.", computed=True),
            "description": Attribute(String, "The name for people, such as `Europe (Frankfurt)`.", computed=True),
            "endpoint": Attribute(String, "The host name of EC2 in the region.", computed=True),
        },
    )

    def __init__(self, aws: Aws) -> None:
        self.aws = aws

    async def read(self, config: State) -> State:
        found = await self.aws.partition()
        name = found["region"]
        return config | {
            "id": name,
            "name": name,
            "region": name,
            "description": found["regions"].get(name, {}).get("description", ""),
            "endpoint": f"ec2.{name}.{found['dnsSuffix']}",
        }
