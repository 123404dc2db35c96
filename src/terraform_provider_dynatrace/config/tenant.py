"""What a configured provider gives to its resources and data sources."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, NoReturn

from msgspec import Struct

from terraform_plugin import Error, warn

if TYPE_CHECKING:
    from collections.abc import Sequence

    from terraform_provider_dynatrace.client.client import Client
    from terraform_provider_dynatrace.config.credentials import Chosen
    from terraform_provider_dynatrace.environment import Environment
    from terraform_provider_dynatrace.settings.objects import SettingsObjects
    from terraform_provider_dynatrace.settings.permissions import SettingsPermissions

OPERATION_TIMEOUT = 1200.0  # seconds; also what Terraform's own SDK gives an operation


class Tenant(Struct, frozen=True, dict=True):
    """One Dynatrace environment with the credentials to use there.

    `validate_at_plan`: plans may ask it, too. `operation_timeout`: seconds that one operation may take.
    """

    environment: Environment
    client: Client
    connections: SettingsObjects
    chosen: Chosen
    validate_at_plan: bool = True
    operation_timeout: float = OPERATION_TIMEOUT

    @cached_property
    def permissions(self) -> SettingsPermissions:
        """The door to permissions. Raises `Error` where no platform credentials were given."""
        from terraform_provider_dynatrace.settings.permissions import SettingsPermissions  # noqa: PLC0415  # HTTP: not at a start

        return SettingsPermissions(self.client.using(self.chosen.for_permissions()))


class TenantNotKnown:
    """Stands for a tenant while a plan does not know the provider's arguments yet.

    Whatever is planned to be created can be planned without it; who asks it for anything raises `Error`.
    """

    validate_at_plan = False

    def __init__(self, unknown: Sequence[str]) -> None:
        self.unknown = unknown

    @property
    def reason(self) -> str:
        """Why Dynatrace cannot be asked."""
        verb = "depend" if len(self.unknown) > 1 else "depends"
        return f"{' and '.join(self.unknown)} in the provider block {verb} on a resource that has to be created first"

    def __getattr__(self, name: str) -> NoReturn:
        raise Error(
            "The provider is not configured yet",
            f"{self.reason}, so Dynatrace cannot be asked. Create it alone (terraform apply -target=ADDRESS), or "
            "give the value as a variable.",
        )


def can_be_asked(tenant: Tenant | TenantNotKnown) -> bool:
    """Return whether a plan knows its tenant. If not, warn that it could not check what it shows."""
    if not isinstance(tenant, TenantNotKnown):
        return True
    warn(
        "Nothing was checked with Dynatrace",
        f"{tenant.reason}, so this plan could not ask Dynatrace whether it would accept this. What it refuses shows at "
        "the apply.",
    )
    return False
