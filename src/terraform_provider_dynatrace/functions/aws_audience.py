"""`aws_audience`: the audience of a connection's web identity token."""

from __future__ import annotations

from terraform_plugin import Function, Parameter, String
from terraform_provider_dynatrace.aws.trust import audience
from terraform_provider_dynatrace.functions.tenant_url import TENANT_URL, about_argument, tenant_of


class AwsAudience(Function):
    """Pure."""

    name = "aws_audience"
    summary = "The audience that AWS sees for a consumer"
    description = (
        "Returns what Dynatrace presents to AWS as the audience (`aud`) of a web identity token: for the client ids of "
        "the IAM OIDC provider, and for the condition on `token.dynatrace.com:aud` in a role's trust policy. It never "
        "has a scheme, and its host is the `.apps.` form of the tenant's, whatever form of URL is given."
    )
    parameters = (
        TENANT_URL,
        Parameter(
            "consumer",
            String,
            "The Dynatrace integration that uses the connection, as in `consumers`: `APP:dynatrace.aws.connector`.",
        ),
    )
    returns = String

    def call(self, tenant_url: str, consumer: str) -> str:
        """Return `abc12345.apps.dynatrace.com/app-id/…`. Raises `Error` for what has no audience."""
        tenant = tenant_of(tenant_url, 0)
        with about_argument(1):
            return audience(tenant, consumer)
