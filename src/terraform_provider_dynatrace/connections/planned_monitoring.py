"""What one run of Terraform plans with monitoring configurations, as far as this process has seen it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from terraform_provider_dynatrace.connections.planned import replaced_attributes, replacement_data

if TYPE_CHECKING:
    from terraform_plugin import Change, Value


class ReplacedConfiguration(NamedTuple):
    """The monitoring configuration that a planned one updates or replaces, and its connection."""

    object_id: str
    connection_id: str | None

    @classmethod
    def of(cls, change: Change) -> ReplacedConfiguration | None:
        """Return the configuration that exists before a change, None for one that is entirely new."""
        replaced = replaced_attributes(change, "id", "connection_id")
        return cls(*replaced) if replaced else None

    def private_data(self) -> bytes:
        """Return what `of` reads in the second plan of a replacement."""
        return replacement_data(id=self.object_id, connection_id=self.connection_id)


class PlannedMonitoring:
    """The accounts that this process planned to monitor, and what is needed to judge them."""

    def __init__(self) -> None:
        self._accounts: dict[str, object] = {}
        self._managed: set[str] = set()
        self._role_arns: dict[str, Value] = {}
        self._deleted: dict[str, str] = {}

    def note_managed(self, object_id: str) -> None:
        """Note a configuration that is in the state of this run."""
        self._managed.add(object_id)

    def is_managed(self, object_id: str) -> bool:
        """Return whether a configuration is in the state of this run, so that the run may change or delete it."""
        return object_id in self._managed

    def note_deleted(self, object_id: str, connection_id: str) -> None:
        """Note a configuration that this run deleted. Dynatrace deletes its connection in the background."""
        # When Terraform replaces a resource, it plans the new one again after the old one was deleted, and then without
        # private data. Both happen in one process, so this is what remains to know about the old one.
        self._deleted[connection_id] = object_id

    def deleted_with(self, connection_id: str) -> str | None:
        """Return the ID of the configuration of a connection that this run deleted, None if it deleted none."""
        return self._deleted.get(connection_id)

    def note_role_arn(self, connection_id: str, role_arn: Value) -> None:
        """Note that this run sets the role ARN of a connection that exists. The role ARN may be unknown."""
        self._role_arns[connection_id] = role_arn

    def role_arn(self, connection_id: str) -> Value:
        """Return the role ARN that this run sets, which may be unknown; "" if it sets none, as far as was planned."""
        return self._role_arns.get(connection_id, "")

    def claim_account(self, account_id: str, replaced: ReplacedConfiguration | None) -> bool:
        """Note the account of a planned configuration; return whether no other planned one has it."""
        owner = replaced.object_id if replaced else object()
        return self._accounts.setdefault(account_id, owner) == owner
