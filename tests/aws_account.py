"""IAM and STS as the sandbox holds them, in moto's real server; a conftest.py takes the fixtures its tests want."""

from collections.abc import Iterator

import pytest

from dynatrace_sandbox.aws.moto import Moto

TRUST_POLICY = (
    '{"Version": "2012-10-17", "Statement": '
    '[{"Effect": "Allow", "Principal": {"AWS": "123456789012"}, "Action": "sts:AssumeRole"}]}'
)
"""A trust policy that IAM accepts, for roles of which only the existence matters."""


@pytest.fixture(scope="session")
def moto_server() -> Iterator[Moto]:
    """One server for all tests of a process."""
    server = Moto()
    server.start()
    yield server
    server.stop()


@pytest.fixture
def moto(moto_server: Moto) -> Moto:
    """A server with nothing in it."""
    moto_server.reset()
    return moto_server


@pytest.fixture
def aws_url(moto: Moto) -> str:
    """Where the IAM and STS of an empty AWS account answer."""
    return moto.url
