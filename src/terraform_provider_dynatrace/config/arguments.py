"""The arguments of the provider block. This table is the only place that knows them.

The provider's schema and its documentation, validation, environment variables, defaults and limits come from it.
Source of the names that the official provider has, too: docs/design/0008-sources.md#official-provider.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, ClassVar

from msgspec import Struct

from terraform_plugin import Attribute, Bool, Error, Number, Path, String, Value
from terraform_provider_dynatrace.environment import url_problem

if TYPE_CHECKING:
    from terraform_plugin.cty.types import Type


class Setting(Struct, frozen=True):
    """A value that the user set. Its `repr` does not show the value."""

    value: str
    """The value as text, without white space at its ends."""
    source: str
    """Where it was set, for messages: "the argument client_id", or the environment variable "DT_CLIENT_ID"."""

    def __repr__(self) -> str:
        return f"<set by {self.source}>"


Settings = Mapping[str, Setting]
"""What is set, by the name of the argument."""


class Argument(Struct, frozen=True):
    """One argument of the provider block."""

    type: ClassVar[Type] = String

    name: str
    """Its name in the provider block."""
    variables: tuple[str, ...]
    """The environment variables behind it. The first one that is set wins; the argument itself wins over all."""
    text: str
    """What it is, in Markdown. Limits, default and environment variables are added to it."""
    sensitive: bool = False
    """Whether its value is a credential, which is never shown."""
    prefix: str | None = None
    """What a credential of this kind begins with, where that is documented."""

    def attribute(self) -> Attribute:
        """Return the argument as an attribute of the provider's schema."""
        noun = "Environment variables" if len(self.variables) > 1 else "Environment variable"
        variables = ", ".join(f"`{variable}`" for variable in self.variables)
        description = " ".join(part for part in (self.text, self.facts(), f"{noun}: {variables}.") if part)
        return Attribute(self.type, description, optional=True, sensitive=self.sensitive, validators=[self.validate])

    def facts(self) -> str:
        """Return limits and default as sentences, or an empty text."""
        return ""

    def validate(self, value: object, path: Path) -> Iterator[Error]:
        """Yield what is wrong with a value in the provider block, which `terraform validate` then reports."""
        del value, path
        yield from ()


class Text(Argument, frozen=True):
    """An argument whose value is any text."""

    def read(self, settings: Settings) -> str | None:
        """Return the text that is set, None for nothing."""
        return settings[self.name].value if self.name in settings else None


class Url(Argument, frozen=True, kw_only=True):
    """An argument whose value is a URL that requests can be sent to."""

    title: str
    """What messages call it: "environment URL"."""
    example: str
    """A valid value, which messages show."""
    scheme_optional: bool = False
    """Whether a host name alone is a valid value, too."""

    def validate(self, value: object, path: Path) -> Iterator[Error]:
        text = str(value).strip()
        if not text:  # counts as not set, in the provider block as in an environment variable
            return
        complete = f"https://{text}" if self.scheme_optional and "://" not in text else text
        if problem := url_problem(complete):
            detail = f'{path} must be a URL, got "{readable_url(text)}". {problem}. Example: {self.example}'
            yield Error(f"Invalid {self.title}", detail, path)

    def read(self, settings: Settings) -> str | None:
        """Return the URL that is set, None for nothing. Raises `Error` for an invalid one."""
        if self.name not in settings:
            return None
        setting = settings[self.name]
        for error in self.validate(setting.value, Path(self.name)):
            raise Error(error.summary, error.detail.replace(self.name, setting.source, 1), error.path)
        return setting.value


