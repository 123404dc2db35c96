"""Whatever comes in, a value or an error that a user can read comes out: never a traceback, never something endless.

Below the protocol, where an unexpected exception is still one: above it, each becomes a diagnostic.
"""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Awaitable, Callable, Iterator
from typing import Any, NamedTuple, TypeVar

import httpx2
import msgspec
import pytest
from msgspec.structs import replace

from terraform_plugin import Error, Resource, State
from terraform_plugin.cty.msgpack import WireError, decode, encode
from terraform_plugin.cty.types import Unknown
from terraform_plugin.planning.plan import plan
from terraform_plugin.rpc.checks import check_config
from terraform_plugin.state.objects import complete
from terraform_plugin.state.state_json import from_json, parse
from terraform_provider_dynatrace.aws.connection import ROLE_BASED, SCHEMA_ID, WEB_IDENTITY
from terraform_provider_dynatrace.aws.diagnosis import OidcProvider, diagnose
from terraform_provider_dynatrace.aws.monitoring import EXTENSION
from terraform_provider_dynatrace.aws.trust import trust_of
from terraform_provider_dynatrace.cli.doctor.monitoring import configurations_of
from terraform_provider_dynatrace.client.auth import Credential, OAuthClient, PlatformToken
from terraform_provider_dynatrace.client.client import Client
from terraform_provider_dynatrace.config import connect as connecting
from terraform_provider_dynatrace.config.arguments import read_settings
from terraform_provider_dynatrace.config.credentials import Credentials, select_credentials
from terraform_provider_dynatrace.config.tenant import Tenant
from terraform_provider_dynatrace.data_sources.aws_connections import AwsConnectionsDataSource
from terraform_provider_dynatrace.data_sources.aws_trust import AwsTrustDataSource
from terraform_provider_dynatrace.provider import DynatraceProvider
from terraform_provider_dynatrace.resources.aws_connection import AwsConnection
from terraform_provider_dynatrace.resources.aws_connection_role_arn import AwsConnectionRoleArn
from terraform_provider_dynatrace.resources.aws_monitoring_configuration import AwsMonitoringConfiguration
from terraform_provider_dynatrace.resources.settings_owner import SettingsOwner
from terraform_provider_dynatrace.resources.settings_permissions import SettingsPermissions
from terraform_provider_dynatrace.settings.effective_permissions import EffectivePermissions
from terraform_provider_dynatrace.settings.model import Owner
from tests.hostile.documents import (
    ARN,
    AUDIENCE,
    CONFIGURATION,
    CONFIGURATIONS,
    CREATED,
    ENUMS,
    ERRORS,
    ID,
    ISSUER,
    LOGIN,
    OBJECT,
    PAGE,
    PERMISSIONS,
    POLICY,
    PROVIDER,
    RIGHTS,
    STATES,
    VERSIONS,
)
from tests.hostile.inputs import damaged, damaged_bytes, generated, whole
from tests.terraform_provider_dynatrace.far_end import USUAL, FarEnd, client_of
from tests.terraform_provider_dynatrace.far_end import json as json_response
from tests.terraform_provider_dynatrace.in_process import ENVIRONMENT

T = TypeVar("T")


@pytest.fixture(autouse=True, scope="module")
def _loop() -> Iterator[None]:
    yield
    LOOP.close()


def outcome(work: Callable[[], T]) -> T | None:
    """Return what `work` does, None where it refuses with errors that say something. Anything else is raised."""
    try:
        return work()
    except ExceptionGroup as group:
        refusals, others = group.split((Error, WireError))
        if others or refusals is None:
            raise
        found: list[Exception] = [*refusals.exceptions]
    except (Error, WireError) as refusal:
        found = [refusal]
    assert all(str(refusal).strip() for refusal in found)
    return None


@generated
def test_any_bytes_in_place_of_a_state_are_a_value_or_refused(chance: random.Random) -> None:
    """What is accepted can be sent back."""
    resource = chance.choice([*STATES])
    type_ = resource.schema.element_type
    raw = msgspec.msgpack.decode(encode(type_, complete(resource.schema, STATES[resource])))
    data = damaged_bytes(_packed(damaged(raw, chance)), chance)

    value = outcome(lambda: decode(type_, data))

    assert decode(type_, encode(type_, value)) == value


