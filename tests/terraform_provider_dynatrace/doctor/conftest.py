"""IAM and STS as the sandbox holds them, in moto's server: one per process, empty for each test."""

from collections.abc import Iterator

import pytest

from dynatrace_sandbox.aws import Moto


@pytest.fixture(scope="session")
def moto() -> Iterator[Moto]:
    """A server of IAM and STS."""
    server = Moto()
    server.start()
    yield server
    server.stop()


@pytest.fixture
def aws_url(moto: Moto) -> str:
    """An empty AWS account."""
    moto.reset()
    return moto.url
