"""The commands `install` and `uninstall`."""

import argparse
import shlex
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from terraform_plugin.diagnostics import Error
from terraform_plugin.install.command import add_commands
from terraform_plugin.testing import Terraform, TerraformFailed
from tests.terraform_plugin.conftest import ECHO
from tests.terraform_plugin.echo_provider import SOURCE

TEXT = 'resource "echo_text" "this" { text = "hello" }'
NO_NETWORK = {"HTTPS_PROXY": "http://127.0.0.1:9", "HTTP_PROXY": "http://127.0.0.1:9"}
"""Where a registry is asked, nobody answers: what Terraform says then shows that it asked."""

Run = Callable[..., str]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """The home folder of a user, with a blank in its path."""
    folder = tmp_path / "my home"
    folder.mkdir()
    return folder


@pytest.fixture
def run(home: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a command for that user and return what it prints."""

    def run(*arguments: str | Path, **environ: str) -> str:
        parser = argparse.ArgumentParser(prog="provider")
        add_commands(parser.add_subparsers(), SOURCE, "1.0.0", lambda: ECHO, {"HOME": str(home), **environ})
        options = parser.parse_args(list(map(str, arguments)))
        assert options.run(options) == 0
        return capsys.readouterr().out

    return run


def terraform(folder: Path, home: Path, source: str = SOURCE, **environ: str) -> Terraform:
    """Return a Terraform of that user, with no configuration but what the user has."""
    folder.mkdir()
    settings = {"HOME": str(home), "TF_CLI_CONFIG_FILE": str(home / ".terraformrc"), **NO_NETWORK, **environ}
    (home / ".terraformrc").touch()
    return Terraform(folder, None, {"echo": source}, settings)


def exported(printed: str) -> dict[str, str]:
    """Return the variables that the user is to export."""
    lines = [line.strip().removeprefix("export ") for line in printed.splitlines() if "export " in line]
    return dict(word.split("=", 1) for line in lines for word in shlex.split(line))


def files(folder: Path) -> Iterator[str]:
    return (str(path.relative_to(folder)) for path in sorted(folder.rglob("*")) if not path.is_dir())


def test_it_is_installed_where_terraform_searches(tmp_path: Path, home: Path, run: Run) -> None:
    """The output shows what to write into a configuration."""
    printed = run("install")

    assert f"Installed {SOURCE} 1.0.0: {home}/.terraform.d/plugins/{SOURCE}/1.0.0/" in printed
    assert f'source  = "{SOURCE}"' in printed
    assert 'version = "1.0.0"' in printed
    terraform(tmp_path / "project", home).apply(TEXT)


@pytest.mark.parametrize("source", ["examples/echo", "registry.example.com/examples/echo"])
def test_an_address_of_a_registry_is_used_only_where_the_user_wants_it(
    tmp_path: Path, home: Path, run: Run, source: str
) -> None:
    """Otherwise, every project of this user would get it, and no other version."""
    printed = run("install", "--source", source, "--version", "5.1.0")

    with pytest.raises(TerraformFailed, match=r"Failed to (query available|resolve) provider packages"):
        terraform(tmp_path / "other", home, source).plan(TEXT)
    terraform(tmp_path / "this", home, source, **exported(printed)).apply(TEXT)
    assert not (home / ".terraform.d" / "plugins").exists()  # OpenTofu creates an empty .terraform.d


def test_the_block_that_is_printed_is_for_the_users_configuration(tmp_path: Path, home: Path, run: Run) -> None:
    """It replaces the variable, for all projects."""
    printed = run("install", "--source", "examples/echo")

    project = terraform(tmp_path / "project", home, "examples/echo")
    block = printed[printed.index("  provider_installation") : printed.index("To undo")]
    (home / ".terraformrc").write_text(block)

    project.apply(TEXT)


def test_with_the_variable_everything_that_is_installed_is_found(tmp_path: Path, home: Path, run: Run) -> None:
    """The usual mirror, and all addresses of registries that were installed, in whatever order."""
    run("install", "--source", "examples/echo")
    run("install", "--source", "examples/other")
    printed = run("install")
    variables = exported(run("install", "--source", "examples/third"))

    project = Terraform(
        tmp_path,
        None,
        {"a": SOURCE, "b": "examples/echo", "c": "examples/other", "d": "examples/third"},
        {"HOME": str(home), **NO_NETWORK, **variables},
    )
    project.init("")

    assert exported(printed) == {}
    assert (tmp_path / ".terraform.lock.hcl").read_text().count("provider ") == 4


def test_dir_is_used_as_it_is(tmp_path: Path, home: Path, run: Run) -> None:
    """Whatever the address is."""
    printed = run("install", "--source", "hashicorp/aws", "--dir", tmp_path / "mirror")

    assert (tmp_path / "mirror/registry.terraform.io/hashicorp/aws/1.0.0").is_dir()
    assert "TF_CLI_CONFIG_FILE" not in printed
    assert not (home / ".terraform.d" / "plugins").exists()  # OpenTofu creates an empty .terraform.d
    assert not (home / ".local/share/terraform-plugin/mirror").exists()


INSTALLATIONS: list[list[str]] = [
    [],
    ["--source", "hashicorp/aws"],
    ["--source", "registry.example.com/a/b"],
    ["--dir", "{tmp}/a mirror"],
    ["--source", "hashicorp/aws", "--dir", "{tmp}/a mirror"],
]


@pytest.mark.parametrize("options", INSTALLATIONS)
def test_uninstall_undoes_an_installation(tmp_path: Path, home: Path, run: Run, options: list[str]) -> None:
    """With the same options. Earlier versions are removed, too."""
    given = [option.format(tmp=tmp_path) for option in options]
    run("install", *given, "--version", "0.9.0")
    run("install", *given)

    printed = run("uninstall", *given)

    assert "1.0.0" in printed
    assert "0.9.0" in printed
    assert [*files(home), *files(tmp_path)] == []
    assert "is not installed in" in run("uninstall", *given)


def test_list_shows_what_is_installed_where_and_how_to_undo_it(tmp_path: Path, home: Path, run: Run) -> None:
    """What it prints can be pasted."""
    for options in INSTALLATIONS:
        run("install", *(option.format(tmp=tmp_path) for option in options))

    printed = run("install", "--list")

    for mirror in (home / ".terraform.d/plugins", home / ".local/share/terraform-plugin/mirror", tmp_path / "a mirror"):
        assert f"  mirror  {mirror}\n" in printed
    assert f"  starts  {shlex.join(ECHO)}\n" in printed
    undo = [line.partition("  undo    provider ")[2] for line in printed.splitlines() if "  undo  " in line]
    for line in dict.fromkeys(undo):
        assert "Removed" in run(*shlex.split(line))
    assert run("install", "--list") == "Nothing is installed.\n"
    assert [*files(home), *files(tmp_path)] == []


def test_list_shows_a_mirror_that_is_named(tmp_path: Path, run: Run) -> None:
    """Another user has installed into it."""
    run("install", "--dir", tmp_path / "mirror", HOME=str(tmp_path / "other"))

    assert "Nothing is installed." in run("install", "--list")
    assert f"mirror  {tmp_path}/mirror" in run("install", "--list", "--dir", tmp_path / "mirror")


def test_list_shows_that_a_command_cannot_be_read(tmp_path: Path, run: Run) -> None:
    """The rest of the list is shown, too."""
    for name in ("broken", "whole"):
        run("install", "--dir", tmp_path / name)
    [command] = (tmp_path / "broken").rglob("command")
    command.unlink()
    command.mkdir()

    printed = run("install", "--list")

    assert f"  starts  unknown, {command} cannot be read: Is a directory\n" in printed
    assert f"  mirror  {tmp_path}/whole\n  starts  {shlex.join(ECHO)}\n" in printed


def test_uninstall_leaves_the_packages_of_others(tmp_path: Path, run: Run) -> None:
    """For example a provider that `terraform providers mirror` has put there."""
    theirs = tmp_path / "mirror" / SOURCE / "1.1.0" / "linux_amd64" / "terraform-provider-echo"
    theirs.parent.mkdir(parents=True)
    theirs.write_text("theirs")
    run("install", "--dir", tmp_path / "mirror")

    run("uninstall", "--dir", tmp_path / "mirror")

    assert theirs.read_text() == "theirs"


def test_a_home_that_cannot_be_written_does_not_prevent_an_installation_elsewhere(tmp_path: Path, run: Run) -> None:
    """As in a container. Only `install --list` does not show it."""
    (tmp_path / "file").write_text("")

    printed = run("install", "--dir", tmp_path / "mirror", HOME=str(tmp_path / "file"))

    assert f"Installed {SOURCE} 1.0.0: {tmp_path}/mirror/" in printed
    assert f"`install --list` will not show {tmp_path}/mirror" in printed


HOMELESS = f"""
import argparse, sys
from terraform_plugin.diagnostics import Error
from terraform_plugin.install.command import add_commands
from tests.terraform_plugin.conftest import ECHO
parser = argparse.ArgumentParser(prog="provider")
add_commands(parser.add_subparsers(), "{SOURCE}", "1.0.0", lambda: ECHO, {{}})
options = parser.parse_args()
try:
    sys.exit(options.run(options))
except Error as error:
    sys.exit(f"{{error.summary}}: {{error.detail}}")
"""
"""A program with these commands for a user without HOME. Python finds no home folder if HOME begins with a tilde."""


def run_without_home(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    environ = {"HOME": "~", "PYTHONPATH": str(Path.cwd()), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "-c", HOMELESS, *map(str, arguments)]
    return subprocess.run(command, env=environ, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("arguments", [["install"], ["install", "--source", "hashicorp/aws"], ["install", "--list"]])
def test_a_user_without_a_home_folder_must_name_a_mirror(arguments: list[str]) -> None:
    """As in a container whose user is unknown to the system. The error says what to pass or set."""
    done = run_without_home(*arguments)

    expected = "No home folder: HOME is not set, and this user has no home folder. Set HOME, or pass --dir DIR.\n"
    assert (done.returncode, done.stderr) == (1, expected)


@pytest.mark.parametrize("source", [SOURCE, "hashicorp/aws"])
def test_a_user_without_a_home_folder_can_use_a_mirror_of_their_own(tmp_path: Path, source: str) -> None:
    """Install, list and uninstall with `--dir`."""
    mirror = tmp_path / "mirror"
    options = ["--source", source, "--dir", str(mirror)]

    done = [run_without_home(*words, *options) for words in (["install"], ["install", "--list"], ["uninstall"])]

    assert [(one.returncode, one.stderr) for one in done] == [(0, "")] * 3
    assert f"Installed {source} 1.0.0" in done[0].stdout
    assert f"undo    provider uninstall --source {source} --dir {mirror}" in done[1].stdout
    assert [*files(mirror)] == []


@pytest.mark.parametrize(
    ("options", "environ", "noted"),
    [
        ([], {"SUDO_USER": "dana"}, True),
        ([], {"SUDO_USER": "root"}, False),
        ([], {}, False),
        (["--dir", "{tmp}/mirror"], {"SUDO_USER": "dana"}, False),
    ],
)
def test_sudo_installs_for_another_user(
    tmp_path: Path, run: Run, options: list[str], environ: Mapping[str, str], *, noted: bool
) -> None:
    """The output says for which user it is installed."""
    printed = run("install", *(option.format(tmp=tmp_path) for option in options), **environ)

    assert ("To install it for dana, run the command without sudo." in printed) is noted


def test_an_invalid_address_is_an_error(run: Run) -> None:
    """For both commands."""
    for command in ("install", "uninstall"):
        with pytest.raises(Error, match="Invalid source address"):
            run(command, "--source", "no address")
