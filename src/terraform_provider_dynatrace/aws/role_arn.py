"""ARNs of IAM roles: their syntax, and which of them a connection accepts. Pure.

Source: docs/design/0008-sources.md#aws-connection-schema (pattern and length of `roleArn`), #iam-api (names and paths
of roles).
"""

from __future__ import annotations

import re

from terraform_provider_dynatrace.aws.connection import ROLE_BASED, WEB_IDENTITY
from terraform_provider_dynatrace.connections.kinds import Authentication

_MAX_LENGTH = 2048
_ARN = re.compile(
    r"arn:(?P<partition>[^:]*):(?P<service>[^:]*):(?P<region>[^:]*):(?P<account>[^:]*):(?P<resource>.*)", re.DOTALL
)
# The path may hold any printable ASCII character. Dynatrace's own pattern accepts any text after `role/`, even none;
# IAM does not.
_ROLE = re.compile(r"role/(?:[\x21-\x7e]*/)?[\w+=,.@-]{1,64}", re.ASCII)
_PARTITIONS = {WEB_IDENTITY.type: ("aws", "aws-cn", "aws-us-gov"), ROLE_BASED.type: ("aws",)}


def role_arn_problem(role_arn: str, authentication: Authentication = WEB_IDENTITY) -> str | None:
    """Return why a connection with this authentication cannot use `role_arn`, None if it can.

    Without `authentication`, the wider rule of web identity applies.
    """
    arn = _ARN.fullmatch(role_arn)
    problem = _problem(role_arn, arn, authentication) if arn else f'must be an ARN, got "{_shortened(role_arn)}".'
    return f"The role ARN {problem} Example: arn:aws:iam::123456789012:role/name" if problem else None


def _problem(role_arn: str, arn: re.Match[str], authentication: Authentication) -> str | None:
    """Return what follows "The role ARN" in a sentence about what is wrong with it."""
    if len(role_arn) > _MAX_LENGTH:
        return f"must have at most {_MAX_LENGTH:,} characters, got {len(role_arn):,}."
    if arn["partition"] not in _PARTITIONS[authentication.type]:
        return _partition_problem(arn["partition"], authentication)
    if arn["service"] != "iam" or arn["region"]:
        return f'must be the ARN of an IAM role, got an ARN of the service "{_shortened(arn["service"])}".'
    if not re.fullmatch(r"[0-9]{12}|aws", arn["account"]):
        return f'must contain an account ID of 12 digits, got "{_shortened(arn["account"])}".'
    if not _ROLE.fullmatch(arn["resource"]):
        return f'must name a role (role/NAME), got "{_shortened(arn["resource"])}".'
    return None


def _partition_problem(partition: str, authentication: Authentication) -> str:
    allowed = " or ".join(_PARTITIONS[authentication.type])
    text = f'must have the partition {allowed}, got "{_shortened(partition)}".'
    if authentication is ROLE_BASED and partition in _PARTITIONS[WEB_IDENTITY.type]:
        return f"{text} For AWS China and AWS GovCloud, use a connection with web_identity."
    return text


def _shortened(text: str) -> str:
    return text if len(text) <= 80 else f"{text[:80]}…"


def account_of(role_arn: str) -> str:
    """Return the account ID of a role, empty for text that is not an ARN."""
    arn = _ARN.fullmatch(role_arn)
    return arn["account"] if arn else ""


def account_and_partition(role_arn: str) -> tuple[str, str]:
    """Return the account ID and the partition of a role, or placeholders for text that is not an ARN."""
    arn = _ARN.fullmatch(role_arn)
    return (arn["account"], arn["partition"]) if arn else ("<account>", "aws")
