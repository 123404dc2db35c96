"""The APIs that platform credentials can use: where each is, and which scopes it needs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from terraform_provider_dynatrace.client.responses import Access
    from terraform_provider_dynatrace.environment import EnvironmentUrls


class Api(Struct, frozen=True):
    """An API that takes platform credentials."""

    base: Callable[[EnvironmentUrls], str]
    """Returns its base URL."""
    scopes: Mapping[Access, str]
    """The scope that each access needs."""
    logins: tuple[str, ...]
    """What an OAuth client asks for at a login, separated by spaces: all useful scopes, then fewer of them.

    The login refuses a scope that the client does not have. The last one is enough to read; whatever writes is then
    refused with the name of the missing scope.
    """


# Source: docs/design/0008-sources.md#connection-page, #settings-api.
_READ_OBJECTS, _WRITE_OBJECTS = "settings:objects:read", "settings:objects:write"
_OBJECTS = f"{_READ_OBJECTS} {_WRITE_OBJECTS}"
ADMIN_SCOPE = "settings:objects:admin"
SETTINGS = Api(
    lambda environment: environment.platform_api,
    {"read": _READ_OBJECTS, "write": _WRITE_OBJECTS},
    (f"{_OBJECTS} {ADMIN_SCOPE} settings:schemas:read", _OBJECTS, _READ_OBJECTS),
)
SETTINGS_AS_ADMIN = msgspec.structs.replace(
    SETTINGS,
    logins=(
        *(f"{_OBJECTS} {ADMIN_SCOPE} settings:schemas:read", f"{_OBJECTS} {ADMIN_SCOPE}"),
        *(f"{_READ_OBJECTS} {ADMIN_SCOPE}", _OBJECTS, _READ_OBJECTS),
    ),
)
"""The same for the argument `admin_access`: the scope for it is kept if a client lacks one of the others."""

# Source: docs/design/0008-sources.md#extensions-api.
_READ_CONFIGURATIONS, _WRITE_CONFIGURATIONS = "extensions:configurations:read", "extensions:configurations:write"
MONITORING_CONFIGURATIONS = Api(
    lambda environment: environment.extensions_api,
    {"read": _READ_CONFIGURATIONS, "write": _WRITE_CONFIGURATIONS},
    (f"{_READ_CONFIGURATIONS} {_WRITE_CONFIGURATIONS}", _READ_CONFIGURATIONS),
)
_READ_DEFINITIONS = "extensions:definitions:read"
EXTENSION_DEFINITIONS = Api(
    lambda environment: environment.extensions_api,
    {"read": _READ_DEFINITIONS, "write": "extensions:definitions:write"},
    (_READ_DEFINITIONS,),
)
