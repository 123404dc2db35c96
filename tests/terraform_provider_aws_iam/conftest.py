"""An empty AWS account in moto's server for each test, and this provider's client for it."""

from collections.abc import Iterator

import pytest

from terraform_provider_aws_iam.client import Aws, AwsSettings
from tests.aws_account import aws_url, moto, moto_server

__all__ = ["aws", "aws_url", "moto", "moto_server"]


@pytest.fixture
def aws(aws_url: str) -> Iterator[Aws]:
    """An empty AWS account."""
    settings = AwsSettings(access_key="test", secret_key="test", endpoints={"iam": aws_url, "sts": aws_url})
    client = Aws(settings)
    yield client
    client.close()
