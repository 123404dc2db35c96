"""Modules that a library imports although they are not used."""

import sys
from types import ModuleType

import pytest

from terraform_plugin.hidden_modules import hide_module


def test_a_hidden_module_is_missing_for_imports_inside_the_block() -> None:
    """As if it was not installed; afterwards it can be imported again."""
    with hide_module("this"), pytest.raises(ImportError):
        import this  # noqa: F401, PLC0415
    assert "this" not in sys.modules


def test_imports_inside_the_block_find_the_stand_in() -> None:
    """For a library that cannot do without the module, but uses nothing of it."""
    stand_in = ModuleType("this")
    with hide_module("this", stand_in):
        import this  # noqa: PLC0415
    assert this is stand_in
    assert "this" not in sys.modules


def test_a_module_is_back_after_an_error() -> None:
    """The import of the library itself may fail."""
    with pytest.raises(ZeroDivisionError), hide_module("this"):
        raise ZeroDivisionError
    assert "this" not in sys.modules


def test_a_module_that_is_imported_stays() -> None:
    """Others use it already."""
    with hide_module("sys"):
        import sys as found  # noqa: PLC0415
    assert found is sys
