"""IAM and STS as the sandbox holds them, in moto's server: one per process, empty for each test."""

from collections.abc import Iterator

import pytest

from dynatrace_sandbox.aws import Moto
from terraform_provider_aws_iam.client import Aws, AwsSettings


@pytest.fixture(scope="session")
def moto() -> Iterator[Moto]:
    """A server of IAM and STS."""
    server = Moto()
    server.start()
    yield server
    server.stop()


@pytest.fixture
def moto_url(moto: Moto) -> str:
    """Where IAM and STS answer, with nothing in them."""
    moto.reset()
    return moto.url


@pytest.fixture
def aws(moto_url: str) -> Iterator[Aws]:
    """An empty AWS account."""
    settings = AwsSettings(access_key="test", secret_key="test", endpoints={"iam": moto_url, "sts": moto_url})
    client = Aws(settings)
    yield client
    client.close()
