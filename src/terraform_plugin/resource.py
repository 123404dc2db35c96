"""What an author subclasses for a resource: `Resource`, with the change it plans and the state it keeps.

State in, state out: a method takes values and returns values. It raises `Error` to stop, calls `warn` to go on, and
`keep_state` as soon as something exists that must be recorded. Code that waits uses `pause`, so that an interrupt
ends it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, ClassVar

from msgspec import Struct

from terraform_plugin.cty.types import Value
from terraform_plugin.diagnostics import Path
from terraform_plugin.schema import Schema
from terraform_plugin.state.state import State


class Change(Struct, frozen=True):
    """What is planned for one resource.

    `prior` is None for a create, `planned` is None for a destroy. `requires_replace` lists the paths whose change
    needs another resource. `config` is what the user wrote.

    `prior_private` is the provider's own data beside `prior`. Terraform plans a replacement a second time, as a create:
    then it is what the first plan left in `planned`. Source: protocol field `PlanResourceChange.Request.prior_private`.
    """

    prior: State | None
    planned: State | None
    config: Mapping[str, Value]
    requires_replace: tuple[Path, ...] = ()
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
