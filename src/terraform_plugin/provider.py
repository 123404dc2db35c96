"""What an author subclasses for a provider: `Provider`, which lists its resources, data sources and functions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from importlib import import_module
from typing import Any, ClassVar, TypeVar, overload

from terraform_plugin.data_source import DataSource
from terraform_plugin.function import Function
from terraform_plugin.list_resource import ListResource
from terraform_plugin.resource import Resource
from terraform_plugin.schema import Schema
from terraform_plugin.state.state import State

T = TypeVar("T")
_RESERVED = frozenset({"alias", "locals", "source", "version"})
"""Names in a provider block that Terraform takes itself, in addition to those that no `Schema` may have. Source:
Terraform's language, "Provider Configuration"; for source and locals, the error that Terraform shows."""


class ByName(Mapping[str, type[T]]):
    """Classes by the names that Terraform uses, each of which is imported when it is used for the first time.

    Terraform starts a provider several times for a command, and most of these processes use one or two resources.
    """

    def __init__(self, package: str, places: Mapping[str, str]) -> None:
        """`places`: the module and the name of each class in a package, such as `{"random_id": "id:RandomId"}`."""
        self.places = {name: f"{package}.{place}" for name, place in places.items()}

    def __getitem__(self, name: str) -> type[T]:
        module, _, class_ = self.places[name].partition(":")
        found: type[T] = getattr(import_module(module), class_)
        return found

    def __iter__(self) -> Iterator[str]:
        return iter(self.places)

    def __len__(self) -> int:
        return len(self.places)


class Late(Sequence[type[T]]):
    """Classes that are imported when they are used; see `ByName`."""

    def __init__(self, package: str, places: Mapping[str, str]) -> None:
        self.by_name: ByName[T] = ByName(package, places)

    @overload
    def __getitem__(self, index: int) -> type[T]: ...

    @overload
    def __getitem__(self, index: slice) -> Sequence[type[T]]: ...

    def __getitem__(self, index: int | slice) -> type[T] | Sequence[type[T]]:
        names = [*self.by_name][index]
        return self.by_name[names] if isinstance(names, str) else [self.by_name[name] for name in names]

    def __len__(self) -> int:
        return len(self.by_name)


class Provider:
    """A provider: its own schema, and the lists of what it offers."""

    name: ClassVar[str]
    """The last part of its address, such as `aws`. The names of resources and data sources begin with it and `_`."""
    schema: ClassVar[Schema]
    """The arguments of the provider block."""
    resources: ClassVar[Sequence[type[Resource]]] = ()
    """The resource types. Each of these four lists is a tuple, or a `Late`, which imports a class when it is used."""
    data_sources: ClassVar[Sequence[type[DataSource]]] = ()
    functions: ClassVar[Sequence[type[Function]]] = ()
    list_resources: ClassVar[Sequence[type[ListResource]]] = ()

    def __init_subclass__(cls) -> None:
        """Raises `ValueError` for arguments that Terraform reserves in a provider block."""
        schema = getattr(cls, "schema", None)
        if schema and (reserved := _RESERVED & schema.members.keys()):
            raise ValueError(
                f"{cls.__name__}: reserved by Terraform in a provider block: {', '.join(sorted(reserved))}"
            )

    @classmethod
    def validate(cls, config: State) -> None:
        """Check what the schema cannot express. Any value may be unknown. Raise `Error`, or `warn`."""

    async def configure(self, config: State) -> Any:
        """Return the client that resources and data sources are made with. Raise `Error` if that is not possible.

        In debug mode it is called several times in one process. During a plan, values may be unknown: return a client
        that raises an error when it is used.
        """
        return config

    def before_call(self, client: Any) -> None:
        """Prepare one call that uses the client: set context variables, for example a deadline."""

    async def close(self, client: Any) -> None:
        """Release the client, when the process ends or is configured again."""
