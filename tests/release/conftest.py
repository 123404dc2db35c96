"""One build for all tests, whichever process asks first: it takes half a minute."""

import fcntl
import os
import pickle
from pathlib import Path
from typing import cast
from zipfile import ZipFile

import pytest

from release.building import Release, build
from release.published import executable_name
from terraform_provider_dynatrace import __version__
from tests.served_sandbox import sandbox, served

__all__ = ["dist", "release", "sandbox", "served", "unpacked"]

MOMENT = 1_700_000_000  # seconds; 2023-11-14 22:13:20


@pytest.fixture(scope="session")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for what is built that all processes of this run share."""
    own = tmp_path_factory.getbasetemp()
    return (own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / "dist"


@pytest.fixture(scope="session")
def release(dist: Path) -> Release:
    """Everything that is published."""
    dist.mkdir(exist_ok=True)
    with (dist.parent / "dist.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        noted = dist.parent / "dist.built"
        if not noted.exists():
            noted.write_bytes(pickle.dumps(build(dist, MOMENT)))
        return cast("Release", pickle.loads(noted.read_bytes()))  # noqa: S301  # our own


@pytest.fixture(scope="session")
def unpacked(release: Release, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The executable of the package, unpacked as Terraform unpacks it: with the modes that are in the zip."""
    folder = tmp_path_factory.mktemp("unpacked")
    with ZipFile(release.package) as archive:
        for entry in archive.infolist():
            Path(archive.extract(entry, folder)).chmod(entry.external_attr >> 16 & 0o777)
    return folder / executable_name(__version__, "linux")
