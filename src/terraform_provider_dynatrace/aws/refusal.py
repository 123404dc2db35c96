"""What to tell when AWS did not let Dynatrace assume a role: what must match, and what is usually wrong. Pure.

Nobody but AWS knows the cause while Terraform applies; STS gives it away only where it refuses the token itself. So
everything that must match is shown, and the usual mistakes, the likeliest first. `doctor aws` finds the actual one.
Source: the fact sheet's "What AWS must trust"; the words of STS from public issues of its users.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from terraform_plugin.diagnostics import Error, Path
from terraform_provider_dynatrace.aws.connection import consumers_of, kind_of
from terraform_provider_dynatrace.aws.trust import RoleBased, WebIdentity, place_of, trust_of

if TYPE_CHECKING:
    from terraform_provider_dynatrace.client.errors import Rejected
    from terraform_provider_dynatrace.environment import EnvironmentUrls


def is_not_assumable(refusal: Rejected) -> bool:
    """Return whether Dynatrace accepts the ARN but AWS does not let it assume the role (yet).

    Source: the violation "Unable to assume role with web identity. (AccessDenied) …" at `…/roleArn`.
    """
    return any(
        violation.path.endswith("roleArn") and "assume" in violation.message.lower() for violation in refusal.violations
    )


def not_assumed(
    refusal: Rejected, value: Mapping[str, Any], object_id: str, environment: EnvironmentUrls, role_arn: str
) -> Error:
    """Return the last real answer with what Dynatrace presents and what the role must trust."""
    said = "; ".join(str(violation) for violation in refusal.violations)
    return Error(
        "The role could not be assumed within the create timeout",
        f"Dynatrace was asked to use the role until the time was up. Its last answer:\n\n{said}\n\n"
        f"{explained(value, object_id, environment, role_arn, said)}",
        Path("role_arn"),
    )


def explained(
    value: Mapping[str, Any], object_id: str, environment: EnvironmentUrls, role_arn: str, answer: str
) -> str:
    """Return the explanation for the connection with this value, which was refused a role with Dynatrace's `answer`.

    Empty for a connection that is newer than this provider.
    """
    kind = kind_of(value)
    if kind is None:
        return ""
    try:
        trust = trust_of(kind, consumers_of(value), object_id, environment)
    except Error as unknown:
        return unknown.detail
    if isinstance(trust, WebIdentity):
        text, causes = _web_identity_text(trust, role_arn), web_identity_causes(trust, role_arn, answer)
    else:
        text, causes = _role_based_text(trust, role_arn), role_based_causes(trust, role_arn)
    return f"{text}\n{_listed(causes)}\n\n{_doctor(object_id, role_arn)}"


def _web_identity_text(trust: WebIdentity, role_arn: str) -> str:
    audiences = " or ".join(trust.audiences)
    return f"""Dynatrace presents to AWS:
  issuer    {trust.issuer}
  subject   {trust.subject}
  audience  {audiences}

{role_arn} must trust exactly this:
  an IAM OIDC provider in the role's account with url {trust.issuer} and client id {audiences}
  Principal  Federated = the ARN of that provider ({trust.provider_arn(*place_of(role_arn))})
  Action     sts:AssumeRoleWithWebIdentity
  Condition  StringEquals {trust.issuer_host}:sub = {trust.subject}
             StringEquals {trust.issuer_host}:aud = {audiences}
"""


def _role_based_text(trust: RoleBased, role_arn: str) -> str:
    return f"""Dynatrace presents to AWS:
  principal    {trust.principal}
  external id  {trust.external_id}

{role_arn} must trust exactly this:
  Principal  AWS = {trust.principal}
  Action     sts:AssumeRole
  Condition  StringEquals sts:ExternalId = {trust.external_id}
"""


def web_identity_causes(trust: WebIdentity, role_arn: str, answer: str) -> list[str]:
    """Return what is usually wrong, the likeliest first as far as the words of STS in `answer` say."""
    audiences, provider = " or ".join(trust.audiences), trust.provider_arn(*place_of(role_arn))
    no_provider = f"There is no IAM OIDC provider for {trust.issuer} in the account {place_of(role_arn)[0]}."
    other_subject = (
        f"The condition on {trust.issuer_host}:sub has the id of another connection (a replaced one gets a new id), or "
        "the old form dtid:connection/<name>."
    )
    other_issuer = (
        f"Principal or the keys of the conditions name another issuer than {trust.issuer_host}, or another account or "
        f"partition than {provider}."
    )
    client_id = f"The OIDC provider has not {audiences} among its client ids, or has it with https:// or a slash."
    if "No OpenIDConnect provider" in answer:
        return [no_provider]
    if "audience" in answer:
        return [client_id]
    return [
        f"The condition on {trust.issuer_host}:aud has https:// in front, a slash at the end, or the .live. host.",
        other_subject,
        other_issuer,
        _no_role(role_arn),
        client_id,
        _TOO_NEW,
    ]


def role_based_causes(trust: RoleBased, role_arn: str) -> list[str]:
    """Return what is usually wrong, the likeliest first."""
    return [
        "The condition on sts:ExternalId has the id of another connection (a replaced one gets a new id), or its name.",
        f"Principal is another account than {trust.principal}.",
        "Action is not sts:AssumeRole.",
        _no_role(role_arn),
        _TOO_NEW,
    ]


_TOO_NEW = "The role or its policy is too new: AWS takes up to a minute. Raise the create timeout."


def _no_role(role_arn: str) -> str:
    account, partition = place_of(role_arn)
    return f"There is no role with exactly this ARN in the account {account} ({partition}): {role_arn}."


def _listed(causes: Sequence[str]) -> str:
    if len(causes) == 1:
        return f"By AWS's answer the cause is this:\n  - {causes[0]}"
    return "\n".join(["What is usually wrong, the likeliest first:", *(f"  - {cause}" for cause in causes)])


def _doctor(connection_id: str, role_arn: str) -> str:
    return (
        "To see which it is, look at the role with your own AWS credentials:\n"
        f"  terraform-provider-dynatrace doctor aws {connection_id} --role-arn {role_arn}"
    )
