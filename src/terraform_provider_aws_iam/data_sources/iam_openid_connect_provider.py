"""The data source `aws_iam_openid_connect_provider`, as in hashicorp/aws."""

from __future__ import annotations

from terraform_plugin import Attribute, DataSource, Error, List, Map, Path, Schema, Set, State, String
from terraform_plugin.validators import exactly_one_of
from terraform_provider_aws_iam.client import Aws
from terraform_provider_aws_iam.resources.iam_openid_connect_provider import from_response, without_scheme


class IamOpenidConnectProviderDataSource(DataSource):
    """Created with an `Aws`."""

    type_name = "aws_iam_openid_connect_provider"
    schema = Schema(
        "An existing OpenID Connect identity provider in IAM, by its ARN or URL.",
        attributes={
            "id": Attribute(String, "The ARN.", computed=True),
            "arn": Attribute(String, "The ARN.", optional=True, computed=True),
            "url": Attribute(
                String, "The URL of the issuer. It is read without `https://`.", optional=True, computed=True
            ),
            "client_id_list": Attribute(Set(String), "The client IDs (audiences) that it accepts.", computed=True),
            "thumbprint_list": Attribute(List(String), "The thumbprints of the issuer's certificates.", computed=True),
            "tags": Attribute(Map(String), "Tags by key.", computed=True),
        },
        validators=[exactly_one_of("arn", "url")],
    )

    def __init__(self, aws: Aws) -> None:
        self.aws = aws

    async def read(self, config: State) -> State:
        arn = config["arn"] or await self._arn_of(without_scheme(config["url"]))
        found = await self.aws.iam("get_open_id_connect_provider", OpenIDConnectProviderArn=arn)
        values = from_response(arn, found, {"tags": {}}, {})
        return config | {name: values[name] for name in self.schema.attributes}

    async def _arn_of(self, url: str) -> str:
        listed = await self.aws.iam("list_open_id_connect_providers")
        arns = [str(item["Arn"]) for item in listed["OpenIDConnectProviderList"]]
        for arn in arns:
            if arn.partition(":oidc-provider/")[2] == url:
                return arn
        existing = f"It has {', '.join(arns)}" if arns else "It has none"
        raise Error(
            "OIDC provider not found", f"This AWS account has no OIDC provider for {url}. {existing}.", Path("url")
        )
