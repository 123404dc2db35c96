"""A team with a committed lock file: the same provider, installed from other folders by other users."""

import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from terraform_plugin.testing import Terraform, TerraformFailed
from terraform_provider_dynatrace import SOURCE

ROOT = Path(__file__).parents[2]
CONFIG = f"""
terraform {{
  required_providers {{
    dynatrace = {{ source = "{SOURCE}" }}
  }}
}}
output "audience" {{
  value = provider::dynatrace::aws_audience("abc12345.apps.dynatrace.com", "APP:dynatrace.aws.connector")
}}
"""


class Colleague:
    """A user with a checkout, a virtual environment in it, and a home folder of their own."""

    def __init__(self, folder: Path) -> None:
        self.home = folder / "home"
        self.checkout = folder / "checkout"
        self.home.mkdir(parents=True)
        shutil.copytree(ROOT / "src", self.checkout / "src", ignore=shutil.ignore_patterns("__pycache__"))
        self.make_environment()

    def make_environment(self) -> None:
        """As `make setup` does, with the dependencies that are installed here."""
        environment = self.checkout / ".venv"
        subprocess.run([sys.executable, "-m", "venv", "--clear", "--without-pip", environment], check=True)
        [site] = environment.glob("lib/python*/site-packages")
        paths = [self.checkout / "src", sysconfig.get_path("purelib"), sysconfig.get_path("platlib")]
        (site / "paths.pth").write_text("".join(f"{path}\n" for path in paths))

    def move_checkout(self) -> None:
        """The environment has to be made anew, as it holds its own path."""
        self.checkout = self.checkout.rename(self.checkout.with_name("moved"))
        self.make_environment()

    def install(self) -> None:
        """As `make install` does."""
        python = str(self.checkout / ".venv" / "bin" / "python3")
        command = [python, "-m", "terraform_provider_dynatrace", "install"]
        subprocess.run(command, env={"HOME": str(self.home)}, check=True, stdout=subprocess.DEVNULL)

    def project(self, folder: Path) -> Terraform:
        """Return their Terraform in a folder, which has the committed files."""
        folder.mkdir(exist_ok=True)
        (folder / "main.tf").write_text(CONFIG)
        return Terraform(folder, None, {}, {"HOME": str(self.home)})


@pytest.fixture
def dana(tmp_path: Path) -> Colleague:
    """Has committed a lock file."""
    dana = Colleague(tmp_path / "dana")
    dana.install()
    return dana


def test_a_committed_lock_file_works_for_a_colleague(tmp_path: Path, dana: Colleague) -> None:
    """Another checkout, another home: `terraform init -lockfile=readonly`, as in CI, and a plan with their Python."""
    dana.project(tmp_path / "project").run("init")
    robin = Colleague(tmp_path / "robin")
    robin.install()
    theirs = robin.project(tmp_path / "clone of project")
    shutil.copy(tmp_path / "project" / ".terraform.lock.hcl", theirs.folder)
    shutil.rmtree(dana.checkout)

    theirs.run("init", "-lockfile=readonly")
    theirs.run("plan")

    lock = (theirs.folder / ".terraform.lock.hcl").read_text()
    assert lock == (tmp_path / "project" / ".terraform.lock.hcl").read_text()


def test_a_project_goes_on_after_its_checkout_has_moved(tmp_path: Path, dana: Colleague) -> None:
    """Until it is installed again, the error says what is missing; afterwards, `terraform init` is not needed."""
    project = dana.project(tmp_path / "project")
    project.run("init")
    dana.move_checkout()

    with pytest.raises(TerraformFailed, match=r"does not exist any more\. Run the provider's install command again"):
        project.run("plan", "-no-color")
    dana.install()
    project.run("plan")


def test_the_providers_cache_of_terraform_works(tmp_path: Path, dana: Colleague) -> None:
    """TF_PLUGIN_CACHE_DIR contains a link, and the launcher works through it."""
    project = dana.project(tmp_path / "project")
    (tmp_path / "cache").mkdir()
    project.environ["TF_PLUGIN_CACHE_DIR"] = str(tmp_path / "cache")

    project.run("init")
    project.run("plan")
