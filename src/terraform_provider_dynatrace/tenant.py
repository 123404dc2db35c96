"""What a configured provider gives to its resources and data sources."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from terraform_plugin import Error, Path

if TYPE_CHECKING:
    from collections.abc import Sequence

    from terraform_provider_dynatrace.client import Client
    from terraform_provider_dynatrace.environment import Environment
    from terraform_provider_dynatrace.settings import SettingsObjects


@dataclass(frozen=True)
class Tenant:
    """One Dynatrace environment with the credentials to use there."""

    environment: Environment
    client: Client
    connections: SettingsObjects


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
