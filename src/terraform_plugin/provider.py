"""What an author subclasses: `Provider`, `Resource`, `DataSource`, `Function`.

State in, state out: a method gets values and returns values. It raises `Error` to stop, calls `warn` to go on, and
`keep` as soon as something exists that must not be forgotten. What waits uses `pause`, so that an interrupt ends it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, ClassVar, Self

from msgspec import Struct

from terraform_plugin.diagnostics import Path
from terraform_plugin.schema import Schema
from terraform_plugin.types import String, Type, Value

_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*\Z")

if TYPE_CHECKING:
    from terraform_plugin.list_resource import ListResource


class State(dict[str, Value]):
    """The values of a resource, data source or provider, by attribute and block name; every name is there.

    `private` is the provider's own data beside the state (bytes, nobody else reads it). `config` is what the user
    wrote, write-only values included; it is empty where Terraform sends no configuration (read, delete).
    """

    def __init__(
        self, values: Mapping[str, Value] = {}, *, private: bytes = b"", config: Mapping[str, Value] = {}
    ) -> None:
        super().__init__(values)
        self.private = private
        self.config = config

    def __or__(self, other: Mapping[str, Value]) -> State:  # type: ignore[override]  # narrower than dict's on purpose
        """Return a copy with the values of `other` in it: `plan | {"id": object_id}`."""
        return State({**self, **other}, private=self.private, config=self.config)

    def with_private(self, private: bytes) -> State:
        """Return a copy with other private data."""
        return State(self, private=private, config=self.config)


class Change(Struct, frozen=True):
    """What is planned for one resource.

    `prior` is None for a create, `planned` is None for a destroy. `replace` lists the paths whose change needs another
    resource. `config` is what the user wrote.

    `prior_private` is the provider's own data beside `prior`. Terraform plans a replacement a second time, as a create:
    then it is what the first plan left in `planned`. Source: protocol field `PlanResourceChange.Request.prior_private`.
    """

    prior: State | None
    planned: State | None
    config: Mapping[str, Value]
    replace: tuple[Path, ...] = ()
    prior_private: bytes = b""


class MoveSource(Struct, frozen=True):
    """Where a `moved` block comes from. `state` is the other resource's state as JSON values, `private` its own data.

    `provider` is its address, such as `registry.terraform.io/hashicorp/aws`. Source: protocol message
    `MoveResourceState.Request`.
    """

    provider: str
    type_name: str
    version: int
    state: Mapping[str, Any]
    private: bytes


class Resource:
    """A resource type. An instance is made with what `Provider.configure` returned, once per process.

    The class methods also run where the provider is not configured.
    """

    type_name: ClassVar[str]
    schema: ClassVar[Schema]
    identity: ClassVar[Sequence[str]] = ()  # the attributes that name one object for good; none: no identity

    def __init__(self, client: Any) -> None:
        self.client = client

    @classmethod
    def validate(cls, config: State) -> None:
        """Check what the schema cannot express. Any value may be unknown. Raise `Error`, or `warn`."""

    @classmethod
    def upgrade(cls, version: int, state: dict[str, Any]) -> dict[str, Any]:
        """Return a state written with schema `version` (JSON values) in today's shape.

        Missing names need not be filled in, unknown ones need not be removed, numbers and booleans may be strings.
        """
        del version
        return state

    @classmethod
    def move(cls, source: MoveSource) -> State | None:
        """Return the state of another resource type as one of this type, or None for a source that is not known."""
        del source
        return None

    async def plan(self, change: Change) -> Change:
        """Refine what was planned, also for a destroy. Raise `Error` for what would fail later, or `warn`."""
        return change

    async def create(self, plan: State) -> State:
        """Make it. Return `plan` with everything that was unknown in it."""
        raise NotImplementedError

    async def read(self, state: State) -> State | None:
        """Return what it is now, or None if it is gone."""
        raise NotImplementedError

    async def update(self, state: State, plan: State) -> State:
        """Turn `state` into `plan`. Return `plan` with everything that was unknown in it."""
        raise NotImplementedError

    async def delete(self, state: State) -> None:
        """Remove it. That it is gone already is success."""
        raise NotImplementedError

    async def import_state(self, id_: str) -> State:
        """Return a state that `read` can complete. Raise `Error` for an id that cannot be one."""
        return State({"id": id_})

    async def import_identity(self, identity: Mapping[str, Value]) -> State:
        """Return a state that `read` can complete, from the attributes of an identity."""
        return State(identity)


class DataSource:
    """A data source type. Made like a `Resource`."""

    type_name: ClassVar[str]
    schema: ClassVar[Schema]

    def __init__(self, client: Any) -> None:
        self.client = client

    @classmethod
    def validate(cls, config: State) -> None:
        """Check what the schema cannot express. Any value may be unknown."""

    async def read(self, config: State) -> State:
        """Return `config` with everything else filled in."""
        raise NotImplementedError


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


class Provider:
    """A provider: its own schema and the lists of what it offers."""

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
        """Return what resources and data sources are made with. May be called again in the same process (debug mode).

        Values may be unknown while planning. What can only fail later should fail when it is used.
        """
        return config

    def begin(self, client: Any) -> None:
        """Set context variables for one call that works with what `configure` returned: a deadline, for example."""

    async def close(self, client: Any) -> None:
        """Release what `configure` returned, when the process ends or is configured again."""


_kept: ContextVar[list[State] | None] = ContextVar("terraform_plugin.kept", default=None)


def keep(state: State) -> None:
    """Let `state` be recorded even if the operation fails or is interrupted after this.

    A resource whose create failed after `keep` is tainted: Terraform replaces it next time.
    """
    kept = _kept.get()
    if kept is not None:
        kept[:] = [state]


class Keeping:
    """What `keep` was told in this block: `with Keeping() as kept: …; kept.state`."""

    def __enter__(self) -> Self:
        self._states: list[State] = []
        self._token = _kept.set(self._states)
        return self

    def __exit__(self, *_: object) -> None:
        _kept.reset(self._token)

    @property
    def state(self) -> State | None:
        return self._states[0] if self._states else None
