"""Folders that are written in one step, and removed without touching anything else."""

from pathlib import Path

import pytest

from terraform_plugin.install.package import h1
from terraform_plugin.install.tree import holds, place, remove, write

FILES: dict[str, Path | bytes] = {"program": b"program", "runtime/deep/library": b"library"}


def contents(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_folder_has_its_files_and_an_executable(tmp_path: Path) -> None:
    """Contents and copies of files; nothing else stays next to it."""
    (tmp_path / "source").write_text("copied")

    place({**FILES, "copy": tmp_path / "source"}, tmp_path / "new" / "folder", "program")

    assert contents(tmp_path / "new" / "folder") == {**FILES, "copy": b"copied"}
    assert (tmp_path / "new" / "folder" / "program").stat().st_mode & 0o777 == 0o755
    assert [*(tmp_path / "new").iterdir()] == [tmp_path / "new" / "folder"]


def test_a_folder_that_is_there_is_not_written_into(tmp_path: Path) -> None:
    """And no temporary file is left."""
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "notes").write_text("mine")

    with pytest.raises(OSError, match="not empty"):
        place(FILES, tmp_path / "folder", "program")

    assert contents(tmp_path) == {"folder/notes": b"mine"}


def test_a_link_is_replaced_and_not_written_through(tmp_path: Path) -> None:
    """The target of the link is not changed."""
    (tmp_path / "theirs").write_text("theirs")
    (tmp_path / "link").symlink_to(tmp_path / "theirs")

    write(tmp_path / "link", b"ours")

    assert not (tmp_path / "link").is_symlink()
    assert contents(tmp_path) == {"link": b"ours", "theirs": b"theirs"}


def test_what_links_lead_to_is_not_removed(tmp_path: Path) -> None:
    """Neither files nor folders."""
    (tmp_path / "theirs").mkdir()
    (tmp_path / "theirs" / "file").write_text("theirs")
    place(FILES, tmp_path / "folder", "program")
    (tmp_path / "folder" / "link").symlink_to(tmp_path / "theirs")

    remove(tmp_path / "folder")

    assert contents(tmp_path) == {"theirs/file": b"theirs"}


@pytest.mark.parametrize("change", ["content", "more", "less", "link", "empty folder", "linked"])
def test_a_folder_that_was_changed_does_not_hold_the_checksum(tmp_path: Path, change: str) -> None:
    """Also if Terraform's checksum does not cover the change."""
    folder = tmp_path / "folder"
    place(FILES, folder, "program")
    checksum = h1(folder)
    assert holds(folder, checksum)

    match change:
        case "content":
            (folder / "program").write_text("another")
        case "more":
            (folder / "more").write_text("")
        case "less":
            (folder / "runtime" / "deep" / "library").unlink()
        case "link":
            (folder / "program").rename(tmp_path / "program")
            (folder / "program").symlink_to(tmp_path / "program")
        case "empty folder":
            (folder / "runtime" / "empty").mkdir()
        case "linked":
            folder.rename(tmp_path / "elsewhere")
            folder.symlink_to(tmp_path / "elsewhere")

    assert not holds(folder, checksum)
