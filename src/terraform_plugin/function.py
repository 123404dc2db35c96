"""What an author subclasses for a provider function: `Function`, with its `Parameter`s."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import ClassVar

from msgspec import Struct

from terraform_plugin.cty.types import UNKNOWN, String, Type, Value, is_wholly_known
from terraform_plugin.diagnostics import Error

_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*\Z")


class Parameter(Struct, frozen=True):
    """A parameter of a function."""

    name: str
    type: Type
    description: str
    allow_null: bool = False
    """Whether the function is called with `None`. Otherwise null is an error."""
    allow_unknown: bool = False
    """Whether the function is called with values that are unknown, at any depth. Otherwise its result is unknown."""


class Function:
    """A provider function: pure, and called without a configured provider.

    Raise `Error(..., argument=n)` for an argument that is not valid.
    """

    name: ClassVar[str]
    """The name in a configuration: `provider::PROVIDER::NAME(...)`."""
    summary: ClassVar[str]
    """One line of plain text."""
    description: ClassVar[str]
    """Markdown."""
    parameters: ClassVar[Sequence[Parameter]] = ()
    variadic: ClassVar[Parameter | None] = None
    """What all further arguments are, or None if there can be none."""
    returns: ClassVar[Type] = String
    """The type of the result."""
    deprecated: ClassVar[str] = ""
    """What to use instead."""

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
        raise NotImplementedError("the function has no method call")

    @classmethod
    def parameters_of(cls, count: int) -> list[Parameter]:
        """Return the parameter of each of `count` arguments. Raises `Error` if there are too few or too many."""
        parameters = list(cls.parameters)
        surplus = count - len(parameters)
        if surplus < 0 or (surplus and cls.variadic is None):
            raise Error(f"{cls.name} takes {len(parameters)} arguments, got {count}")
        return parameters + [cls.variadic] * surplus if cls.variadic else parameters

    @classmethod
    def result_of(cls, arguments: Sequence[Value]) -> Value:
        """Return the result of a call, or `UNKNOWN` if it depends on an argument that is not known yet.

        Raises `Error` for a null argument that is not allowed, and what `call` raises.
        """
        parameters = cls.parameters_of(len(arguments))
        for index, (parameter, argument) in enumerate(zip(parameters, arguments, strict=True)):
            if argument is None and not parameter.allow_null:
                raise Error(f"{parameter.name} must not be null", argument=index)
        # Terraform does not call a function with a value that is unknown at any depth. OpenTofu only checks the
        # argument itself, so a list with an unknown element would reach the function.
        for parameter, argument in zip(parameters, arguments, strict=True):
            if not parameter.allow_unknown and not is_wholly_known(argument):
                return UNKNOWN
        return cls().call(*arguments)
