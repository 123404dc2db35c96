"""Names of IAM objects: chosen by the user, or unique ones with a prefix."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from terraform_plugin import Attribute, String, is_known
from terraform_plugin.validators import length, matches

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


def name_of(plan: Mapping[str, Any]) -> str:
    """Return the planned name, or a new one: the prefix, date and time, and random characters."""
    if is_known(plan["name"]):
        return str(plan["name"])
    return f"{plan['name_prefix'] or 'terraform-'}{datetime.now(UTC):%Y%m%d%H%M%S%f}{os.urandom(3).hex()}"
