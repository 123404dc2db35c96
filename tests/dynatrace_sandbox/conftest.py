"""What most of these tests take: a pretend tenant in process or served, and an empty AWS account."""

import pytest

from tests.aws_account import moto, moto_server
from tests.dynatrace_sandbox.in_process import Tenant
from tests.served_sandbox import sandbox, served

__all__ = ["moto", "moto_server", "sandbox", "served", "tenant"]


@pytest.fixture
def tenant() -> Tenant:
    return Tenant()
