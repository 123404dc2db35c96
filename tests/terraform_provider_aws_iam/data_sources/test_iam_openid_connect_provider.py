"""The data source `aws_iam_openid_connect_provider` against moto's server."""

from typing import Any

import pytest

from terraform_plugin import Error, Path, State
from terraform_provider_aws_iam.client import Aws
from terraform_provider_aws_iam.data_sources.iam_openid_connect_provider import IamOpenidConnectProviderDataSource

ARN = "arn:aws:iam::123456789012:oidc-provider/token.dynatrace.com"


@pytest.fixture
async def existing(aws: Aws) -> IamOpenidConnectProviderDataSource:
    """Two providers in the account."""
    for url in ("https://token.dynatrace.com", "https://other.example/token.dynatrace.com"):
        await aws.iam("create_open_id_connect_provider", Url=url, ClientIDList=["one", "two"])
    return IamOpenidConnectProviderDataSource(aws)


async def read(source: IamOpenidConnectProviderDataSource, **config: Any) -> State:
    return await source.read(State(dict.fromkeys(source.schema.attributes) | config))


@pytest.mark.parametrize(
    "config", [{"arn": ARN}, {"url": "https://token.dynatrace.com"}, {"url": "token.dynatrace.com"}], ids=str
)
async def test_it_is_found_by_arn_or_url(existing: IamOpenidConnectProviderDataSource, config: dict[str, str]) -> None:
    """The URL may have its scheme, and is read back without."""
    state = await read(existing, **config)
    assert (state["arn"], state["id"], state["url"]) == (ARN, ARN, "token.dynatrace.com")
    assert (sorted(state["client_id_list"]), state["thumbprint_list"], state["tags"]) == (["one", "two"], [], {})


async def test_an_unknown_url_lists_the_existing_providers(existing: IamOpenidConnectProviderDataSource) -> None:
    """The error is at the argument."""
    with pytest.raises(Error, match=ARN) as caught:
        await read(existing, url="https://nobody.example")
    assert caught.value.path == Path("url")


def test_exactly_one_of_arn_and_url_must_be_given() -> None:
    """Both could contradict each other."""
    (check,) = IamOpenidConnectProviderDataSource.schema.validators
    assert [len(list(check(config, Path()))) for config in ({}, {"arn": ARN, "url": "x"}, {"arn": ARN})] == [1, 1, 0]
