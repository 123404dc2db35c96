"""A provider block, also one written for hashicorp/aws."""

from typing import Any

import pytest

from terraform_plugin import UNKNOWN, Path, State
from terraform_provider_aws_iam.client import AwsSettings
from terraform_provider_aws_iam.provider import AwsProvider, settings_of

ROLE = "arn:aws:iam::210987654321:role/deploy"


def config(**values: Any) -> State:
    attributes = dict.fromkeys(AwsProvider.schema.attributes)
    return State(attributes | {"endpoints": [], "default_tags": [], "assume_role": []} | values)


def assume_role(**values: Any) -> dict[str, Any]:
    return dict.fromkeys(AwsProvider.schema.blocks["assume_role"].attributes) | {"role_arn": ROLE} | values


def test_an_empty_block_leaves_everything_to_botocore() -> None:
    """Variables, shared files and the role of the machine are used as by any AWS tool. Empty texts are not set."""
    assert settings_of(config(region="", profile="")) == AwsSettings()


def test_arguments_become_settings() -> None:
    """Endpoints may be in one block or in several."""
    endpoints = [{"iam": "http://127.0.0.1:1", "sts": None}, {"iam": None, "sts": "http://127.0.0.1:2"}]
    given = config(region="eu-west-1", access_key="a", secret_key="b", token="c", profile="d", endpoints=endpoints)
    assert settings_of(given) == AwsSettings(
        "eu-west-1", "a", "b", "c", "d", {"iam": "http://127.0.0.1:1", "sts": "http://127.0.0.1:2"}
    )


@pytest.mark.parametrize(
    ("block", "request_"),
    [
        ({}, {"RoleArn": ROLE, "RoleSessionName": "terraform"}),
        (
            {
                "session_name": "ci",
                "external_id": "secret",
                "duration": "1h30m",
                "policy": "{}",
                "policy_arns": ["b", "a"],
                "source_identity": "dana",
                "tags": {"team": "a"},
                "transitive_tag_keys": ["team"],
            },
            {
                "RoleArn": ROLE,
                "RoleSessionName": "ci",
                "ExternalId": "secret",
                "DurationSeconds": 5400,
                "Policy": "{}",
                "PolicyArns": [{"arn": "a"}, {"arn": "b"}],
                "SourceIdentity": "dana",
                "Tags": [{"Key": "team", "Value": "a"}],
                "TransitiveTagKeys": ["team"],
            },
        ),
    ],
    ids=["least", "everything"],
)
def test_a_role_to_assume_becomes_a_request(block: dict[str, Any], request_: dict[str, Any]) -> None:
    """Several blocks are several requests, in their order."""
    settings = settings_of(config(assume_role=[assume_role(**block), assume_role()]))

    assert settings.assume_roles == (request_, {"RoleArn": ROLE, "RoleSessionName": "terraform"})


@pytest.mark.parametrize(
    ("duration", "fine"),
    [
        ("15m", True),
        ("1h30m", True),
        ("900s", True),
        ("12h", True),
        ("14m", False),
        ("13h", False),
        ("x", False),
        ("", False),
    ],
)
def test_a_duration_is_what_sts_accepts(duration: str, *, fine: bool) -> None:
    """15 minutes to 12 hours, written as in hashicorp/aws."""
    (check,) = AwsProvider.schema.blocks["assume_role"].attributes["duration"].validators
    assert (list(check(duration, Path("duration"))) == []) is fine


def test_unknown_arguments_are_remembered() -> None:
    """Also inside a block."""
    endpoints = [{"iam": UNKNOWN, "sts": None}]
    assert settings_of(config(token=UNKNOWN, endpoints=endpoints)) == AwsSettings(unknown=["token", "endpoints"])


def test_default_tags_are_known_whatever_else_is_not() -> None:
    """A plan has to show the tags that the apply will set."""
    tags = [{"tags": {"team": "a", "cost": "1"}}, {"tags": {"cost": "2"}}, {"tags": None}]

    assert settings_of(config(default_tags=tags)).default_tags == {"team": "a", "cost": "2"}
    assert settings_of(config(default_tags=tags, token=UNKNOWN)).default_tags == {"team": "a", "cost": "2"}
    assert settings_of(config(default_tags=[{"tags": UNKNOWN}])) == AwsSettings(unknown=["default_tags"])


async def test_configuring_sends_no_request() -> None:
    """And imports no botocore: an invalid endpoint is reported when it is used."""
    provider = AwsProvider()

    await provider.close(await provider.configure(config(endpoints=[{"iam": "nonsense", "sts": None}])))


def test_what_it_has_is_named_as_in_hashicorp_aws() -> None:
    """The page lists the same."""
    assert [resource.type_name for resource in AwsProvider.resources] == [
        "aws_iam_openid_connect_provider",
        "aws_iam_policy",
        "aws_iam_role",
        "aws_iam_role_policy",
        "aws_iam_role_policy_attachment",
    ]
    assert [source.type_name for source in AwsProvider.data_sources] == [
        "aws_caller_identity",
        "aws_iam_openid_connect_provider",
        "aws_iam_policy_document",
        "aws_partition",
        "aws_region",
    ]


def test_secrets_are_marked_sensitive() -> None:
    """Terraform hides them, and the runtime masks them in logs."""
    attributes = AwsProvider.schema.attributes
    assert {name for name, attribute in attributes.items() if attribute.sensitive} == {"secret_key", "token"}
