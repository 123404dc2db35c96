"""How a cell of the table of changes is tested: the provider, call by call, with a sandbox in the same process.

As in Terraform, the plan is made by one provider process and applied by the next.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import httpx2

from dynatrace_sandbox.aws.moto import FoundRole
from dynatrace_sandbox.aws.trust import OidcProvider, Role
from dynatrace_sandbox.tenant.credentials import COLLEAGUE, OWNER, STRANGER, TEAM
from dynatrace_sandbox.tenant.objects import SettingsObject
from terraform_plugin.testing import ProtocolClient, Response, in_process
from terraform_provider_dynatrace.aws.connection import SCHEMA_ID
from tests.acceptance.change_table import SINCE_READ
from tests.acceptance.configurations import AUDIENCE
from tests.terraform_provider_dynatrace.in_process import Tenant, TenantsProvider

Facts = dict[str, str]
ARN, OTHER = (f"arn:aws:iam::123456789012:role/{name}" for name in ("ours", "theirs"))
CONNECTION, ROLE_ARN, PERMISSIONS, SETTINGS_OWNER = (
    f"dynatrace_{name}"
    for name in ("aws_connection", "aws_connection_role_arn", "settings_permissions", "settings_owner")
)
KIND = "awsWebIdentity"


def _put(name: str, text: str) -> Callable[[SettingsObject], SettingsObject]:
    return lambda found: replace(found, value=found.value | {name: text})


def _set_arn(arn: str) -> Callable[[SettingsObject], SettingsObject]:
    return lambda found: replace(found, value=found.value | {KIND: found.value[KIND] | {"roleArn": arn}})


THEIRS: Mapping[str, tuple[Callable[[SettingsObject], SettingsObject] | None, Facts]] = {
    "deleted": (None, {}),
    "renamed": (_put("name", "theirs"), {"name": "theirs"}),
    "the same role ARN set": (_set_arn(ARN), {"role ARN": ARN}),
    "another role ARN set": (_set_arn(OTHER), {"role ARN": OTHER}),
    "somebody given access": (
        lambda found: replace(found, accessors=found.accessors | {("user", STRANGER.id): ("r",)}),
        {STRANGER.id: "r"},
    ),
    "given to another owner": (
        lambda found: replace(found, owner=("user", COLLEAGUE.id)),
        {"owner": COLLEAGUE.id},
    ),
    "a property set that the provider does not know": (_put("newest", "theirs"), {"newest": "theirs"}),
}
"""What someone else does to the object, and which facts about it change. None: deletes it."""


@dataclass(frozen=True)
class Ours:
    """What we do: to which resource, with which configuration, and the facts about the object that change by it."""

    type_name: str
    config: Callable[[str], dict[str, Any] | None]
    facts: Facts


def _connection(name: str) -> dict[str, Any]:
    return {"name": name, "web_identity": [{"consumers": ["APP:dynatrace.aws.connector"]}]}


def _permissions(object_id: str, *users: str) -> dict[str, Any]:
    groups = [{"group": [{"id": TEAM, "access": "read"}]}]
    shared = {"settings_object_id": object_id, "all_users": "write", "groups": groups}
    return shared | ({"users": [{"user": [{"uid": user, "access": "read"} for user in users]}]} if users else {})


OURS: Mapping[str, Ours] = {
    "rename": Ours(CONNECTION, lambda _: _connection("ours"), {"name": "ours"}),
    "set the role ARN": Ours(
        ROLE_ARN, lambda object_id: {"aws_connection_id": object_id, "role_arn": ARN}, {"role ARN": ARN}
    ),
    "set permissions": Ours(PERMISSIONS, lambda object_id: _permissions(object_id, COLLEAGUE.id), {COLLEAGUE.id: "r"}),
    "give to another owner": Ours(
        SETTINGS_OWNER,
        lambda object_id: {"settings_object_id": object_id, "user": STRANGER.id},
        {"owner": STRANGER.id},
    ),
    "delete": Ours(CONNECTION, lambda _: None, {}),
}
BEFORE = {"name": "before", "role ARN": "", "owner": OWNER.id, "all-users": "rw", TEAM: "r"}


@dataclass(frozen=True)
class Happened:
    """Summaries of errors and warnings, and the facts about the object then; None where it is gone."""

    errors: list[str]
    warnings: list[str]
    facts: Facts | None


async def run(theirs: str, ours: str, since: str) -> Happened:
    """Try one cell."""
    far, what = _tenant(), OURS[ours]
    async with _started(far) as client:
        states = await _before(client)
    object_id = states[CONNECTION]["id"]
    prior, config = states.get(what.type_name), what.config(object_id)
    async with _started(far) as client:
        planned = await client.plan(what.type_name, config, prior)
    assert planned.errors == []

    if since == SINCE_READ:
        far.after = _after_a_read(far, theirs)
    else:
        _change(far, theirs)
    async with _started(far) as client:
        answer = await client.apply(what.type_name, config, planned, prior)

    errors = [found.summary.replace(object_id, "HERE") for found in answer.errors]
    return Happened(errors, [found.summary for found in answer.warnings], _facts(far))


@asynccontextmanager
async def _started(far: Tenant) -> AsyncIterator[ProtocolClient]:
    async with in_process(TenantsProvider(far, "platform-token")) as client:
        await client.configure({})
        yield client


async def _before(client: ProtocolClient) -> dict[str, Any]:
    """Create a connection that a group may read; return the states by type of resource."""
    connection = await _create(client, CONNECTION, _connection("before"))
    permissions = await _create(client, PERMISSIONS, _permissions(connection.value["id"]))
    return {CONNECTION: connection.value, PERMISSIONS: permissions.value}


async def _create(client: ProtocolClient, type_name: str, config: dict[str, Any]) -> Response:
    answer = await client.apply(type_name, config, await client.plan(type_name, config))
    assert answer.errors == []
    return answer


def _tenant() -> Tenant:
    """Return a tenant with a newer schema than the provider knows, whose roles trust every connection."""
    far = Tenant()
    schema = dict(far.sandbox.environment.schemas[SCHEMA_ID])
    far.sandbox.environment.schemas[SCHEMA_ID] = schema
    schema["properties"] = schema["properties"] | {"newest": {"type": "text", "default": ""}}
    issuer = "token.dynatrace.com"
    oidc = f"arn:aws:iam::123456789012:oidc-provider/{issuer}"
    statement = {
        "Effect": "Allow",
        "Principal": {"Federated": oidc},
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": {"StringLike": {f"{issuer}:sub": "dt:connection-id/*"}},
    }
    policy = {"Version": "2012-10-17", "Statement": [statement]}
    roles = {arn: FoundRole(Role(arn, policy), datetime.fromtimestamp(0, UTC)) for arn in (ARN, OTHER)}
    far.aws.roles |= roles
    far.aws.oidc_providers |= {arn: [OidcProvider(oidc, issuer, (AUDIENCE,))] for arn in roles}
    return far


def _change(far: Tenant, theirs: str) -> None:
    store, change = far.sandbox.environment.store, THEIRS[theirs][0]
    [found] = store
    if change is None:
        store.remove(found.id)
    else:
        store.put(replace(change(found), revision=found.revision + 1))


def _after_a_read(far: Tenant, theirs: str) -> Callable[[httpx2.Request], None]:
    """Return an `after` that makes the other change right after the first read."""

    def after(request: httpx2.Request) -> None:
        if request.method == "GET":
            far.after = lambda _: None
            _change(far, theirs)

    return after


def _facts(far: Tenant) -> Facts | None:
    for found in far.sandbox.environment.store:
        accessors = {name or kind: "".join(letters) for (kind, name), letters in found.accessors.items()}
        newest = {"newest": found.value["newest"]} if found.value.get("newest") else {}
        owner = {"owner": found.owner[1]} if found.owner else {}
        return {"name": found.value["name"], "role ARN": found.value[KIND]["roleArn"], **owner, **newest, **accessors}
    return None
