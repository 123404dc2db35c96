"""What IAM calls its objects: a name that the user chose or that is generated, a path and a description."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from terraform_plugin import Attribute, String, is_known
from terraform_plugin.validators import at_most_one_of, length, matches

ONE_NAME = at_most_one_of("name", "name_prefix")
"""The validator of a schema with `name_attributes`."""

_UNIQUE = 26
"""The characters that `name_of` adds to a prefix: date and time (20), and 6 random ones."""


def name_attributes(longest: int) -> dict[str, Attribute]:
    """Return the attributes `name` and `name_prefix` of an object whose name has at most `longest` characters."""
    characters = matches(r"[A-Za-z0-9_+=,.@-]+", "contain only letters, digits and the characters _+=,.@-")
    return {
        "name": Attribute(
            String,
            "The name. If neither it nor `name_prefix` is set, the name is generated.",
            optional=True,
            computed=True,
            use_state_for_unknown=True,
            requires_replace=True,
            validators=[length(1, longest), characters],
        ),
        "name_prefix": Attribute(
            String,
            "The beginning of a generated name.",
            optional=True,
            requires_replace=True,
            validators=[length(1, longest - _UNIQUE), characters],
        ),
    }


def path_attribute(kind: str) -> Attribute:
    """Return the attribute `path` of a kind of object, such as `role`."""
    return Attribute(
        String,
        f"The path to the {kind}. It begins and ends with a slash.",
        optional=True,
        default="/",
        requires_replace=True,
        validators=[matches(r"/|/[!-~]+/", "begin and end with a slash")],
    )


def read_names(found: Mapping[str, Any], prior: Mapping[str, Any]) -> dict[str, Any]:
    """Return `name_prefix`, `path` and `description` of an object that AWS returned.

    AWS leaves out an empty description; it stays empty if it was empty in the prior state, and is null otherwise.
    """
    return {
        "name_prefix": prior.get("name_prefix") or None,  # hashicorp/aws keeps an empty one
        "path": found["Path"],
        "description": found.get("Description") or ("" if prior.get("description") == "" else None),
    }


def name_of(plan: Mapping[str, Any]) -> str:
    """Return the planned name, or a new one: the prefix, date and time, and random characters."""
    if is_known(plan["name"]):
        return str(plan["name"])
    return f"{plan['name_prefix'] or 'terraform-'}{datetime.now(UTC):%Y%m%d%H%M%S%f}{os.urandom(3).hex()}"
