"""Files are written in one step."""

import os
import threading
from pathlib import Path

import pytest

from terraform_provider_dynatrace.cli.files import replace


def test_a_file_is_never_incomplete(tmp_path: Path) -> None:
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
    """An incomplete new file never gets the name."""
    path = tmp_path / "a.tf"
    replace(path, "old")

    with pytest.raises(UnicodeEncodeError):
        replace(path, "half \ud800")

    assert path.read_text() == "old"
    assert [one.name for one in tmp_path.iterdir()] == ["a.tf"]


def test_a_planted_link_is_not_followed(tmp_path: Path) -> None:
    """Whoever may write to the folder could link every name that they can guess to a file of the user."""
    precious = tmp_path / "precious"
    precious.write_text("precious")
    target = tmp_path / "target"
    target.mkdir()
    for process in range(os.getpid(), os.getpid() + 60):
        (target / f".a.tf.{process}").symlink_to(precious)
    (target / "a.tf").symlink_to(precious)

    replace(target / "a.tf", "new")

    assert precious.read_text() == "precious"
    assert (target / "a.tf").read_text() == "new"
    assert not (target / "a.tf").is_symlink()