def _packed(value: Any) -> bytes:
    """Return msgpack; a number that it cannot hold goes as text, as Terraform does it."""
    try:
        return msgspec.msgpack.encode(value)
    except OverflowError:
        return msgspec.msgpack.encode(str(value))


@generated
def test_any_state_file_is_a_state_or_refused(chance: random.Random) -> None:
    """Ours or the official provider's; what is accepted can be sent to Terraform."""
    resource = chance.choice([*STATES])
    text = damaged_bytes(json.dumps(damaged(STATES[resource], chance)).encode(), chance)

    state = outcome(lambda: from_json(resource.schema, resource.upgrade(0, parse(text))))

    assert encode(resource.schema.element_type, state)
    if state is not None:
        outcome(lambda: LOOP.run(_refreshed(resource, State(state))))


def _client(answer: httpx2.Response, credential: Credential) -> Client:
    # An environment without TLS: to read the certificates of the system would be nine tenths of the time.
    return client_of(FarEnd(answer), credential=credential, environment=ENVIRONMENT, options=RETRIED_ONCE)


async def _refreshed(resource: type[Resource], state: State) -> State | None:
    """Return what a refresh makes of a state, where Dynatrace has what the states of this folder describe."""
    if resource not in TENANTS:
        client = _client(json_response(ANSWERS[resource]), CREDENTIALS[0]())
        TENANTS[resource] = Tenant(ENVIRONMENT, client, Credentials(client.credential, client.credential, ""))
    return await resource(TENANTS[resource]).read(state)


@generated
def test_any_configuration_is_planned_or_refused(chance: random.Random) -> None:
    """Of a resource, or of the provider itself: any text, null or unknown anywhere."""
    resource = chance.choice([*STATES, None])
    if resource is None:
        outcome(lambda: _decide(_provider_arguments(chance)))
        return
    config = State(whole(resource.schema.element_type.attributes, chance))

    outcome(lambda: check_config(resource, config))
    change = plan(resource.schema, None, config)

    assert encode(resource.schema.element_type, change.planned)


def _decide(arguments: dict[str, Any]) -> None:
    """Do what `connect` does, without what costs: TLS, and remembering secrets."""
    settings = read_settings(arguments, {})
    select_credentials(settings, connecting.environment_urls(settings))
    connecting.options(settings)


def _provider_arguments(chance: random.Random) -> dict[str, Any]:
    good = {"dt_env_url": "https://abc12345.live.dynatrace.com", "dt_api_token": "dt0c01.PUBLICPART.SECRETPART"}
    hostile = whole(DynatraceProvider.schema.element_type.attributes, chance)
    known = {name: value for name, value in hostile.items() if not isinstance(value, Unknown)}
    return good | {name: value for name, value in known.items() if chance.random() < 0.2}


ANSWERS: dict[type[Resource], Any] = {
    AwsConnection: OBJECT,
    AwsConnectionRoleArn: OBJECT,
    SettingsOwner: OBJECT,
    SettingsPermissions: PERMISSIONS,
    AwsMonitoringConfiguration: CONFIGURATION,
}
TENANTS: dict[type[Resource], Tenant] = {}
WEB = trust_of(WEB_IDENTITY, ["APP:dynatrace.aws.connector"], ID, ENVIRONMENT)
CROSS = trust_of(ROLE_BASED, [], ID, ENVIRONMENT)
TRUST = State(complete(AwsTrustDataSource.schema, {"connection_id": ID}))
ALL = State(complete(AwsConnectionsDataSource.schema, {}))
STATUSES = [207, 302, 400, 401, 403, 404, 409, 429, 500]
CREDENTIALS: list[Callable[[], Credential]] = [
    lambda: PlatformToken("dt0s16.PUBLIC.SECRET", source="test"),
    lambda: OAuthClient("dt0s02.X", "dt0s02.X.Y", token_url="http://127.0.0.1/token", source="test"),
]


class Work(NamedTuple):
    """Something that asks, the form of a right answer, and what the result is a state of."""

    answer: Any
    act: Callable[[Tenant], Awaitable[Any]]
    kind: Any = None


def _reading(kind: Any, answer: Any) -> Work:
    state = State(complete(kind.schema, STATES[kind]))
    return Work(answer, lambda tenant: kind(tenant).read(state), kind)


