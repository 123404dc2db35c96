"""Who may call the pretend tenant, with what: API tokens, OAuth clients, platform tokens; users and groups.

Token forms: `dt0c01` API token, `dt0s02` OAuth client, `dt0s16` platform token. Source: Dynatrace documentation,
"Access tokens" (token format) and "Settings API 2.0" (scopes).
"""

from __future__ import annotations

import secrets
from base64 import b32encode
from dataclasses import dataclass, field, replace
from typing import Literal
from uuid import UUID, uuid5

Kind = Literal["api-token", "oauth", "platform-token"]
Standing = Literal["good", "expired", "disabled", "elsewhere"]
"""`disabled`: switched off or deleted. `elsewhere`: good, but for another environment than this one."""

READ, WRITE = "settings.read", "settings.write"
OBJECTS_READ, OBJECTS_WRITE = "settings:objects:read", "settings:objects:write"
OBJECTS_ADMIN, SCHEMAS_READ = "settings:objects:admin", "settings:schemas:read"
CONFIGURATIONS_READ, CONFIGURATIONS_WRITE = "extensions:configurations:read", "extensions:configurations:write"
DEFINITIONS_READ, DEFINITIONS_WRITE = "extensions:definitions:read", "extensions:definitions:write"
CLASSIC = frozenset({READ, WRITE})
SETTINGS = frozenset({OBJECTS_READ, OBJECTS_WRITE, OBJECTS_ADMIN, SCHEMAS_READ})
EXTENSIONS = frozenset({CONFIGURATIONS_READ, CONFIGURATIONS_WRITE, DEFINITIONS_READ, DEFINITIONS_WRITE})
PLATFORM = SETTINGS | EXTENSIONS

_NAMESPACE = UUID("6f1d6a3e-5b0c-4f0e-9b57-3d2a1c9e8f10")


@dataclass(frozen=True)
class User:
    """A user or service user: the owner of what is created with its platform credentials."""

    id: str
    groups: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Credential:
    """What one caller holds.

    `public` is the part that may be logged, `secret` the whole of it: a token, or an OAuth client's secret. `user`
    is None for API tokens, whose objects have no owner. `standing` is what becomes of it when it is used.
    """

    name: str
    kind: Kind
    public: str
    secret: str = field(repr=False)
    scopes: frozenset[str]
    user: User | None = None
    account: str = ""
    standing: Standing = "good"


def _uuid(name: str) -> str:
    return str(uuid5(_NAMESPACE, name))


ACCOUNT = _uuid("account")
TEAM, AUDITORS = _uuid("group team"), _uuid("group auditors")
OWNER, COLLEAGUE, STRANGER = (
    User(_uuid("owner"), frozenset({TEAM})),
    User(_uuid("colleague"), frozenset({TEAM, AUDITORS})),
    User(_uuid("stranger")),
)


def _credential(name: str, kind: Kind, prefix: str, scopes: frozenset[str], user: User | None = None) -> Credential:
    public = f"{prefix}.{_letters(24 if prefix == 'dt0c01' else 8)}"
    return Credential(name, kind, public, f"{public}.{_letters(64)}", scopes, user, ACCOUNT if kind == "oauth" else "")


def _letters(count: int) -> str:
    return b32encode(secrets.token_bytes(count)).decode()[:count]


def new_credentials() -> dict[str, Credential]:
    """Return fresh credentials of each kind by name; the first three are a full set of one owner."""
    reading = frozenset({OBJECTS_READ, SCHEMAS_READ, CONFIGURATIONS_READ, DEFINITIONS_READ})
    writing = PLATFORM - {OBJECTS_ADMIN}
    made = [
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
        _credential("admin-platform-token", "platform-token", "dt0s16", PLATFORM, User(_uuid("admin"))),
        _credential("settings-only-oauth", "oauth", "dt0s02", SETTINGS, OWNER),
        _credential("settings-only-platform-token", "platform-token", "dt0s16", SETTINGS, OWNER),
    ]
    made += [_no_good(one, standing) for one in made[:3] for standing in _NO_GOOD]
    return {credential.name: credential for credential in made}


_NO_GOOD: tuple[Standing, ...] = ("expired", "disabled", "elsewhere")


def _no_good(like: Credential, standing: Standing) -> Credential:
    """Return a credential with the same scopes and the same owner that is worth nothing here."""
    made = _credential(f"{standing}-{like.name}", like.kind, like.public.partition(".")[0], like.scopes, like.user)
    return replace(made, standing=standing)