def readable_url(text: str) -> str:
    """Return what a message can show of a value that should be a URL: no user name, password, query or token."""
    if CREDENTIAL.match(text.strip()):
        return f"{text.strip()[:6]}.…"
    address = re.split(r"[?#]", text, maxsplit=1)[0]
    scheme, separator, rest = address.rpartition("://")
    host, slash, path = rest.partition("/")
    shown = f"{scheme}{separator}{'…@' if '@' in host else ''}{host.rpartition('@')[2]}{slash}{path}"
    if "@" in path:  # a slash in the password: where it ends is not known
        shown = f"{scheme}{separator}…@{rest.rpartition('@')[2]}"
    return shown if len(shown) <= _LONGEST_URL else f"{shown[:_LONGEST_URL]}…"


CREDENTIAL = re.compile(r"dt0[a-z]\d\d\.")
"""What a token or a part of an OAuth client begins with. Source: docs/design/0008-sources.md#access-tokens."""
_LONGEST_URL = 200  # characters in a message


class Switch(Argument, frozen=True, kw_only=True):
    """An argument that is true or false."""

    type: ClassVar[Type] = Bool

    default: bool = False

    def facts(self) -> str:
        return f"Default: `{str(self.default).lower()}`."

    def read(self, settings: Settings) -> bool:
        """Return whether the switch is on. Raises `Error` for a value that is neither true nor false."""
        if self.name not in settings:
            return self.default
        setting = settings[self.name]
        if setting.value.lower() not in _SWITCH:
            # The official provider reads any other text, such as "yes", as false. Neither reading is safe: who owns a
            # connection depends on oauth_preference. Source: docs/design/0008-sources.md#official-provider.
            raise Error(
                f"Invalid {self.name}",
                f'{setting.source} must be true or false, got "{setting.value}".',
                Path(self.name),
            )
        return _SWITCH[setting.value.lower()]


_SWITCH = {"true": True, "t": True, "1": True, "false": False, "f": False, "0": False}


class Quantity(Argument, frozen=True, kw_only=True):
    """An argument that is a number."""

    type: ClassVar[Type] = Number

    least: int
    most: int
    unit: str
    """What it counts: "seconds"."""
    whole: bool = True
    """Whether only whole numbers are valid."""

    def facts(self) -> str:
        return f"From {self.least} to {self.most} {self.unit}."

    def validate(self, value: object, path: Path) -> Iterator[Error]:
        number = Decimal(str(value))
        if not self._admits(number):
            # Written out, a number of 400 digits would fill the screen.
            yield self._error(f"{path}", f"{number:.10g}" if abs(number) < 10**10 else "a number that is too large")

    def read(self, settings: Settings) -> float | None:
        """Return the number that is set, None for nothing. Raises `Error` for anything outside the limits."""
        if self.name not in settings:
            return None
        setting = settings[self.name]
        try:
            number = float(setting.value)
        except ValueError:
            number = float("nan")
        if not self._admits(number):
            raise self._error(setting.source, f'"{setting.value}"')
        return number

    def _admits(self, number: float | Decimal) -> bool:
        """Return whether the number is within the limits; infinity and NaN are not."""
        return self.least <= number <= self.most and (not self.whole or number == int(number))

    def _error(self, source: str, got: str) -> Error:
        kind = "a whole number" if self.whole else "a number"
        limits = f"{kind} of {self.unit} from {self.least} to {self.most}"
        return Error(f"Invalid {self.name}", f"{source} must be {limits}, got {got}.", Path(self.name))


class QuantityWithDefault(Quantity, frozen=True, kw_only=True):
    """An argument that is a number, and always has a value."""

    default: float

    def facts(self) -> str:
        return f"{super().facts()} Default: `{self.default:g}`."

    def read(self, settings: Settings) -> float:
        """Return the number that is set, or the default. Raises `Error` for anything outside the limits."""
        number = super().read(settings)
        return self.default if number is None else number


_NOT_USED = "Not used. Accepted so that a configuration for the official provider stays valid."
_TOKEN_URL_EXAMPLE = "https://sso.dynatrace.com/sso/oauth2/token"  # noqa: S105  # where tokens come from, not a token

