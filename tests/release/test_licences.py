"""Which licence something has: its own words where they are SPDX's, else what somebody has read."""

from pathlib import Path

import pytest

from release.licences import licence_of, licence_of_source, texts_of
from tests.release.distributions import distribution_in


@pytest.mark.parametrize(
    ("name", "fields", "licence"),
    [
        ("a", "License-Expression: MIT OR Apache-2.0\n", "MIT OR Apache-2.0"),
        ("a", "License: BSD-3-Clause\n", "BSD-3-Clause"),
        ("protobuf", "License: 3-Clause BSD License\n", "BSD-3-Clause"),
        ("python_dateutil", "License: Dual License\n", "BSD-3-Clause AND (Apache-2.0 OR BSD-3-Clause)"),
    ],
)
def test_a_licence_is_an_spdx_expression(tmp_path: Path, name: str, fields: str, licence: str) -> None:
    """From the metadata, or from the table of licences that a person has read."""
    assert licence_of(distribution_in(tmp_path, name, fields)) == licence


@pytest.mark.parametrize("fields", ["", "License: some licence of our own\n", "Classifier: License :: Public Domain\n"])
def test_an_unknown_licence_is_not_published(tmp_path: Path, fields: str) -> None:
    """The build fails, and says where to add the licence."""
    with pytest.raises(SystemExit, match=r"unread has no SPDX licence expression.*licences\.py"):
        licence_of(distribution_in(tmp_path, "unread", fields))


def test_licence_files_are_found_by_their_names(tmp_path: Path) -> None:
    """Other files in the same folder are ignored."""
    one = distribution_in(tmp_path, "a", "", LICENSE="text", NOTICE="note", WHEEL="Tag: any")

    assert {name: path.read_text() for name, path in texts_of(one).items()} == {"LICENSE": "text", "NOTICE": "note"}


@pytest.mark.parametrize(
    ("source", "licence"),
    [("openssl", "Apache-2.0"), ("gcc-12", "GPL-3.0-or-later WITH GCC-exception-3.1"), ("python3.11", "PSF-2.0")],
)
def test_a_library_of_the_system_has_its_sources_licence(source: str, licence: str) -> None:
    """With or without a version in the name of the source."""
    assert licence_of_source(source) == licence


def test_a_library_with_an_unknown_licence_is_not_published() -> None:
    """For example readline, whose GPL would apply to the whole package."""
    with pytest.raises(SystemExit, match="a library of readline"):
        licence_of_source("readline")
