"""IAM and STS held by moto's server: one per process, empty for each test."""

from collections.abc import Iterator

import pytest

from tests.terraform_provider_aws_iam.far_end import forget_everything, moto_server


@pytest.fixture(scope="session")
def moto_url() -> Iterator[str]:
    """Where IAM and STS answer."""
    with moto_server() as url:
        yield url


@pytest.fixture
def aws_url(moto_url: str) -> str:
    """An empty AWS account."""
    forget_everything(moto_url)
    return moto_url
