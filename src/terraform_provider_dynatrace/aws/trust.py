"""What Dynatrace presents to AWS for a connection, and what a role must trust. Pure.

Source: the page's example, and the fact sheet's "What AWS must trust".
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from msgspec import Struct

from terraform_plugin.diagnostics import Error
from terraform_provider_dynatrace.aws.connection import ROLE_BASED, WEB_IDENTITY, Kind
from terraform_provider_dynatrace.environment import PRODUCTION, EnvironmentUrls, stage_of, tenant_host

_PRODUCTION_ACCOUNT, _LABS_ACCOUNT = "314146291599", "476114158034"  # Dynatrace's own AWS accounts


class WebIdentity(Struct, frozen=True):
    """A token for STS: `issuer` with scheme, `subject`, and the `audiences` of the connection's consumers."""

    issuer: str
    subject: str
    audiences: tuple[str, ...]

    @property
    def issuer_host(self) -> str:
        """What condition keys and the OIDC provider's ARN begin with: the issuer without scheme."""
        return host_of(self.issuer)

    def provider_arn(self, account_id: str, partition: str = "aws") -> str:
        """Return the ARN of the IAM OIDC provider for the issuer; there is one per issuer and account."""
        return f"arn:{partition}:iam::{account_id}:oidc-provider/{self.issuer_host}"

    def policy(self, provider_arn: str) -> dict[str, Any]:
        """Return the trust policy document of a role, as the page writes it."""
        audience = self.audiences[0] if len(self.audiences) == 1 else list(self.audiences)
        return _policy(
            {"Federated": provider_arn},
            "sts:AssumeRoleWithWebIdentity",
            {f"{self.issuer_host}:sub": self.subject, f"{self.issuer_host}:aud": audience},
        )


class RoleBased(Struct, frozen=True):
    """An account of Dynatrace's that assumes the role, presenting the connection's id as external id."""

    principal: str
    external_id: str

    def policy(self) -> dict[str, Any]:
        """Return the trust policy document of a role."""
        return _policy({"AWS": self.principal}, "sts:AssumeRole", {"sts:ExternalId": self.external_id})


Trust = WebIdentity | RoleBased


def trust_of(kind: Kind, consumers: Sequence[str], object_id: str, environment: EnvironmentUrls) -> Trust:
    """Return what Dynatrace presents for the connection `object_id`.

    Raises `Error` for a web identity consumer whose audience is not known.
    """
    if kind is ROLE_BASED:
        return RoleBased(principal(environment.tenant), object_id)
    audiences = tuple(audience(environment.tenant, consumer) for consumer in consumers)
    return WebIdentity(environment.issuer, subject(object_id), audiences)


def subject(connection_id: str) -> str:
    """Return the `sub` of the web identity token of a connection."""
    return f"dt:connection-id/{connection_id}"


def audience(tenant_url: str, consumer: str) -> str:
    """Return the `aud` of the web identity token for a consumer: never with scheme, always the `.apps.` host.

    Raises `Error` for text that is no tenant URL, or no `APP:…` or `SVC:…`.
    """
    form, _, name = consumer.partition(":")
    if form not in _AUDIENCE_PATHS or not re.fullmatch(r"[A-Za-z0-9._-]+", name):
        raise Error(
            "No audience is known for this consumer",
            f'"{consumer}" is neither APP:<app id> nor SVC:<service id>, such as APP:dynatrace.aws.connector; only for '
            "these does Dynatrace document what it presents to AWS.",
        )
    return f"{tenant_host(tenant_url)}/{_AUDIENCE_PATHS[form]}/{name}"


_AUDIENCE_PATHS = {"APP": "app-id", "SVC": "svc-id"}


def principal(tenant_url: str) -> str:
    """Return the principal that assumes roles of role based connections: production and labs tenants differ."""
    account = _PRODUCTION_ACCOUNT if stage_of(tenant_url) == PRODUCTION else _LABS_ACCOUNT
    return f"arn:aws:iam::{account}:root"


def host_of(issuer: str) -> str:
    """Return an issuer without scheme and closing slash."""
    return issuer.partition("://")[2].rstrip("/") if "://" in issuer else issuer.rstrip("/")


def _policy(who: dict[str, str], action: str, equal: dict[str, Any]) -> dict[str, Any]:
    statement = {"Effect": "Allow", "Principal": who, "Action": action, "Condition": {"StringEquals": equal}}
    return {"Version": "2012-10-17", "Statement": [statement]}


_LONGEST_ARN = 2048  # the schema's limit
_ARN = re.compile(
    r"arn:(?P<partition>[^:]*):(?P<service>[^:]*):(?P<region>[^:]*):(?P<account>[^:]*):(?P<resource>.*)", re.DOTALL
)
_ROLE = re.compile(r"role/(?:[\x21-\x7e]*/)?[\w+=,.@-]{1,64}", re.ASCII)  # IAM: path and name of a role
_PARTITIONS = {WEB_IDENTITY.type: ("aws", "aws-cn", "aws-us-gov"), ROLE_BASED.type: ("aws",)}


def role_arn_problem(role_arn: str, kind: Kind = WEB_IDENTITY) -> str | None:
    """Return why `role_arn` cannot be the role of a connection, with what it should look like; None if it can.

    Without a kind the wider rule of web identity holds. Source: the schema's patterns for `roleArn`.
    """
    found = _ARN.fullmatch(role_arn)
    problem = _arn_problem(role_arn, found, kind) if found else f'"{_short(role_arn)}" is no ARN'
    return f"{problem}. It should look like arn:aws:iam::123456789012:role/name." if problem else None


def _arn_problem(role_arn: str, found: re.Match[str], kind: Kind) -> str | None:
    if len(role_arn) > _LONGEST_ARN:
        return f"It has {len(role_arn)} characters; Dynatrace takes at most {_LONGEST_ARN}"
    if found["partition"] not in _PARTITIONS[kind.type]:
        return f'Its partition is "{_short(found["partition"])}", not {" or ".join(_PARTITIONS[kind.type])}'
    if found["service"] != "iam" or found["region"]:
        return f"It is an ARN of {_short(found['service']) or 'no service'}, not of an IAM role"
    if not re.fullmatch(r"[0-9]{12}|aws", found["account"]):
        return f'Its account is "{_short(found["account"])}", not an account id of 12 digits'
    if not _ROLE.fullmatch(found["resource"]):
        return f'It names "{_short(found["resource"])}", not a role (role/name)'
    return None


def _short(text: str) -> str:
    return text if len(text) <= 80 else text[:80] + "…"


def place_of(role_arn: str) -> tuple[str, str]:
    """Return account and partition of a role, as far as they are known."""
    found = _ARN.fullmatch(role_arn)
    return (found["account"], found["partition"]) if found else ("<account>", "aws")
