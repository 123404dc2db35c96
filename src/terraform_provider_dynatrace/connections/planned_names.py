"""Which connection of this run is going to have which name, and what to say where a name is taken.

Terraform plans the resources of one configuration in any order, and tells a provider about one at a time. What is
certain to fail is refused: two planned connections of one name. A name that a connection of the same run may give up
is not: whether that happens in time is decided by the order of the apply.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple

from terraform_plugin import Error, Path

if TYPE_CHECKING:
    from terraform_plugin import Change

_NAME = Path("name")


class Predecessor(NamedTuple):
    """The connection that is there before a change: its object id and its name."""

    object_id: str
    name: str | None


def predecessor(change: Change) -> Predecessor | None:
    """Return what is changed or replaced, None for what is entirely new.

    Terraform plans a replacement twice, the second time as a create; only the private data says what it replaces.
    """
    if change.prior is not None:
        return Predecessor(change.prior["id"], change.prior["name"])
    try:
        replaced = json.loads(change.prior_private)["replaces"]
        return Predecessor(replaced["id"], replaced["name"])
    except (ValueError, TypeError, KeyError):  # nothing, or what the official provider kept there
        return None


def private_data(before: Predecessor) -> bytes:
    """Return what `predecessor` reads in the second plan of a replacement."""
    return json.dumps({"replaces": {"id": before.object_id, "name": before.name}}).encode()


class PlannedNames:
    """The names that one process planned, and the connections that it has in its state."""

    def __init__(self) -> None:
        self._owners: dict[str, object] = {}
        self._managed: set[str] = set()

    def manages(self, object_id: str) -> None:
        """Note a connection that this run has in its state."""
        self._managed.add(object_id)

    def may_become_free(self, object_id: str) -> bool:
        """Return whether this run manages the connection, so that it may rename or delete it."""
        return object_id in self._managed

    def claim(self, name: str, before: Predecessor | None) -> None:
        """Note that a connection will have this name. Raises `Error` if another one is planned with it."""
        owner = before.object_id if before else object()
        if self._owners.setdefault(name, owner) != owner:
            raise Error("Two connections with one name", _TWO.format(name=name), _NAME)


def taken(name: str, object_id: str, tenant: str) -> Error:
    """Return the error for a name that a connection outside of this configuration has."""
    return Error("The name is taken", _TAKEN.format(name=name, object_id=object_id, tenant=tenant), _NAME)


def still_taken(name: str, object_id: str) -> tuple[str, str, Path]:
    """Return the warning about a name that a connection of the same run has."""
    return "The name is still taken", _STILL.format(name=name, object_id=object_id), _NAME


_TWO = (
    'Another connection of this configuration is planned with the name "{name}" too, and Dynatrace refuses a name that '
    "another connection has: There is another connection defined under this name. Give one of them another name; with "
    "count or for_each, make the name from count.index or each.key."
)
_TAKEN = """\
{tenant} has a connection with the name "{name}" already, and Dynatrace refuses a second one: There is another \
connection defined under this name. To manage the existing one with this resource, add:

  import {{
    to = dynatrace_aws_connection.NAME # the address of this resource
    id = "{object_id}"
  }}

Otherwise choose another name. But if the existing one is
  - this resource's own predecessor, which is there until the new one is: create_before_destroy has to go from the \
lifecycle of this resource, and of those that refer to it; or the name has to change with each replacement;
  - the same resource under another label: a `moved` block keeps the connection;
  - another resource of this configuration, which gives up the name in the same apply: do that first, in an apply of \
its own. Terraform does not know that one has to wait for the other."""
_STILL = (
    'The connection {object_id}, which is in the same state, has the name "{name}" until it is replaced, renamed or '
    "deleted. If this apply does that too late, Dynatrace refuses the name; then apply again. If only the label of the "
    "resource changed, a `moved` block keeps the connection instead."
)
