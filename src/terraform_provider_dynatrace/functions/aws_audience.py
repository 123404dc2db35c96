"""The function `aws_audience`: the audience of a connection's web identity token."""

from __future__ import annotations

from terraform_plugin import Function, Parameter, String
from terraform_provider_dynatrace.aws.trust import audience
from terraform_provider_dynatrace.functions.tenant_url import TENANT_URL, about_argument, host_from


class AwsAudience(Function):
    """Computes the audience from the environment's URL and a consumer."""

    name = "aws_audience"
    summary = "The audience that Dynatrace presents to AWS for a consumer"
    description = (
        "Returns the audience (`aud`) of the web identity token that Dynatrace presents to AWS. Use it as a client ID "
        "of the IAM OIDC provider, and in the condition on `token.dynatrace.com:aud` in the trust policy of a role. "
        "The audience has no scheme, and its host is always the `.apps.` form of the environment's host."
    )
    parameters = (
        TENANT_URL,
        Parameter(
            "consumer",
            String,
            "The Dynatrace integration that uses the connection, as in `consumers`, for example "
            "`APP:dynatrace.aws.connector`.",
        ),
    )
    returns = String

    def call(self, tenant_url: str, consumer: str) -> str:
        """Return `abc12345.apps.dynatrace.com/app-id/…`. Raises `Error` for a consumer whose audience is unknown."""
        host = host_from(tenant_url, 0)
        with about_argument(1):
            return audience(host, consumer)
