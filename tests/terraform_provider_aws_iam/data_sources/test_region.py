"""`aws_region`: the region of the provider."""

from terraform_plugin import State
from terraform_provider_aws_iam.client import Aws, AwsSettings
from terraform_provider_aws_iam.data_sources.region import Region


async def test_the_region_is_that_of_the_provider_block() -> None:
    """With the attribute names of hashicorp/aws. No request is sent."""
    state = await Region(Aws(AwsSettings(region="eu-central-1"))).read(State())

    assert (state["id"], state["name"], state["region"]) == ("eu-central-1",) * 3
    assert state["description"] == "Europe (Frankfurt)"
    assert state["endpoint"] == "ec2.eu-central-1.amazonaws.com"


async def test_a_region_that_is_newer_than_the_library_has_no_description() -> None:
    """It is not an error."""
    assert (await Region(Aws(AwsSettings(region="xx-newer-9"))).read(State()))["description"] == ""
