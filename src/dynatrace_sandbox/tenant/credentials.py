"""The credentials of the simulated environment: API tokens, OAuth clients, platform tokens; users and groups.

Source: docs/design/0008-sources.md#access-tokens for the format of tokens, #settings-api for the scopes.
"""

from __future__ import annotations

import secrets
from base64 import b32encode
from dataclasses import dataclass, field, replace
from typing import Any, Literal
from uuid import UUID, uuid5

CredentialKind = Literal["api-token", "oauth", "platform-token"]
CredentialStatus = Literal["valid", "expired", "disabled", "other-environment"]
"""`disabled`: switched off or deleted. `other-environment`: valid, but for another environment."""

READ, WRITE = "settings.read", "settings.write"
OBJECTS_READ, OBJECTS_WRITE = "settings:objects:read", "settings:objects:write"
OBJECTS_ADMIN, SCHEMAS_READ = "settings:objects:admin", "settings:schemas:read"
CONFIGURATIONS_READ, CONFIGURATIONS_WRITE = "extensions:configurations:read", "extensions:configurations:write"
DEFINITIONS_READ, DEFINITIONS_WRITE = "extensions:definitions:read", "extensions:definitions:write"
APPS_RUN = "app-engine:apps:run"
CLASSIC = frozenset({READ, WRITE})
"""All scopes of an API token."""
SETTINGS = frozenset({OBJECTS_READ, OBJECTS_WRITE, OBJECTS_ADMIN, SCHEMAS_READ})
EXTENSIONS = frozenset({CONFIGURATIONS_READ, CONFIGURATIONS_WRITE, DEFINITIONS_READ, DEFINITIONS_WRITE})
PLATFORM = SETTINGS | EXTENSIONS | {APPS_RUN}
"""All scopes of platform credentials."""

_NAMESPACE = UUID("6f1d6a3e-5b0c-4f0e-9b57-3d2a1c9e8f10")
_SECRET_LENGTH = 64
_PUBLIC_LENGTHS = {"dt0c01": 24, "dt0s02": 8, "dt0s16": 8}


@dataclass(frozen=True)
class User:
    """A user or service user: the owner of what is created with its platform credentials."""

    id: str
    groups: frozenset[str] = frozenset()
    """The ids of its groups."""
    admin_schemas: frozenset[str] | None = None
    """The schemas that its permission `settings:objects:admin` covers; None: all."""


@dataclass(frozen=True)
class Credential:
    """An API token, an OAuth client or a platform token."""

    name: str
    """Its name on the control path."""
    kind: CredentialKind
    public: str
    """The part that may be logged; for an OAuth client, its id."""
    secret: str = field(repr=False)
    """The whole token, or the secret of an OAuth client."""
    scopes: frozenset[str]
    user: User | None = None
    """None for an API token, whose objects have no owner."""
    account: str = ""
    """The account of an OAuth client."""
    status: CredentialStatus = "valid"
    """What happens when it is used."""

    def as_json(self) -> dict[str, Any]:
        """Return the credential with its secret, its scopes and its user, as `/sandbox/credentials` has it."""
        user = {"userId": self.user.id, "groups": sorted(self.user.groups)} if self.user else {}
        client = {"clientId": self.public, "accountId": self.account} if self.kind == "oauth" else {}
        return {"kind": self.kind, "secret": self.secret, "scopes": sorted(self.scopes)} | user | client


def _uuid(name: str) -> str:
    return str(uuid5(_NAMESPACE, name))


ACCOUNT = _uuid("account")
TEAM, AUDITORS = _uuid("group team"), _uuid("group auditors")
OWNER, COLLEAGUE, STRANGER = (
    User(_uuid("owner"), frozenset({TEAM})),
    User(_uuid("colleague"), frozenset({TEAM, AUDITORS})),
    User(_uuid("stranger")),
)
ADMIN, CONNECTIONS_ADMIN, OTHER_ADMIN = (
    User(_uuid("admin")),
    User(_uuid("connections admin"), admin_schemas=frozenset({"builtin:hyperscaler-authentication.connections.aws"})),
    User(_uuid("other admin"), admin_schemas=frozenset({"builtin:other"})),
)
USERS = {user.id for user in (OWNER, COLLEAGUE, STRANGER, ADMIN, CONNECTIONS_ADMIN, OTHER_ADMIN)}
GROUPS = {TEAM, AUDITORS}
"""The ids of every user and every group of the account."""


def new_credentials() -> dict[str, Credential]:
    """Return new credentials of each kind by name. The first three have all scopes and belong to one user."""
    reading = frozenset({OBJECTS_READ, SCHEMAS_READ, CONFIGURATIONS_READ, DEFINITIONS_READ, APPS_RUN})
    writing = PLATFORM - {OBJECTS_ADMIN}
    valid = [
        _credential("api-token", "api-token", "dt0c01", CLASSIC),
        _credential("oauth", "oauth", "dt0s02", PLATFORM, OWNER),
        _credential("platform-token", "platform-token", "dt0s16", PLATFORM, OWNER),
        _credential("read-only-api-token", "api-token", "dt0c01", frozenset({READ})),
        _credential("powerless-api-token", "api-token", "dt0c01", frozenset()),
        _credential("read-only-oauth", "oauth", "dt0s02", reading, OWNER),
        _credential("read-only-platform-token", "platform-token", "dt0s16", reading, OWNER),
        _credential("powerless-platform-token", "platform-token", "dt0s16", frozenset(), OWNER),
        _credential("colleague-oauth", "oauth", "dt0s02", writing, COLLEAGUE),
        _credential("colleague-platform-token", "platform-token", "dt0s16", writing, COLLEAGUE),
        _credential("stranger-platform-token", "platform-token", "dt0s16", writing, STRANGER),
        _credential("admin-platform-token", "platform-token", "dt0s16", PLATFORM, ADMIN),
        _credential("connections-admin-platform-token", "platform-token", "dt0s16", PLATFORM, CONNECTIONS_ADMIN),
        _credential("other-admin-platform-token", "platform-token", "dt0s16", PLATFORM, OTHER_ADMIN),
        _credential("settings-only-oauth", "oauth", "dt0s02", SETTINGS, OWNER),
        _credential("settings-only-platform-token", "platform-token", "dt0s16", SETTINGS, OWNER),
    ]
    refused = [_refused(credential, status) for credential in valid[:3] for status in _REFUSED]
    return {credential.name: credential for credential in valid + refused}


_REFUSED: tuple[CredentialStatus, ...] = ("expired", "disabled", "other-environment")


def _refused(like: Credential, status: CredentialStatus) -> Credential:
    """Return a credential with the same scopes and the same user that is refused here."""
    prefix = like.public.partition(".")[0]
    return replace(_credential(f"{status}-{like.name}", like.kind, prefix, like.scopes, like.user), status=status)


def _credential(
    name: str, kind: CredentialKind, prefix: str, scopes: frozenset[str], user: User | None = None
) -> Credential:
    public = f"{prefix}.{_letters(_PUBLIC_LENGTHS[prefix])}"
    secret = f"{public}.{_letters(_SECRET_LENGTH)}"
    return Credential(name, kind, public, secret, scopes, user, ACCOUNT if kind == "oauth" else "")


def _letters(count: int) -> str:
    return b32encode(secrets.token_bytes(count)).decode()[:count]
