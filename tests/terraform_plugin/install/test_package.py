"""A package in a folder: its checksum, and a copy of it in a mirror."""

from pathlib import Path

import pytest

from terraform_plugin.diagnostics import Error
from terraform_plugin.install.mirror import install
from terraform_plugin.install.package import Package, h1, this_package
from terraform_plugin.testing import Terraform


def test_h1_is_what_terraform_locks(echo: Terraform, echo_mirror: Path) -> None:
    """The same checksum is in the lock file, and the package is as it was after it has run."""
    [package] = [path.parent for path in echo_mirror.rglob("terraform-provider-echo*")]
    before = h1(package)

    echo.apply('resource "echo_text" "this" { text = "hello" }')

    assert f'"{before}",' in (echo.folder / ".terraform.lock.hcl").read_text()
    assert h1(package) == before


def test_h1_goes_through_folders(tmp_path: Path) -> None:
    """Names are sorted and have slashes; the value was made with `sha256sum a b/file | sha256sum`."""
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "file").write_text("one")
    (tmp_path / "a").write_text("two")

    assert h1(tmp_path) == "h1:1ZOttp8dZAo6XV7XS4aKKl1gN+v9pST7jz9MLOH2lW4="


SOURCE = "terraform.test/examples/echo"


@pytest.fixture
def package(tmp_path: Path) -> Package:
    """An executable and its runtime, in a folder that holds something else, too."""
    folder = tmp_path / "unpacked"
    (folder / "runtime" / "deep").mkdir(parents=True)
    (folder / "runtime" / "deep" / "library").write_text("library")
    (folder / "program").write_text("program")
    (folder / "program").chmod(0o755)
    (folder / "somebody's notes").write_text("notes")
    return Package(folder / "program", folder / "runtime")


def contents(folder: Path) -> dict[str, str]:
    return {path.relative_to(folder).as_posix(): path.read_text() for path in folder.rglob("*") if path.is_file()}


def test_a_package_is_copied_with_its_runtime_and_nothing_else(tmp_path: Path, package: Package) -> None:
    """Under the name that Terraform starts, and executable."""
    [path] = install(SOURCE, "1.0.0", package, tmp_path / "mirror", targets=["linux_amd64"])

    assert path == tmp_path / f"mirror/{SOURCE}/1.0.0/linux_amd64/terraform-provider-echo_v1.0.0"
    assert path.stat().st_mode & 0o777 == 0o755
    assert contents(path.parent) == {path.name: "program", "runtime/deep/library": "library"}
    assert [*path.parent.parent.iterdir()] == [path.parent]


def test_a_package_that_is_installed_already_is_left_alone(tmp_path: Path, package: Package) -> None:
    """Terraform may be running it."""
    [path] = install(SOURCE, "1.0.0", package, tmp_path, targets=["linux_amd64"])
    before = path.stat()

    install(SOURCE, "1.0.0", package, tmp_path, targets=["linux_amd64"])
    install(SOURCE, "1.0.0", Package(path, path.parent / "runtime"), tmp_path, targets=["linux_amd64"])

    assert path.stat() == before


def test_another_package_takes_the_place_of_the_old_one(tmp_path: Path, package: Package) -> None:
    """Nothing of the old one is left: Terraform's checksum is over everything in the folder."""
    [path] = install(SOURCE, "1.0.0", ["a command"], tmp_path, targets=["linux_amd64"])
    path.with_name("older").write_text("")

    install(SOURCE, "1.0.0", package, tmp_path, targets=["linux_amd64"])

    assert contents(path.parent) == {path.name: "program", "runtime/deep/library": "library"}
    assert [*path.parent.parent.iterdir()] == [path.parent]


def test_a_link_in_the_place_of_a_package_is_replaced_and_not_followed(tmp_path: Path, package: Package) -> None:
    """Terraform allows a mirror's last folder to be a link; what it leads to is not ours."""
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "file").write_text("mine")
    folder = tmp_path / "mirror" / SOURCE / "1.0.0" / "linux_amd64"
    folder.parent.mkdir(parents=True)
    folder.symlink_to(elsewhere)

    [path] = install(SOURCE, "1.0.0", package, tmp_path / "mirror", targets=["linux_amd64"])

    assert contents(elsewhere) == {"file": "mine"}
    assert not path.parent.is_symlink()


def test_a_package_that_cannot_be_copied_says_where_to(tmp_path: Path, package: Package) -> None:
    """With the system's reason; no half of it stays."""
    (tmp_path / "file").write_text("")

    with pytest.raises(Error, match="Could not install the provider") as refused:
        install(SOURCE, "1.0.0", package, tmp_path / "file")

    assert str(tmp_path / "file") in refused.value.detail


def test_python_itself_is_no_package() -> None:
    """What `install` then installs is a launcher."""
    assert this_package() is None
