"""The URLs of a Dynatrace environment: its APIs, its login and its token issuer, from any form of its own URL."""

from __future__ import annotations

import re
from typing import Literal
from urllib.parse import SplitResult, urlsplit

from msgspec import Struct

from terraform_plugin.diagnostics import Error

PRODUCTION = "production"

# Source: docs/design/0008-sources.md#settings-api for production, #oauth-clients for sprint and dev. Other stages
# follow the form of those two (inferred).
_SAAS = re.compile(
    r"(?P<id>[a-z0-9-]+)\.(?:(?:live|apps)\.dynatrace\.com|(?P<stage>[a-z0-9-]+)(?:\.apps)?\.dynatracelabs\.com)"
)
_DYNATRACE = re.compile(r"(?:.*\.)?(?:dynatrace|dynatracelabs)\.com")
_LOOPBACK = re.compile(r"localhost|.*\.localhost|127(?:\.\d{1,3}){3}|::1")
_HOST = re.compile(r"[a-z0-9_]([a-z0-9._-]*[a-z0-9_])?|[0-9a-f:.]+")
_COPIED_ALONG = re.compile(r"/(?:api(?:/v[12])?|platform(?:/.*)?|ui(?:/.*)?)$")
_ARGUMENT = "the argument dt_env_url"


class EnvironmentUrls(Struct, frozen=True):
    """Where one Dynatrace environment is."""

    url: str
    """The environment's URL as the user wrote it, without what was copied along, such as `/ui/apps`."""
    classic_api: str
    """Base of the API for API tokens, to be continued with `/settings/objects`."""
    platform_api: str
    """Base of the same API for platform tokens and OAuth clients."""
    extensions_api: str
    """Base of the platform's Extensions API, to be continued with `/extensions`."""
    token_url: str
    """Where an OAuth client gets its access tokens."""
    issuer: str
    """Who signs the web identity tokens that AWS sees, with `https://`."""
    tenant: str
    """The environment's own host in its `.apps.` form, without scheme: what audiences begin with."""
    stage: str = PRODUCTION
    """`production`, or the stage of an environment at dynatracelabs.com: `sprint`, `dev`, …"""
    classic_source: str = _ARGUMENT
    """Where `classic_api` is from, for messages: `DYNATRACE_ENV_URL, which is "https://abc12345.live.dynatrace.com"`."""
    platform_source: str = _ARGUMENT
    """Where `platform_api` is from."""

    @classmethod
    def parse(
        cls,
        url: str,
        *,
        platform_url: str | None = None,
        token_url: str | None = None,
        tenant_url: str | None = None,
        issuer: str | None = None,
    ) -> EnvironmentUrls:
        """Return the URLs of the environment at `url`, in its `.live.` or `.apps.` form; another host serves both APIs.

        `platform_url`, `token_url` and `issuer` replace what follows from `url`. `tenant_url` is the environment's own
        URL or host name where `url` is a proxy or a sandbox. Raises `Error` for an invalid URL.
        """
        parts = _split(url)
        platform = _split(platform_url) if platform_url else parts
        name = _split_with_scheme(tenant_url) if tenant_url else parts
        stage = _stage(name)
        return cls(
            url=_base(parts),
            classic_api=_base(parts, "live") + "/api/v2",
            platform_api=_base(platform, "apps") + "/platform/classic/environment-api/v2",
            extensions_api=_base(platform, "apps") + "/platform/extensions/v2",
            token_url=_split(token_url).geturl().rstrip("/") if token_url else _token_url(stage),
            issuer=_split(issuer).geturl().rstrip("/") if issuer else _issuer(stage),
            tenant=_host(name, "apps"),
            stage=stage,
        )

    def source_of(self, api: str) -> str:
        """Return where the base URL of an API is from."""
        return self.platform_source if api == self.platform_api else self.classic_source


def tenant_host(tenant_url: str) -> str:
    """Return `abc12345.apps.dynatrace.com` for any form of tenant URL, with or without scheme, path or `.live.`.

    A host that is not Dynatrace's keeps its port. Raises `Error` for an invalid URL, as the next three do.
    """
    return _host(_split_with_scheme(tenant_url), "apps")


def classic_host(tenant_url: str) -> str:
    """Return `abc12345.live.dynatrace.com` for any form of tenant URL; another host stays as it is."""
    return _host(_split_with_scheme(tenant_url), "live")


