"""Whether Dynatrace monitors the account of a connection.

It is not part of the diagnosis: a connection can be used without it.
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from terraform_plugin import Error
from terraform_provider_dynatrace.aws.monitoring import EXTENSION, Monitoring
from terraform_provider_dynatrace.client.errors import DynatraceError
from terraform_provider_dynatrace.config.tenant import Tenant


class Monitored(Struct, frozen=True):
    """Whether an account is monitored, and through which connection."""

    state: str
    """`enabled`, `disabled`, `other connection`, `none`, or `not checked`."""
    text: str
    """The same in words, with the configuration's name and ID, or why it is not known."""


Configurations = Sequence[tuple[str, Monitoring]] | str
"""The monitoring configurations with their IDs, or why they cannot be read."""


async def configurations_of(tenant: Tenant) -> Configurations:
    """Return the monitoring configurations of an environment, read with one list."""
    if tenant.credentials.platform is None:
        return "it requires platform credentials (a platform token or an OAuth client)"
    try:
        extension = tenant.extension(EXTENSION)
        listed = await extension.snapshot()
        if extension.unreadable:  # it may be the one of the account in question
            return extension.unreadable[0]
        return [(one.object_id, Monitoring.of(one.value)) for one in listed]
    except (DynatraceError, Error) as failure:
        return failure.summary


def monitoring_of(configurations: Configurations, connection_id: str, account: str) -> Monitored:
    """Return whether the account has a monitoring configuration, if it is enabled, and if it names the connection."""
    if isinstance(configurations, str):
        return Monitored("not checked", f"not checked: {configurations}")
    for object_id, found in configurations:
        if account in {one.account_id for one in found.aws.credentials}:
            return _monitored(object_id, found, connection_id)
    return Monitored(
        "none", f"the account {account} has no monitoring configuration, so this connection collects nothing"
    )


def _monitored(object_id: str, found: Monitoring, connection_id: str) -> Monitored:
    enabled = "enabled" if found.is_enabled else "disabled"
    text = f'"{found.description}" ({object_id}), {enabled}'
    named = {one.connection_id for one in found.aws.credentials}
    if connection_id in named:
        return Monitored(enabled, f"{text}, uses this connection")
    return Monitored("other connection", f"{text}, uses another connection: {', '.join(sorted(named))}")
