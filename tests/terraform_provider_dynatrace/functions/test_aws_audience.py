"""`aws_audience`."""

import pytest

from .calling import NO_TENANT_URLS, TENANT_URLS, call, complaint

CONNECTOR = "APP:dynatrace.aws.connector"


@pytest.mark.parametrize("tenant_url", TENANT_URLS)
async def test_the_audience_has_neither_scheme_nor_slash(tenant_url: str) -> None:
    """However the URL was written: `https://` in an audience is the mistake people make most."""
    assert (await call("aws_audience", tenant_url, CONNECTOR)).value == (
        "abc12345.apps.dynatrace.com/app-id/dynatrace.aws.connector"
    )


async def test_a_service_has_another_path_than_an_app() -> None:
    """SVC: is svc-id; a stage of dynatracelabs.com keeps its host."""
    assert (await call("aws_audience", "https://abc.sprint.dynatracelabs.com", "SVC:com.dynatrace.da")).value == (
        "abc.sprint.apps.dynatracelabs.com/svc-id/com.dynatrace.da"
    )


@pytest.mark.parametrize("tenant_url", NO_TENANT_URLS)
async def test_a_wrong_tenant_url_is_the_first_arguments_fault(tenant_url: str) -> None:
    """Terraform then points at that argument."""
    assert complaint(await call("aws_audience", tenant_url, CONNECTOR))[1] == "[0]"


@pytest.mark.parametrize("consumer", ["DA", "dynatrace.aws.connector", ""])
async def test_a_consumer_without_an_audience_is_the_second_ones(consumer: str) -> None:
    """The audience of an unknown consumer is not guessed: the error is about the second argument."""
    text, argument = complaint(await call("aws_audience", "abc12345.apps.dynatrace.com", consumer))

    assert (argument, "APP:dynatrace.aws.connector" in text) == ("[1]", True)
