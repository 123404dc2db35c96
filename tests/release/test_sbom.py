"""The list of what is in the package, held against what is in the package."""

import hashlib
import json
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Any
from urllib.parse import quote
from zipfile import ZipFile

import pytest
from cyclonedx.spdx import is_expression, is_supported_id

from release.building import Release
from release.components import Component
from release.contents import PROVIDER, normalized
from release.sbom import bill_of_materials, licence_list, licence_texts
from terraform_provider_dynatrace import __version__

DESCRIPTIONS = ("runtime/licences/", "runtime/sbom.cdx.json")
NOT_INSTALLED_BY_PIP = {"python", "pyinstaller"}


@pytest.fixture(scope="module")
def materials(release: Release) -> dict[str, Any]:
    """The list that is published beside the package."""
    found: dict[str, Any] = json.loads(release.materials.read_text())
    return found


@pytest.fixture(scope="module")
def packed(release: Release) -> dict[str, bytes]:
    """What the package consists of, by name; its descriptions are left out."""
    with ZipFile(release.package) as archive:
        return {name: archive.read(name) for name in archive.namelist() if not name.startswith(DESCRIPTIONS)}


def entries(materials: dict[str, Any]) -> list[dict[str, Any]]:
    return [materials["metadata"]["component"], *materials["components"]]


def test_every_file_of_the_package_is_in_it_once(materials: dict[str, Any], packed: dict[str, bytes]) -> None:
    """With its checksum in the package. No other files are listed."""
    listed = [
        (file["name"], file["hashes"][0]["content"]) for entry in entries(materials) for file in entry["components"]
    ]

    assert sorted(listed) == sorted((name, hashlib.sha256(content).hexdigest()) for name, content in packed.items())


def test_every_distribution_whose_modules_are_in_the_package_is_in_it(
    materials: dict[str, Any], packed: dict[str, bytes]
) -> None:
    """Checked in another way: by the distributions of the top-level modules. No other distributions are listed."""
    modules = {name.split("/")[1].partition(".")[0] for name in packed if name.startswith("runtime/")}
    owners = {
        normalized(owner) for module, found in packages_distributions().items() if module in modules for owner in found
    }
    listed = {entry["name"] for entry in entries(materials) if entry["purl"].startswith("pkg:pypi/")}

    assert listed - NOT_INSTALLED_BY_PIP - {PROVIDER} == owners - {PROVIDER}
    assert {"boto3", "cryptography", "protobuf", *NOT_INSTALLED_BY_PIP, PROVIDER} <= {
        one["name"] for one in entries(materials)
    }


def test_every_component_has_a_version_and_a_licence_in_spdxs_words(materials: dict[str, Any]) -> None:
    """Scanners compare them with the licences that a company allows."""
    for entry in entries(materials):
        [licence] = entry["licenses"]
        expression = licence["expression"]
        assert is_supported_id(expression) or is_expression(expression), entry["name"]
        assert entry["version"], entry["name"]
        assert f"/{quote(entry['name'])}@" in entry["purl"]


def test_every_component_has_the_text_of_its_licence_in_the_package(
    materials: dict[str, Any], release: Release
) -> None:
    """Each in its own folder, which the table of licences names."""
    with ZipFile(release.package) as archive:
        listed = archive.read("runtime/licences/README.md").decode()
        texts = {name.split("/")[2] for name in archive.namelist() if name.startswith("runtime/licences/")}
        published = archive.read("runtime/sbom.cdx.json")
    rows = {row.split(" | ")[0].removeprefix("| "): row for row in listed.splitlines() if "`" in row}

    assert {*rows} == {entry["name"] for entry in entries(materials)}
    assert {row.split("`")[1] for row in rows.values()} == texts - {"README.md"}
    assert json.loads(published) == materials
    assert release.licences.read_text() == listed


def test_it_is_about_this_release_and_made_when_it_was_built(materials: dict[str, Any]) -> None:
    """In the CycloneDX version that it declares."""
    assert (materials["bomFormat"], materials["specVersion"]) == ("CycloneDX", "1.6")
    assert materials["metadata"]["component"]["purl"] == f"pkg:pypi/{PROVIDER}@{__version__}"
    assert materials["metadata"]["timestamp"] == "2023-11-14T22:13:20+00:00"
    assert {one["bom-ref"] for one in materials["components"]} == {
        ref for one in materials["dependencies"] for ref in one.get("dependsOn", [])
    }


def part(name: str, file: Path, **texts: Path) -> Component:
    return Component(name, "1.0", f"pkg:pypi/{name}@1.0", "MIT", texts, {f"runtime/{name}": file})


def test_the_same_components_give_the_same_text(tmp_path: Path) -> None:
    """In any order. The text changes if one byte of a file changes."""
    (tmp_path / "file").write_text("content")
    parts = [part(name, tmp_path / "file") for name in (PROVIDER, "a", "b")]
    first = bill_of_materials(parts, 0)

    assert bill_of_materials(parts[::-1], 0) == first
    (tmp_path / "file").write_text("other")
    assert json.loads(bill_of_materials(parts, 0))["serialNumber"] != json.loads(first)["serialNumber"]


def test_a_component_without_a_text_is_refused(tmp_path: Path) -> None:
    """Most licences require that their text is included."""
    text = tmp_path / "LICENSE"
    assert licence_texts([part("a", tmp_path, LICENSE=text)]) == {"a-1.0/LICENSE": text}
    with pytest.raises(SystemExit, match="b contains no licence text"):
        licence_texts([part("a", tmp_path, LICENSE=text), part("b", tmp_path)])


def test_people_read_a_table(tmp_path: Path) -> None:
    """It has one line for each component."""
    assert "| a | 1.0 | MIT | `a-1.0` |\n| b |" in licence_list([part("a", tmp_path), part("b", tmp_path)])
