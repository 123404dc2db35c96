"""What Dynatrace presents to AWS for a connection, and the trust policy of a role that accepts it. Pure.

Source: docs/design/0008-sources.md#aws-trust.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from msgspec import Struct

from terraform_plugin import Error
from terraform_provider_dynatrace.aws.connection import ROLE_BASED
from terraform_provider_dynatrace.connections.kinds import Authentication
from terraform_provider_dynatrace.environment import PRODUCTION, EnvironmentUrls, stage_of, tenant_host

_PRODUCTION_ACCOUNT, _LABS_ACCOUNT = "314146291599", "476114158034"  # AWS accounts of Dynatrace
_AUDIENCE_PATHS = {"APP": "app-id", "SVC": "svc-id"}


class WebIdentity(Struct, frozen=True):
    """The claims of a web identity token that Dynatrace presents to STS."""

    issuer: str
    """The claim `iss`: a URL with its scheme."""
    subject: str
    """The claim `sub`, which names the connection."""
    audiences: tuple[str, ...]
    """The claim `aud`: one for each consumer of the connection."""

    @property
    def issuer_host(self) -> str:
        """The issuer without its scheme: the beginning of condition keys and the end of the OIDC provider's ARN."""
        return without_scheme(self.issuer)

    def provider_arn(self, account_id: str, partition: str = "aws") -> str:
        """Return the ARN of the IAM OIDC provider for the issuer. An account has one for each issuer."""
        return f"arn:{partition}:iam::{account_id}:oidc-provider/{self.issuer_host}"

    def policy(self, provider_arn: str) -> dict[str, Any]:
        """Return the trust policy of a role, as on the page of `dynatrace_aws_connection`."""
        audience = self.audiences[0] if len(self.audiences) == 1 else list(self.audiences)
        return _policy(
            {"Federated": provider_arn},
            "sts:AssumeRoleWithWebIdentity",
            {f"{self.issuer_host}:sub": self.subject, f"{self.issuer_host}:aud": audience},
        )


class RoleBased(Struct, frozen=True):
    """The AWS account of Dynatrace that assumes a role, and the external ID that it presents."""

    principal: str
    """An ARN."""
    external_id: str
    """The settings object ID of the connection."""

    def policy(self) -> dict[str, Any]:
        """Return the trust policy of a role."""
        return _policy({"AWS": self.principal}, "sts:AssumeRole", {"sts:ExternalId": self.external_id})


Trust = WebIdentity | RoleBased


def trust_of(
    authentication: Authentication, consumers: Sequence[str], object_id: str, environment: EnvironmentUrls
) -> Trust:
    """Return what Dynatrace presents for the connection with the settings object ID `object_id`.

    Raises `Error` for a web identity consumer whose audience is unknown.
    """
    if authentication is ROLE_BASED:
        return RoleBased(principal(environment.tenant), object_id)
    audiences = tuple(audience(environment.tenant, consumer) for consumer in consumers)
    return WebIdentity(environment.issuer, subject(object_id), audiences)


def subject(connection_id: str) -> str:
    """Return the subject (`sub`) of a connection's web identity token."""
    return f"dt:connection-id/{connection_id}"


def audience(tenant_url: str, consumer: str) -> str:
    """Return the audience (`aud`) of a web identity token for a consumer: the `.apps.` host, without a scheme.

    Raises `Error` for text that is not a tenant URL, or not a consumer of the form `APP:…` or `SVC:…`.
    """
    form, _, name = consumer.partition(":")
    if form not in _AUDIENCE_PATHS or not re.fullmatch(r"[A-Za-z0-9._-]+", name):
        raise Error(
            "Unknown audience for this consumer",
            f"The consumer must be APP:<app ID> or SVC:<service ID>, such as APP:dynatrace.aws.connector, got "
            f'"{consumer[:120]}". Dynatrace documents the audience for these forms only.',
        )
    return f"{tenant_host(tenant_url)}/{_AUDIENCE_PATHS[form]}/{name}"


def principal(tenant_url: str) -> str:
    """Return the ARN of the AWS account of Dynatrace. Production and dynatracelabs.com environments differ."""
    account = _PRODUCTION_ACCOUNT if stage_of(tenant_url) == PRODUCTION else _LABS_ACCOUNT
    return f"arn:aws:iam::{account}:root"


def without_scheme(url: str) -> str:
    """Return a URL without its scheme and trailing slashes, as IAM stores the URL of an OIDC provider."""
    return url.rpartition("://")[2].rstrip("/")


def _policy(principals: dict[str, str], action: str, conditions: dict[str, Any]) -> dict[str, Any]:
    statement = {
        "Effect": "Allow",
        "Principal": principals,
        "Action": action,
        "Condition": {"StringEquals": conditions},
    }
    return {"Version": "2012-10-17", "Statement": [statement]}
