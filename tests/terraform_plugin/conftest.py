"""The echo provider, installed as Terraform installs a provider."""

import sys
from pathlib import Path

import pytest

from terraform_plugin.install.mirror import install
from terraform_plugin.testing import Terraform
from tests.terraform_plugin.echo_provider import SOURCE

ECHO = [sys.executable, str(Path(__file__).with_name("echo_provider.py"))]


@pytest.fixture(scope="session")
def echo_mirror(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A mirror that holds the echo provider."""
    mirror = tmp_path_factory.mktemp("mirror")
    install(SOURCE, "1.0.0", ECHO, mirror)
    return mirror


@pytest.fixture
def echo(tmp_path: Path, echo_mirror: Path) -> Terraform:
    """Terraform with the echo provider."""
    return Terraform(tmp_path, echo_mirror, {"echo": SOURCE})
