"""Whether Dynatrace monitors the account of a connection: one line of the doctor's report."""

from __future__ import annotations

from terraform_plugin import Error
from terraform_provider_dynatrace.aws.monitoring import EXTENSION, Monitoring
from terraform_provider_dynatrace.client.errors import DynatraceError
from terraform_provider_dynatrace.config.tenant import Tenant


async def monitoring_of(tenant: Tenant, connection_id: str, account: str) -> str:
    """Return whether the account has a monitoring configuration, if it is enabled, and if it names the connection.

    It is no part of the diagnosis: a connection can be used without one. What cannot be read is said.
    """
    if tenant.credentials.platform is None:
        return "not checked: it requires platform credentials (a platform token or an OAuth client)"
    try:
        listed = await tenant.extension(EXTENSION).snapshot()
        configurations = [(one.object_id, Monitoring.of(one.value)) for one in listed]
    except (DynatraceError, Error) as failure:
        return f"not checked: {failure.summary}"
    for object_id, found in configurations:
        if account in {one.account_id for one in found.aws.credentials}:
            return f'"{found.description}" ({object_id}), {_state(found, connection_id)}'
    return f"the account {account} has no monitoring configuration, so this connection collects nothing"


def _state(found: Monitoring, connection_id: str) -> str:
    enabled = "enabled" if found.is_enabled else "disabled"
    named = {one.connection_id for one in found.aws.credentials}
    if connection_id in named:
        return f"{enabled}, uses this connection"
    return f"{enabled}, uses another connection: {', '.join(sorted(named))}"
