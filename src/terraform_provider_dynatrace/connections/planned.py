"""What one run of Terraform plans with connections, as far as this process has seen it.

Terraform plans the resources of a configuration in any order that their references allow, and shows a provider one at
a time.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

from terraform_plugin import Error, Path, warn

if TYPE_CHECKING:
    from terraform_plugin import Change
    from terraform_provider_dynatrace.connections.kinds import ConnectionType


def replaced_attributes(change: Change, *names: str) -> list[Any] | None:
    """Return attributes of the object that exists before a change, None if the object is entirely new.

    Terraform plans a replacement twice: first as a change, then as a create without a prior state. So the first plan
    notes the object in the private data (`replacement_data`), which the second plan gets back.
    """
    if change.prior is not None:
        return [change.prior[name] for name in names]
    try:
        replaced = json.loads(change.prior_private)["replaces"]
        return [replaced[name] for name in names]
    except (ValueError, TypeError, KeyError):  # no private data, or that of the official provider
        return None


def replacement_data(**attributes: str | None) -> bytes:
    """Return the private data in which the first plan of a replacement notes the object that exists."""
    return json.dumps({"replaces": attributes}).encode()


class ReplacedConnection(NamedTuple):
    """The connection that a planned one updates or replaces."""

    object_id: str
    name: str | None

    @classmethod
    def of(cls, change: Change) -> ReplacedConnection | None:
        """Return the connection that exists before a change, None for one that is entirely new."""
        replaced = replaced_attributes(change, "id", "name")
        return cls(*replaced) if replaced else None

    def private_data(self) -> bytes:
        """Return what `of` reads in the second plan of a replacement."""
        return replacement_data(id=self.object_id, name=self.name)


class PlannedConnections:
    """The names that this process planned, and the connections that it has in its state."""

    def __init__(self) -> None:
        self._names: dict[tuple[str, str], object] = {}
        self._managed: set[str] = set()
        self._deleted: set[str] = set()
        self._kept: set[str] = set()
        self._abandoned: dict[str, str] = {}

    def note_managed(self, object_id: str) -> None:
        """Note a connection that is in the state of this run."""
        self._managed.add(object_id)

    def note_deleted(self, object_id: str) -> None:
        """Note a connection that this run will delete, or replace."""
        self._deleted.add(object_id)

    def is_managed(self, object_id: str) -> bool:
        """Return whether a connection is in the state of this run, so that the run may rename or delete it."""
        return object_id in self._managed

    def is_deleted(self, object_id: str) -> bool:
        """Return whether this run will delete a connection, as far as it has been planned."""
        return object_id in self._deleted

    def abandon_role_arn(self, object_id: str, role_arn: str) -> None:
        """Note that the resource for the role ARN of a connection is destroyed, and warn if the connection stays.

        Dynatrace never removes a role ARN, so it stays, too. Terraform plans the two resources in any order when it
        destroys them: whichever is planned second knows whether the connection stays.
        """
        self._abandoned[object_id] = role_arn
        self._warn_kept(object_id)

    def note_kept(self, object_id: str) -> None:
        """Note a connection that this run does not delete, and warn if the resource for its role ARN is destroyed."""
        self._kept.add(object_id)
        self._warn_kept(object_id)

    def _warn_kept(self, object_id: str) -> None:
        if object_id not in self._kept - self._deleted or object_id not in self._abandoned:
            return
        warn(
            "The role ARN stays in Dynatrace",
            "Dynatrace never changes or removes the role ARN of a connection, so nothing will change there. "
            f"{self._abandoned.pop(object_id)} is removed when the connection {object_id} is deleted.",
        )

    def claim_name(self, connection_type: ConnectionType, name: str, replaced: ReplacedConnection | None) -> None:
        """Note the name of a planned connection. Raises `Error` if another planned one has it, too."""
        owner = replaced.object_id if replaced else object()
        if self._names.setdefault((connection_type.type_name, name), owner) != owner:
            raise Error(
                "Two connections with the same name",
                f'This configuration plans another connection with the name "{name}". Names must be unique, so '
                'Dynatrace would reject the second one: "There is another connection defined under this name." Change '
                "one of the names. With count or for_each, build the name from count.index or each.key.",
                Path("name"),
            )
