"""`aws_iam_openid_connect_provider` against moto's server."""

from typing import Any

import pytest

from terraform_plugin import UNKNOWN, Error, Path
from terraform_provider_aws_iam.client import Aws
from terraform_provider_aws_iam.errors import AwsError
from terraform_provider_aws_iam.resources.iam_openid_connect_provider import IamOpenidConnectProvider
from tests.terraform_provider_aws_iam.life import apply, destroy, imported, planned, refresh

ARN = "arn:aws:iam::123456789012:oidc-provider/token.dynatrace.com"
AUDIENCE = "abc12345.apps.dynatrace.com/app-id/dynatrace.aws.connector"
CONFIG: dict[str, Any] = {"url": "https://token.dynatrace.com", "client_id_list": [AUDIENCE]}


@pytest.fixture
def provider(aws: Aws) -> IamOpenidConnectProvider:
    return IamOpenidConnectProvider(aws)


@pytest.mark.parametrize("url", ["https://token.dynatrace.com", "token.dynatrace.com"])
async def test_the_state_has_the_url_without_scheme(provider: IamOpenidConnectProvider, url: str) -> None:
    """As in hashicorp/aws: `${….url}:sub` is the key that IAM looks for. The plan says so already."""
    config = CONFIG | {"url": url}
    change = await planned(provider, None, config)
    assert change.planned is not None
    assert change.planned["url"] == "token.dynatrace.com"

    state = await apply(provider, config)

    assert (state["url"], state["arn"], state["id"]) == ("token.dynatrace.com", ARN, ARN)
    assert state["thumbprint_list"] == []
    assert await refresh(provider, state) == state
    assert (await planned(provider, state, config)).planned == state


@pytest.mark.parametrize("url", ["https://token.dynatrace.com", "token.dynatrace.com"])
async def test_a_scheme_that_is_added_or_removed_is_not_a_change(provider: IamOpenidConnectProvider, url: str) -> None:
    """Both forms of a URL are the same issuer."""
    state = await apply(provider, CONFIG)
    change = await planned(provider, state, CONFIG | {"url": url})
    assert (change.planned, change.requires_replace) == (state, ())


async def test_another_url_needs_another_provider(provider: IamOpenidConnectProvider) -> None:
    """IAM cannot change it."""
    change = await planned(
        provider, await apply(provider, CONFIG), CONFIG | {"url": "https://dev.token.dynatracelabs.com"}
    )
    assert change.requires_replace == (Path("url"),)


async def test_a_url_not_known_yet_is_planned_as_unknown(provider: IamOpenidConnectProvider) -> None:
    """Nothing is read from it."""
    change = await planned(provider, None, CONFIG | {"url": UNKNOWN})
    assert change.planned is not None
    assert change.planned["url"] == UNKNOWN


@pytest.mark.parametrize(
    "changed",
    [
        {"client_id_list": ["other.apps.dynatrace.com/app-id/dynatrace.aws.connector"]},
        {"client_id_list": [AUDIENCE, "second"]},
        {"client_id_list": []},
        {"thumbprint_list": ["a" * 40]},
        {"tags": {"team": "observability"}},
    ],
    ids=str,
)
async def test_what_iam_can_change_is_changed_in_place(
    provider: IamOpenidConnectProvider, changed: dict[str, Any]
) -> None:
    """Audiences are added and removed one by one, so that those of other tenants are never missing."""
    before = await apply(provider, CONFIG)

    after = await apply(provider, CONFIG | changed, before)

    assert after == before | changed | {"tags_all": changed.get("tags", {})}
    assert await refresh(provider, after) == after


async def test_thumbprints_are_kept_as_configured(provider: IamOpenidConnectProvider) -> None:
    """If none are configured, AWS sets them."""
    state = await apply(provider, CONFIG | {"thumbprint_list": ["b" * 40, "a" * 40], "tags": {"a": "b"}})
    assert state["thumbprint_list"] == ["b" * 40, "a" * 40]
    assert await refresh(provider, state) == state


async def test_a_missing_provider_reads_as_none(provider: IamOpenidConnectProvider) -> None:
    """Destroying it twice succeeds."""
    state = await apply(provider, CONFIG)
    await destroy(provider, state)
    await destroy(provider, state)
    assert await refresh(provider, state) is None


async def test_one_per_url_and_account(provider: IamOpenidConnectProvider) -> None:
    """The error says how to use the existing one."""
    await apply(provider, CONFIG)
    with pytest.raises(AwsError, match=r"AWS rejected CreateOpenIDConnectProvider: EntityAlreadyExists.*data source"):
        await apply(provider, CONFIG)


async def test_import_by_arn_gives_the_whole_provider(provider: IamOpenidConnectProvider) -> None:
    """The next plan has no changes."""
    await apply(provider, CONFIG)
    state = await imported(provider, ARN)
    assert state is not None
    assert (await planned(provider, state, CONFIG)).planned == state


@pytest.mark.parametrize("id_", ["token.dynatrace.com", "https://token.dynatrace.com", "arn:aws:iam::1:role/x"])
async def test_only_an_arn_can_be_imported(provider: IamOpenidConnectProvider, id_: str) -> None:
    """The message shows its form."""
    with pytest.raises(Error, match="oidc-provider/HOST"):
        await provider.import_state(id_)


@pytest.mark.parametrize(
    ("url", "fine"),
    [
        ("https://token.dynatrace.com", True),
        ("token.dynatrace.com", True),
        ("https://host.example/realms/one", True),
        ("http://token.dynatrace.com", False),
        ("https://host:8443", False),
        ("https://host/?a=b", False),
        ("", False),
    ],
)
def test_urls_that_iam_would_refuse_are_refused_at_once(*, url: str, fine: bool) -> None:
    """An https URL without port and query. Source: CreateOpenIDConnectProvider's parameter Url."""
    (check,) = IamOpenidConnectProvider.schema.attributes["url"].validators
    assert (list(check(url, Path("url"))) == []) is fine
