"""The function `aws_issuer`: the issuer of the web identity tokens of an environment."""

from __future__ import annotations

from terraform_plugin import Function, String
from terraform_provider_dynatrace.environment import issuer_of
from terraform_provider_dynatrace.functions.tenant_url import TENANT_URL, host_from


class AwsIssuer(Function):
    """Computes the issuer from the environment's URL."""

    name = "aws_issuer"
    summary = "The issuer of the web identity tokens of an environment"
    description = (
        "Returns the issuer (`iss`) of the web identity tokens that Dynatrace presents to AWS, with `https://`. Use it "
        "as the `url` of the IAM OIDC provider. It is `https://token.dynatrace.com` for every production environment."
    )
    parameters = (TENANT_URL,)
    returns = String

    def call(self, tenant_url: str) -> str:
        """Return a URL. Raises `Error` for text without a host name."""
        return issuer_of(host_from(tenant_url, 0))
