"""Where a Dynatrace environment is: its APIs, login, token issuer and name, from any form of its URL."""

from __future__ import annotations

import re
from urllib.parse import SplitResult, urlsplit

from msgspec import Struct

from terraform_plugin.diagnostics import Error, Path

PRODUCTION = "production"

# Source: the hosts of the production, sprint and dev stages in the fact sheets; other stages follow the same form.
_SAAS = re.compile(
    r"(?P<id>[a-z0-9-]+)\.(?:(?:live|apps)\.dynatrace\.com|(?P<stage>[a-z0-9-]+)(?:\.apps)?\.dynatracelabs\.com)"
)
_HOST = re.compile(r"[a-z0-9_]([a-z0-9._-]*[a-z0-9_])?|[0-9a-f:.]+")
_COPIED_ALONG = re.compile(r"/(?:api(?:/v[12])?|platform(?:/.*)?|ui(?:/.*)?)$")


class EnvironmentUrls(Struct, frozen=True):
    """One Dynatrace environment (tenant).

    `classic_api` and `platform_api` are the bases that the path `/settings/objects` is put behind: for API tokens and
    for platform credentials. `token_url` gives OAuth tokens, `issuer` signs web identity tokens for AWS. `tenant` is
    the environment's own host, always the `.apps.` form, without scheme: what audiences begin with. `stage` is
    `production`, or the stage of a dynatracelabs.com environment.
    """

    url: str
    classic_api: str
    platform_api: str
    token_url: str
    issuer: str
    tenant: str
    stage: str = PRODUCTION

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
        """Return the environment behind `url`, in the `.live.` or `.apps.` form; another host serves both APIs.

        `platform_url` replaces the platform form, `token_url` the login, `issuer` the token issuer. `tenant_url` is
        the tenant's own name, with or without scheme, where `url` is a proxy or a stand-in. Raises `Error`, at the
        provider argument it is about, for what is no URL.
        """
        parts = _split(url, "dt_env_url")
        platform = _split(platform_url, "automation_env_url") if platform_url else parts
        name = tenant_url or _host(parts)
        return cls(
            url=_base(parts, _host(parts)),
            classic_api=_base(parts, classic_host(_host(parts))) + "/api/v2",
            platform_api=_base(platform, tenant_host(_host(platform))) + "/platform/classic/environment-api/v2",
            token_url=checked_url(token_url, "automation_token_url") if token_url else _token_url(stage_of(name)),
            issuer=checked_url(issuer, "token_issuer") if issuer else issuer_of(name),
            tenant=tenant_host(name),
            stage=stage_of(name),
        )


def tenant_host(tenant_url: str) -> str:
    """Return `abc12345.apps.dynatrace.com` for any form of tenant URL, with or without scheme, path or `.live.`.

    Raises `Error` for text that holds no host.
    """
    return _renamed(tenant_url, live="apps", stage=".apps")


def classic_host(tenant_url: str) -> str:
    """Return `abc12345.live.dynatrace.com` for any form of tenant URL; another host stays as it is."""
    return _renamed(tenant_url, live="live", stage="")


def stage_of(tenant_url: str) -> str:
    """Return `production`, or the stage in the name of a dynatracelabs.com tenant: `sprint`, `dev`, …"""
    known = _SAAS.fullmatch(_bare_host(tenant_url))
    return (known["stage"] if known else None) or PRODUCTION


def issuer_of(tenant_url: str) -> str:
    """Return the issuer, with scheme, of the web identity tokens that the tenant presents to AWS.

    Source: the fact sheet on trust. Sources disagree on sprint, which is why an issuer can be given.
    """
    stage = stage_of(tenant_url)
    host = "token.dynatrace.com" if stage == PRODUCTION else f"{stage}.token.dynatracelabs.com"
    return f"https://{host}"


def _token_url(stage: str) -> str:
    host = "sso.dynatrace.com" if stage == PRODUCTION else f"sso-{stage}.dynatracelabs.com"
    return f"https://{host}/sso/oauth2/token"


def _renamed(tenant_url: str, *, live: str, stage: str) -> str:
    host = _bare_host(tenant_url)
    known = _SAAS.fullmatch(host)
    if known is None:
        return host
    if known["stage"] is None:
        return f"{known['id']}.{live}.dynatrace.com"
    return f"{known['id']}.{known['stage']}{stage}.dynatracelabs.com"


def _bare_host(tenant_url: str) -> str:
    text = tenant_url.strip()
    return _host(_split(text if "://" in text else f"https://{text}", "tenant_url"))


def _host(parts: SplitResult) -> str:
    """Return host and port in lower case; the scheme's own port is left out."""
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname or ""
    usual = {"https": 443, "http": 80}[parts.scheme]
    return host if parts.port in (None, usual) else f"{host}:{parts.port}"


def _base(parts: SplitResult, host: str) -> str:
    """Return the URL at `host` without what was copied along; a SaaS environment has no path at all."""
    path = "" if _SAAS.fullmatch(host) else _COPIED_ALONG.sub("", parts.path.rstrip("/"))
    return f"{parts.scheme}://{host}{path}"


def checked_url(url: str, argument: str) -> str:
    """Return `url` without closing slash. Raises `Error` at the provider argument `argument` for what is no URL."""
    return _split(url, argument).geturl().rstrip("/")


_WHAT = {
    "dt_env_url": ("environment URL", "https://abc12345.live.dynatrace.com or https://abc12345.apps.dynatrace.com"),
    "automation_env_url": ("platform URL", "https://abc12345.apps.dynatrace.com"),
    "automation_token_url": ("token URL", "https://sso.dynatrace.com/sso/oauth2/token"),
    "iam_token_url": ("token URL", "https://sso.dynatrace.com/sso/oauth2/token"),
    "tenant_url": ("tenant URL", "https://abc12345.apps.dynatrace.com"),
    "token_issuer": ("token issuer", "https://token.dynatrace.com"),
}


def _split(url: str, argument: str) -> SplitResult:
    """Return the parts of a URL that requests can be sent to. Raises `Error` at the provider argument `argument`."""
    try:
        parts = urlsplit(url.strip())
        problem = _problem(url.strip(), parts)
    except ValueError:  # brackets that do not pair, a port that is no number
        problem = "its host or port cannot be read"
    if problem:
        name, example = _WHAT[argument]
        # The text itself is not repeated: it may hold a password, or be a token that went into the wrong argument.
        raise Error(f"The {name} is no usable URL", f"{problem}. It should look like {example}.", Path(argument))
    return parts


def _problem(url: str, parts: SplitResult) -> str | None:
    if not url:
        return "It is empty"
    if re.search(r"[\s\x00-\x1f\x7f\\<>\"{}|^`]", url):
        return "It contains a space or a character that URLs cannot contain"
    if "://" not in url:
        return "It has no scheme (https://)"
    if parts.scheme not in ("https", "http"):
        return f"Its scheme is {parts.scheme}://, not https://"
    if parts.username is not None:
        return "It contains a user name or password; credentials have arguments of their own"
    if not parts.hostname or parts.port == 0:
        return "It names no host"
    if not _HOST.fullmatch(parts.hostname):
        return "Its host is no host name"
    if parts.scheme == "http" and _SAAS.fullmatch(_host(parts)):
        return "It begins with http://, which would send the token unencrypted"
    return None
