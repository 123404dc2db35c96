"""`aws_issuer`: who signs the web identity tokens of a tenant."""

from __future__ import annotations

from terraform_plugin import Function, String
from terraform_provider_dynatrace.environment import issuer_of
from terraform_provider_dynatrace.functions.tenant_url import TENANT_URL, tenant_of


class AwsIssuer(Function):
    """Pure."""

    name = "aws_issuer"
    summary = "The issuer of a tenant's web identity tokens"
    description = (
        "Returns the issuer (`iss`) of the web identity tokens that a tenant presents to AWS, with `https://`: the "
        "`url` of the IAM OIDC provider. It is `https://token.dynatrace.com` for every production tenant."
    )
    parameters = (TENANT_URL,)
    returns = String

    def call(self, tenant_url: str) -> str:
        """Return a URL. Raises `Error` for text that names no tenant."""
        return issuer_of(tenant_of(tenant_url, 0))
