"""What an author subclasses so that `terraform query` can list what exists: `ListResource`."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any, ClassVar

from msgspec import Struct

from terraform_plugin.resource import Resource
from terraform_plugin.schema import Schema
from terraform_plugin.state.state import State


class ListedObject(Struct, frozen=True):
    """One object that exists: its state as the resource would read it, and what a person calls it."""

    state: State
    display_name: str


class ListResource:
    """Lists the objects of `resource`, which must have an identity, for `terraform query`. Made like a `DataSource`.

    `schema` is that of the configuration: filters, for example. Source: RPC `ListResource`, protocol 6.10.
    """

    resource: ClassVar[type[Resource]]
    schema: ClassVar[Schema]

    def __init__(self, client: Any) -> None:
        self.client = client

    @classmethod
    def validate(cls, config: State) -> None:
        """Check what the schema cannot express. Any value may be unknown."""

    def list(self, config: State) -> AsyncIterator[ListedObject]:
        """Yield what exists and fits, as long as more is wanted. Raise `Error` to stop."""
        raise NotImplementedError
