"""`aws_caller_identity` against moto's server."""

from terraform_plugin import State
from terraform_provider_aws_iam.client import Aws
from terraform_provider_aws_iam.data_sources.caller_identity import CallerIdentity


async def test_it_says_whose_credentials_are_used(aws: Aws) -> None:
    """The id is the account, as in hashicorp/aws."""
    state = await CallerIdentity(aws).read(State(dict.fromkeys(CallerIdentity.schema.attributes)))
    assert state["account_id"] == state["id"] == "123456789012"
    assert state["arn"].startswith("arn:aws:sts::123456789012:")
    assert state["user_id"]
