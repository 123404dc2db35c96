"""What a configured provider gives to its resources and data sources."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from msgspec import Struct

from terraform_plugin import Error, Path

if TYPE_CHECKING:
    from collections.abc import Sequence

    from terraform_provider_dynatrace.choosing import Chosen
    from terraform_provider_dynatrace.client import Client
    from terraform_provider_dynatrace.environment import Environment
    from terraform_provider_dynatrace.permissions import SettingsPermissions
    from terraform_provider_dynatrace.settings import SettingsObjects


class Tenant(Struct, frozen=True, dict=True):
    """One Dynatrace environment with the credentials to use there. `validate_at_plan`: plans may ask it, too."""

    environment: Environment
    client: Client
    connections: SettingsObjects
    chosen: Chosen
    validate_at_plan: bool = True

    @cached_property
    def permissions(self) -> SettingsPermissions:
        """The door to permissions. Raises `Error` where no platform credentials were given."""
        from terraform_provider_dynatrace.permissions import SettingsPermissions  # noqa: PLC0415  # HTTP: not at a start

        return SettingsPermissions(self.client.using(self.chosen.for_permissions()))


class TenantNotKnown:
    """Stands for a tenant while a plan does not know the provider's arguments yet: whoever needs it raises `Error`."""

    def __init__(self, unknown: Sequence[str]) -> None:
        self.unknown = unknown

    def __getattr__(self, name: str) -> None:
        arguments = ", ".join(self.unknown)
        raise Error(
            "The provider is not configured yet",
            f"{arguments} in the provider block depends on something that does not exist yet, so Dynatrace cannot be "
            "asked. Create that first (terraform apply -target=ADDRESS), or give the value as a variable.",
            Path(self.unknown[0]),
        )
