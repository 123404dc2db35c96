"""Every form of the URL of an environment results in the same URLs."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from terraform_plugin.diagnostics import Error
from terraform_provider_dynatrace.environment import (
    EnvironmentUrls,
    classic_host,
    is_readable_by_others,
    issuer_of,
    stage_of,
    tenant_host,
    url_problem,
)

PRODUCTION = EnvironmentUrls(
    url="",
    classic_api="https://abc12345.live.dynatrace.com/api/v2",
    platform_api="https://abc12345.apps.dynatrace.com/platform/classic/environment-api/v2",
    extensions_api="https://abc12345.apps.dynatrace.com/platform/extensions/v2",
    token_url="https://sso.dynatrace.com/sso/oauth2/token",
    issuer="https://token.dynatrace.com",
    tenant="abc12345.apps.dynatrace.com",
)
SPRINT = EnvironmentUrls(
    url="",
    classic_api="https://abc12345.sprint.dynatracelabs.com/api/v2",
    platform_api="https://abc12345.sprint.apps.dynatracelabs.com/platform/classic/environment-api/v2",
    extensions_api="https://abc12345.sprint.apps.dynatracelabs.com/platform/extensions/v2",
    token_url="https://sso-sprint.dynatracelabs.com/sso/oauth2/token",
    issuer="https://sprint.token.dynatracelabs.com",
    tenant="abc12345.sprint.apps.dynatracelabs.com",
    stage="sprint",
)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://abc12345.live.dynatrace.com", PRODUCTION),
        ("https://abc12345.apps.dynatrace.com", PRODUCTION),
        ("https://abc12345.apps.dynatrace.com/", PRODUCTION),
        (" https://ABC12345.live.dynatrace.com:443/ui/apps/x#dashboard?a=b ", PRODUCTION),
        ("https://abc12345.live.dynatrace.com/api/v2/", PRODUCTION),
        ("https://abc12345.sprint.dynatracelabs.com", SPRINT),
        ("https://abc12345.sprint.apps.dynatracelabs.com/ui", SPRINT),
    ],
)
def test_every_form_of_a_saas_url_gives_both_apis(url: str, expected: EnvironmentUrls) -> None:
    """`.live.` and `.apps.`, with or without path, are one environment."""
    found = EnvironmentUrls.parse(url)

    assert found == replace(expected, url=found.url)


def test_the_dev_stage_has_its_own_login_and_issuer() -> None:
    """The issuer of dev is dev.token.dynatracelabs.com."""
    dev = EnvironmentUrls.parse("https://abc12345.dev.apps.dynatracelabs.com")

    assert (dev.token_url, dev.issuer) == (
        "https://sso-dev.dynatracelabs.com/sso/oauth2/token",
        "https://dev.token.dynatracelabs.com",
    )


@pytest.mark.parametrize(
    ("url", "base"),
    [
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("http://[::1]:8080/", "http://[::1]:8080"),
        ("https://managed.example.com/e/0a00a0a0-92ec/", "https://managed.example.com/e/0a00a0a0-92ec"),
        ("https://managed.example.com:9999/e/0a00a0a0-92ec/api/v2", "https://managed.example.com:9999/e/0a00a0a0-92ec"),
        ("https://abc12345.live.dynatrace.com.example.com", "https://abc12345.live.dynatrace.com.example.com"),
    ],
)
def test_another_host_serves_both_apis(url: str, base: str) -> None:
    """Managed clusters, proxies and stand-ins keep their host, port and path."""
    found = EnvironmentUrls.parse(url)

    assert found.url == base
    assert found.classic_api == f"{base}/api/v2"
    assert found.platform_api == f"{base}/platform/classic/environment-api/v2"


def test_a_proxy_can_have_the_tenant_url_it_stands_for() -> None:
    """Audience, issuer and login follow the tenant's own name, requests follow the URL."""
    found = EnvironmentUrls.parse("http://127.0.0.1:8080", tenant_url="abc12345.live.dynatrace.com")

    assert found.tenant == "abc12345.apps.dynatrace.com"
    assert found.issuer == "https://token.dynatrace.com"
    assert found.classic_api == "http://127.0.0.1:8080/api/v2"


