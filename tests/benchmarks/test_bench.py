"""The whole benchmark with few resources, and with the real Terraform."""

from pathlib import Path

from benchmarks.contestants import contestants
from benchmarks.rows import Bench
from benchmarks.servers import opened

COMMANDS = {
    *(f"{command} of 1 pairs, {delay} ms" for command in ("plan", "apply", "refresh", "destroy") for delay in (0, 30)),
    *(f"{command}, {delay} ms" for command in ("plan of 1", "refresh of 2 pairs") for delay in (0, 30)),
    *("plan of 2", "export of 3"),
}
"""With one pair, many that are two, and at most three connections."""


def test_every_row_is_measured(tmp_path: Path) -> None:
    """Time for every contestant, requests and memory for the provider."""
    with opened({}) as server:
        taking_part = contestants({}, tmp_path / "dist", tmp_path / "mirrors")
        bench = Bench(server, taking_part, tmp_path, lambda _: None, repeat=1, pairs=1, many=2, most=3)
        bench.measure_all()
        assert len(server.ids) == 3

    lines = [[*map(str.strip, line.split("|")[1:-1])] for line in bench.results.table(["floor", "ours"]).splitlines()]
    ours = {title: cell for title, _, cell, _ in lines[2:]}
    assert ours.keys() == {
        *("start to handshake", "plan of 2: peak memory", "refresh of 2 pairs, 0 ms: peak memory"),
        *COMMANDS,
        *(f"{title}: requests" for title in COMMANDS),
    }
    assert [title for title, floor, *_ in lines[2:] if title in COMMANDS and floor == "-"] == ["export of 3"]
    assert [title for title, cell in ours.items() if not int(cell.partition(" ")[0].partition(".")[0])] == []


def test_a_sandbox_can_be_measured_instead(tmp_path: Path) -> None:
    """Pairs are applied and destroyed there with a role that each of them may assume."""
    with opened({"SERVER": "sandbox"}) as server:
        _, ours = contestants({}, tmp_path / "dist", tmp_path / "mirrors")
        bench = Bench(server, [ours], tmp_path, lambda _: None, repeat=1, pairs=1)
        bench.life_of_pairs("")

    titles = [line.split("|")[1].strip() for line in bench.results.table(["ours"]).splitlines()[2:]]
    assert titles[::2] == [f"{command} of 1 pairs" for command in ("plan", "apply", "refresh", "destroy")]
    assert titles[1::2] == [f"{title}: requests" for title in titles[::2]]
