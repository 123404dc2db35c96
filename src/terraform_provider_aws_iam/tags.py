"""Tags: a map in Terraform, a list of pairs in AWS, and the default tags of the provider block.

Source: https://registry.terraform.io/providers/hashicorp/aws/latest/docs, "default_tags": a resource's own tag takes
precedence over a default tag with the same key, and `tags_all` has both.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from terraform_plugin import UNKNOWN, Attribute, Change, Map, String, is_wholly_known
from terraform_provider_aws_iam.client import Aws

Tags = Mapping[str, str]

TAGS = Attribute(Map(String), "Tags by key.", optional=True)
TAGS_ALL = Attribute(Map(String), "Tags by key, including the default tags of the provider.", computed=True)


def to_pairs(tags: Tags | None) -> list[dict[str, str]]:
    """Return tags as AWS's requests have them."""
    return [{"Key": key, "Value": value} for key, value in (tags or {}).items()]


def read_tags(pairs: Sequence[Mapping[str, str]], prior: Mapping[str, Any], defaults: Tags) -> dict[str, Tags | None]:
    """Return `tags` and `tags_all` from AWS's pairs.

    A default tag is one of `tags` only if the prior state has it there. No tags are null, or empty if `prior` has that.
    """
    everything = {pair["Key"]: pair["Value"] for pair in pairs}
    prior_tags = prior.get("tags")
    own = {key: value for key, value in everything.items() if defaults.get(key) != value or key in (prior_tags or {})}
    return {"tags": own or ({} if prior_tags == {} else None), "tags_all": everything}


def with_tags_all(change: Change, aws: Aws) -> Change:
    """Return the change with the planned `tags_all`, so that a new default tag is a change of every resource."""
    if change.planned is None:
        return change
    tags = change.planned["tags"]
    known = is_wholly_known(tags) and "default_tags" not in aws.unknown
    return change.with_planned(
        change.planned | {"tags_all": {**aws.default_tags, **(tags or {})} if known else UNKNOWN}
    )


def all_tags(plan: Mapping[str, Any], aws: Aws) -> dict[str, str]:
    """Return the tags that a resource gets."""
    return {**aws.default_tags, **(plan["tags"] or {})}


async def change_tags(aws: Aws, kind: str, which: Mapping[str, Any], state: Mapping[str, Any], after: Tags) -> None:
    """Change the tags in `state` to `after`. `kind` and `which` name the object, as in tag_role and RoleName="x"."""
    before = state["tags_all"] or state["tags"] or {}  # a state of before there was tags_all has only tags
    if gone := sorted(before.keys() - after.keys()):
        await aws.iam(f"untag_{kind}", **which, TagKeys=gone)
    if changed := {key: value for key, value in after.items() if before.get(key) != value}:
        await aws.iam(f"tag_{kind}", **which, Tags=to_pairs(changed))
