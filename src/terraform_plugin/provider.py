"""What an author subclasses for a provider: `Provider`, which lists its resources, data sources and functions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from terraform_plugin.data_source import DataSource
from terraform_plugin.function import Function
from terraform_plugin.list_resource import ListResource
from terraform_plugin.resource import Resource
from terraform_plugin.schema import Schema
from terraform_plugin.state.state import State


class Provider:
    """A provider: its own schema, and the lists of what it offers."""

    name: ClassVar[str]
    schema: ClassVar[Schema]
    resources: ClassVar[Sequence[type[Resource]]] = ()
    data_sources: ClassVar[Sequence[type[DataSource]]] = ()
    functions: ClassVar[Sequence[type[Function]]] = ()
    list_resources: ClassVar[Sequence[type[ListResource]]] = ()

    @classmethod
    def validate(cls, config: State) -> None:
        """Check what the schema cannot express. Any value may be unknown."""

    async def configure(self, config: State) -> Any:
        """Return the client that resources and data sources are made with.

        In debug mode it is called several times in one process. During a plan, values may be unknown: return a client
        that raises an error when it is used.
        """
        return config

    def before_call(self, client: Any) -> None:
        """Prepare one call that uses the client: set context variables, for example a deadline."""

    async def close(self, client: Any) -> None:
        """Release the client, when the process ends or is configured again."""
