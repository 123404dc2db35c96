"""`aws_issuer`."""

import pytest

from .calling import NO_TENANT_URLS, TENANT_URLS, call, complaint


@pytest.mark.parametrize("tenant_url", TENANT_URLS)
async def test_production_tenants_have_one_issuer(tenant_url: str) -> None:
    """The issuer has a scheme, as the `url` of an OIDC provider requires it."""
    assert (await call("aws_issuer", tenant_url)).value == "https://token.dynatrace.com"


async def test_a_stage_has_its_own_issuer() -> None:
    """Here that of dev."""
    assert (
        await call("aws_issuer", "abc12345.dev.apps.dynatracelabs.com")
    ).value == "https://dev.token.dynatracelabs.com"


@pytest.mark.parametrize("tenant_url", NO_TENANT_URLS)
async def test_a_wrong_tenant_url_is_refused(tenant_url: str) -> None:
    """The error about an invalid URL is about the argument that has it."""
    assert complaint(await call("aws_issuer", tenant_url))[1] == "[0]"
