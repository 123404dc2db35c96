"""What a user reads when AWS did not let Dynatrace assume a role: what must match, and what is usually wrong. Pure.

During an apply only AWS knows the cause, and STS tells it only if it rejects the token itself. So the text shows
everything that must match, and the usual mistakes, the most likely first. `doctor aws` finds the actual cause.
Source: docs/design/0008-sources.md#aws-trust; the messages of STS from #user-reports.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from terraform_plugin import Error, Path
from terraform_provider_dynatrace.aws.connection import AWS_CONNECTION, consumers_of
from terraform_provider_dynatrace.aws.role_arn import account_and_partition
from terraform_provider_dynatrace.aws.trust import RoleBased, WebIdentity, trust_of

if TYPE_CHECKING:
    from terraform_provider_dynatrace.client.errors import Rejected
    from terraform_provider_dynatrace.environment import EnvironmentUrls


def is_not_assumable(refusal: Rejected) -> bool:
    """Return whether Dynatrace accepts the ARN, but AWS does not (yet) let it assume the role.

    Source: docs/design/0008-sources.md#aws-trust: the violation "Unable to assume role …" at `…/roleArn`.
    """
    return any(
        violation.path.endswith("roleArn") and "assume" in violation.message.lower() for violation in refusal.violations
    )


def not_assumed(
    refusal: Rejected, value: Mapping[str, Any], object_id: str, environment: EnvironmentUrls, role_arn: str
) -> Error:
    """Return the error for a role that could not be assumed until the create timeout; `refusal` came last."""
    response = "; ".join(str(violation) for violation in refusal.violations)
    return Error(
        "Dynatrace could not assume the role within the create timeout",
        f"The provider retried until the timeout. The last response from Dynatrace:\n\n{response}\n\n"
        f"{explanation(value, object_id, environment, role_arn, response)}",
        Path("role_arn"),
    )


def explanation(value: Mapping[str, Any], object_id: str, environment: EnvironmentUrls, role_arn: str, sts: str) -> str:
    """Return what the role must trust and what is usually wrong, given the message of STS.

    Empty for a type of connection that is newer than this provider.
    """
    authentication = AWS_CONNECTION.authentication_of(value)
    if authentication is None:
        return ""
    try:
        trust = trust_of(authentication, consumers_of(value), object_id, environment)
    except Error as unknown:
        return unknown.detail
    if isinstance(trust, WebIdentity):
        text, causes = _web_identity_text(trust, role_arn), web_identity_causes(trust, role_arn, sts)
    else:
        text, causes = _role_based_text(trust, role_arn), role_based_causes(trust, role_arn)
    return f"{text}\n{_listed(causes)}\n\n{_doctor(object_id, role_arn)}"


def _web_identity_text(trust: WebIdentity, role_arn: str) -> str:
    audiences = " or ".join(trust.audiences)
    return f"""Dynatrace presents to AWS:
  issuer    {trust.issuer}
  subject   {trust.subject}
  audience  {audiences}

The trust policy of {role_arn} must have exactly:
  Principal  Federated = {trust.provider_arn(*account_and_partition(role_arn))}
  Action     sts:AssumeRoleWithWebIdentity
  Condition  StringEquals {trust.issuer_host}:sub = {trust.subject}
             StringEquals {trust.issuer_host}:aud = {audiences}
The principal is an IAM OIDC provider in the account of the role, with the URL {trust.issuer} and the client ID
{audiences}.
"""


def _role_based_text(trust: RoleBased, role_arn: str) -> str:
    return f"""Dynatrace presents to AWS:
  principal    {trust.principal}
  external ID  {trust.external_id}

The trust policy of {role_arn} must have exactly:
  Principal  AWS = {trust.principal}
  Action     sts:AssumeRole
  Condition  StringEquals sts:ExternalId = {trust.external_id}
"""


def web_identity_causes(trust: WebIdentity, role_arn: str, sts: str) -> list[str]:
    """Return the possible causes, the most likely first; only one if the message of STS tells it."""
    audiences, place = " or ".join(trust.audiences), account_and_partition(role_arn)
    client_id = (
        f"The client IDs of the OIDC provider do not contain exactly {audiences} (no https://, no trailing slash)."
    )
    if "No OpenIDConnect provider" in sts:
        return [f"The account {place[0]} has no IAM OIDC provider for {trust.issuer}."]
    if "audience" in sts:
        return [client_id]
    return [
        f"The condition on {trust.issuer_host}:aud starts with https://, ends with a slash, or has the .live. host.",
        (
            f"The condition on {trust.issuer_host}:sub has the ID of another connection (a replacement gets a new ID), "
            "or the old form dtid:connection/<name>."
        ),
        (
            f"The principal or the condition keys name another issuer than {trust.issuer_host}, or another account or "
            f"partition than {trust.provider_arn(*place)}."
        ),
        _no_role(role_arn),
        client_id,
        _TOO_NEW,
    ]


def role_based_causes(trust: RoleBased, role_arn: str) -> list[str]:
    """Return the possible causes, the most likely first."""
    return [
        (
            "The condition on sts:ExternalId has the ID of another connection (a replacement gets a new ID), or the "
            "connection's name."
        ),
        f"The principal is another account than {trust.principal}.",
        "The action is not sts:AssumeRole.",
        _no_role(role_arn),
        _TOO_NEW,
    ]


# Source: docs/design/0008-sources.md#role-propagation
_TOO_NEW = (
    "The role or its policy is too new: AWS can take about 30 seconds to propagate a change. Raise timeouts.create."
)


def _no_role(role_arn: str) -> str:
    account, partition = account_and_partition(role_arn)
    return f"The account {account} ({partition}) has no role with exactly this ARN: {role_arn}."


def _listed(causes: Sequence[str]) -> str:
    title = "The response of AWS shows the cause:" if len(causes) == 1 else "Usual causes, the most likely first:"
    return "\n".join([title, *(f"  - {cause}" for cause in causes)])


def _doctor(connection_id: str, role_arn: str) -> str:
    return (
        "To find the actual cause, check the role with your own AWS credentials:\n"
        f"  terraform-provider-dynatrace doctor aws {connection_id} --role-arn {role_arn}"
    )