def stage_of(tenant_url: str) -> str:
    """Return `production`, or the stage in the host name of an environment at dynatracelabs.com: `sprint`, `dev`, …"""
    return _stage(_split_with_scheme(tenant_url))


def issuer_of(tenant_url: str) -> str:
    """Return the issuer, with scheme, of the web identity tokens that the environment presents to AWS.

    Source: docs/design/0008-sources.md#aws-trust. Sources disagree on sprint, so `token_issuer` can be configured.
    """
    return _issuer(stage_of(tenant_url))


def url_problem(url: str) -> str | None:
    """Return why requests cannot be sent to `url`, as the beginning of a sentence, or None for a valid URL.

    The URL itself is never part of it: it may hold a password, or be a token in the wrong argument.
    """
    url = url.strip()
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:  # brackets that do not pair, a port that is not a number
        return "The host or port is not valid"
    if not url:
        return "The URL is empty"
    if re.search(r"[\s\x00-\x1f\x7f\\<>\"{}|^`]", url):
        return "The URL contains a space or another character that URLs cannot contain"
    if "://" not in url:
        return "The scheme https:// is missing"
    if parts.scheme not in ("https", "http"):
        return f"The scheme must be https, got {parts.scheme}"
    if parts.username is not None:
        return "The URL contains a user name or a password; pass credentials in their own arguments"
    if not parts.hostname or port == 0:
        return "The host name is missing"
    if not _HOST.fullmatch(parts.hostname):
        return "The host name is not valid"
    if parts.scheme == "http" and _DYNATRACE.fullmatch(parts.hostname):
        return "The URL begins with http://, which would send credentials unencrypted; use https://"
    return None


def is_readable_by_others(url: str) -> bool:
    """Return whether what is sent to a valid URL can be read on its way: `http://`, elsewhere than on this machine."""
    parts = urlsplit(url.strip())
    return parts.scheme == "http" and not _LOOPBACK.fullmatch(parts.hostname or "")


def _split(url: str) -> SplitResult:
    if problem := url_problem(url):
        raise Error("Invalid URL", f"{problem}.")
    return urlsplit(url.strip())


def _split_with_scheme(tenant_url: str) -> SplitResult:
    text = tenant_url.strip() if "://" in tenant_url else f"https://{tenant_url.strip()}"
    if problem := url_problem(text):
        raise Error("Invalid tenant URL", f"{problem}. Example of a valid value: https://abc12345.apps.dynatrace.com")
    return urlsplit(text)


def _stage(parts: SplitResult) -> str:
    saas = _SAAS.fullmatch(parts.hostname or "")
    return (saas["stage"] if saas else None) or PRODUCTION


def _issuer(stage: str) -> str:
    host = "token.dynatrace.com" if stage == PRODUCTION else f"{stage}.token.dynatracelabs.com"
    return f"https://{host}"


def _token_url(stage: str) -> str:
    host = "sso.dynatrace.com" if stage == PRODUCTION else f"sso-{stage}.dynatracelabs.com"
    return f"https://{host}/sso/oauth2/token"


def _host(parts: SplitResult, form: Literal["live", "apps"]) -> str:
    """Return a Dynatrace host in one of its two forms, and any other host with its port."""
    saas = _SAAS.fullmatch(parts.hostname or "")
    if saas is None:
        return f"{_bracketed(parts)}{_port(parts)}"
    if saas["stage"] is None:
        return f"{saas['id']}.{form}.dynatrace.com"
    return f"{saas['id']}.{saas['stage']}{'.apps' if form == 'apps' else ''}.dynatracelabs.com"


def _base(parts: SplitResult, form: Literal["live", "apps"] | None = None) -> str:
    """Return scheme, host and port, in one of the two forms if one is given.

    An environment of Dynatrace's has no path of its own. A Managed environment has one (`/e/<id>`), which stays.
    """
    if _SAAS.fullmatch(parts.hostname or ""):
        return f"{parts.scheme}://{_host(parts, form) if form else parts.hostname}{_port(parts)}"
    return f"{parts.scheme}://{_bracketed(parts)}{_port(parts)}{_COPIED_ALONG.sub('', parts.path.rstrip('/'))}"


def _bracketed(parts: SplitResult) -> str:
    host = parts.hostname or ""
    return f"[{host}]" if ":" in host else host


def _port(parts: SplitResult) -> str:
    """Return `:8443`, or nothing for the scheme's own port."""
    return "" if parts.port in (None, {"https": 443, "http": 80}[parts.scheme]) else f":{parts.port}"
