"""What the page shows: the state of a sandbox, as texts. Pure functions."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from dynatrace_sandbox.aws.assume_role import Attempt
from dynatrace_sandbox.aws.moto import FoundRole
from dynatrace_sandbox.aws.trust import OidcProvider
from dynatrace_sandbox.journal import Entry
from dynatrace_sandbox.sandbox import Sandbox
from dynatrace_sandbox.tenant.objects import Identity, SettingsObject

MOST_ROWS = 200
"""How many connections, roles and attempts the page shows."""
MOST_OPEN = 3
"""With up to so many connections, the page shows everything of each. With more, it shows name and state of each until a
person opens it."""
MOST_REQUESTS = 100
"""How many requests the page shows."""

KINDS = {"awsWebIdentity": "Web identity", "awsRoleBasedAuthentication": "Role-based"}
_LONG_ID, _LONGEST_PATH = re.compile(r"([\w-]{12})[\w-]{40,}([\w-]{6})", re.ASCII), 500
_PERMISSIONS = {("r",): "read", ("r", "w"): "read and write"}


@dataclass(frozen=True)
class Moment:
    """A time, for people and for programs."""

    text: str
    """`14:05:09`, in the time zone of this machine."""
    iso: str
    """With date and time zone."""


@dataclass(frozen=True)
class Connection:
    """A connection."""

    id: str
    name: str
    kind: str
    role_arn: str
    """"" if it has none."""
    consumers: tuple[str, ...]
    owner: str
    permissions: tuple[str, ...]
    """What accessors other than the owner may do."""
    monitoring: str
    """Whether a monitoring configuration uses the connection."""
    refused: str
    """The role ARN that could not be assumed; "" if there is none, or if the connection has a role by now."""


@dataclass(frozen=True)
class RoleAttempt:
    """An attempt to assume a role, and its time."""

    number: int
    """Different for each attempt, so that the page keeps open what a person opened."""
    attempt: Attempt
    connection: str
    """The name of the connection, its ID if it does not exist any more."""
    moment: Moment


@dataclass(frozen=True)
class Account:
    """An AWS account with its roles and OIDC providers."""

    id: str
    roles: tuple[FoundRole, ...]
    providers: tuple[OidcProvider, ...]


@dataclass(frozen=True)
class Request:
    """A request to the Dynatrace side."""

    entry: Entry
    path: str
    """Path and query, in which long IDs have no middle."""
    moment: Moment
    milliseconds: int


def moment(seconds: float) -> Moment:
    """Return a time that is given in seconds since 1970."""
    return Moment(time.strftime("%H:%M:%S", time.localtime(seconds)), datetime.fromtimestamp(seconds, UTC).isoformat())


def connections(sandbox: Sandbox) -> list[Connection]:
    """Return the connections by name."""
    monitoring = _monitoring(one.value for one in sandbox.extension.stored())
    refused = {one.connection_id: one.role_arn for one in sandbox.aws_check.attempts if not one.allowed}
    users = {credential.user.id: name for name, credential in reversed(sandbox.credentials.items()) if credential.user}
    found = [_connection(one, users, monitoring, refused) for one in sandbox.environment.store]
    return sorted(found, key=lambda one: (one.name.casefold(), one.id))


def _connection(
    found: SettingsObject, users: Mapping[str, str], monitoring: Mapping[str, str], refused: Mapping[str, str]
) -> Connection:
    kind = str(found.value.get("type", ""))
    value = found.value.get(kind) or {}
    role_arn = str(value.get("roleArn") or "")
    permissions = [
        f"{_identity(accessor, users)}: {_PERMISSIONS.get(letters, ', '.join(letters))}"
        for accessor, letters in found.accessors.items()
    ]
    owner = _identity(found.owner, users) if found.owner else "no owner: everybody with the scopes can read and write"
    return Connection(
        found.id,
        str(found.value.get("name", "")),
        KINDS.get(kind, kind),
        role_arn,
        tuple(map(str, value.get("consumers") or ())),
        owner,
        tuple(permissions),
        monitoring.get(found.id, ""),
        "" if role_arn else refused.get(found.id, ""),
    )


def _identity(identity: Identity, users: Mapping[str, str]) -> str:
    """Return an owner or accessor in words; of a user, the page names a credential."""
    kind, name = identity
    if kind == "all-users":
        return "all users"
    return f"{kind} {name}" + (f" (credential {users[name]})" if name in users else "")


def _monitoring(values: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """Return whether the monitoring configuration is enabled, by the ID of its connection."""
    return {
        str(credential.get("connectionId")): f"{'enabled' if value.get('enabled') else 'disabled'}, "
        f"account {credential.get('accountId')}"
        for value in values
        for credential in value["aws"]["credentials"]
    }


def attempts(sandbox: Sandbox) -> list[RoleAttempt]:
    """Return the newest attempts to assume a role, newest first."""
    names = {one.id: str(one.value.get("name", "")) for one in sandbox.environment.store}
    made = list(sandbox.aws_check.attempts)[-MOST_ROWS:]
    numbers = range(sandbox.aws_check.made - len(made) + 1, sandbox.aws_check.made + 1)
    return [
        RoleAttempt(number, one, names.get(one.connection_id, one.connection_id), moment(one.at))
        for number, one in reversed(list(zip(numbers, made, strict=True)))
    ]


def requests(sandbox: Sandbox) -> list[Request]:
    """Return the newest requests to the Dynatrace side, newest first."""
    newest = sandbox.journal.newest(MOST_REQUESTS)
    return [Request(entry, _path(entry), moment(entry.at), round(entry.seconds * 1000)) for entry in newest]


def _path(entry: Entry) -> str:
    text = f"{entry.path}?{entry.query}" if entry.query else entry.path
    return _LONG_ID.sub(r"\1…\2", text)[:_LONGEST_PATH]


def accounts(roles: Iterable[FoundRole], providers: Iterable[OidcProvider]) -> list[Account]:
    """Return the AWS accounts that have something in them."""
    found: dict[str, tuple[list[FoundRole], list[OidcProvider]]] = {}
    for role in roles:
        found.setdefault(_account(role.role.arn), ([], []))[0].append(role)
    for provider in providers:
        found.setdefault(_account(provider.arn), ([], []))[1].append(provider)
    return [Account(id_, tuple(found[id_][0]), tuple(found[id_][1])) for id_ in sorted(found)]


def _account(arn: str) -> str:
    return arn.split(":")[4]
