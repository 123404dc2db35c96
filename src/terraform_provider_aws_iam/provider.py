"""The provider: its arguments, and what it offers."""

from __future__ import annotations

from terraform_plugin import Attribute, Block, Bool, Provider, Schema, State, String, is_wholly_known
from terraform_provider_aws_iam.client import Aws, AwsSettings
from terraform_provider_aws_iam.data_sources.caller_identity import CallerIdentity
from terraform_provider_aws_iam.data_sources.iam_openid_connect_provider import IamOpenidConnectProviderData
from terraform_provider_aws_iam.resources.iam_openid_connect_provider import IamOpenidConnectProvider
from terraform_provider_aws_iam.resources.iam_role import IamRole
from terraform_provider_aws_iam.resources.iam_role_policy_attachment import IamRolePolicyAttachment

_IGNORED = "Accepted, so that a configuration for hashicorp/aws works; this provider never does what it skips."


class AwsProvider(Provider):
    """IAM for Dynatrace's AWS connections, where hashicorp/aws cannot be had."""

    name = "aws"
    schema = Schema(
        "The part of AWS that Dynatrace's AWS connections need, over boto3.",
        attributes={
            "region": Attribute(String, "The region. IAM itself is global.", optional=True),
            "access_key": Attribute(String, "The id of an access key.", optional=True),
            "secret_key": Attribute(String, "The secret of that access key.", optional=True, sensitive=True),
            "token": Attribute(String, "The token of temporary credentials.", optional=True, sensitive=True),
            "profile": Attribute(String, "A profile of the shared configuration files.", optional=True),
            "skip_credentials_validation": Attribute(Bool, _IGNORED, optional=True),
            "skip_metadata_api_check": Attribute(Bool, _IGNORED, optional=True),
            "skip_region_validation": Attribute(Bool, _IGNORED, optional=True),
            "skip_requesting_account_id": Attribute(Bool, _IGNORED, optional=True),
        },
        blocks={
            "endpoints": Block(
                {
                    "iam": Attribute(String, "The URL of IAM.", optional=True),
                    "sts": Attribute(String, "The URL of STS.", optional=True),
                },
                description="Other URLs than AWS's own.",
            )
        },
    )
    resources = (IamOpenidConnectProvider, IamRole, IamRolePolicyAttachment)
    data_sources = (CallerIdentity, IamOpenidConnectProviderData)

    async def configure(self, config: State) -> Aws:
        return Aws(settings_of(config))

    async def close(self, client: Aws) -> None:
        client.close()


def settings_of(config: State) -> AwsSettings:
    """Return the settings in a provider block."""
    unknown = [name for name, value in config.items() if not is_wholly_known(value)]
    if unknown:
        return AwsSettings(unknown=unknown)
    endpoints = {service: url for block in config["endpoints"] for service, url in block.items() if url}
    return AwsSettings(
        region=config["region"] or None,
        access_key=config["access_key"] or None,
        secret_key=config["secret_key"] or None,
        token=config["token"] or None,
        profile=config["profile"] or None,
        endpoints=endpoints,
    )