async def _update(resource: AwsMonitoringConfiguration) -> State:
    state = State(complete(resource.schema, STATES[AwsMonitoringConfiguration]))
    return await resource.update(state, state | {"name": "other", "additional_json": '{"aws": {"newer": {"a": 2}}}'})


RETRIED_ONCE = replace(USUAL, max_retries=1)  # the response would be the same each time
LOOP = asyncio.Runner()  # one for all: making it is half of an answer's costs
WORK = [
    _reading(AwsConnection, OBJECT),
    _reading(AwsConnectionRoleArn, OBJECT),
    _reading(SettingsPermissions, PERMISSIONS),
    Work(PAGE, lambda tenant: AwsConnectionsDataSource(tenant).read(ALL), AwsConnectionsDataSource),
    Work(OBJECT, lambda tenant: AwsTrustDataSource(tenant).read(TRUST), AwsTrustDataSource),
    Work(CREATED, lambda tenant: tenant.settings(SCHEMA_ID).create({"name": "x"})),
    Work(OBJECT, lambda tenant: tenant.settings(SCHEMA_ID).edit(ID, lambda value: {**value, "name": "x"})),
    Work(OBJECT, lambda tenant: tenant.settings(SCHEMA_ID).delete(ID)),
    Work(CREATED, lambda tenant: tenant.settings(SCHEMA_ID).validate({"name": "x"})),
    Work(PAGE, lambda tenant: tenant.settings(SCHEMA_ID).named("production")),
    Work(PERMISSIONS, lambda tenant: tenant.permissions.set(ID, {})),
    _reading(SettingsOwner, OBJECT),
    Work(OBJECT, lambda tenant: tenant.owners.transfer(ID, Owner("user", ID))),
    Work(RIGHTS, lambda tenant: EffectivePermissions(tenant.client, SCHEMA_ID, "environment").rights()),
    _reading(AwsMonitoringConfiguration, CONFIGURATION),
    Work(CONFIGURATION, lambda tenant: _update(AwsMonitoringConfiguration(tenant))),
    Work(CONFIGURATION, lambda tenant: tenant.extension(EXTENSION).create("integration-aws", {})),
    Work(CONFIGURATIONS, lambda tenant: AwsMonitoringConfiguration(tenant).import_state("123456789012")),
    Work(CONFIGURATIONS, configurations_of),
    Work(VERSIONS, lambda tenant: tenant.extension(EXTENSION).versions()),
    Work(ENUMS, lambda tenant: tenant.extension(EXTENSION).enums("1.0.0")),
]


@generated
def test_any_response_is_read_or_explained(chance: random.Random) -> None:
    """Of the API or of the login, to whatever reads or writes; what is read can be sent to Terraform."""
    work = chance.choice(WORK)
    good = chance.random() < 0.8
    document = work.answer if good else chance.choice([LOGIN, *ERRORS, PAGE])
    body = damaged_bytes(json.dumps(damaged(document, chance)).encode(), chance)
    headers = {"Retry-After": chance.choice(["0", "-1", "nan", "1e999", "soon"]), "Location": chance.choice(PLACES)}
    answer = httpx2.Response(200 if good else chance.choice(STATUSES), content=body, headers=headers)
    credential = CREDENTIALS[not good and chance.random() < 0.5]()

    async def story() -> Any:
        async with _client(answer, credential) as client:
            credentials = Credentials(client.credential, client.credential, "")
            return await work.act(Tenant(ENVIRONMENT, client, credentials))

    state = outcome(lambda: LOOP.run(story()))

    assert work.kind is None or encode(work.kind.schema.element_type, state)


PLACES = ["", "https://elsewhere.example/login", "//", "\\", "http://[", "https://x:99999"]


@generated
def test_any_trust_policy_is_diagnosed(chance: random.Random) -> None:
    """As a document or as text; each check says something."""
    policy = damaged(POLICY, chance)
    document = damaged_bytes(json.dumps(policy).encode(), chance).decode("utf-8", "replace")
    trust = chance.choice([WEB, CROSS])

    for given in (document, policy if isinstance(policy, dict) else {"Statement": policy}):
        findings = diagnose(trust, ARN, given, OidcProvider(PROVIDER, ISSUER, [AUDIENCE]))
        assert findings
        assert all(finding.statement for finding in findings)
