"""What an author subclasses for a provider function: `Function`, with its `Parameter`s."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import ClassVar

from msgspec import Struct

from terraform_plugin.cty.types import String, Type, Value

_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*\Z")


class Parameter(Struct, frozen=True):
    """A parameter of a function. `None` and `Unknown` reach the function only where they are allowed."""

    name: str
    type: Type
    description: str
    allow_null: bool = False
    allow_unknown: bool = False


class Function:
    """A provider function: pure, in a process that is not configured. Raise `Error(..., argument=n)` for a bad one."""

    name: ClassVar[str]
    summary: ClassVar[str]
    description: ClassVar[str]
    parameters: ClassVar[Sequence[Parameter]] = ()
    variadic: ClassVar[Parameter | None] = None
    returns: ClassVar[Type] = String
    deprecated: ClassVar[str] = ""

    def __init_subclass__(cls) -> None:
        """Raises `ValueError` for names that Terraform would refuse."""
        names = [parameter.name for parameter in (*cls.parameters, cls.variadic) if parameter]
        for name in (*names, getattr(cls, "name", "unnamed")):
            if not _IDENTIFIER.match(name):
                raise ValueError(f"{cls.__name__}: {name!r} is not an identifier")
        if len(set(names)) < len(names):
            raise ValueError(f"{cls.__name__}: two parameters have the same name")

    def call(self, *arguments: Value) -> Value:
        """Return the result. Arguments of the variadic parameter follow the others."""
        raise NotImplementedError
