"""The launcher: what it starts, and what it says when it cannot."""

import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from terraform_plugin.diagnostics import Error
from terraform_plugin.install.launcher import decode, encode, is_launcher, launcher
from terraform_plugin.install.mirror import install, module_command
from terraform_plugin.testing import Terraform, TerraformFailed
from tests.terraform_plugin.conftest import ECHO
from tests.terraform_plugin.echo_provider import SOURCE

TEXT = 'resource "echo_text" "this" { text = "hello" }'
PRINT = "import os, sys; print(os.getpid(), sys.argv[1:])"


def run(path: Path | str, *arguments: str, cwd: Path | None = None, env: Mapping[str, str] | None = None) -> str:
    """Run a launcher and return what it prints on stdout."""
    return subprocess.run([path, *arguments], stdout=subprocess.PIPE, text=True, check=False, cwd=cwd, env=env).stdout


def command_of(path: Path) -> Path:
    """Return the file that says what a launcher starts."""
    return path.parent.parent / "programs" / path.parent.name / "command"


@pytest.mark.parametrize("name", ["with space", "with 'quotes'", 'with "quotes"', "with $HOME", "with\\back", "*", "ü"])
def test_the_launcher_becomes_its_command(tmp_path: Path, name: str) -> None:
    """Arguments are passed on, whatever the path contains, and no shell is left between Terraform and the provider."""
    program = tmp_path / name
    program.symlink_to(sys.executable)
    [path] = install(SOURCE, "1.0.0", [program, "-c", PRINT, name], tmp_path)

    process = subprocess.Popen([path, "one", "t w o", ""], stdout=subprocess.PIPE, text=True)
    printed, _ = process.communicate()

    assert printed == f"{process.pid} {[name, 'one', 't w o', '']}\n"


def test_it_starts_through_a_link_to_its_folder_from_anywhere(tmp_path: Path) -> None:
    """That is how Terraform installs it into a project, and starts it: with a relative path and any environment."""
    [path] = install(SOURCE, "1.0.0", [sys.executable, "-c", "print('started')"], tmp_path / "mirror")
    project = tmp_path / "deep" / "project"
    (project / ".terraform").mkdir(parents=True)
    (project / ".terraform" / path.parent.name).symlink_to(path.parent)

    assert run(f".terraform/{path.parent.name}/{path.name}", cwd=project, env={}) == "started\n"
    assert run(f"./{path.name}", cwd=path.parent, env={"CDPATH": "/", "IFS": "/"}) == "started\n"
    assert subprocess.run(["sh", path.name], cwd=path.parent, capture_output=True, check=True).stdout == b"started\n"


def test_a_mirror_may_be_moved(tmp_path: Path) -> None:
    """What a launcher starts is found from where it is."""
    [path] = install(SOURCE, "1.0.0", [sys.executable, "-c", "print('started')"], tmp_path / "mirror")

    (tmp_path / "mirror").rename(tmp_path / "moved")

    assert run(tmp_path / "moved" / path.relative_to(tmp_path / "mirror")) == "started\n"


def test_it_is_the_same_for_every_command(tmp_path: Path) -> None:
    """Terraform's lock file has its checksum: two machines differ in the command only."""
    [one] = install(SOURCE, "1.0.0", ["/home/one/python", "-m", "x"], tmp_path / "one")
    [other] = install(SOURCE, "1.0.0", ["/home/other/.venv/bin/python3"], tmp_path / "other")

    assert one.read_bytes() == other.read_bytes()
    assert is_launcher(one.read_bytes())
    assert command_of(one).read_text() == "/home/one/python\n-m\nx\n"


def test_the_error_says_that_the_program_is_missing(tmp_path: Path) -> None:
    """A virtual environment was removed: the user reads what happened and what to do."""
    install(SOURCE, "1.0.0", [tmp_path / "no such python"], tmp_path / "mirror")
    terraform = Terraform(tmp_path, tmp_path / "mirror", {"echo": SOURCE})

    with pytest.raises(TerraformFailed) as failed:
        terraform.plan(TEXT)

    message = f"{tmp_path}/no such python does not exist any more. Run the provider's install command again."
    assert message in failed.value.output


def test_a_broken_link_counts_as_missing(tmp_path: Path) -> None:
    """As the python3 of a virtual environment after an upgrade of the system."""
    (tmp_path / "python3").symlink_to("/no/such/python3.10")
    [path] = install(SOURCE, "1.0.0", [tmp_path / "python3"], tmp_path)

    assert f"{tmp_path}/python3 does not exist any more" in run(path)


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that every user may enter, unlike pytest's own."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder
        for path in [folder, *folder.rglob("*")]:
            path.chmod(0o755)


