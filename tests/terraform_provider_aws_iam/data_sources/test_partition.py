"""`aws_partition`: where a region is."""

import pytest

from terraform_plugin import State
from terraform_provider_aws_iam.client import Aws, AwsSettings
from terraform_provider_aws_iam.data_sources.partition import Partition


@pytest.mark.parametrize(
    ("region", "partition", "suffix", "prefix"),
    [
        ("eu-central-1", "aws", "amazonaws.com", "com.amazonaws"),
        ("cn-north-1", "aws-cn", "amazonaws.com.cn", "cn.com.amazonaws"),
        ("us-gov-west-1", "aws-us-gov", "amazonaws.com", "com.amazonaws"),
        ("xx-newer-9", "aws", "amazonaws.com", "com.amazonaws"),
    ],
)
async def test_the_partition_follows_from_the_region(region: str, partition: str, suffix: str, prefix: str) -> None:
    """No request is sent. An unknown region counts as one of the partition aws."""
    state = await Partition(Aws(AwsSettings(region=region, endpoints={"sts": "http://127.0.0.1:1"}))).read(State())

    assert state == {"id": partition, "partition": partition, "dns_suffix": suffix, "reverse_dns_prefix": prefix}
