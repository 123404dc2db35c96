"""What can be known during a plan about a planned monitoring configuration of an AWS account."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from terraform_plugin import Error, Path, is_known, warn
from terraform_provider_dynatrace.aws.connection import SCHEMA_ID, role_arn_of
from terraform_provider_dynatrace.aws.monitoring import EXTENSION, FEATURE_SETS, PLACEHOLDER, REGIONS, Monitoring
from terraform_provider_dynatrace.aws.role_arn import account_of
from terraform_provider_dynatrace.client.errors import Forbidden
from terraform_provider_dynatrace.extensions.plan_checks import Offered, not_installed, version_problems

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
    from collections.abc import Set as AbstractSet

    from terraform_plugin import Value
    from terraform_provider_dynatrace.config.tenant import Tenant, UnconfiguredTenant
    from terraform_provider_dynatrace.connections.planned_monitoring import PlannedMonitoring, ReplacedConfiguration
    from terraform_provider_dynatrace.extensions.extension import Extension
    from terraform_provider_dynatrace.extensions.model import Configuration

_ACCOUNT_ID, _CONNECTION_ID = Path("account_id"), Path("connection_id")
_SCHEMA = {"extension_version", "regions", "feature_sets", "deployment_region", "cloud_watch_logs"}
"""The attributes that the schema of the extension's version limits."""


class MonitoringChecks:
    """Checks planned configurations against the environment, and against each other."""

    def __init__(self, tenant: Tenant | UnconfiguredTenant, planned: PlannedMonitoring) -> None:
        self._tenant = tenant
        self._planned = planned

    @property
    def _extension(self) -> Extension:
        return self._tenant.extension(EXTENSION)

    async def check(
        self, planned: Mapping[str, Value], changed: AbstractSet[str], replaced: ReplacedConfiguration | None
    ) -> None:
        """Raise `Error`, or a group of them, for everything in `changed` that Dynatrace would reject."""
        checks = []
        if changed & _SCHEMA:
            checks.append(_collected(self._schema_problems(planned)))
        if "account_id" in changed and is_known(planned["account_id"]):
            checks.append(_collected(self._account_problems(planned["account_id"], replaced)))
        if changed & {"account_id", "connection_id"}:
            checks.append(_collected(self._connection_problems(planned)))
        checks.append(_collected(self._scope_problems()))
        _raise_all([problem for problems in await asyncio.gather(*checks) for problem in problems])

    async def check_connection(self, planned: Mapping[str, Value]) -> None:
        """Raise `Error` if the connection does not exist, has no role ARN, or is one of another account."""
        _raise_all(await _collected(self._connection_problems(planned)))

    async def _schema_problems(self, planned: Mapping[str, Value]) -> AsyncIterator[Error]:
        installed = await self._extension.versions()
        if not installed:
            yield not_installed(EXTENSION, self._tenant.environment.url)
            return
        version = planned["extension_version"]
        if not is_known(version):
            return
        problems = [*version_problems(version, installed, Path("extension_version"))]
        if not problems:
            problems = [*_value_problems(planned, await self._extension.enums(version), version)]
        for problem in problems:
            yield problem

    async def _account_problems(self, account_id: str, replaced: ReplacedConfiguration | None) -> AsyncIterator[Error]:
        if not self._planned.claim_account(account_id, replaced):
            yield Error("Two monitoring configurations for one account", _TWO.format(account_id), _ACCOUNT_ID)
        for one, found in known(await self._extension.snapshot()):
            if replaced and one.object_id == replaced.object_id:
                continue
            if account_id not in {credential.account_id for credential in found.aws.credentials}:
                continue
            name = found.description
            if self._planned.is_managed(one.object_id):
                warn("The account is still monitored", _STILL.format(account_id, name, one.object_id), _ACCOUNT_ID)
            else:
                detail = _TAKEN.format(account_id, name, one.object_id, url=self._tenant.environment.url)
                yield Error("The account is monitored already", detail, _ACCOUNT_ID)

    async def _connection_problems(self, planned: Mapping[str, Value]) -> AsyncIterator[Error]:
        connection_id, account_id = planned["connection_id"], planned["account_id"]
        if not is_known(connection_id) or connection_id == PLACEHOLDER:
            return
        try:
            found = await self._tenant.settings(SCHEMA_ID).get(connection_id)
        except Forbidden:  # it exists, and is private to another owner; the Extensions API may still accept it
            return
        if found is None and (deleted := self._planned.deleted_with(connection_id)):
            detail = _GONE.format(planned["name"], deleted, connection_id)
            yield Error("The connection was deleted with the replaced configuration", detail, _CONNECTION_ID)
            return
        if found is None:
            url = self._tenant.environment.url
            yield Error("AWS connection not found", _MISSING.format(connection_id[:200], url=url), _CONNECTION_ID)
            return
        role_arn = role_arn_of(found.value) or self._planned.role_arn(connection_id)
        if not role_arn:
            detail = _NO_ROLE.format(found.value.get("name"), connection_id)
            yield Error("The connection has no role ARN", detail, _CONNECTION_ID)
        elif is_known(role_arn) and is_known(account_id) and account_id != account_of(role_arn):
            detail = _OTHER_ACCOUNT.format(account_id, account_of(role_arn), found.value.get("name"), role_arn)
            yield Error("Account of another connection", detail, _ACCOUNT_ID)

    async def _scope_problems(self) -> AsyncIterator[Error]:
        """Yield the scope that an OAuth client lacks. What a platform token lacks is only known when it is used."""
        await self._extension.snapshot()
        credential = self._extension.api.configurations.credential
        if credential.lacks("write"):
            yield Error(
                f"The {credential.kind} has no permission to write monitoring configurations",
                f"The login refused the scope {credential.scopes['write']} to the {credential.kind} from "
                f"{credential.source}. Add the scope in {credential.page}.",
            )