def run_unprivileged(path: Path) -> str:
    """Run a launcher as a user who is not root, and return what it prints: file modes do not restrict root."""
    user = NOBODY if os.geteuid() == 0 else None
    return subprocess.run([path], stdout=subprocess.PIPE, text=True, check=False, user=user).stdout


NOBODY = 65534
WHO = pwd.getpwuid(NOBODY if os.geteuid() == 0 else os.geteuid()).pw_name


@pytest.mark.parametrize("closed", ["home/python3", "home"])
@pytest.mark.parametrize("named", ["home/python3", "link"])
def test_a_program_without_permission_is_not_reported_as_missing(open_folder: Path, closed: str, named: str) -> None:
    """Its mode, a folder on the way, or a folder behind a link: the message does not say that it is gone."""
    program = open_folder / "home" / "python3"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\n")
    (open_folder / "link").symlink_to(program)
    [path] = install(SOURCE, "1.0.0", [open_folder / named], open_folder / "mirror")
    (open_folder / closed).chmod(0)

    printed = run_unprivileged(path)

    (open_folder / "home").chmod(0o755)
    assert f"user {WHO} is not permitted to run {open_folder / named}" in printed


@pytest.mark.parametrize("closed", ["command", "."])
def test_a_command_without_permission_is_not_reported_as_missing(open_folder: Path, closed: str) -> None:
    """Another user has installed it, without access for others."""
    [path] = install(SOURCE, "1.0.0", ["/bin/true"], open_folder / "mirror")
    command = command_of(path)
    (command.parent / closed).chmod(0)

    printed = run_unprivileged(path)

    command.parent.chmod(0o755)
    assert f"user {WHO} is not permitted to read" in printed


def test_a_missing_command_is_not_reported_as_forbidden(open_folder: Path) -> None:
    """A part of the mirror was removed by hand."""
    [path] = install(SOURCE, "1.0.0", ["/bin/true"], open_folder / "mirror")
    command_of(path).unlink()

    assert "command does not exist. Run the provider's install command again" in run_unprivileged(path)


def test_an_empty_command_is_not_started(tmp_path: Path) -> None:
    """A full disk may leave one."""
    [path] = install(SOURCE, "1.0.0", ["/bin/true"], tmp_path)
    command_of(path).write_text("")

    assert "command is empty. Run the provider's install command again." in run(path, "an argument")


def test_a_copy_apart_from_its_mirror_says_what_to_do(tmp_path: Path) -> None:
    """Terraform copies a launcher if it cannot link it, and `terraform providers mirror` packs it."""
    [path] = install(SOURCE, "1.0.0", ECHO, tmp_path / "mirror")
    copied = Path(shutil.copytree(path.parent, tmp_path / "elsewhere" / "copy")) / path.name

    printed = run(copied)

    assert printed.startswith(f"Could not start {SOURCE} 1.0.0: {copied.parent}/../programs/")
    assert "install the provider from a packed mirror" in printed


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


def test_a_module_has_a_program_on_windows() -> None:
    """The console script that pip made for it."""
    [program] = module_command("terraform_provider_x", "win32")

    assert Path(program).name == "terraform-provider-x.exe"


def test_a_path_with_a_line_break_is_refused() -> None:
    """A line break would split the command."""
    with pytest.raises(Error, match="Could not install the provider") as refused:
        encode(["/home/a\nb/python"])

    assert r"'/home/a\nb/python'" in refused.value.detail


@pytest.mark.parametrize("words", [["/bin/true"], ["/p", "", "a b", " c "], ["/\udcff\u2028", "\x0b"]])
def test_a_command_is_read_as_it_was_written(words: list[str]) -> None:
    """Paths are bytes, and Unicode line separators do not end a line."""
    assert decode(encode(words)) == words


def test_a_shell_that_is_strict_accepts_it(tmp_path: Path) -> None:
    """It uses POSIX features only, and no variable that is not set."""
    path = tmp_path / "launcher"
    path.write_bytes(launcher(SOURCE, "1.0.0", "linux_amd64"))

    done = subprocess.run(["sh", "-n", "-u", path], capture_output=True, check=False, env=dict(os.environ))

    assert (done.returncode, done.stderr) == (0, b"")
