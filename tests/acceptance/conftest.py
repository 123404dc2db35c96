"""Real Terraform, real provider processes, a real sandbox: what acceptance tests are made of.

A test takes `terraform` and writes HCL; what it leaves is destroyed, and the sandbox is asked whether it is gone.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from dynatrace_sandbox.testing import RunningSandbox
from terraform_plugin.install.mirror import install, module_command
from terraform_plugin.testing import Terraform
from tests.served_sandbox import sandbox, served

__all__ = ["mirror", "sandbox", "served", "terraform"]

PROVIDERS = {"dynatrace": "terraform.local/dynatrace/dynatrace", "aws": "terraform.local/dynatrace/aws"}
MODULES = {"dynatrace": "terraform_provider_dynatrace", "aws": "terraform_provider_aws_iam"}


@pytest.fixture(scope="session")
def mirror(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A mirror that holds both providers."""
    folder = tmp_path_factory.mktemp("mirror")
    for name, source in PROVIDERS.items():
        install(source, "0.1.0", module_command(MODULES[name]), folder)
    return folder


@pytest.fixture
def terraform(tmp_path: Path, mirror: Path, sandbox: RunningSandbox) -> Iterator[Terraform]:
    """Terraform with both providers and an API token; at the end everything is destroyed and must be gone."""
    terraform = Terraform(tmp_path, mirror, PROVIDERS, sandbox.environ())
    yield terraform
    if (tmp_path / "terraform.tfstate").exists():
        terraform.destroy("-refresh=false")  # a refresh would plan the configuration, which some tests made fail
    assert (sandbox.objects(), sandbox.aws()["roles"], sandbox.aws()["providers"]) == ([], [], [])