DT_ENV_URL = Url(
    "dt_env_url",
    ("DYNATRACE_ENV_URL", "DT_ENV_URL", "DYNATRACE_ENVIRONMENT_URL", "DT_ENVIRONMENT_URL"),
    "URL of the Dynatrace environment, for example `https://abc12345.live.dynatrace.com` or "
    "`https://abc12345.apps.dynatrace.com`.",
    title="environment URL",
    example="https://abc12345.live.dynatrace.com or https://abc12345.apps.dynatrace.com",
)
DT_API_TOKEN = Text(
    "dt_api_token",
    ("DYNATRACE_API_TOKEN", "DT_API_TOKEN"),
    "API token with the scopes `settings.read` and `settings.write`. Objects created with it have no owner and are "
    "public.",
    sensitive=True,
    prefix="dt0c01.",
)
CLIENT_ID = Text(
    "client_id",
    ("DT_CLIENT_ID", "DYNATRACE_CLIENT_ID"),
    "ID of an OAuth client with the scopes `settings:objects:read` and `settings:objects:write`. Objects created with "
    "it are private to its owner.",
    prefix="dt0s02.",
)
CLIENT_SECRET = Text(
    "client_secret",
    ("DT_CLIENT_SECRET", "DYNATRACE_CLIENT_SECRET"),
    "Secret of the OAuth client.",
    sensitive=True,
    prefix="dt0s02.",
)
ACCOUNT_ID = Text("account_id", ("DT_ACCOUNT_ID", "DYNATRACE_ACCOUNT_ID"), "Dynatrace account of the OAuth client.")
PLATFORM_TOKEN = Text(
    "platform_token",
    ("DYNATRACE_PLATFORM_TOKEN", "DT_PLATFORM_TOKEN"),
    "Platform token, used instead of an OAuth client. It needs the same scopes.",
    sensitive=True,
    prefix="dt0s16.",
)
AUTOMATION_CLIENT_ID = Text(
    "automation_client_id",
    ("AUTOMATION_CLIENT_ID", "DYNATRACE_AUTOMATION_CLIENT_ID", "DT_AUTOMATION_CLIENT_ID"),
    "ID of the OAuth client, instead of `client_id`. If both are set, this one is used.",
    prefix="dt0s02.",
)
AUTOMATION_CLIENT_SECRET = Text(
    "automation_client_secret",
    ("AUTOMATION_CLIENT_SECRET", "DYNATRACE_AUTOMATION_CLIENT_SECRET", "DT_AUTOMATION_CLIENT_SECRET"),
    "Secret of that OAuth client, instead of `client_secret`.",
    sensitive=True,
    prefix="dt0s02.",
)
AUTOMATION_TOKEN_URL = Url(
    "automation_token_url",
    ("AUTOMATION_TOKEN_URL", "DT_AUTOMATION_TOKEN_URL", "DYNATRACE_AUTOMATION_TOKEN_URL"),
    "URL that issues access tokens to the OAuth client. By default, the login of the environment's stage, for example "
    f"`{_TOKEN_URL_EXAMPLE}`.",
    title="token URL",
    example=_TOKEN_URL_EXAMPLE,
)
AUTOMATION_ENV_URL = Url(
    "automation_env_url",
    (
        "AUTOMATION_ENVIRONMENT_URL",
        "DT_AUTOMATION_ENVIRONMENT_URL",
        "DYNATRACE_AUTOMATION_ENVIRONMENT_URL",
        "DYNATRACE_AUTOMATION_ENV_URL",
        "DT_AUTOMATION_ENV_URL",
    ),
    "URL of the environment for platform tokens and OAuth clients. By default, the `.apps.` form of `dt_env_url`.",
    title="platform URL",
    example="https://abc12345.apps.dynatrace.com",
)
IAM_CLIENT_ID = Text(
    "iam_client_id",
    ("IAM_CLIENT_ID", "DYNATRACE_IAM_CLIENT_ID", "DT_IAM_CLIENT_ID"),
    "ID of the OAuth client, if neither `automation_client_id` nor `client_id` is set.",
    prefix="dt0s02.",
)
IAM_CLIENT_SECRET = Text(
    "iam_client_secret",
    ("IAM_CLIENT_SECRET", "DYNATRACE_IAM_CLIENT_SECRET", "DT_IAM_CLIENT_SECRET"),
    "Secret of that OAuth client, if neither `automation_client_secret` nor `client_secret` is set.",
    sensitive=True,
    prefix="dt0s02.",
)
IAM_ACCOUNT_ID = Text(
    "iam_account_id",
    ("IAM_ACCOUNT_ID", "DYNATRACE_IAM_ACCOUNT_ID", "DT_IAM_ACCOUNT_ID"),
    "Dynatrace account of the OAuth client, instead of `account_id`. If both are set, this one is used.",
)
IAM_ENDPOINT_URL = Text(
    "iam_endpoint_url",
    (
        *("IAM_ENDPOINT_URL", "DYNATRACE_IAM_ENDPOINT_URL", "DT_IAM_ENDPOINT_URL"),
        *("DYNATRACE_ENDPOINT_URL", "DT_ENDPOINT_URL"),
    ),
    _NOT_USED,
)
IAM_TOKEN_URL = Url(
    "iam_token_url",
    ("IAM_TOKEN_URL", "DYNATRACE_IAM_TOKEN_URL", "DT_IAM_TOKEN_URL", "DYNATRACE_TOKEN_URL", "DT_TOKEN_URL"),
    "URL that issues access tokens to the OAuth client, if `automation_token_url` is not set.",
    title="token URL",
    example=_TOKEN_URL_EXAMPLE,
)
DT_CLUSTER_URL = Text("dt_cluster_url", ("DYNATRACE_CLUSTER_URL", "DT_CLUSTER_URL"), _NOT_USED)
DT_CLUSTER_API_TOKEN = Text(
    "dt_cluster_api_token", ("DYNATRACE_CLUSTER_API_TOKEN", "DT_CLUSTER_API_TOKEN"), _NOT_USED, sensitive=True
)
TENANT_URL = Url(
    "tenant_url",
    ("DYNATRACE_TENANT_URL",),
    "The environment's own URL, for example `https://abc12345.apps.dynatrace.com`, if `dt_env_url` is the URL of a "
    "proxy or a sandbox. Its host is part of the audience that AWS sees.",
    title="tenant URL",
    example="https://abc12345.apps.dynatrace.com",
    scheme_optional=True,
)
TOKEN_ISSUER = Url(
    "token_issuer",
    ("DYNATRACE_TOKEN_ISSUER",),
    "Issuer of the web identity tokens that AWS sees. By default, the issuer of the environment's stage, for example "
    "`https://token.dynatrace.com`.",
    title="token issuer",
    example="https://token.dynatrace.com",
)
OAUTH_PREFERENCE = Switch(
    "oauth_preference",
    ("DYNATRACE_HTTP_OAUTH_PREFERENCE",),
    "Prefer a platform token or an OAuth client even if an API token is set.",
)
ADMIN_ACCESS = Switch(
    "admin_access",
    ("DYNATRACE_ADMIN_ACCESS",),
    "Act as the owner of all settings objects: read, list, change, share and delete those of other owners, too. "
    "Requires platform credentials with the scope `settings:objects:admin`, for all schemas or for the schemas of the "
    "objects. Not possible with an API token.",
)
VALIDATE_AT_PLAN = Switch(
    "validate_at_plan",
    ("DYNATRACE_VALIDATE_AT_PLAN",),
    "Validate planned changes with Dynatrace, so that a change that Dynatrace would refuse fails before anything is "
    "written. With `false`, creates are planned without sending a request.",
    default=True,
)
HTTP_INSECURE = Switch("http_insecure", ("DYNATRACE_HTTP_INSECURE",), "Accept any TLS certificate. For testing only.")
MAX_RETRIES = Quantity(
    "max_retries",
    ("DYNATRACE_MAX_RETRIES",),
    "How often a request is retried after a temporary failure, at most. If it is not set, time is the limit instead: "
    "while Dynatrace or the network is not available (no response, or status 502, 503 or 504), requests are retried "
    "for as long as the operation has time (`operation_timeout`), and after any other temporary failure (such as "
    "status 500) for 2 minutes. A host that has not responded to any request yet may be the wrong one: it is retried "
    "for 2 minutes, or for 10 seconds if it refuses connections or does not respond with TLS. A host name that does "
    "not exist and a certificate that is not trusted are errors at once. The pauses between retries grow from about "
    "half a second to 10 seconds, unless Dynatrace asks for another pause. After 10 seconds, the log has a warning.",
    least=0,
    most=100,
    unit="retries",
)
REQUEST_TIMEOUT = QuantityWithDefault(
    "request_timeout",
    ("DYNATRACE_REQUEST_TIMEOUT",),
    "How many seconds one request and its response may take.",
    default=60,
    least=1,
    most=3600,
    unit="seconds",
    whole=False,
)
OPERATION_TIMEOUT = QuantityWithDefault(
    "operation_timeout",
    ("DYNATRACE_OPERATION_TIMEOUT",),
    "How many seconds one operation may take: planning, reading, creating, updating or deleting one resource, "
    "including waits and retries. A resource's own `timeouts` block takes precedence.",
    default=1200,  # 20 minutes, the default of Terraform's own SDK
    least=1,
    most=86400,
    unit="seconds",
    whole=False,
)
MAX_CONCURRENCY = QuantityWithDefault(
    "max_concurrency",
    ("DYNATRACE_MAX_CONCURRENCY",),
    "How many requests are sent at the same time.",
    default=10,
    least=1,
    most=100,
    unit="requests",
)

