"""What the Extensions API returns, as we know it. Source: docs/design/0008-sources.md#extensions-api."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from msgspec import DecodeError, Raw, Struct, field, json

from terraform_provider_dynatrace.client.json import Json, check_depth

_NUMBER = re.compile(r"\d{1,18}", re.ASCII)


class Configuration(Struct, rename="camel", frozen=True):
    """A monitoring configuration."""

    object_id: str
    scope: str
    """What it is defined for. It cannot be changed."""
    value: dict[str, Any]
    """The value under the extension's schema. It is never changed in place."""

    def __post_init__(self) -> None:
        """Raise `ValueError` for a value that is nested too deeply."""
        check_depth(self.value)


class Listing(Struct, frozen=True):
    """All configurations that the credential may read."""

    configurations: Sequence[Configuration]
    unreadable: Sequence[str]
    """A sentence for each that is in another form."""


def configuration_or_problem(item: Raw) -> Configuration | str:
    """Return the configuration that a list has as `item`, or a sentence about why it cannot be read."""
    try:
        return json.decode(item, type=Configuration)
    except (DecodeError, UnicodeDecodeError, RecursionError) as error:
        return f"Dynatrace returned a monitoring configuration in a form that cannot be read: {error}."


class Page(Struct, frozen=True):
    """Part of a list of configurations."""

    items: list[Raw]
    """Each is read by itself, so that one in another form costs itself, and not the list."""
    next_page_key: str | None = field(default=None, name="nextPageKey")
    """As documented."""
    next_page_key_of_tools: str | None = field(default=None, name="next-page-key")
    """As Dynatrace's own tool reads it."""

    @property
    def key(self) -> str | None:
        """The key of the next page, None for the last page."""
        return self.next_page_key or self.next_page_key_of_tools


class Created(Struct, rename="camel", frozen=True):
    """The response to a create."""

    object_id: str = ""


class Version(Struct, frozen=True):
    """An installed version, or the one that the environment uses."""

    version: str | None = None


class Versions(Struct, frozen=True):
    """The installed versions."""

    items: list[Version]


class Enum(Struct, frozen=True):
    """The values that a property can have."""

    class Item(Struct, frozen=True):
        """One of them."""

        value: Json = None

    items: list[Item] = []


class Schema(Struct, frozen=True):
    """The schema of a version, as far as the provider reads it."""

    enums: dict[str, Enum] = {}


def version_key(version: str) -> tuple[int, ...]:
    """Return what versions are ordered by: 1.10.0 is newer than 1.9.2. What is not a number counts as 0."""
    return tuple(int(part) if _NUMBER.fullmatch(part) else 0 for part in version.split("."))


def contains(value: Any, part: Any) -> bool:
    """Return whether a value has everything that `part` has. An object may have more properties."""
    if isinstance(part, dict):
        return isinstance(value, dict) and all(
            name in value and contains(value[name], inner) for name, inner in part.items()
        )
    if isinstance(part, list):
        return isinstance(value, list) and len(value) == len(part) and all(map(contains, value, part))
    return bool(value == part)
