"""A provider in a mirror: where Terraform finds it, what is next to it, and which files are never changed."""

import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest

from terraform_plugin.diagnostics import Error
from terraform_plugin.install.mirror import Installation, install, installations, uninstall
from terraform_plugin.install.source import DEFAULT_HOSTS
from terraform_plugin.install.user_folders import user_mirror
from terraform_plugin.testing import Terraform
from tests.terraform_plugin.conftest import ECHO
from tests.terraform_plugin.echo_provider import SOURCE

TEXT = 'resource "echo_text" "this" { text = "hello" }'


def files(folder: Path) -> dict[str, bytes]:
    """Return every file below a folder, links not followed."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and not path.is_symlink()
    }


def identity(path: Path) -> tuple[int, int, int]:
    """Return what changes if a file is written, or replaced by another."""
    status = path.stat()
    return status.st_ino, status.st_mtime_ns, status.st_mode


def tampered(tmp_path: Path) -> Path:
    """Return the launcher of a provider that is installed in a mirror that holds other files, too."""
    for name in ("notes", "terraform.test/examples/notes", "terraform.test/examples/echo/1.0.0/programs/notes"):
        path = tmp_path / "mirror" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("mine")
    [path] = install(SOURCE, "1.0.0", ECHO, tmp_path / "mirror", targets=["linux_amd64"])
    return path


def test_nothing_is_written_for_an_invalid_address(tmp_path: Path) -> None:
    """It is refused before anything is written."""
    with pytest.raises(Error, match="Invalid source address"):
        install("a.b/../d", "1.0.0", ["true"], tmp_path)

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "version", ["", "1", "1.0", "v1.0.0", "1.0.0.dev0", "01.0.0", "1.0.0-", "1.0.0+build", "1.0.0/.."]
)
def test_a_version_terraform_would_ignore_is_refused(tmp_path: Path, version: str) -> None:
    """Terraform skips folders whose name is not a version."""
    with pytest.raises(Error, match="Invalid version"):
        install(SOURCE, version, ["true"], tmp_path)


@pytest.mark.parametrize("version", ["0.1.0", "1.22.333", "1.0.0-beta1", "1.0.0-rc.1"])
def test_the_layout_is_that_of_an_unpacked_mirror(tmp_path: Path, version: str) -> None:
    """HOST/NAMESPACE/TYPE/VERSION/OS_ARCH with one executable in it; what it starts is next to that folder."""
    [path] = install(SOURCE, version, ECHO, tmp_path, targets=["linux_amd64"])

    folder = tmp_path / f"terraform.test/examples/echo/{version}"
    assert path == folder / f"linux_amd64/terraform-provider-echo_v{version}"
    assert path.stat().st_mode & 0o777 == 0o755
    programs = folder / "programs" / "linux_amd64"
    assert {file for file in tmp_path.rglob("*") if file.is_file()} == {
        path,
        programs / "command",
        programs / "checksum",
    }


def test_an_address_without_a_host_is_installed_for_both(tmp_path: Path) -> None:
    """Terraform and OpenTofu look under different hosts."""
    paths = install("examples/echo", "1.0.0", ECHO, tmp_path)

    assert [path.relative_to(tmp_path).parts[0] for path in paths] == [*DEFAULT_HOSTS]


def test_windows_gets_a_copy_of_the_program(tmp_path: Path) -> None:
    """A script cannot be started there. Another program replaces it."""
    program = tmp_path / "program.exe"
    for content in (b"MZ", b"MZ2"):
        program.write_bytes(content)

        [path] = install(SOURCE, "1.0.0", [program], tmp_path / "mirror", targets=["windows_amd64"])

        assert path.name == "terraform-provider-echo_v1.0.0.exe"
        assert path.read_bytes() == content
        assert [*path.parent.iterdir()] == [path]


def test_a_program_that_is_not_there_cannot_be_copied(tmp_path: Path) -> None:
    """The message names it."""
    with pytest.raises(Error, match="Could not install the provider") as refused:
        install(SOURCE, "1.0.0", [tmp_path / "no.exe"], tmp_path, targets=["windows_amd64"])

    assert f"Tried to read its program {tmp_path}/no.exe" in refused.value.detail


def test_installing_again_changes_nothing(tmp_path: Path) -> None:
    """The checksum in the lock file stays right, and no file is touched."""
    [path] = install(SOURCE, "1.0.0", ECHO, tmp_path)
    before = {file: identity(file) for file in tmp_path.rglob("*")}

    assert install(SOURCE, "1.0.0", ECHO, tmp_path) == [path]
    assert {file: identity(file) for file in tmp_path.rglob("*")} == before


def test_another_command_leaves_the_launcher_as_it_is(tmp_path: Path) -> None:
    """A checkout was moved: projects that use the provider go on, and so do other versions and providers."""
    [path] = install(SOURCE, "1.0.0", ["/old/python3"], tmp_path)
    [other] = install(SOURCE, "1.0.1", ["/other/python3"], tmp_path)
    before = identity(path)

    install(SOURCE, "1.0.0", ["/new/python3"], tmp_path)

    assert identity(path) == before
    assert [one.command for one in installations(tmp_path)] == [["/new/python3"], ["/other/python3"]]
    assert "1.0.1" in other.name


def test_a_launcher_of_an_earlier_release_is_replaced(tmp_path: Path) -> None:
    """It contained the path of Python."""
    path = tmp_path / SOURCE / "1.0.0" / "linux_amd64" / "terraform-provider-echo_v1.0.0"
    path.parent.mkdir(parents=True)
    path.write_text(
        "#!/bin/sh\n# Starts echo 1.0.0 for Terraform. Written by its install command.\nexec /old/python3\n"
    )

    install(SOURCE, "1.0.0", ["/new/python3"], tmp_path, targets=["linux_amd64"])

    assert "/old/python3" not in path.read_text()


def test_a_missing_x_bit_is_restored(tmp_path: Path) -> None:
    """Without it, Terraform reports "permission denied"."""
    [path] = install(SOURCE, "1.0.0", ECHO, tmp_path)
    path.chmod(0o644)

    install(SOURCE, "1.0.0", ECHO, tmp_path)

    assert path.stat().st_mode & 0o777 == 0o755


@pytest.mark.parametrize("name", ["notes", "terraform-provider-echo", "folder/notes"])
def test_files_of_others_are_refused_and_stay(tmp_path: Path, name: str) -> None:
    """Terraform would start or lock them, and only their owner knows whether they can be removed."""
    path = tampered(tmp_path)
    (path.parent / name).parent.mkdir(exist_ok=True)
    (path.parent / name).write_text("mine")
    before = files(tmp_path)
    [one] = installations(tmp_path / "mirror")

    for action in (
        partial(install, SOURCE, "1.0.0", ECHO, one.mirror, targets=["linux_amd64"]),
        partial(uninstall, one),
    ):
        with pytest.raises(Error, match="holds something that was not installed") as refused:
            action()
        assert name.partition("/")[0] in refused.value.detail
        assert files(tmp_path) == before


@pytest.mark.parametrize(
    "link",
    [
        "terraform.test", "terraform.test/examples", "terraform.test/examples/echo",
        "terraform.test/examples/echo/1.0.0",
        "terraform.test/examples/echo/1.0.0/linux_amd64", "terraform.test/examples/echo/1.0.0/programs",
        "terraform.test/examples/echo/1.0.0/programs/linux_amd64",
    ],
)  # fmt: skip
@pytest.mark.parametrize("installed", [False, True])
def test_nothing_is_written_or_removed_through_a_link(tmp_path: Path, link: str, *, installed: bool) -> None:
    """Developers link the folder of a platform to their build folder, which is not changed."""
    if installed:
        tampered(tmp_path)
        (tmp_path / "mirror" / link).rename(tmp_path / "theirs")
    (tmp_path / "theirs").mkdir(exist_ok=True)
    (tmp_path / "theirs" / "my-work.txt").write_text("mine")
    (tmp_path / "mirror" / link).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / "mirror" / link).symlink_to(tmp_path / "theirs")
    before = files(tmp_path)
    one = Installation(tmp_path / "mirror", "terraform.test", "examples", "echo", "1.0.0", "linux_amd64")

    for action in (
        partial(install, SOURCE, "1.0.0", ECHO, one.mirror, targets=["linux_amd64"]),
        partial(uninstall, one),
    ):
        with pytest.raises(Error, match="A link is in the way") as refused:
            action()
        assert f"{tmp_path / 'mirror' / link} is a link to {tmp_path / 'theirs'}" in refused.value.detail

    assert files(tmp_path) == before
    assert (tmp_path / "mirror" / link).is_symlink()


def test_a_link_in_the_place_of_a_file_is_replaced(tmp_path: Path) -> None:
    """What it leads to is not written."""
    [path] = install(SOURCE, "1.0.0", ["/bin/true"], tmp_path / "mirror", targets=["linux_amd64"])
    [one] = installations(tmp_path / "mirror")
    (tmp_path / "theirs").write_text("theirs")
    (one.program / "command").unlink()
    (one.program / "command").symlink_to(tmp_path / "theirs")

    install(SOURCE, "1.0.0", ["/bin/true"], tmp_path / "mirror", targets=["linux_amd64"])

    assert (tmp_path / "theirs").read_text() == "theirs"
    assert not (one.program / "command").is_symlink()
    assert path.exists()


def test_the_mirror_itself_may_be_a_link(tmp_path: Path) -> None:
    """It can be a link that the user has created."""
    (tmp_path / "real").mkdir()
    (tmp_path / "mirror").symlink_to(tmp_path / "real")

    [path] = install(SOURCE, "1.0.0", ECHO, tmp_path / "mirror")

    assert path.exists()


def test_uninstalling_leaves_what_was_there(tmp_path: Path) -> None:
    """Other files, versions and providers stay; folders that become empty are removed."""
    path = tampered(tmp_path)
    install(SOURCE, "2.0.0", ECHO, tmp_path / "mirror", targets=["linux_amd64"])
    install("terraform.test/examples/other", "1.0.0", ECHO, tmp_path / "mirror", targets=["linux_amd64"])
    others = {name for name in files(tmp_path) if "1.0.0" not in name or "other" in name or "notes" in name}
    one, *_ = installations(tmp_path / "mirror")

    assert uninstall(one) == []

    assert not path.parent.exists()
    assert {*files(tmp_path)} == others


def test_uninstalling_the_only_one_empties_the_mirror(tmp_path: Path) -> None:
    """Uninstalling it twice succeeds."""
    install(SOURCE, "1.0.0", ECHO, tmp_path / "mirror")
    [one] = installations(tmp_path / "mirror")

    uninstall(one)

    assert [*(tmp_path / "mirror").iterdir()] == []
    assert [*installations(tmp_path / "mirror")] == []


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    """With the path and the system's reason."""
    (tmp_path / "file").write_text("")

    with pytest.raises(Error, match="Could not install the provider") as refused:
        install(SOURCE, "1.0.0", ECHO, tmp_path / "file")

    assert str(tmp_path / "file") in refused.value.detail


def test_two_installations_at_once_agree(tmp_path: Path) -> None:
    """Both find nothing there, and one of them is first."""
    code = (
        "import sys; from pathlib import Path; from terraform_plugin.install.mirror import install\n"
        f"for number in range(40): install({SOURCE!r}, f'1.0.{{number}}', sys.argv[2:], Path(sys.argv[1]))"
    )
    started = [subprocess.Popen([sys.executable, "-c", code, tmp_path, "/bin/true"]) for _ in range(3)]

    assert [process.wait() for process in started] == [0, 0, 0]
    assert len([*installations(tmp_path)]) == 40
    assert len(files(tmp_path)) == 120


def test_terraform_finds_the_users_mirror_by_itself(tmp_path: Path) -> None:
    """No CLI configuration, no registry."""
    install(SOURCE, "1.0.0", ECHO, user_mirror({"HOME": str(tmp_path)}))
    terraform = Terraform(tmp_path, None, {"echo": SOURCE})

    terraform.apply(TEXT)

    assert terraform.state()["echo_text.this"]["echo"] == "hello"
