"""Files of earlier exports, files of others, and writing."""

from pathlib import Path

import pytest

from terraform_plugin import Error
from terraform_provider_dynatrace.cli.export.folder import (
    Changes,
    Origin,
    apply,
    changes,
    origin,
    read,
    with_header,
)

TEXT = 'resource "a" "b" {\n}\n'


def everything(_: str) -> bool:
    return True


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (None, Origin.ABSENT),
        (with_header(TEXT), Origin.EXPORT),
        (with_header(TEXT).replace("\n", "\r\n"), Origin.EXPORT),
        (with_header(TEXT) + "# more\n", Origin.EDITED),
        (with_header(TEXT).replace('"b"', '"c"'), Origin.EDITED),
        (TEXT, Origin.OTHER),
        ("", Origin.OTHER),
        ("# Exported by terraform-provider-dynatrace\n", Origin.OTHER),
    ],
)
def test_the_origin_of_a_file_is_in_its_header(content: str | None, expected: Origin) -> None:
    """By the checksum in its first line, whatever a version control system did to the ends of lines."""
    assert origin(content) is expected


def test_only_what_differs_is_written() -> None:
    """The same again changes nothing."""
    present = {
        "same.tf": with_header(TEXT),
        "windows.tf": with_header(TEXT).replace("\n", "\r\n"),
        "other.tf": with_header("old"),
    }

    found = changes(dict.fromkeys([*present, "new.tf"], TEXT), present, everything)

    assert found == Changes(
        {"other.tf": with_header(TEXT), "new.tf": with_header(TEXT)}, [], ["same.tf", "windows.tf"], [], []
    )


def test_files_in_the_way_stop_everything() -> None:
    """Each is named, and the way out."""
    with pytest.raises(Error) as caught:
        changes({"main.tf": TEXT, "new.tf": TEXT}, {"main.tf": "mine", "unrelated.tf": "mine"}, everything)

    assert "  main.tf\n" in caught.value.detail
    assert "unrelated" not in caught.value.detail
    assert "-overwrite" in caught.value.detail


def test_edited_files_are_left_alone() -> None:
    """Whether the resource is still there or not; files of others are none of our business."""
    edited = with_header(TEXT) + "# mine\n"
    present = {"edited.tf": edited, "gone.tf": edited, "removed.tf": with_header(TEXT), "foreign.tf": "mine"}

    found = changes({"edited.tf": "new"}, present, everything)

    assert found == Changes({}, ["removed.tf"], [], ["edited.tf"], ["gone.tf"])


def test_edited_files_are_overwritten_on_request_only() -> None:
    """Then it covers edited files and files of others, where one of ours belongs."""
    present = {"edited.tf": with_header(TEXT) + "# mine\n", "foreign.tf": "mine", "unrelated.tf": "mine"}

    found = changes({"edited.tf": TEXT, "foreign.tf": TEXT}, present, everything, overwrite=True)

    assert found == Changes({"edited.tf": with_header(TEXT), "foreign.tf": with_header(TEXT)}, [], [], [], [])


def test_a_file_that_may_not_go_stays() -> None:
    """It belongs to a resource that this export is not about."""
    assert changes({}, {"other.tf": with_header(TEXT)}, lambda path: path != "other.tf").removed == []


def test_what_is_planned_is_done(tmp_path: Path) -> None:
    """Files are written into new folders; a folder that becomes empty goes with its last file."""
    apply(
        tmp_path,
        Changes({"modules/a/one.tf": with_header("1"), "two.tf": with_header("2")}, [], [], [], []),
        lambda: None,
    )
    done: list[int] = []

    apply(tmp_path, Changes({"two.tf": with_header("3")}, ["modules/a/one.tf"], [], [], []), lambda: done.append(1))

    assert read(tmp_path) == {"two.tf": with_header("3")}
    assert [path.name for path in tmp_path.iterdir()] == ["two.tf"]
    assert len(done) == 2


def test_only_places_of_an_export_are_read(tmp_path: Path) -> None:
    """Root, modules, flawed; not what Terraform keeps for itself, and nothing deeper."""
    for path in ("a.tf", "modules/x/b.tf", ".flawed/c.tf", ".terraform/d.tf", "modules/x/y/e.tf", "f.txt"):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(path)

    assert read(tmp_path) == {path: path for path in ("a.tf", "modules/x/b.tf", ".flawed/c.tf")}


def test_a_folder_that_is_not_there_holds_nothing(tmp_path: Path) -> None:
    """The first export makes it."""
    assert read(tmp_path / "new") == {}


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    """Here a file is where a folder should be."""
    (tmp_path / "target").write_text("a file")

    with pytest.raises(Error, match="Cannot write") as caught:
        apply(tmp_path / "target", Changes({"a.tf": TEXT}, [], [], [], []), lambda: None)

    assert str(tmp_path / "target") in caught.value.detail


def test_temporary_files_of_a_killed_export_are_removed(tmp_path: Path) -> None:
    """Files with similar names that no export wrote stay."""
    for path in (".a.tf.0123456789abcdef.export", "modules/x/.b.tf.0123456789abcdef.export", ".c.tf.export", ".d.tf"):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text("half")

    apply(tmp_path, Changes({}, [], [], []), lambda: None)

    assert sorted(path.name for path in tmp_path.rglob(".*")) == [".c.tf.export", ".d.tf"]


def test_files_with_resources_of_another_export_are_named() -> None:
    """Terraform would create what they contain. Other files of the user are not mentioned."""
    present = {"modules/a/old.a.tf": "of the official provider", "backend.tf": "mine", "mine.a.tf": with_header(TEXT)}

    found = changes({}, present, lambda _: False, is_resource=lambda path: path.endswith(".a.tf"))

    assert found.foreign == ["modules/a/old.a.tf"]
