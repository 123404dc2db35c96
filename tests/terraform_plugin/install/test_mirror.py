"""A provider in a mirror: where Terraform finds it, starts it, and agrees with its checksum."""

import subprocess
import sys
from pathlib import Path

import pytest

from terraform_plugin.diagnostics import Error
from terraform_plugin.install.mirror import (
    DEFAULT_HOSTS,
    Source,
    install,
    launcher,
    module_command,
    platforms,
    user_mirror,
)
from terraform_plugin.testing import Terraform, TerraformFailed
from tests.terraform_plugin.conftest import ECHO
from tests.terraform_plugin.echo_provider import SOURCE

TEXT = 'resource "echo_text" "this" { text = "hello" }'


@pytest.mark.parametrize(
    ("address", "source"),
    [
        ("terraform.local/example/cloud", Source(("terraform.local",), "example", "cloud")),
        ("Registry.Example.COM/Example/my-cloud", Source(("registry.example.com",), "example", "my-cloud")),
        ("localhost:8080/a/b", Source(("localhost:8080",), "a", "b")),
        ("example/cloud", Source(DEFAULT_HOSTS, "example", "cloud")),
    ],
)
def test_a_source_address_has_two_or_three_parts(address: str, source: Source) -> None:
    """Without a host it means Terraform's registry to Terraform and OpenTofu's to OpenTofu."""
    assert Source.parse(address) == source


@pytest.mark.parametrize(
    "address",
    [
        "", "cloud", "/cloud", "example/", "a/b/c/d", "host/example/cloud", "-a.b/c/d", "a.b/c/../d", "a.b/../d",
        "a.b/c/d e", "a.b/c--d/e", "a.b/c_d/e", "a.b/c/d\n", "https://a.b/c/d", "a.b/c/terraform-provider-d",
    ],
)  # fmt: skip
def test_anything_else_is_refused(tmp_path: Path, address: str) -> None:
    """With the address in the message; nothing is written."""
    with pytest.raises(Error, match="Invalid source address") as refused:
        install(address, "1.0.0", ["true"], tmp_path)

    assert f'"{address}"' in refused.value.detail
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "version", ["", "1", "1.0", "v1.0.0", "1.0.0.dev0", "01.0.0", "1.0.0-", "1.0.0+build", "1.0.0/.."]
)
def test_a_version_terraform_would_ignore_is_refused(tmp_path: Path, version: str) -> None:
    """Terraform skips folders whose name is no version."""
    with pytest.raises(Error, match="Invalid version"):
        install(SOURCE, version, ["true"], tmp_path)


@pytest.mark.parametrize("version", ["0.1.0", "1.22.333", "1.0.0-beta1", "1.0.0-rc.1"])
def test_the_layout_is_that_of_an_unpacked_mirror(tmp_path: Path, version: str) -> None:
    """HOST/NAMESPACE/TYPE/VERSION/OS_ARCH with one executable in it."""
    [path] = install(SOURCE, version, ECHO, tmp_path, targets=["linux_amd64"])

    assert path == tmp_path / f"terraform.test/examples/echo/{version}/linux_amd64/terraform-provider-echo_v{version}"
    assert path.stat().st_mode & 0o777 == 0o755
    assert [file for file in tmp_path.rglob("*") if file.is_file()] == [path]


def test_an_address_without_a_host_is_installed_for_both(tmp_path: Path) -> None:
    """Terraform and OpenTofu look under different hosts."""
    paths = install("examples/echo", "1.0.0", ECHO, tmp_path)

    assert [path.relative_to(tmp_path).parts[0] for path in paths] == [*DEFAULT_HOSTS]


@pytest.mark.parametrize(
    ("system", "machine", "names"),
    [
        ("linux", "x86_64", ("linux_amd64",)),
        ("linux", "aarch64", ("linux_arm64",)),
        ("linux", "armv7l", ("linux_arm",)),
        ("freebsd14", "amd64", ("freebsd_amd64",)),
        ("win32", "AMD64", ("windows_amd64",)),
        ("darwin", "arm64", ("darwin_amd64", "darwin_arm64")),
    ],
)
def test_platforms_are_named_as_go_names_them(system: str, machine: str, names: tuple[str, ...]) -> None:
    """A Mac runs both kinds of Terraform."""
    assert platforms(system, machine) == names


def test_windows_gets_a_copy_of_the_program(tmp_path: Path) -> None:
    """A script cannot be started there."""
    program = tmp_path / "program.exe"
    program.write_bytes(b"MZ")

    [path] = install(SOURCE, "1.0.0", [program], tmp_path, targets=["windows_amd64"])

    assert path.name == "terraform-provider-echo_v1.0.0.exe"
    assert path.read_bytes() == b"MZ"


def test_a_program_that_is_not_there_cannot_be_copied(tmp_path: Path) -> None:
    """The message names it."""
    with pytest.raises(Error, match="Tried to read its program") as refused:
        install(SOURCE, "1.0.0", [tmp_path / "no.exe"], tmp_path, targets=["windows_amd64"])

    assert "no.exe" in refused.value.detail


