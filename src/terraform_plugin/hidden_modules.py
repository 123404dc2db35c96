"""Modules that a library imports although they are not used, and that a provider's start should not pay for."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType


@contextmanager
def hide_module(name: str, stand_in: ModuleType | None = None) -> Iterator[None]:
    """Let imports inside the block find `stand_in` in place of the module `name`.

    Without a stand-in, its import fails as if it was not installed. A module that is imported already is not hidden.
    Source: Python's documentation of `sys.modules`.
    """
    if name in sys.modules:
        yield
        return
    sys.modules[name] = stand_in  # type: ignore[assignment]  # None is documented
    try:
        yield
    finally:
        del sys.modules[name]
