"""The parameter `tenant_url`, which most functions have: the URL of an environment in any form."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from terraform_plugin import Error, Parameter, String
from terraform_provider_dynatrace.environment import tenant_host

TENANT_URL = Parameter(
    "tenant_url",
    String,
    "The URL or host name of the Dynatrace environment in any form, for example `https://abc12345.live.dynatrace.com/` "
    "or `abc12345.apps.dynatrace.com`.",
)


@contextmanager
def about_argument(number: int) -> Iterator[None]:
    """Attribute an `Error` that is raised in the block to argument `number` (from 0) of the function."""
    try:
        yield
    except Error as error:
        raise Error(error.summary, error.detail, argument=number) from error


def host_from(tenant_url: str, number: int) -> str:
    """Return the `.apps.` host for the argument `tenant_url`, which is argument `number` (from 0).

    Raises `Error` for text without a host name, or with an incomplete one.
    """
    with about_argument(number):
        host = tenant_host(tenant_url)
        if "." not in host:
            raise Error(
                "Incomplete tenant URL",
                f'The tenant URL must have a full host name, such as {host}.apps.dynatrace.com, got "{host}".',
            )
    return host
