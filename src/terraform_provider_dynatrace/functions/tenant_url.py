"""The parameter `tenant_url`, which most functions take: any form of a tenant's URL."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from terraform_plugin import Error, Parameter, String
from terraform_provider_dynatrace.environment import tenant_host

TENANT_URL = Parameter(
    "tenant_url",
    String,
    "The URL or host name of the Dynatrace tenant, in any form: `https://abc12345.live.dynatrace.com/`, "
    "`abc12345.apps.dynatrace.com` …",
)


@contextmanager
def about_argument(number: int) -> Iterator[None]:
    """Let an `Error` raised inside be about argument `number` (from 0) of the function."""
    try:
        yield
    except Error as error:
        raise Error(error.summary, error.detail, argument=number) from error


def tenant_of(tenant_url: str, number: int) -> str:
    """Return the tenant's host in its `.apps.` form. Raises `Error` about argument `number` for what names none."""
    with about_argument(number):
        host = tenant_host(tenant_url)
        if "." not in host:
            raise Error(
                "The tenant URL is not complete",
                f'"{host}" is no full host name. It should look like {host}.apps.dynatrace.com.',
            )
    return host