def known(configurations: Iterable[Configuration]) -> Iterator[tuple[Configuration, Monitoring]]:
    """Yield configurations with what is known of them, and warn about those in an unknown form."""
    for one in configurations:
        try:
            found = Monitoring.of(one.value)
        except Error as problem:
            warn("A monitoring configuration was left out", f"{one.object_id}: {problem.detail}")
            continue
        yield one, found


def _value_problems(planned: Mapping[str, Value], enums: Mapping[str, Sequence[str]], version: str) -> Iterator[Error]:
    regions = Offered("region", enums.get(REGIONS), version)
    feature_sets = Offered("feature set", enums.get(FEATURE_SETS), version)
    monitored = planned["regions"] if is_known(planned["regions"]) else []
    yield from regions.problems(monitored, Path("regions"))
    if planned["deployment_region"] not in monitored:  # otherwise it has been reported
        yield from regions.problems([planned["deployment_region"]], Path("deployment_region"), is_list=False)
    if is_known(planned["feature_sets"]):
        yield from feature_sets.problems(planned["feature_sets"] or [], Path("feature_sets"), is_list=False)
    for logs in planned["cloud_watch_logs"] if is_known(planned["cloud_watch_logs"]) else []:
        if is_known(logs["regions"]):
            yield from regions.problems(logs["regions"] or [], Path("cloud_watch_logs", 0, "regions"))


async def _collected(problems: AsyncIterator[Error]) -> list[Error]:
    return [problem async for problem in problems]


def _raise_all(problems: list[Error]) -> None:
    if problems:
        raise problems[0] if len(problems) == 1 else ExceptionGroup("Invalid monitoring configuration", problems)


_TWO = (
    "This configuration plans another monitoring configuration for the account {}. In Dynatrace, an account can only "
    "have one. Remove one of them. With for_each, use the account IDs as the keys."
)
_TAKEN = """\
{url} already monitors the account {}, with the monitoring configuration "{}". Dynatrace rejects a second one: \
"Account ID must be unique." To manage the existing one with this resource, add:

  import {{
    to = dynatrace_aws_monitoring_configuration.NAME # the address of this resource
    id = "{}"
  }}"""
_STILL = (
    'The account {} has the monitoring configuration "{}" ({}), which is in the same state. If this apply does not '
    "delete it first, Dynatrace rejects the new one; then apply again. If only the address of the resource changed, a "
    "moved block keeps the configuration and its connection."
)
_MISSING = (
    '{url} has no AWS connection with the ID "{}", or this credential may not read it. Refer to a resource: '
    "connection_id = dynatrace_aws_connection_role_arn.NAME.id."
)
_GONE = (
    'The monitoring configuration "{}" is replaced: {} was deleted, and Dynatrace then also deleted its connection {}. '
    "Run terraform apply again: Terraform then creates the connection anew, and the configuration with it."
)
_NO_ROLE = (
    'The connection "{}" ({}) has no role ARN yet, and this run has not planned one, so Dynatrace could not collect '
    "anything. Refer to the resource that sets it, so that Terraform sets it first: connection_id = "
    "dynatrace_aws_connection_role_arn.NAME.id."
)
_OTHER_ACCOUNT = (
    'account_id must be the account of the connection\'s role, got {} instead of {}. The connection "{}" uses the role '
    "{}."
)
