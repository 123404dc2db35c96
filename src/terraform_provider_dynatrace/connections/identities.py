"""UUIDs of users and groups, as configurations write them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from terraform_plugin import Error, Path
from terraform_plugin.validators import shortened
from terraform_provider_dynatrace.config.arguments import CREDENTIAL

if TYPE_CHECKING:
    from collections.abc import Iterator

    from terraform_plugin.schema import Validator

_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")  # docs/design/0008-sources.md#rfcs (4122)
_EXAMPLE = "01234567-89ab-cdef-0123-456789abcdef"


def uuid_of(kind: str) -> Validator:
    """Check that a string is the UUID of a user or a group (`kind`). The message names what was given instead."""

    def check(value: str, path: Path) -> Iterator[Error]:
        if not _UUID.fullmatch(value):
            yield Error(
                f"Not the UUID of a {kind}",
                f"{path} must be the UUID of a {kind}, such as {_EXAMPLE}, got {_given(value)}. Account Management "
                f"shows the UUID on the page of the {kind}, under Identity & access management.",
                path,
            )

    return check


def _given(value: str) -> str:
    """Return what a value is that is not a UUID, for a message. A credential in the wrong place is not shown."""
    if CREDENTIAL.match(value.strip()):
        return f"a credential ({value.strip()[:6]}.…)"
    kind = "the e-mail address " if re.fullmatch(r"[^@\s]+@[^@\s]+", value) else "the name " if value.strip() else ""
    return f'{kind}"{shortened(value)}"'


def same_spelling(uuid: str) -> str:
    """Return the spelling of an ID that is the same for equal ones: UUIDs ignore upper case."""
    return uuid.lower() if _UUID.fullmatch(uuid) else uuid
