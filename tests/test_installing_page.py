"""The guide Installing names what is built, and nothing in the product names an index that does not have it."""

import subprocess
from pathlib import Path

from release.published import executable_name, zip_name
from terraform_plugin.install.cli_configuration import provider_installation
from terraform_provider_dynatrace import SOURCE, __version__

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "guides" / "installing.md").read_text()


def test_the_guide_names_the_files_that_are_built() -> None:
    """With the version and the address that `install` uses. How each way works is tested in release and acceptance."""
    for name in (
        zip_name(__version__, "linux_amd64"),
        f"provider/{executable_name(__version__, 'linux')} install",
        f"terraform_provider_dynatrace-{__version__}-py3-none-any.whl",
        f"`.terraform/providers/{SOURCE}/{__version__}/linux_amd64/{executable_name(__version__, 'linux')}`",
        f'source  = "{SOURCE}"\n      version = "{__version__}"',
    ):
        assert name in PAGE


def test_the_block_for_a_mirror_is_in_the_form_that_terraform_reads() -> None:
    """The same as that which `install` prints for a mirror of registries."""
    pattern = f"{SOURCE.rpartition('/')[0]}/*"

    assert provider_installation(Path("/srv/terraform"), [pattern], None, []) in PAGE


def test_nothing_is_installed_by_a_name_that_no_index_serves() -> None:
    """The project is in no package index."""
    wanted = ["git", "grep", "-nIE", "pip install [^/]*terraform-provider-dynatrace"]
    found = subprocess.run([*wanted, "--", ":!tests"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (found.returncode, found.stdout) == (1, "")
