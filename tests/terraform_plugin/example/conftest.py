"""The example provider, installed as Terraform installs a provider, with a folder for its objects."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from terraform_plugin.install.mirror import install
from terraform_plugin.testing import Terraform

from .provider import SOURCE
from .store import Store

ROOT = Path(__file__).parents[3]
PROGRAM = (
    "import sys; sys.path.insert(0, sys.argv[1]); "
    "from tests.terraform_plugin.example.provider import main; sys.exit(main())"
)


class ExampleTerraform(Terraform):
    """Terraform with a configured example provider; `store` has what it made."""

    store: Store

    def init(self, config: str) -> None:
        super().init(f'variable "folder" {{}}\nprovider "example" {{ folder = var.folder }}\n{config}')


@pytest.fixture(scope="session")
def mirror(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A mirror that holds the example provider."""
    mirror = tmp_path_factory.mktemp("mirror")
    install(SOURCE, "1.0.0", [sys.executable, "-c", PROGRAM, str(ROOT)], mirror)
    return mirror


@pytest.fixture
def terraform(tmp_path: Path, mirror: Path) -> Iterator[ExampleTerraform]:
    """Terraform in an empty folder. Afterwards everything is destroyed, and nothing may be left."""
    objects = tmp_path / "objects"
    objects.mkdir()
    made = ExampleTerraform(tmp_path, mirror, {"example": SOURCE}, {"TF_VAR_folder": str(objects)})
    made.store = Store(objects)
    yield made
    if made.state():
        made.destroy("-refresh=false")
        assert made.store.ids() == []
