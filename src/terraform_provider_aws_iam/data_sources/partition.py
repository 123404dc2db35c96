"""The data source `aws_partition`, as in hashicorp/aws."""

from __future__ import annotations

from terraform_plugin import Attribute, DataSource, Schema, State, String
from terraform_provider_aws_iam.client import Aws


class Partition(DataSource):
    """Created with an `Aws`."""

    type_name = "aws_partition"
    schema = Schema(
        "The partition of AWS that the region is in.",
        attributes={
            "id": Attribute(String, "The partition, as in ARNs: `aws`, `aws-cn` and others.", computed=True),
            "partition": Attribute(String, "The partition, as in ARNs: `aws`, `aws-cn` and others.", computed=True),
            "dns_suffix": Attribute(String, "The domain of its services: `amazonaws.com` and others.", computed=True),
            "reverse_dns_prefix": Attribute(
                String, "The domain in reverse: `com.amazonaws` and others.", computed=True
            ),
        },
    )

    def __init__(self, aws: Aws) -> None:
        self.aws = aws

    async def read(self, config: State) -> State:
        found = await self.aws.partition()
        name, suffix = found["partition"], found["dnsSuffix"]
        reverse = ".".join(reversed(suffix.split(".")))
        return config | {"id": name, "partition": name, "dns_suffix": suffix, "reverse_dns_prefix": reverse}
