"""What a configured provider gives to its resources and data sources."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, NoReturn, TypeVar

from msgspec import Struct

from terraform_plugin import Error, warn
from terraform_provider_dynatrace.config.arguments import OPERATION_TIMEOUT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from terraform_provider_dynatrace.client.client import Client
    from terraform_provider_dynatrace.config.credentials import Credentials
    from terraform_provider_dynatrace.environment import EnvironmentUrls
    from terraform_provider_dynatrace.extensions.extension import Extension
    from terraform_provider_dynatrace.settings.objects import SettingsObjects
    from terraform_provider_dynatrace.settings.owners import OwnersApi
    from terraform_provider_dynatrace.settings.permissions import PermissionsApi


T = TypeVar("T")


class Tenant(Struct, frozen=True, dict=True):
    """One Dynatrace environment, with the credentials to use there."""

    is_configured: ClassVar[bool] = True

    environment: EnvironmentUrls
    """Where its APIs are."""
    client: Client
    """Sends requests with the credential for settings objects."""
    credentials: Credentials
    """Which credential is used for what."""
    validate_at_plan: bool = True
    """Whether a plan validates with Dynatrace what it is about to write."""
    admin_access: bool = False
    """Whether requests of the Settings API act as the owner of all objects."""
    operation_timeout: float = OPERATION_TIMEOUT.default
    """Seconds that one operation may take."""

    def settings(self, schema_id: str) -> SettingsObjects:
        """Return the settings objects of one schema; always the same instance, which holds what was read already."""
        from terraform_provider_dynatrace.settings.objects import SettingsObjects  # noqa: PLC0415  # HTTP: not at a start

        if schema_id not in self._settings:
            self._settings[schema_id] = SettingsObjects(self.client, schema_id, admin_access=self.admin_access)
        return self._settings[schema_id]

    @cached_property
    def _settings(self) -> dict[str, SettingsObjects]:
        return {}

    def shared(self, type_: type[T]) -> T:
        """Return the one instance of a class that the resources of a provider configuration have in common."""
        instance: T = self._shared.setdefault(type_, type_())
        return instance

    @cached_property
    def _shared(self) -> dict[type, Any]:
        return {}

    @cached_property
    def permissions(self) -> PermissionsApi:
        """The permissions of settings objects. Raises `Error` without platform credentials."""
        from terraform_provider_dynatrace.settings.permissions import PermissionsApi  # noqa: PLC0415  # HTTP: not at a start

        client = self.client.using(self.credentials.for_permissions())
        return PermissionsApi(client, admin_access=self.admin_access, is_new=self._is_new)

    def _is_new(self, object_id: str) -> bool:
        return any(objects.is_new(object_id) for objects in self._settings.values())

    @cached_property
    def owners(self) -> OwnersApi:
        """The owners of settings objects. Raises `Error` without platform credentials."""
        from terraform_provider_dynatrace.settings.owners import OwnersApi  # noqa: PLC0415  # HTTP: not at a start

        client = self.client.using(self.credentials.for_permissions("Owners"))
        return OwnersApi(client, admin_access=self.admin_access, is_new=self._is_new)

    def extension(self, name: str) -> Extension:
        """Return an extension of the environment; always the same instance, which holds what was read already.

        Raises `Error` without platform credentials.
        """
        from terraform_provider_dynatrace.client.apis import (  # noqa: PLC0415  # HTTP: not at a start
            EXTENSION_DEFINITIONS,
            MONITORING_CONFIGURATIONS,
        )
        from terraform_provider_dynatrace.extensions.api import ExtensionsApi  # noqa: PLC0415  # the same
        from terraform_provider_dynatrace.extensions.extension import Extension  # noqa: PLC0415  # the same

        if name not in self._extensions:
            configurations, definitions = (
                self.client.using(self.credentials.for_extensions(api))
                for api in (MONITORING_CONFIGURATIONS, EXTENSION_DEFINITIONS)
            )
            self._extensions[name] = Extension(ExtensionsApi(configurations, definitions, name))
        return self._extensions[name]

    @cached_property
    def _extensions(self) -> dict[str, Extension]:
        return {}


class UnconfiguredTenant:
    """Stands for a tenant while a plan does not know all arguments of the provider block yet.

    What will be created can be planned without a tenant. Everything that needs Dynatrace raises `Error`.
    """

    is_configured: ClassVar[bool] = False
    validate_at_plan: ClassVar[bool] = False
    admin_access: ClassVar[bool] = False

    def __init__(self, unknown: Sequence[str]) -> None:
        """`unknown`: the names of the provider arguments that are not known."""
        self.unknown = unknown
        self._shared: dict[type, Any] = {}

    def shared(self, type_: type[T]) -> T:
        """Return the one instance of a class that the resources of a provider configuration have in common."""
        instance: T = self._shared.setdefault(type_, type_())
        return instance

    @property
    def reason(self) -> str:
        """Why the provider is not configured: half a sentence."""
        verb = "depend" if len(self.unknown) > 1 else "depends"
        return f"{' and '.join(self.unknown)} in the provider block {verb} on a resource that has to be created first"

    @property
    def environment(self) -> NoReturn:
        """Raise `Error`."""
        self._fail()

    @property
    def credentials(self) -> NoReturn:
        """Raise `Error`."""
        self._fail()

    def settings(self, schema_id: str) -> NoReturn:
        """Raise `Error`."""
        del schema_id
        self._fail()

    def extension(self, name: str) -> NoReturn:
        """Raise `Error`."""
        del name
        self._fail()

    @property
    def permissions(self) -> NoReturn:
        """Raise `Error`."""
        self._fail()

    @property
    def owners(self) -> NoReturn:
        """Raise `Error`."""
        self._fail()

    def _fail(self) -> NoReturn:
        raise Error(
            "The provider is not configured yet",
            f"{self.reason}, so this cannot be read from Dynatrace. Create that resource first (terraform apply "
            "-target=ADDRESS), or pass the value as a variable.",
        )

    def warn_not_validated(self) -> None:
        """Warn that a plan shows what it could not validate."""
        warn(
            "Not validated with Dynatrace",
            f"{self.reason}, so this plan could not be validated with Dynatrace. Problems will only show during apply.",
        )
