"""A real sandbox in a process of its own, with nothing in it; a conftest.py takes the fixtures for its tests."""

from collections.abc import Iterator

import pytest

from dynatrace_sandbox.testing import RunningSandbox, running_sandbox


@pytest.fixture(scope="session")
def served() -> Iterator[RunningSandbox]:
    """One sandbox for all tests of a process."""
    with running_sandbox() as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(served: RunningSandbox) -> RunningSandbox:
    """A sandbox with nothing in it."""
    served.reset()
    return served