def test_a_module_has_a_program_on_windows() -> None:
    """The console script that pip made for it."""
    [program] = module_command("terraform_provider_x", "win32")

    assert Path(program).name == "terraform-provider-x.exe"


def test_installing_again_changes_nothing(tmp_path: Path) -> None:
    """The checksum in the lock file stays right, and no file is touched."""
    [path] = install(SOURCE, "1.0.0", ECHO, tmp_path)
    before = path.stat()

    assert install(SOURCE, "1.0.0", ECHO, tmp_path) == [path]
    assert path.stat() == before


def test_another_command_replaces_the_file(tmp_path: Path) -> None:
    """Whatever else is in the folder goes: Terraform starts the first name in it, and locks them all."""
    [path] = install(SOURCE, "1.0.0", ["old"], tmp_path)
    inode = path.stat().st_ino
    path.with_name("terraform-provider-echo").write_text("an older one")
    path.with_name("__pycache__").mkdir()

    install(SOURCE, "1.0.0", ["new"], tmp_path)

    assert list(path.parent.iterdir()) == [path]
    assert path.stat().st_ino != inode
    assert "exec new " in path.read_text()
    assert [*path.parent.parent.iterdir()] == [path.parent]


def test_a_lost_x_bit_is_put_back(tmp_path: Path) -> None:
    """Without it Terraform says "permission denied"."""
    [path] = install(SOURCE, "1.0.0", ECHO, tmp_path)
    path.chmod(0o644)

    install(SOURCE, "1.0.0", ECHO, tmp_path)

    assert path.stat().st_mode & 0o777 == 0o755


def test_a_place_that_cannot_be_written_is_said_to_be(tmp_path: Path) -> None:
    """With the path and the system's reason."""
    (tmp_path / "file").write_text("")

    with pytest.raises(Error, match="Could not install the provider") as refused:
        install(SOURCE, "1.0.0", ECHO, tmp_path / "file")

    assert str(tmp_path / "file") in refused.value.detail


@pytest.mark.parametrize("name", ["with space", "with 'quotes'", 'with "quotes"', "with $HOME", "with\\back"])
def test_the_launcher_becomes_its_command(tmp_path: Path, name: str) -> None:
    """Whatever is in the path, arguments are passed on, and the shell is gone: no process stays between."""
    program = tmp_path / name
    program.symlink_to(sys.executable)
    code = "import os, sys; print(os.getpid(), sys.argv[1:])"
    [path] = install(SOURCE, "1.0.0", [program, "-c", code, name], tmp_path)

    process = subprocess.Popen([path, "one", "t w o"], stdout=subprocess.PIPE, text=True)
    printed, _ = process.communicate()

    assert printed == f"{process.pid} {[name, 'one', 't w o']}\n"


def test_a_module_runs_whatever_folder_and_variables_are_there(tmp_path: Path) -> None:
    """A user's folder may hold a file called json.py; PYTHONPATH may point anywhere."""
    for folder in (tmp_path, tmp_path / "path"):
        folder.mkdir(exist_ok=True)
        (folder / "json.py").write_text("raise SystemExit('the wrong one')")
    environment = {"PYTHONPATH": str(tmp_path / "path")}

    done = subprocess.run(
        [*module_command("json.tool"), "--help"], cwd=tmp_path, env=environment, capture_output=True, check=False
    )

    assert (done.returncode, done.stderr) == (0, b"")


def test_terraform_says_that_a_program_is_gone(tmp_path: Path) -> None:
    """A virtual environment was removed: the user reads what happened and what to do."""
    install(SOURCE, "1.0.0", [tmp_path / "no such python"], tmp_path / "mirror")
    terraform = Terraform(tmp_path, tmp_path / "mirror", {"echo": SOURCE})

    with pytest.raises(TerraformFailed) as failed:
        terraform.plan(TEXT)

    assert f"was installed for {tmp_path}/no such python, which is gone. Install it again." in failed.value.output


def test_terraform_finds_the_users_mirror_by_itself(tmp_path: Path) -> None:
    """No CLI configuration, no registry."""
    install(SOURCE, "1.0.0", ECHO, user_mirror({"HOME": str(tmp_path)}))
    terraform = Terraform(tmp_path, None, {"echo": SOURCE})

    terraform.apply(TEXT)

    assert terraform.state()["echo_text.this"]["echo"] == "hello"


def test_windows_has_the_users_mirror_under_appdata() -> None:
    """Terraform's configuration folder there."""
    assert user_mirror({"APPDATA": "/data"}, "win32") == Path("/data/terraform.d/plugins")


def test_the_launcher_depends_on_the_command_alone() -> None:
    """The lock file of a team stays the same as long as the command does."""
    assert launcher(SOURCE, "1.0.0", ["python", "-m", "x"]) == launcher(SOURCE, "1.0.0", ["python", "-m", "x"])
