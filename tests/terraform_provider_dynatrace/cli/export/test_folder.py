"""Files of earlier exports, files of others, and writing."""

import threading
from pathlib import Path

import pytest

from terraform_plugin import Error
from terraform_provider_dynatrace.cli.export.folder import (
    Changes,
    Mark,
    apply,
    changes,
    mark,
    marked,
    read,
    replace,
)

TEXT = 'resource "a" "b" {\n}\n'


def everything(_: str) -> bool:
    return True


@pytest.mark.parametrize(
    ("content", "whose"),
    [
        (None, Mark.ABSENT),
        (marked(TEXT), Mark.OURS),
        (marked(TEXT).replace("\n", "\r\n"), Mark.OURS),
        (marked(TEXT) + "# more\n", Mark.EDITED),
        (marked(TEXT).replace('"b"', '"c"'), Mark.EDITED),
        (TEXT, Mark.FOREIGN),
        ("", Mark.FOREIGN),
        ("# Exported by terraform-provider-dynatrace\n", Mark.FOREIGN),
    ],
)
def test_a_file_says_whose_it_is(content: str | None, whose: Mark) -> None:
    """By the checksum in its first line, whatever a version control system did to the ends of lines."""
    assert mark(content) is whose


def test_only_what_differs_is_written() -> None:
    """The same again changes nothing."""
    present = {"same.tf": marked(TEXT), "windows.tf": marked(TEXT).replace("\n", "\r\n"), "other.tf": marked("old")}

    found = changes(dict.fromkeys([*present, "new.tf"], TEXT), present, everything)

    assert found == Changes({"other.tf": marked(TEXT), "new.tf": marked(TEXT)}, [], ["same.tf", "windows.tf"], [], [])


def test_files_in_the_way_stop_everything() -> None:
    """Each is named, and the way out."""
    with pytest.raises(Error) as caught:
        changes({"main.tf": TEXT, "new.tf": TEXT}, {"main.tf": "mine", "unrelated.tf": "mine"}, everything)

    assert "  main.tf\n" in caught.value.detail
    assert "unrelated" not in caught.value.detail
    assert "-overwrite" in caught.value.detail


def test_edited_files_are_left_alone() -> None:
    """Whether the resource is still there or not; files of others are none of our business."""
    edited = marked(TEXT) + "# mine\n"
    present = {"edited.tf": edited, "gone.tf": edited, "removed.tf": marked(TEXT), "foreign.tf": "mine"}

    found = changes({"edited.tf": "new"}, present, everything)

    assert found == Changes({}, ["removed.tf"], [], ["edited.tf"], ["gone.tf"])


def test_overwriting_has_to_be_said() -> None:
    """Then it covers edited files and files of others, where one of ours belongs."""
    present = {"edited.tf": marked(TEXT) + "# mine\n", "foreign.tf": "mine", "unrelated.tf": "mine"}

    found = changes({"edited.tf": TEXT, "foreign.tf": TEXT}, present, everything, overwrite=True)

    assert found == Changes({"edited.tf": marked(TEXT), "foreign.tf": marked(TEXT)}, [], [], [], [])


def test_a_file_that_may_not_go_stays() -> None:
    """It belongs to a resource that this export is not about."""
    assert changes({}, {"other.tf": marked(TEXT)}, lambda path: path != "other.tf").removed == []


def test_what_is_planned_is_done(tmp_path: Path) -> None:
    """Files are written into new folders; a folder that becomes empty goes with its last file."""
    apply(tmp_path, Changes({"modules/a/one.tf": marked("1"), "two.tf": marked("2")}, [], [], [], []), lambda: None)
    done: list[int] = []

    apply(tmp_path, Changes({"two.tf": marked("3")}, ["modules/a/one.tf"], [], [], []), lambda: done.append(1))

    assert read(tmp_path) == {"two.tf": marked("3")}
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

    with pytest.raises(Error, match="cannot be written") as caught:
        apply(tmp_path / "target", Changes({"a.tf": TEXT}, [], [], [], []), lambda: None)

    assert str(tmp_path / "target") in caught.value.detail


def test_nobody_ever_sees_half_a_file(tmp_path: Path) -> None:
    """A reader finds the old text or the new one, whenever it looks; nothing else is left behind."""
    path = tmp_path / "a.tf"
    texts = ["old" * 10_000, "new" * 20_000]
    replace(path, texts[0])
    stop = threading.Event()

    def write() -> None:
        for round_ in range(10):
            replace(path, texts[round_ % 2])
        stop.set()

    writer = threading.Thread(target=write)
    writer.start()
    seen = set()
    while not stop.is_set():
        seen.add(path.read_text())
    writer.join()

    assert seen <= set(texts)
    assert [one.name for one in tmp_path.iterdir()] == ["a.tf"]


def test_a_write_that_fails_leaves_the_old_file(tmp_path: Path) -> None:
    """Half of a new text never gets its name."""
    path = tmp_path / "a.tf"
    replace(path, "old")

    with pytest.raises(UnicodeEncodeError):
        replace(path, "half \ud800")

    assert path.read_text() == "old"
    assert [one.name for one in tmp_path.iterdir()] == ["a.tf"]
