"""What the Extensions API returns, as we know it. Source: docs/design/0008-sources.md#extensions-api."""

from __future__ import annotations

from typing import Any

from msgspec import Struct


class Configuration(Struct, rename="camel", frozen=True):
    """A monitoring configuration."""

    object_id: str
    scope: str
    """What it is defined for. It cannot be changed."""
    value: dict[str, Any]
    """The value under the extension's schema. It is never changed in place."""


class Page(Struct, frozen=True):
    """Part of a list of configurations."""

    items: list[Configuration]
    key: str | None = None
    """The key of the next page."""


def version_key(version: str) -> tuple[int, ...]:
    """Return what versions are ordered by: 1.10.0 is newer than 1.9.2. What is not a number counts as 0."""
    return tuple(int(part) if part.isascii() and part.isdigit() else 0 for part in version.split("."))


def contains(value: Any, part: Any) -> bool:
    """Return whether a value has everything that `part` has. An object may have more properties."""
    if isinstance(part, dict):
        return isinstance(value, dict) and all(
            name in value and contains(value[name], inner) for name, inner in part.items()
        )
    if isinstance(part, list):
        return isinstance(value, list) and len(value) == len(part) and all(map(contains, value, part))
    return bool(value == part)
