"""The provider: its arguments, resources and data sources."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from terraform_plugin import (
    Attribute,
    Block,
    Bool,
    Error,
    Map,
    Path,
    Provider,
    Schema,
    Set,
    State,
    String,
    is_wholly_known,
)
from terraform_plugin.validators import matches
from terraform_provider_aws_iam.client import Aws, AwsSettings
from terraform_provider_aws_iam.data_sources.caller_identity import CallerIdentity
from terraform_provider_aws_iam.data_sources.iam_openid_connect_provider import IamOpenidConnectProviderDataSource
from terraform_provider_aws_iam.data_sources.iam_policy_document import IamPolicyDocument
from terraform_provider_aws_iam.data_sources.partition import Partition
from terraform_provider_aws_iam.data_sources.region import Region
from terraform_provider_aws_iam.resources.iam_openid_connect_provider import IamOpenidConnectProvider
from terraform_provider_aws_iam.resources.iam_policy import IamPolicy
from terraform_provider_aws_iam.resources.iam_role import IamRole
from terraform_provider_aws_iam.resources.iam_role_policy import IamRolePolicy
from terraform_provider_aws_iam.resources.iam_role_policy_attachment import IamRolePolicyAttachment
from terraform_provider_aws_iam.tags import to_pairs

_NOT_NEEDED = "Has no effect. It is accepted so that provider blocks for hashicorp/aws work."
_DURATION = re.compile(r"(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?\Z")


def _is_duration(value: str, path: Path) -> Iterator[Error]:
    if not 900 <= _seconds(value) <= 43200:
        detail = f'{path} must be "15m" to "12h", such as "1h" or "1h30m", got "{value}".'
        yield Error("Invalid session duration", detail, path)


def _seconds(duration: str) -> int:
    """Return the seconds of a duration such as "1h30m", or 0 for anything else."""
    found = _DURATION.match(duration)
    hours, minutes, seconds = (int(part or 0) for part in found.groups()) if found else (0, 0, 0)
    return hours * 3600 + minutes * 60 + seconds


class AwsProvider(Provider):
    """IAM for Dynatrace's AWS connections, for machines without hashicorp/aws."""

    name = "aws"
    schema = Schema(
        "A small provider for AWS IAM, which has what Dynatrace's AWS connections need of hashicorp/aws.",
        attributes={
            "region": Attribute(String, "The region. IAM itself is global.", optional=True),
            "access_key": Attribute(String, "The ID of an access key.", optional=True),
            "secret_key": Attribute(String, "The secret of the access key.", optional=True, sensitive=True),
            "token": Attribute(String, "The session token of temporary credentials.", optional=True, sensitive=True),
            "profile": Attribute(String, "A profile of the shared configuration files.", optional=True),
            "skip_credentials_validation": Attribute(Bool, _NOT_NEEDED, optional=True),
            "skip_metadata_api_check": Attribute(Bool, _NOT_NEEDED, optional=True),
            "skip_region_validation": Attribute(Bool, _NOT_NEEDED, optional=True),
            "skip_requesting_account_id": Attribute(Bool, _NOT_NEEDED, optional=True),
        },
        blocks={
            "endpoints": Block(
                {
                    "iam": Attribute(String, "The URL of IAM.", optional=True),
                    "sts": Attribute(String, "The URL of STS.", optional=True),
                },
                description="URLs to use instead of AWS's.",
            ),
            "default_tags": Block(
                {"tags": Attribute(Map(String), "Tags by key.", optional=True)},
                description="Tags of all resources that have tags. A resource's own tags take precedence.",
            ),
            "assume_role": Block(
                {
                    "role_arn": Attribute(
                        String,
                        "The ARN of the role.",
                        required=True,
                        validators=[matches(r"arn:[\w-]+:iam::\d{12}:role/\S+", "be the ARN of a role")],
                    ),
                    "session_name": Attribute(String, "The name of the session.", optional=True),
                    "external_id": Attribute(String, "The external ID that the role requires.", optional=True),
                    "duration": Attribute(
                        String,
                        "The length of the session, such as `1h30m`.",
                        optional=True,
                        validators=[_is_duration],
                    ),
                    "policy": Attribute(String, "A policy in JSON that limits the session.", optional=True),
                    "policy_arns": Attribute(Set(String), "ARNs of policies that limit the session.", optional=True),
                    "source_identity": Attribute(String, "The source identity of the session.", optional=True),
                    "tags": Attribute(Map(String), "The tags of the session.", optional=True),
                    "transitive_tag_keys": Attribute(
                        Set(String), "The keys of tags that stay when the session assumes another role.", optional=True
                    ),
                },
                description="A role to assume. Several roles are assumed one after the other.",
            ),
        },
    )
    resources = (IamOpenidConnectProvider, IamPolicy, IamRole, IamRolePolicy, IamRolePolicyAttachment)
    data_sources = (CallerIdentity, IamOpenidConnectProviderDataSource, IamPolicyDocument, Partition, Region)

    async def configure(self, config: State) -> Aws:
        return Aws(settings_of(config))

    async def close(self, client: Aws) -> None:
        client.close()


def settings_of(config: State) -> AwsSettings:
    """Return the settings of a provider block.

    Default tags are kept even if other arguments are unknown: without them, the plan would differ from the apply.
    """
    unknown = [name for name, value in config.items() if not is_wholly_known(value)]
    blocks = [] if "default_tags" in unknown else config["default_tags"]
    tags = {key: value for block in blocks for key, value in (block["tags"] or {}).items()}
    if unknown:
        return AwsSettings(default_tags=tags, unknown=unknown)
    return AwsSettings(
        region=config["region"] or None,
        access_key=config["access_key"] or None,
        secret_key=config["secret_key"] or None,
        token=config["token"] or None,
        profile=config["profile"] or None,
        endpoints={service: url for block in config["endpoints"] for service, url in block.items() if url},
        assume_roles=tuple(to_request(block) for block in config["assume_role"]),
        default_tags=tags,
    )


def to_request(block: Mapping[str, Any]) -> dict[str, Any]:
    """Return the request AssumeRole of an `assume_role` block.

    Source: https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html.
    """
    request = {
        "RoleArn": block["role_arn"],
        "RoleSessionName": block["session_name"] or "terraform",
        "ExternalId": block["external_id"],
        "DurationSeconds": _seconds(block["duration"] or ""),
        "Policy": block["policy"],
        "PolicyArns": [{"arn": arn} for arn in sorted(block["policy_arns"] or ())],
        "SourceIdentity": block["source_identity"],
        "Tags": to_pairs(block["tags"]),
        "TransitiveTagKeys": sorted(block["transitive_tag_keys"] or ()),
    }
    return {name: value for name, value in request.items() if value}
