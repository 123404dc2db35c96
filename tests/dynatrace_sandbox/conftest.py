"""One fixture: a pretend tenant in process."""

import pytest

from tests.dynatrace_sandbox.tenant import Tenant


@pytest.fixture
def tenant() -> Tenant:
    return Tenant()