ARGUMENTS: Mapping[str, Argument] = {
    argument.name: argument
    for argument in (
        *(DT_ENV_URL, DT_API_TOKEN, CLIENT_ID, CLIENT_SECRET, ACCOUNT_ID, PLATFORM_TOKEN),
        *(AUTOMATION_CLIENT_ID, AUTOMATION_CLIENT_SECRET, AUTOMATION_TOKEN_URL, AUTOMATION_ENV_URL),
        *(IAM_CLIENT_ID, IAM_CLIENT_SECRET, IAM_ACCOUNT_ID, IAM_ENDPOINT_URL, IAM_TOKEN_URL),
        *(DT_CLUSTER_URL, DT_CLUSTER_API_TOKEN, TENANT_URL, TOKEN_ISSUER, OAUTH_PREFERENCE, ADMIN_ACCESS),
        *(VALIDATE_AT_PLAN, HTTP_INSECURE, MAX_RETRIES, REQUEST_TIMEOUT, OPERATION_TIMEOUT, MAX_CONCURRENCY),
    )
}


def read_settings(arguments: Mapping[str, Value], environ: Mapping[str, str]) -> dict[str, Setting]:
    """Return what is set, by the name of the argument.

    `arguments` has the values of the provider block, None for what is not configured; `environ` is the process
    environment. Empty text counts as not set. White space at the ends, as of a token read from a file, is removed.
    """
    found = {name: _setting(argument, arguments.get(name), environ) for name, argument in ARGUMENTS.items()}
    return {name: setting for name, setting in found.items() if setting is not None}


def _setting(argument: Argument, value: Value, environ: Mapping[str, str]) -> Setting | None:
    if text := _text(value):
        return Setting(text, f"the argument {argument.name}")
    for variable in argument.variables:
        if text := environ.get(variable, "").strip():
            return Setting(text, variable)
    return None


def _text(value: Value) -> str:
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value).strip()
