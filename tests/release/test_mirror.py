"""A mirror: what Terraform reads of it, over HTTPS and as a folder."""

import json
import platform
import sys
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from zipfile import ZipFile

import pytest

from release.archive import sha256, write_zip
from release.building import Release
from release.mirror import add_to_mirror
from release.published import this_target, zip_name
from terraform_plugin.diagnostics import Error
from terraform_plugin.install.package import h1
from terraform_plugin.testing import Terraform, TerraformFailed
from terraform_provider_dynatrace import SOURCE, __version__
from tests.tls_front import Authority

CONFIG = f"""
terraform {{
  required_providers {{
    dynatrace = {{ source = "{SOURCE}" }}
  }}
}}
output "audience" {{
  value = provider::dynatrace::aws_audience("abc12345.apps.dynatrace.com", "APP:dynatrace.aws.connector")
}}
"""


class Recording(ThreadingHTTPServer):
    """Serves a folder and notes what was asked for."""

    asked: list[str]


class Files(SimpleHTTPRequestHandler):
    """A plain file server: a mirror needs no other."""

    server: Recording

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        del size
        self.server.asked.append(f"{code} {self.path}")


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A zip with one file in it, named like one of ours."""
    (tmp_path / "program").write_text("program")
    path = tmp_path / zip_name("1.0.0", "linux_amd64")
    write_zip({"terraform-provider-dynatrace_v1.0.0": tmp_path / "program"}, path, 0)
    return path


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[Recording, Path]]:
    """A file server over TLS for the folder `mirror`, and the authority to trust."""
    authority = Authority(tmp_path)
    (tmp_path / "mirror").mkdir()
    server = Recording(("127.0.0.1", 0), partial(Files, directory=tmp_path / "mirror"))
    server.asked = []
    server.socket = authority.context("localhost").wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server, authority.file
    server.shutdown()
    thread.join()
    server.server_close()


def terraform_with(served: tuple[Recording, Path], folder: Path) -> Terraform:
    """Return a Terraform that has providers from this mirror and from nowhere else."""
    server, trusted = served
    terraform = Terraform(folder, None, {}, {"SSL_CERT_FILE": str(trusted)})
    url = f"https://localhost:{server.server_address[1]}/"
    settings = f'provider_installation {{\n  network_mirror {{\n    url = "{url}"\n  }}\n}}\n'
    (folder / "cli.tfrc").write_text(settings)
    return terraform


def test_terraform_installs_from_it_over_https(
    tmp_path: Path, release: Release, served: tuple[Recording, Path]
) -> None:
    """Terraform reads both indexes from a file server, installs the zip, and locks its checksum."""
    server, _ = served
    add_to_mirror(tmp_path / "mirror", SOURCE, release.packages)
    terraform = terraform_with(served, tmp_path)

    terraform.apply(CONFIG)

    assert terraform.output("audience") == "abc12345.apps.dynatrace.com/app-id/dynatrace.aws.connector"
    files = ("index.json", f"{__version__}.json", release.package.name)
    assert [*dict.fromkeys(server.asked)] == [f"200 /{SOURCE}/{name}" for name in files]
    # OpenTofu puts a lock file beside the folder.
    [unpacked] = (path for path in (tmp_path / ".terraform").rglob(f"{__version__}/*") if path.is_dir())
    assert f'"{h1(unpacked)}",' in (tmp_path / ".terraform.lock.hcl").read_text()


@pytest.mark.parametrize("checksum", ["h1", "zh"])
def test_terraform_refuses_a_zip_that_is_not_the_one_described(
    tmp_path: Path, package: Path, served: tuple[Recording, Path], checksum: str
) -> None:
    """Terraform compares each of the two checksums by itself."""
    target = zip_name("1.0.0", this_target(sys.platform, platform.machine()))
    [folder] = add_to_mirror(tmp_path / "mirror", SOURCE, [package.rename(package.with_name(target))])
    described = json.loads((folder / "1.0.0.json").read_text())
    [archive] = described["archives"].values()
    archive["hashes"] = [one for one in archive["hashes"] if one.startswith(checksum)]
    (folder / "1.0.0.json").write_text(json.dumps(described))
    write_zip({"terraform-provider-dynatrace_v1.0.0": Path(__file__)}, folder / target, 0)

    (tmp_path / "main.tf").write_text(CONFIG)

    with pytest.raises(TerraformFailed, match="checksum"):
        terraform_with(served, tmp_path).run("init", "-no-color")


def test_an_index_has_every_version_and_platform_that_is_there(tmp_path: Path, package: Path) -> None:
    """Also those that were added before. Zips of other providers are ignored."""
    (tmp_path / "mirror" / SOURCE).mkdir(parents=True)
    (tmp_path / "mirror" / SOURCE / "notes.zip").write_bytes(package.read_bytes())
    add_to_mirror(tmp_path / "mirror", SOURCE, [package])
    others = [
        package.with_name(zip_name(*named)) for named in (("1.0.0", "darwin_arm64"), ("1.1.0-rc1", "linux_amd64"))
    ]
    for other in others:
        other.write_bytes(package.read_bytes())

    [folder] = add_to_mirror(tmp_path / "mirror", SOURCE, others)

    assert folder == tmp_path / "mirror" / SOURCE
    assert json.loads((folder / "index.json").read_text()) == {"versions": {"1.0.0": {}, "1.1.0-rc1": {}}}
    first = json.loads((folder / "1.0.0.json").read_text())["archives"]
    assert [*first] == ["darwin_arm64", "linux_amd64"]
    assert first["linux_amd64"]["url"] == package.name
    assert [*json.loads((folder / "1.1.0-rc1.json").read_text())["archives"]] == ["linux_amd64"]


def test_the_checksums_are_of_the_zip_and_of_what_is_in_it(tmp_path: Path, package: Path) -> None:
    """A registry signs the first. The second can be checked after unpacking."""
    [folder] = add_to_mirror(tmp_path / "mirror", SOURCE, [package])
    with ZipFile(package) as archive:
        archive.extractall(tmp_path / "unpacked")

    hashes = json.loads((folder / "1.0.0.json").read_text())["archives"]["linux_amd64"]["hashes"]
    assert hashes == [h1(tmp_path / "unpacked"), f"zh:{sha256(package)}"]


def test_an_address_without_a_host_is_mirrored_for_both(tmp_path: Path, package: Path) -> None:
    """Terraform and OpenTofu use different default hosts."""
    folders = add_to_mirror(tmp_path, "dynatrace-oss/dynatrace", [package])

    assert [folder.relative_to(tmp_path).parts[0] for folder in folders] == [
        "registry.terraform.io",
        "registry.opentofu.org",
    ]


def test_another_type_is_refused(tmp_path: Path, package: Path) -> None:
    """Terraform would not find an executable of that name in the zip."""
    with pytest.raises(Error, match="Invalid source address") as refused:
        add_to_mirror(tmp_path / "mirror", "example.com/other/cloud", [package])

    assert 'must be "dynatrace"' in refused.value.detail
    assert not (tmp_path / "mirror").exists()
