"""What a variable of a proxy may contain. Which hosts go through one is in test_real_connections."""

from __future__ import annotations

import pytest

from terraform_plugin import Error
from terraform_plugin.masking import masked
from terraform_provider_dynatrace.client.proxies import check_proxy


@pytest.mark.parametrize(
    "value",
    [
        "http://proxy.example.com:3128",
        "https://proxy.example.com",
        "proxy.example.com:3128",
        "http://[::1]:3128/",
        "http://somebody:p%40ss@proxy.example.com",
    ],
)
def test_an_http_proxy_is_accepted(value: str) -> None:
    """With and without a scheme, a port and a password."""
    check_proxy("HTTPS_PROXY", value)


@pytest.mark.parametrize(
    ("value", "says"),
    [
        ("socks5://proxy.example.com", "proxies with the scheme socks5:// are not supported"),
        (
            "socks5h://me:open-sesame@proxy.example.com:1080",
            "proxies with the scheme socks5h:// are not supported",
        ),
        ("ftp://proxy.example.com", "its scheme is ftp://"),
        ("http://proxy.example.com:abc", "its host or port is malformed"),
        ("http://proxy.example.com:99999", "its host or port is malformed"),
        ("http://proxy.example.com:0", "its port is 0"),
        ("http://:3128", "it has no host"),
        ("http://me:open-sesame/@proxy.example.com", "its host or port is malformed"),
        ("http://[::1", "its host or port is malformed"),
    ],
)
def test_a_proxy_that_cannot_be_used_is_an_error(value: str, says: str) -> None:
    """It names the variable and the problem, but not the value, which can contain a password."""
    with pytest.raises(Error, match="HTTPS_PROXY must be the URL of an HTTP proxy") as caught:
        check_proxy("HTTPS_PROXY", value)

    assert says in caught.value.detail
    assert "NO_PROXY" in caught.value.detail
    assert "open-sesame" not in caught.value.detail


def test_the_password_of_a_proxy_is_masked() -> None:
    """As it is sent, and as it is written in the URL."""
    check_proxy("HTTPS_PROXY", "http://somebody:open%20sesame@proxy.example.com")

    assert "sesame" not in masked("open sesame, open%20sesame")
