"""Which credential is used, and what the error says of one that Dynatrace refuses, against a served sandbox.

Terraform's part is played call by call, in the test's own process.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import pytest

from dynatrace_sandbox.tenant.credentials import OWNER
from dynatrace_sandbox.testing import RunningSandbox
from terraform_plugin.testing import in_process
from terraform_plugin.testing.protocol import ProtocolClient, Response
from terraform_provider_dynatrace.provider import DynatraceProvider

CONNECTION = "dynatrace_aws_connection"
PERMISSIONS = "dynatrace_settings_permissions"
CONFIG = {"name": "production", "web_identity": [{"consumers": ["APP:dynatrace.aws.connector"]}]}
PREFERENCES: list[tuple[dict[str, Any], dict[str, str], bool]] = [
    ({}, {}, False),
    ({"oauth_preference": False}, {"DYNATRACE_HTTP_OAUTH_PREFERENCE": "true"}, False),
    ({"oauth_preference": True}, {}, True),
    ({}, {"DYNATRACE_HTTP_OAUTH_PREFERENCE": "true"}, True),
]
# What is given -> what is used, without and with the preference for platform credentials.
USED = [
    (("api-token",), "api-token", "api-token"),
    (("oauth",), "oauth", "oauth"),
    (("platform-token",), "platform-token", "platform-token"),
    (("api-token", "oauth"), "api-token", "oauth"),
    (("api-token", "platform-token"), "api-token", "platform-token"),
    (("oauth", "platform-token"), "platform-token", "platform-token"),
    (("api-token", "oauth", "platform-token"), "api-token", "platform-token"),
]
OBJECTS = {
    "api-token": "/api/v2/settings/objects",
    "oauth": "/platform/classic/environment-api/v2/settings/objects",
    "platform-token": "/platform/classic/environment-api/v2/settings/objects",
}


@asynccontextmanager
async def configured(variables: Mapping[str, str], arguments: Mapping[str, Any] = {}) -> AsyncIterator[ProtocolClient]:
    """Start a provider in this process and configure it."""
    async with in_process(DynatraceProvider(variables)) as provider:
        assert (await provider.configure(arguments)).errors == []
        yield provider


def given(sandbox: RunningSandbox, *names: str) -> dict[str, str]:
    """Return the variables of these credentials together."""
    return {name: text for one in names for name, text in sandbox.environ(one).items()}


async def create(provider: ProtocolClient, name: str = "production") -> Response:
    """Plan and apply a connection."""
    planned = await provider.plan(CONNECTION, CONFIG | {"name": name})
    assert planned.errors == []
    return await provider.apply(CONNECTION, CONFIG | {"name": name}, planned)


async def refused(variables: Mapping[str, str], type_name: str = CONNECTION, config: Mapping[str, Any] = CONFIG) -> str:
    """Return the error of a plan of a create."""
    async with configured(variables) as provider:
        [error] = (await provider.plan(type_name, config)).errors
    return f"{error.summary}\n{error.detail}"


@pytest.mark.parametrize(("arguments", "variables", "preferred"), PREFERENCES, ids=str)
@pytest.mark.parametrize(("names", "usual", "instead"), USED, ids=str)
async def test_what_is_given_and_preferred_decides_client_and_owner(  # noqa: PLR0913, PLR0917 -- the columns of the table
    sandbox: RunningSandbox,
    names: tuple[str, ...],
    usual: str,
    instead: str,
    arguments: dict[str, Any],
    variables: dict[str, str],
    preferred: bool,  # noqa: FBT001 -- a column of the table
) -> None:
    """An API token takes precedence unless the others are preferred; a platform token, over an OAuth client."""
    used = instead if preferred else usual
    public = used == "api-token"
    warned: list[str] = []

    async with configured(given(sandbox, *names) | variables, arguments) as provider:
        planned = await provider.plan(CONNECTION, CONFIG)
        warned.extend(warning.summary for warning in planned.warnings)
        assert (await provider.apply(CONNECTION, CONFIG, planned)).errors == []

    [found] = sandbox.objects()
    asked = sandbox.requests("*", "*/settings/*")
    assert {request["credential"] for request in asked} == {used}
    assert {request["path"] for request in asked} == {OBJECTS[used]}
    assert (found.get("owner") or {}).get("id") == (None if public else OWNER.id)
    assert warned == (["The connection will be public"] if public and len(names) > 1 else [])


@pytest.mark.parametrize("used", ["oauth", "platform-token"])
async def test_permissions_always_use_platform_credentials(sandbox: RunningSandbox, used: str) -> None:
    """Permissions need platform credentials, even where an API token manages everything else."""
    created = sandbox.call("POST", OBJECTS[used], used, json=[_item()]).json()[0]["objectId"]

    async with configured(given(sandbox, "api-token", used)) as provider:
        config = {"settings_object_id": created, "all_users": "read"}
        planned = await provider.plan(PERMISSIONS, config)
        assert (await provider.apply(PERMISSIONS, config, planned)).errors == []

    assert {request["credential"] for request in sandbox.requests("*", "*/permissions")} == {used}
    assert [found["accessors"] for found in sandbox.objects()] == [
        [{"type": "all-users", "id": "", "permissions": ["r"]}]
    ]


def _item() -> dict[str, Any]:
    details = {"consumers": ["APP:dynatrace.aws.connector"]}
    value = {"name": "elsewhere", "type": "awsWebIdentity", "awsWebIdentity": details}
    return {"schemaId": "builtin:hyperscaler-authentication.connections.aws", "scope": "environment", "value": value}


# What is wrong -> the credential, the scope and the page that the message names.
MISSING = [
    ("read-only-api-token", ["API token from DYNATRACE_API_TOKEN", "settings.write", "/ui/access-tokens"]),
    ("powerless-api-token", ["API token from DYNATRACE_API_TOKEN", "settings.write", "/ui/access-tokens"]),
    ("read-only-oauth", ["DT_CLIENT_ID", "settings:objects:write", "OAuth clients"]),
    (
        "read-only-platform-token",
        ["platform token from DYNATRACE_PLATFORM_TOKEN", "settings:objects:write", "myaccount.dynatrace.com"],
    ),
]


@pytest.mark.parametrize(("name", "says"), MISSING)
async def test_a_missing_scope_is_named_at_plan(sandbox: RunningSandbox, name: str, says: list[str]) -> None:
    """With the credential that lacks it, and the page where it is given; nothing is created."""
    message = await refused(sandbox.environ(name))

    assert [text for text in says if text not in message] == []
    assert sandbox.objects() == []


# A credential that was valid somewhere, or some time ago, looks like any other.
STRANGE = [
    ({"DYNATRACE_API_TOKEN": "dt0c01.OTHERTENANT.SECRETPART"}, ["DYNATRACE_API_TOKEN", "/ui/access-tokens"]),
    ({"DYNATRACE_PLATFORM_TOKEN": "dt0s16.EXPIRED.SECRETPART"}, ["DYNATRACE_PLATFORM_TOKEN", "platformTokens"]),
    (
        {"DT_CLIENT_ID": "dt0s02.DELETED", "DT_CLIENT_SECRET": "dt0s02.DELETED.SECRETPART"},
        ["DT_CLIENT_ID", "OAuth clients", "invalid_client"],
    ),
]


@pytest.mark.parametrize(("variables", "says"), STRANGE, ids=str)
async def test_a_credential_that_is_not_accepted_is_named_at_plan(
    sandbox: RunningSandbox, variables: dict[str, str], says: list[str]
) -> None:
    """Mistyped, expired, disabled, or of another environment: the error lists the causes, without the secret."""
    login = {"DYNATRACE_AUTOMATION_TOKEN_URL": f"{sandbox.url}/sso/oauth2/token"}

    message = await refused(sandbox.environ("none") | login | variables)

    assert [text for text in says if text not in message] == []
    assert "SECRETPART" not in message


KINDS = [
    ("dt_api_token", "platform-token", "dt0s16", "a platform token"),
    ("dt_api_token", "oauth", "dt0s02", "OAuth client"),
    ("platform_token", "api-token", "dt0c01", "an API token"),
    ("platform_token", "oauth", "dt0s02", "OAuth client"),
    ("client_secret", "platform-token", "dt0s16", "a platform token"),
]


@pytest.mark.parametrize(("argument", "name", "prefix", "says"), KINDS)
async def test_a_credential_of_another_kind_is_refused_when_the_provider_is_configured(
    sandbox: RunningSandbox, argument: str, name: str, prefix: str, says: str
) -> None:
    """The prefix of a credential shows its kind: the error says which argument it belongs to, and nothing is sent."""
    secret = sandbox.credentials[name]["secret"]
    client = {"client_id": sandbox.credentials["oauth"]["clientId"]} if argument == "client_secret" else {}

    async with in_process(DynatraceProvider(sandbox.environ("none"))) as provider:
        [error] = (await provider.configure({argument: secret, **client})).errors

    assert prefix in error.detail
    assert says in error.detail
    assert str(error.path) == argument
    assert secret not in error.detail
    assert sandbox.requests() == []


async def test_one_access_token_serves_everything(sandbox: RunningSandbox) -> None:
    """Ten resources that are created at the same time share one access token."""
    async with configured(sandbox.environ("oauth")) as provider:
        await asyncio.gather(*(create(provider, f"connection {number}") for number in range(10)))

    assert len(sandbox.objects()) == 10
    assert len(sandbox.requests("POST", "/sso/oauth2/token")) == 1


async def test_a_revoked_token_is_renewed_once(sandbox: RunningSandbox) -> None:
    """After a 401 during an apply, the provider logs in once for all waiting requests, and nothing fails."""
    async with configured(sandbox.environ("oauth")) as provider:
        await create(provider, "before")
        sandbox.revoke_tokens()
        answers = await asyncio.gather(*(create(provider, f"after {number}") for number in range(5)))
        assert [answer.errors for answer in answers] == [[]] * 5

    assert len(sandbox.objects()) == 6
    assert len(sandbox.requests("POST", "/sso/oauth2/token")) == 2
    assert 401 in {request["status"] for request in sandbox.requests("POST", OBJECTS["oauth"])}


async def test_a_token_that_expires_meanwhile_is_renewed_before(sandbox: RunningSandbox) -> None:
    """There is no 401: the token is renewed shortly before it expires."""
    sandbox.configure(token_lifetime=1)

    async with configured(sandbox.environ("oauth")) as provider:
        await create(provider, "before")
        await asyncio.sleep(1.1)  # the token's whole life: nothing else to wait for
        await create(provider, "after")

    assert len(sandbox.objects()) == 2
    assert len(sandbox.requests("POST", "/sso/oauth2/token")) >= 2
    assert 401 not in {request["status"] for request in sandbox.requests()}
