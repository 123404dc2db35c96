"""Names as a registry wants them, and checksums of everything that is published."""

import hashlib
from pathlib import Path

import pytest

from release.published import executable_name, parsed, this_target, write_sums, zip_name


@pytest.mark.parametrize(
    ("system", "machine", "target"),
    [
        ("linux", "x86_64", "linux_amd64"),
        ("linux", "aarch64", "linux_arm64"),
        ("darwin", "arm64", "darwin_arm64"),
        ("darwin", "x86_64", "darwin_amd64"),
        ("win32", "AMD64", "windows_amd64"),
    ],
)
def test_a_package_is_for_the_platform_it_was_built_on(system: str, machine: str, target: str) -> None:
    """Named as in Go. On macOS, it is for one processor architecture, because it contains machine code."""
    assert this_target(system, machine) == target


def test_zips_are_called_as_registries_and_mirrors_expect() -> None:
    """The name contains the version and the platform, which can be parsed from it."""
    name = zip_name("1.2.0-rc1", "linux_amd64")

    assert name == "terraform-provider-dynatrace_1.2.0-rc1_linux_amd64.zip"
    assert parsed(name) == ("1.2.0-rc1", "linux_amd64")
    assert parsed("notes.zip") is None


def test_the_executable_has_the_version_in_its_name() -> None:
    """Windows requires the suffix .exe."""
    assert executable_name("1.2.0", "linux") == "terraform-provider-dynatrace_v1.2.0"
    assert executable_name("1.2.0", "win32") == "terraform-provider-dynatrace_v1.2.0.exe"


def test_checksums_are_of_this_version_only(tmp_path: Path) -> None:
    """Zips for other platforms are included. The file of checksums and its signature are not."""
    version = "terraform-provider-dynatrace_1.0.0"
    names = [f"{version}_darwin_arm64.zip", f"{version}_linux_amd64.zip", f"{version}_manifest.json"]
    for name in (*names, f"{version}_SHA256SUMS.sig", "terraform-provider-dynatrace_0.9.0_linux_amd64.zip"):
        (tmp_path / name).write_text(name)

    write_sums(tmp_path, "1.0.0")
    sums = write_sums(tmp_path, "1.0.0")

    assert sums.read_text() == "".join(f"{hashlib.sha256(name.encode()).hexdigest()}  {name}\n" for name in names)
