"""Tags: a map in Terraform, a list of pairs in AWS. Pure, but for `change_tags`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from terraform_plugin import Attribute, Map, String
from terraform_provider_aws_iam.client import Aws

TAGS = Attribute(Map(String), "Tags, by key.", optional=True)


def to_pairs(tags: Mapping[str, str] | None) -> list[dict[str, str]]:
    """Return tags as AWS takes them."""
    return [{"Key": key, "Value": value} for key, value in (tags or {}).items()]


def from_pairs(pairs: Sequence[Mapping[str, str]], before: Mapping[str, str] | None) -> Mapping[str, str] | None:
    """Return tags as Terraform keeps them: none are null, or empty if they were so `before`."""
    return {pair["Key"]: pair["Value"] for pair in pairs} or ({} if before == {} else None)


async def change_tags(
    aws: Aws, kind: str, which: Mapping[str, Any], before: Mapping[str, str] | None, after: Mapping[str, str] | None
) -> None:
    """Turn the tags `before` into those `after`. `kind` and `which` as in tag_role and RoleName="x"."""
    old, new = before or {}, after or {}
    if gone := sorted(old.keys() - new.keys()):
        await aws.iam(f"untag_{kind}", **which, TagKeys=gone)
    if changed := {key: value for key, value in new.items() if old.get(key) != value}:
        await aws.iam(f"tag_{kind}", **which, Tags=to_pairs(changed))
