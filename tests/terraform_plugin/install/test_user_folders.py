"""The folders of a user, on each system."""

from pathlib import Path

import pytest

from terraform_plugin.install.source import Source
from terraform_plugin.install.user_folders import (
    default_mirror,
    forget,
    registry_mirror,
    remember,
    remembered,
    user_data,
    user_mirror,
)


@pytest.mark.parametrize(
    ("environ", "system", "mirror", "data"),
    [
        ({"HOME": "/h"}, "linux", "/h/.terraform.d/plugins", "/h/.local/share/terraform-plugin"),
        ({"HOME": "/h", "XDG_DATA_HOME": "/x"}, "linux", "/h/.terraform.d/plugins", "/x/terraform-plugin"),
        ({"HOME": "/h", "XDG_DATA_HOME": "x"}, "linux", "/h/.terraform.d/plugins", "/h/.local/share/terraform-plugin"),
        ({"HOME": "/h"}, "darwin", "/h/.terraform.d/plugins", "/h/Library/Application Support/terraform-plugin"),
        ({"APPDATA": "/r", "LOCALAPPDATA": "/l"}, "win32", "/r/terraform.d/plugins", "/l/terraform-plugin"),
    ],
)
def test_each_system_has_its_folders(environ: dict[str, str], system: str, mirror: str, data: str) -> None:
    """The mirror is Terraform's; the data folder is what the system's convention says."""
    assert user_mirror(environ, system) == Path(mirror)
    assert user_data(environ, system) == Path(data)


def test_without_home_the_users_home_folder_counts() -> None:
    """As in Terraform."""
    assert user_mirror({}, "linux") == Path.home() / ".terraform.d" / "plugins"


def test_an_address_of_a_registry_has_a_mirror_of_its_own() -> None:
    """Terraform does not search it without configuration."""
    environ = {"HOME": "/h"}

    assert default_mirror(Source.parse("terraform.local/a/b"), environ) == user_mirror(environ)
    assert default_mirror(Source.parse("hashicorp/aws"), environ) == registry_mirror(environ)


def test_mirrors_are_remembered_until_they_are_forgotten(tmp_path: Path) -> None:
    """Each once, whatever its path contains."""
    environ = {"HOME": str(tmp_path)}
    mirrors = [tmp_path / "one", tmp_path / "with\nline break", Path("relative")]

    for mirror in [*mirrors, *mirrors]:
        remember(mirror, environ)
    forget(mirrors[0], environ)

    assert {*remembered(environ)} == {mirrors[1], Path("relative").absolute()}
