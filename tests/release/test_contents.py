"""What belongs to the provider, of all that is installed here."""

from importlib.metadata import distribution

import pytest

from release.contents import EXTRAS, PROVIDER, foreign_modules, normalized, required


@pytest.mark.parametrize("name", ["Python.Dateutil", "python_dateutil", "python--dateutil"])
def test_names_are_compared_as_indexes_do(name: str) -> None:
    """The name of a distribution can be spelled in several ways."""
    assert normalized(name) == "python-dateutil"


def test_what_is_needed_is_found_at_any_depth() -> None:
    """httpx2 requires httpcore2. Requirements of an extra count only if the extra is requested."""
    needed = required(distribution(PROVIDER))

    assert {PROVIDER, "httpx2", "httpcore2"} <= needed.keys()
    assert not needed.keys() & {"boto3", "moto", "pytest"}
    assert {"boto3", "six"} <= required(distribution(PROVIDER), EXTRAS).keys()


def test_modules_of_everything_else_are_foreign() -> None:
    """Modules that only the tests and the sandbox need are left out. A module that a required package shares stays."""
    foreign = foreign_modules(required(distribution(PROVIDER), EXTRAS))

    assert {"moto", "pytest", "flask", "PyInstaller"} <= {*foreign}
    assert not {*foreign} & {"boto3", "google", "httpx2", "six"}
