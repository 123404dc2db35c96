"""What one run of Terraform plans with monitoring configurations, as far as this process has seen it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from terraform_plugin import Change, Value


class ReplacedConfiguration(NamedTuple):
    """The monitoring configuration that a planned one updates or replaces, and its connection."""

    object_id: str
    connection_id: str | None

    @classmethod
    def of(cls, change: Change) -> ReplacedConfiguration | None:
        """Return the configuration that exists before a change, None for one that is entirely new.

        Terraform plans a replacement twice: first as a change, then as a create without a prior state. So the first
        plan notes the configuration in the private data, which the second plan gets back.
        """
        if change.prior is not None:
            return cls(change.prior["id"], change.prior["connection_id"])
        try:
            replaced = json.loads(change.prior_private)["replaces"]
            return cls(replaced["id"], replaced["connection_id"])
        except (ValueError, TypeError, KeyError):  # no private data, or that of the official provider
            return None

    def private_data(self) -> bytes:
        """Return what `of` reads in the second plan of a replacement."""
        return json.dumps({"replaces": {"id": self.object_id, "connection_id": self.connection_id}}).encode()


class PlannedMonitoring:
    """The accounts that this process planned to monitor, and what is needed to judge them."""

    def __init__(self) -> None:
        self._accounts: dict[str, object] = {}
        self._managed: set[str] = set()
        self._role_arns: dict[str, Value] = {}

    def note_managed(self, object_id: str) -> None:
        """Note a configuration that is in the state of this run."""
        self._managed.add(object_id)

    def is_managed(self, object_id: str) -> bool:
        """Return whether a configuration is in the state of this run, so that the run may change or delete it."""
        return object_id in self._managed

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
