"""What most of these tests take: a pretend tenant in process, and an empty AWS account."""

import pytest

from tests.aws_account import moto, moto_server
from tests.dynatrace_sandbox.tenant import Tenant

__all__ = ["moto", "moto_server", "tenant"]


@pytest.fixture
def tenant() -> Tenant:
    return Tenant()
