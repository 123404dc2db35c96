"""Which processes are watched, and what they held: read from a /proc of our own making."""

from pathlib import Path

import pytest

from benchmarks.memory import Family, Peak, command_of, parent_of, peak_of


@pytest.fixture
def proc(tmp_path: Path) -> Path:
    """Terraform (7) with two providers, one of which started something; a third that still is a copy of Terraform (12);
    and somebody else (11).
    """
    held = {7: 90_000, 8: 40_960, 9: 51_200, 10: 2_048, 11: 99_999, 12: 90_000}
    for process_id, parent in {7: 1, 8: 7, 9: 7, 10: 9, 11: 1, 12: 7}.items():
        folder = tmp_path / str(process_id)
        folder.mkdir()
        (folder / "cmdline").write_bytes(b"terraform\0plan" if held[process_id] == 90_000 else b"provider")
        (folder / "stat").write_text(f"{process_id} (a (b) c) S {parent} 1 1 0")
        (folder / "status").write_text(f"Name:\ta\nVmPeak:\t  999999 kB\nVmHWM:\t   {held[process_id]} kB\n")
    return tmp_path


def test_all_that_descend_from_a_process_are_of_its_family(proc: Path) -> None:
    """Terraform itself is not, nor its copy that is about to become a provider, nor anybody else."""
    assert Family(7, proc).descendants() == [8, 9, 10]


def test_the_peak_is_that_of_the_largest(proc: Path) -> None:
    """It is in MB, and stays when the process is gone."""
    peak, family = Peak(), Family(7, proc)
    peak.look(family, proc)
    for file in (proc / "9").iterdir():
        file.unlink()
    (proc / "9").rmdir()
    peak.look(family, proc)

    assert peak.megabytes == 50


def test_a_process_that_is_gone_is_nobodys_child(proc: Path) -> None:
    """It may end between two looks."""
    assert (parent_of(13, proc), peak_of(13, proc), command_of(13, proc), parent_of(10, proc)) == (None, None, b"", 9)


def test_where_there_is_no_proc_nothing_is_measured(tmp_path: Path) -> None:
    """The row is left out there."""
    peak = Peak()
    peak.look(Family(7, tmp_path / "nowhere"), tmp_path / "nowhere")

    assert peak.megabytes is None
