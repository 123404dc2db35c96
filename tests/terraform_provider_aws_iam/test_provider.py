"""A provider block, also one written for hashicorp/aws."""

from terraform_plugin import UNKNOWN, State
from terraform_provider_aws_iam.client import AwsSettings
from terraform_provider_aws_iam.provider import AwsProvider, settings_of


def config(**values: object) -> State:
    attributes = dict.fromkeys(AwsProvider.schema.attributes)
    return State(attributes | {"endpoints": []} | values)


def test_an_empty_block_leaves_everything_to_boto3() -> None:
    """Environment, shared files and the machine's role are found as by any AWS tool; empty text counts as nothing."""
    assert settings_of(config(region="", profile="")) == AwsSettings()


def test_arguments_become_settings() -> None:
    """Endpoints may be given in one block or in several."""
    endpoints = [{"iam": "http://127.0.0.1:1", "sts": None}, {"iam": None, "sts": "http://127.0.0.1:2"}]
    given = config(region="eu-west-1", access_key="a", secret_key="b", token="c", profile="d", endpoints=endpoints)
    assert settings_of(given) == AwsSettings(
        "eu-west-1", "a", "b", "c", "d", {"iam": "http://127.0.0.1:1", "sts": "http://127.0.0.1:2"}
    )


def test_what_is_unknown_is_remembered() -> None:
    """Also inside a block."""
    endpoints = [{"iam": UNKNOWN, "sts": None}]
    assert settings_of(config(token=UNKNOWN, endpoints=endpoints)) == AwsSettings(unknown=["token", "endpoints"])


async def test_configuring_asks_nobody() -> None:
    """No request and no import of boto3 before the first call: a wrong endpoint is found when it is used."""
    provider = AwsProvider()

    await provider.close(await provider.configure(config(endpoints=[{"iam": "nonsense", "sts": None}])))
    assert [resource.type_name for resource in provider.resources] == [
        "aws_iam_openid_connect_provider",
        "aws_iam_role",
        "aws_iam_role_policy_attachment",
    ]


def test_secrets_are_marked_sensitive() -> None:
    """Terraform hides them, and the runtime masks them in logs."""
    attributes = AwsProvider.schema.attributes
    assert {name for name, attribute in attributes.items() if attribute.sensitive} == {"secret_key", "token"}