def test_explicit_urls_take_precedence() -> None:
    """Platform URL, token URL and issuer can each be given."""
    found = EnvironmentUrls.parse(
        "https://abc12345.live.dynatrace.com",
        platform_url="https://proxy.example.com/dt/",
        token_url="https://login.example.com/token/",
        issuer="https://hard.token.dynatracelabs.com/",
    )

    assert found.platform_api == "https://proxy.example.com/dt/platform/classic/environment-api/v2"
    assert found.token_url == "https://login.example.com/token"
    assert found.issuer == "https://hard.token.dynatracelabs.com"
    assert found.classic_api == PRODUCTION.classic_api


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("", "The URL is empty"),
        ("   ", "The URL is empty"),
        ("abc12345.live.dynatrace.com", "The scheme https:// is missing"),
        ("https://abc 12345.live.dynatrace.com", "contains a space"),
        ("https://abc12345.live.dynatrace.com\n/x", "contains a space"),
        ("ftp://abc12345.live.dynatrace.com", "The scheme must be https, got ftp"),
        ("https://someone:hunter2@abc12345.live.dynatrace.com", "user name or a password"),
        ("https://", "host name is missing"),
        ("https:///api/v2", "host name is missing"),
        ("https://abc12345.live.dynatrace.com:port", "host or port is not valid"),
        ("https://[::1", "host or port is not valid"),
        ("https://host:99999", "host or port is not valid"),
        ("https://t\u00e9nant.example.com", "host name is not valid"),
        ("https://-.example.com", "host name is not valid"),
    ],
)
def test_an_invalid_url_has_a_reason(url: str, problem: str) -> None:
    """It repeats no password, and an environment cannot be parsed from such a URL."""
    found = url_problem(url) or ""

    assert problem in found
    assert "hunter2" not in found
    with pytest.raises(Error, match="Invalid URL"):
        EnvironmentUrls.parse(url)


@pytest.mark.parametrize(
    "host",
    [
        "abc12345.live.dynatrace.com",
        "ABC12345.apps.dynatrace.com",
        "abc12345.sprint.dynatracelabs.com",
        "abc12345.sprint.apps.dynatracelabs.com",
        "sso.dynatrace.com",
        "token.dynatrace.com",
        "dynatrace.com",
    ],
)
@pytest.mark.parametrize("port", ["", ":80", ":443", ":8080", ":8443"])
def test_credentials_never_go_to_dynatrace_unencrypted(host: str, port: str) -> None:
    """Whatever the port; the same URL with https:// is valid."""
    assert "unencrypted" in (url_problem(f"HTTP://{host}{port}/x") or "")
    assert url_problem(f"https://{host}{port}/x") is None


@pytest.mark.parametrize("host", ["dynatrace.com.example.com", "notdynatrace.com", "127.0.0.1"])
def test_another_host_may_have_a_url_without_tls(host: str) -> None:
    """A sandbox, or a proxy in the same network."""
    assert url_problem(f"http://{host}:8080") is None


@pytest.mark.parametrize(
    ("url", "classic", "platform"),
    [
        (
            "https://abc12345.live.dynatrace.com:8443/ui",
            "https://abc12345.live.dynatrace.com:8443/api/v2",
            "https://abc12345.apps.dynatrace.com:8443/platform/classic/environment-api/v2",
        ),
        (
            "http://managed.example.com:443/e/1",
            "http://managed.example.com:443/e/1/api/v2",
            "http://managed.example.com:443/e/1/platform/classic/environment-api/v2",
        ),
    ],
)
def test_a_port_in_the_url_is_used(url: str, classic: str, platform: str) -> None:
    """Only the scheme's own port is left out. It is never part of a Dynatrace audience."""
    found = EnvironmentUrls.parse(url)

    assert (found.classic_api, found.platform_api) == (classic, platform)
    assert tenant_host("https://abc12345.live.dynatrace.com:8443") == "abc12345.apps.dynatrace.com"


@pytest.mark.parametrize(
    ("url", "readable"),
    [
        ("http://127.0.0.1:8085", False),
        ("http://localhost:8085/e/1", False),
        ("http://[::1]:8085", False),
        ("https://managed.example.com", False),
        ("http://managed.example.com/e/1", True),
        ("http://10.0.0.1", True),
        ("http://127.0.0.1.example.com", True),
    ],
)
def test_http_is_readable_on_its_way_unless_it_stays_on_this_machine(url: str, readable: bool) -> None:  # noqa: FBT001
    """The provider warns about it."""
    assert is_readable_by_others(url) == readable


@pytest.mark.parametrize(
    "form",
    [
        "abc12345.apps.dynatrace.com",
        "abc12345.live.dynatrace.com",
        "https://abc12345.apps.dynatrace.com/",
        "https://abc12345.live.dynatrace.com/ui/x",
        "ABC12345.apps.dynatrace.com/",
    ],
)
def test_the_tenant_host_never_has_a_scheme_or_a_slash(form: str) -> None:
    """Audiences begin with the `.apps.` host, however the tenant URL was written."""
    assert tenant_host(form) == "abc12345.apps.dynatrace.com"
    assert classic_host(form) == "abc12345.live.dynatrace.com"
    assert issuer_of(form) == "https://token.dynatrace.com"
    assert stage_of(form) == "production"


@given(st.sampled_from(["", "https://", "http://", "https://[", "https://x:"]), st.text())
def test_any_text_gives_an_environment_or_an_error(start: str, text: str) -> None:
    """Any input results in a value or a diagnostic."""
    with suppress(Error):
        assert EnvironmentUrls.parse(start + text).classic_api.endswith("/api/v2")
