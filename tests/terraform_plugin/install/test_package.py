"""A package in a folder: its checksum, and a copy of it behind a launcher."""

from pathlib import Path

import pytest

from terraform_plugin.diagnostics import Error
from terraform_plugin.install.mirror import install, installations, uninstall
from terraform_plugin.install.package import Package, h1, this_package
from terraform_plugin.testing import Terraform

SOURCE = "terraform.test/examples/echo"


def test_h1_is_what_terraform_locks(echo: Terraform, echo_mirror: Path) -> None:
    """The same checksum is in the lock file, and the package is as it was after it has run."""
    [package] = [path.parent for path in echo_mirror.rglob("terraform-provider-echo*")]
    before = h1(package)

    echo.apply('resource "echo_text" "this" { text = "hello" }')

    assert f'"{before}",' in (echo.folder / ".terraform.lock.hcl").read_text()
    assert h1(package) == before


def test_h1_covers_folders(tmp_path: Path) -> None:
    """Names are sorted and have slashes; the value was made with `sha256sum a b/file | sha256sum`."""
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "file").write_text("one")
    (tmp_path / "a").write_text("two")

    assert h1(tmp_path) == "h1:1ZOttp8dZAo6XV7XS4aKKl1gN+v9pST7jz9MLOH2lW4="


@pytest.fixture
def package(tmp_path: Path) -> Package:
    """An executable and its runtime, in a folder that holds something else, too."""
    return unpacked(tmp_path / "unpacked", "program")


def unpacked(folder: Path, program: str) -> Package:
    (folder / "runtime" / "deep").mkdir(parents=True)
    (folder / "runtime" / "deep" / "library").write_text("library")
    (folder / "program").write_text(f"#!/bin/sh\necho {program}\n")
    (folder / "program").chmod(0o755)
    (folder / "somebody's notes").write_text("notes")
    return Package(folder / "program", folder / "runtime")


def identity(path: Path) -> tuple[int, int, int]:
    """Return what changes if a file is written, or replaced by another."""
    status = path.stat()
    return status.st_ino, status.st_mtime_ns, status.st_mode


def contents(folder: Path) -> dict[str, str]:
    return {path.relative_to(folder).as_posix(): path.read_text() for path in folder.rglob("*") if path.is_file()}


def program_of(mirror: Path) -> Path:
    [one] = installations(mirror)
    return Path(one.command[0])


def test_a_package_is_copied_with_its_runtime_and_nothing_else(tmp_path: Path, package: Package) -> None:
    """Behind the launcher that a command has, too, so that both have the same lock file."""
    mirror = tmp_path / "mirror"
    [path] = install(SOURCE, "1.0.0", package, mirror, targets=["linux_amd64"])
    [other] = install(SOURCE, "1.0.0", ["/bin/python3"], tmp_path / "other", targets=["linux_amd64"])

    program = program_of(mirror)
    assert contents(path.parent) == contents(other.parent)
    assert contents(program.parent) == {program.name: "#!/bin/sh\necho program\n", "runtime/deep/library": "library"}
    assert program.stat().st_mode & 0o777 == 0o755
    assert program.is_relative_to(mirror)


def test_windows_gets_the_package_itself(tmp_path: Path, package: Package) -> None:
    """A script cannot be started there."""
    [path] = install(SOURCE, "1.0.0", package, tmp_path / "mirror", targets=["windows_amd64"])

    assert contents(path.parent) == {path.name: "#!/bin/sh\necho program\n", "runtime/deep/library": "library"}
    [one] = installations(tmp_path / "mirror")
    uninstall(one)
    assert [*(tmp_path / "mirror").iterdir()] == []


def test_a_package_that_is_installed_already_is_left_alone(tmp_path: Path, package: Package) -> None:
    """Terraform may be running it, and an installed package can install itself."""
    install(SOURCE, "1.0.0", package, tmp_path, targets=["linux_amd64"])
    program = program_of(tmp_path)
    before = identity(program)

    install(SOURCE, "1.0.0", package, tmp_path, targets=["linux_amd64"])
    install(SOURCE, "1.0.0", Package(program, program.parent / "runtime"), tmp_path, targets=["linux_amd64"])

    assert identity(program_of(tmp_path)) == before


def test_another_package_takes_the_place_of_the_old_one(tmp_path: Path, package: Package) -> None:
    """What Terraform reads stays the same, and nothing of the old package stays."""
    [path] = install(SOURCE, "1.0.0", package, tmp_path / "mirror", targets=["linux_amd64"])
    old, before = program_of(tmp_path / "mirror"), identity(path)

    install(SOURCE, "1.0.0", unpacked(tmp_path / "other", "other"), tmp_path / "mirror", targets=["linux_amd64"])

    new = program_of(tmp_path / "mirror")
    assert identity(path) == before
    assert new.read_text() == "#!/bin/sh\necho other\n"
    assert not old.parent.exists()
    assert {file.name for file in new.parent.parent.iterdir()} == {"command", "checksum", new.parent.name}


def test_a_command_takes_the_place_of_a_package(tmp_path: Path, package: Package) -> None:
    """Files that the user has added to the package stay."""
    install(SOURCE, "1.0.0", package, tmp_path / "mirror", targets=["linux_amd64"])
    install(SOURCE, "2.0.0", package, tmp_path / "mirror", targets=["linux_amd64"])
    first, second = (Path(one.command[0]).parent for one in installations(tmp_path / "mirror"))
    (second / "notes").write_text("mine")

    install(SOURCE, "1.0.0", ["/bin/true"], tmp_path / "mirror", targets=["linux_amd64"])
    install(SOURCE, "2.0.0", ["/bin/true"], tmp_path / "mirror", targets=["linux_amd64"])

    assert not first.exists()
    assert (second / "notes").read_text() == "mine"


def test_a_package_that_was_changed_is_not_written_over(tmp_path: Path, package: Package) -> None:
    """Its user may be debugging it."""
    install(SOURCE, "1.0.0", package, tmp_path / "mirror", targets=["linux_amd64"])
    program = program_of(tmp_path / "mirror")
    program.write_text("changed")

    with pytest.raises(Error, match="holds something that was not installed") as refused:
        install(SOURCE, "1.0.0", package, tmp_path / "mirror", targets=["linux_amd64"])

    assert str(program.parent) in refused.value.detail
    assert program.read_text() == "changed"
    [one] = installations(tmp_path / "mirror")
    assert uninstall(one) == [program.parent]
    assert program.read_text() == "changed"


def test_a_package_that_cannot_be_copied_says_where_to(tmp_path: Path, package: Package) -> None:
    """With the reason of the system; no incomplete copy is left."""
    (tmp_path / "file").write_text("")

    with pytest.raises(Error, match="Could not install the provider") as refused:
        install(SOURCE, "1.0.0", package, tmp_path / "file")

    assert str(tmp_path / "file") in refused.value.detail


def test_python_itself_is_not_a_package() -> None:
    """What `install` then installs is a command."""
    assert this_package() is None
