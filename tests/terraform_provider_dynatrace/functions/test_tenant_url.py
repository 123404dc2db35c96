"""The parameter `tenant_url` of functions."""

import pytest

from terraform_plugin import Error
from terraform_provider_dynatrace.functions.tenant_url import about_argument, host_from

from .calling import NO_TENANT_URLS, TENANT_URLS


@pytest.mark.parametrize("tenant_url", TENANT_URLS)
def test_every_form_of_url_names_the_same_tenant(tenant_url: str) -> None:
    """With and without scheme, path, slash; `.live.` and `.apps.`."""
    assert host_from(tenant_url, 0) == "abc12345.apps.dynatrace.com"


@pytest.mark.parametrize("tenant_url", NO_TENANT_URLS)
def test_what_names_no_tenant_is_refused_with_an_example(tenant_url: str) -> None:
    """An id alone would give an audience that no token ever has."""
    with pytest.raises(Error) as caught:
        host_from(tenant_url, 3)

    assert (caught.value.argument, ".apps.dynatrace.com" in caught.value.detail) == (3, True)


def test_an_error_is_about_the_argument_that_it_arose_from() -> None:
    """Its own path, of a provider argument, means nothing to a function."""
    with pytest.raises(Error) as caught, about_argument(2):
        raise Error("No", "Because.")

    assert (caught.value.summary, caught.value.detail, caught.value.argument) == ("No", "Because.", 2)
