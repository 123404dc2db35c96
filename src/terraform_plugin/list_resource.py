"""What an author subclasses so that `terraform query` can list existing objects: `ListResource`."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any, ClassVar

from msgspec import Struct

from terraform_plugin.resource import Resource
from terraform_plugin.schema import Schema
from terraform_plugin.state.state import State


class ListedObject(Struct, frozen=True):
    """One existing object."""

    state: State
    """Its state, as the resource would read it."""
    display_name: str
    """What `terraform query` shows for it."""


class ListResource:
    """Lists objects for `terraform query`. Instances are made as for a `Resource`.

    Source: RPC `ListResource`, protocol 6.10 (docs/design/0008-sources.md#plugin-protocol).
    """

    resource: ClassVar[type[Resource]]
    """What is listed. It must have an identity."""
    schema: ClassVar[Schema]
    """The configuration of a `list` block, for example filters."""

    def __init_subclass__(cls) -> None:
        """Raises `ValueError` if the resource has no identity."""
        resource = getattr(cls, "resource", None)
        if resource and not resource.identity:
            raise ValueError(f"{cls.__name__}: {resource.__name__} must have an identity to be listed")

    def __init__(self, client: Any) -> None:
        self.client = client

    @classmethod
    def validate(cls, config: State) -> None:
        """Check what the schema cannot express. Any value may be unknown. Raise `Error`, or `warn`."""

    def list(self, config: State) -> AsyncIterator[ListedObject]:
        """Yield the existing objects that match the configuration. Raise `Error` to stop."""
        raise NotImplementedError("the list resource has no method list")
