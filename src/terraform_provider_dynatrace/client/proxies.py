"""The proxies that the environment variables, or the settings of the system, name."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from urllib.parse import SplitResult, unquote, urlsplit
from urllib.request import getproxies, proxy_bypass

from terraform_plugin.diagnostics import Error
from terraform_plugin.masking import mask

_SCHEMES = ("http", "https", "all")


def uses_proxy(urls: Iterable[str]) -> bool:
    """Return whether any of these URLs is reached through a proxy.

    Raises `Error` if one is, and a variable has a value that is not a proxy. Passwords of proxies are masked from then
    on.
    """
    if all(proxy_of(url) is None for url in urls):
        return False
    proxies = getproxies()
    for scheme in _SCHEMES:
        if proxies.get(scheme):
            check_proxy(_variable(scheme), proxies[scheme])
    return True


def proxy_of(url: str) -> str | None:
    """Return what names the proxy for a URL, such as `HTTPS_PROXY`; None for a URL that is reached directly."""
    parts, proxies = urlsplit(url), getproxies()
    scheme = next((scheme for scheme in (parts.scheme, "all") if proxies.get(scheme)), None)
    if scheme is None or proxy_bypass(parts.netloc.rpartition("@")[2]):
        return None
    return _variable(scheme)


def _variable(scheme: str, environ: Mapping[str, str] = os.environ) -> str:
    # Lower case wins, as in `getproxies`.
    names = (f"{scheme}_proxy", f"{scheme}_proxy".upper())
    return next((name for name in names if environ.get(name)), "the proxy in the settings of this system")


def check_proxy(variable: str, value: str) -> None:
    """Mask the password in the URL of a proxy. Raises `Error`, without the URL, for one that cannot be used."""
    try:
        parts = urlsplit(value if "://" in value else f"http://{value}")
        problem = _problem(parts)
    except ValueError:  # not in its words: after a slash in a password, they show a part of the password as the port
        problem = "its host or port is malformed"
    if problem:
        raise Error(
            "Invalid proxy",
            f"{variable} must be the URL of an HTTP proxy, such as http://proxy.example.com:3128, but {problem}. "
            "Correct it, unset it, or add the host of the environment to NO_PROXY.",
        )
    if parts.password:
        mask(unquote(parts.password))


def _problem(parts: SplitResult) -> str:
    if parts.scheme.startswith("socks"):
        return f"proxies with the scheme {parts.scheme}:// are not supported"
    if parts.scheme not in ("http", "https"):
        return f"its scheme is {parts.scheme}://"
    if not parts.hostname:
        return "it has no host"
    return "" if parts.port != 0 else "its port is 0"
