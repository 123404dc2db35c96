"""Policy documents, compared by meaning: AWS and `jsonencode` spell the same policy in different ways. Pure.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html: one string stands for a list
of one, order in lists means nothing, an account's number stands for its root ARN, "*" for {"AWS": "*"}.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from terraform_plugin import Error, Path

_ROOT = re.compile(r"arn:aws[\w-]*:iam::(\d{12}):root\Z")


def is_policy(value: str, path: Path) -> Iterator[Error]:
    """Check that a string is a JSON object."""
    if not isinstance(_parsed(value), dict):
        yield Error("Invalid policy", f"{path} must be a policy document in JSON. Write it with `jsonencode`.", path)


def same_policy(one: str, other: str) -> bool:
    """Return whether two documents say the same. What is not JSON is the same only if it is spelled the same."""
    first, second = _parsed(one), _parsed(other)
    return one == other or (first is not None and _meaning(first) == _meaning(second))


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _meaning(value: Any, key: str = "") -> Any:
    """Return a form in which equal meanings are equal values. `key` is where the value stands."""
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
    """Return items without order and without lists in lists; a list of one object is the object."""
    flat = [part for item in items for part in (item if isinstance(item, list) else [item])]
    ordered = sorted(flat, key=lambda item: json.dumps(item, sort_keys=True))
    return ordered[0] if len(ordered) == 1 and isinstance(ordered[0], dict) else ordered
