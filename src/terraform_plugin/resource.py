"""What an author subclasses for a resource: `Resource`, with the change that it plans and the state that it keeps.

State in, state out: a method takes values and returns values. It raises `Error` to stop, calls `warn` to go on, and
`keep_state` as soon as something exists that must be recorded. Code that waits uses `pause`, so that an interrupt
ends it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, ClassVar

from msgspec import Struct, structs

from terraform_plugin.cty.types import Value
from terraform_plugin.diagnostics import Error, Path
from terraform_plugin.schema import Schema
from terraform_plugin.state.state import State


class Change(Struct, frozen=True):
    """What is planned for one resource."""

    prior: State | None
    """The state before; None for a create."""
    planned: State | None
    """The state after; None for a destroy."""
    config: Mapping[str, Value]
    """What the user configured."""
    requires_replace: tuple[Path, ...] = ()
    """The paths whose change needs another resource."""
    prior_private: bytes = b""
    """The provider's own data that is stored with `prior`.

    Terraform plans a replacement twice, the second time as a create. `prior` is None then, and this is the data that
    the first plan returned in `planned`. Source: protocol field `PlanResourceChange.Request.prior_private`.
    """

    def with_planned(self, planned: State) -> Change:
        """Return a copy with another plan: `change.with_planned(change.planned | {"size": 1})`.

        A planned value that is configured must stay as it is, or become the prior value if both mean the same. A
        computed value can be any other value or `UNKNOWN`. `requires_replace` stays as it is.
        """
        return structs.replace(self, planned=planned)


class MoveSource(Struct, frozen=True):
    """The resource that a `moved` block moves. Source: protocol message `MoveResourceState.Request`."""

    provider: str
    """The address of its provider, such as `registry.terraform.io/hashicorp/aws`."""
    type_name: str
    version: int
    """The version of its schema."""
    state: Mapping[str, Any]
    """Its state as JSON values."""
    private: bytes
    """The private data of its provider."""


class Resource:
    """A resource type. One instance per process is made, with what `Provider.configure` returned.

    The class methods are also called while the provider is not configured.
    """

    type_name: ClassVar[str]
    """The name in a configuration: that of the provider, `_`, and a kind of object, such as `aws_instance`."""
    schema: ClassVar[Schema]
    """Its arguments, and the values that the remote system sets."""
    identity: ClassVar[Sequence[str]] = ()
    """The attributes that identify one object for as long as it exists. Without any, the resource has no identity."""

    def __init_subclass__(cls) -> None:
        """Raises `ValueError` for an identity that is not part of the schema."""
        schema = getattr(cls, "schema", None)
        if schema and (missing := [name for name in cls.identity if name not in schema.attributes]):
            raise ValueError(f"{cls.__name__}: the schema has no attribute {', '.join(missing)}, which identity names")

    def __init__(self, client: Any) -> None:
        self.client = client

    @classmethod
    def validate(cls, config: State) -> None:
        """Check what the schema cannot express. Any value may be unknown. Raise `Error`, or `warn`."""

    @classmethod
    def upgrade(cls, version: int, state: dict[str, Any]) -> dict[str, Any]:
        """Return a state that was written with schema `version` (JSON values) as one of the current version.

        Missing names need not be added, unknown names need not be removed, and numbers and booleans may be strings.
        """
        del version
        return state

    @classmethod
    def move(cls, source: MoveSource) -> State | None:
        """Return the state of another resource type as one of this type, or None for a source that is not supported.

        Values may be those in `source.state` (JSON values). As after `upgrade`, names need not be complete.
        """
        del source
        return None

    async def plan(self, change: Change) -> Change:
        """Refine what was planned, also for a destroy. Raise `Error` for what would fail later, or `warn`.

        Return `change`, or `change.with_planned(...)`. Terraform also calls it for a plan without changes, and once
        more during the apply: then values that were known must be planned again as they were.
        """
        return change

    async def create(self, plan: State) -> State:
        """Create it. Return `plan` with all unknown values filled in."""
        raise NotImplementedError("the resource has no method create")

    async def read(self, state: State) -> State | None:
        """Return the current state, or None if it no longer exists."""
        raise NotImplementedError("the resource has no method read")

    async def update(self, state: State, plan: State) -> State:
        """Change it from `state` to `plan`. Return `plan` with all unknown values filled in.

        It is not called if each attribute that can be configured has `requires_replace`.
        """
        raise NotImplementedError("the resource has no method update")

    async def delete(self, state: State) -> None:
        """Delete it. Succeed if it no longer exists."""
        raise NotImplementedError("the resource has no method delete")

    async def import_state(self, id_: str) -> State:
        """Return a state that `read` can complete. Raise `Error` for an id that is not valid.

        By default the ID becomes the attribute `id`; a resource without this attribute cannot be imported.
        """
        if "id" not in self.schema.attributes:
            raise Error(
                f"{self.type_name} cannot be imported",
                "The provider does not support imports of this resource type. Remove the import, and let Terraform "
                "create the object.",
            )
        return State({"id": id_})

    async def import_identity(self, identity: Mapping[str, Value]) -> State:
        """Return a state that `read` can complete, from the attributes of an identity."""
        return State(identity)


_kept: ContextVar[list[State] | None] = ContextVar("terraform_plugin.kept", default=None)


def keep_state(state: State) -> None:
    """Let `state` be recorded even if the operation fails or is interrupted after this. The last one counts.

    A resource whose create failed after `keep_state` is tainted: Terraform replaces it next time.
    """
    kept = _kept.get()
    if kept is not None:
        kept.append(state)


@contextmanager
def kept_state() -> Iterator[list[State]]:
    """Collect what `keep_state` records inside the block, also in tasks started in it. The last state counts."""
    kept: list[State] = []
    token = _kept.set(kept)
    try:
        yield kept
    finally:
        _kept.reset(token)
