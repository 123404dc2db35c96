"""What holds for every test, wherever and however the run was started."""

import os
import signal
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from terraform_plugin import masking
from tests.virtual_time import VirtualTimeLoop

# Property tests measure no time, because the machine may be busy. A usual run tries the same examples every time, so
# that it fails only because of a change; HYPOTHESIS_PROFILE=thorough looks for what nobody has seen yet.
settings.register_profile(
    "unhurried",
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    derandomize=os.environ.get("HYPOTHESIS_PROFILE") != "thorough",
)
settings.load_profile("unhurried")

# A shell starts what it runs in the background with SIGINT ignored, and everything we start would inherit that.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture
def anyio_backend(request: pytest.FixtureRequest) -> tuple[str, dict[str, Any]]:
    """The event loop of an `async def` test: asyncio's, or one with virtual time where the test is marked so."""
    virtual = request.node.get_closest_marker("virtual_time") is not None
    return "asyncio", {"loop_factory": VirtualTimeLoop} if virtual else {}


@pytest.fixture(autouse=True)
def secrets_of_one_test() -> Iterator[None]:
    """What a test registers as secret is not masked in the texts of the next one: a process has one list."""
    registered = vars(masking.secrets).copy()
    yield
    vars(masking.secrets).update(registered)
