"""IAM and STS held by moto's server: one per process, empty for each test."""

from collections.abc import Iterator

import pytest

from terraform_provider_aws_iam.client import Aws, AwsSettings
from tests.terraform_provider_aws_iam.far_end import forget_everything, moto_server


@pytest.fixture(scope="session")
def moto_url() -> Iterator[str]:
    """Where IAM and STS answer."""
    with moto_server() as url:
        yield url


@pytest.fixture
def aws(moto_url: str) -> Iterator[Aws]:
    """An empty AWS account."""
    forget_everything(moto_url)
    settings = AwsSettings(access_key="test", secret_key="test", endpoints={"iam": moto_url, "sts": moto_url})
    client = Aws(settings)
    yield client
    client.close()
