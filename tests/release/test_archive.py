"""Zips: the same bytes each time, and what Terraform needs of them."""

import os
from pathlib import Path
from zipfile import ZipFile

import pytest

from release.archive import files_below, h1_of_zip, write_zip
from terraform_plugin.install.package import h1


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with an executable, a file in a folder, an empty folder and a link."""
    folder = tmp_path / "folder"
    (folder / "deep").mkdir(parents=True)
    (folder / "empty").mkdir()
    (folder / "deep" / "file").write_text("file")
    (folder / "program").write_text("program")
    (folder / "program").chmod(0o700)
    (folder / "link").symlink_to("program")
    return folder


def test_files_are_named_from_the_folder_on(folder: Path) -> None:
    """In the order of their names. Folders are left out, and links are followed."""
    assert [*files_below(folder)] == ["deep/file", "link", "program"]


def test_the_same_files_give_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    """Times, permissions and the order in which files are found do not matter."""
    files = files_below(folder)
    write_zip(files, tmp_path / "one.zip", 1_700_000_000)
    os.utime(folder / "program", (0, 0))
    (folder / "deep" / "file").chmod(0o600)
    write_zip(dict(reversed(files.items())), tmp_path / "two.zip", 1_700_000_000)

    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()


def test_entries_have_modes_and_a_time_and_are_never_folders_or_links(folder: Path, tmp_path: Path) -> None:
    """A zip cannot hold a time before 1980."""
    write_zip(files_below(folder), tmp_path / "one.zip", 0)

    with ZipFile(tmp_path / "one.zip") as archive:
        entries = [(entry.filename, entry.external_attr >> 16, entry.date_time) for entry in archive.infolist()]
    start = (1980, 1, 1, 0, 0, 0)
    assert entries == [
        ("deep/file", 0o100644, start),
        ("link", 0o100755, start),
        ("program", 0o100755, start),
    ]


def test_a_zip_has_the_checksum_of_what_is_unpacked_from_it(folder: Path, tmp_path: Path) -> None:
    """Terraform computes the one when it installs, and the other later."""
    write_zip(files_below(folder), tmp_path / "one.zip", 0)
    with ZipFile(tmp_path / "one.zip") as archive:
        archive.extractall(tmp_path / "unpacked")

    assert h1_of_zip(tmp_path / "one.zip") == h1(tmp_path / "unpacked")
