"""What an author subclasses for a data source: `DataSource`."""

from __future__ import annotations

from typing import Any, ClassVar

from terraform_plugin.schema import Schema
from terraform_plugin.state.state import State


class DataSource:
    """A data source type. Instances are made as for a `Resource`."""

    type_name: ClassVar[str]
    """The name in a configuration, as that of a resource."""
    schema: ClassVar[Schema]
    """Its arguments, and the values that it reads."""

    def __init__(self, client: Any) -> None:
        self.client = client

    @classmethod
    def validate(cls, config: State) -> None:
        """Check what the schema cannot express. Any value may be unknown. Raise `Error`, or `warn`."""

    async def read(self, config: State) -> State:
        """Return `config` with all other values filled in. Raise `Error` if there is nothing to return."""
        raise NotImplementedError("the data source has no method read")
