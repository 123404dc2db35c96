"""Policy documents, compared by meaning: AWS and `jsonencode` write the same policy in different ways.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html: a string stands for a list of
one, the order in lists has no meaning, an account number stands for its root ARN, and "*" for {"AWS": "*"}.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from terraform_plugin import Change, Error, Path, is_known

_ROOT = re.compile(r"arn:aws[\w-]*:iam::(\d{12}):root\Z")


def is_policy(value: str, path: Path) -> Iterator[Error]:
    """Check that a string is a JSON object."""
    if not isinstance(_parsed(value), dict):
        yield Error(
            "Invalid policy",
            f"{path} must be a policy document in JSON. `jsonencode` or `data.aws_iam_policy_document` write one.",
            path,
        )


def same_policy(one: str, other: str) -> bool:
    """Return whether two documents mean the same. Texts that are not JSON are compared as they are."""
    first, second = _parsed(one), _parsed(other)
    return one == other or (first is not None and _meaning(first) == _meaning(second))


def read_policy(document: Mapping[str, Any], prior: str | None) -> str:
    """Return a document that AWS returned as JSON, or `prior` if that means the same."""
    policy = json.dumps(document, separators=(",", ":"))
    return prior if prior and same_policy(prior, policy) else policy


def without_respelling(change: Change, attribute: str) -> Change:
    """Return the change without a new policy document that means the same as the prior one."""
    if change.prior is None or change.planned is None or not is_known(change.planned[attribute]):
        return change
    prior, planned = change.prior[attribute], change.planned[attribute]
    if not prior or not same_policy(prior, planned):
        return change
    return change.with_planned(change.planned | {attribute: prior})


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _meaning(value: Any, key: str = "") -> Any:
    """Return a form in which equal meanings are equal values. `key` is the name of the value in its object."""
    match value:
        case dict():
            return {name: _meaning(item, name) for name, item in value.items()}
        case list():
            return _sorted([_meaning(item, key) for item in value])
        case bool():
            return _meaning(str(value).lower(), key)
        case _ if key == "Principal" and value == "*":
            return {"AWS": ["*"]}
        case str() if key == "AWS" and (root := _ROOT.match(value)):
            return [root[1]]
    return [str(value)]


def _sorted(items: list[Any]) -> Any:
    """Return items in a fixed order, without lists in lists; a list of one object is the object."""
    flat = [part for item in items for part in (item if isinstance(item, list) else [item])]
    ordered = sorted(flat, key=lambda item: json.dumps(item, sort_keys=True))
    return ordered[0] if len(ordered) == 1 and isinstance(ordered[0], dict) else ordered
