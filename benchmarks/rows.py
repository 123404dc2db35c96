"""What is measured: the rows of the table, each for every contestant in turn."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.configurations import connections, floor, floor_state, state
from benchmarks.contestants import Contestant
from benchmarks.figures import Results
from benchmarks.folder import Folder, Run, timed
from benchmarks.starting import BARE, run, terraform_variables, to_handshake
from benchmarks.tenant import Tenant

LATENCIES = (0, 30)  # milliseconds; the second is what a tenant on the same continent takes
PAIRS = 100
MANY = 1000
MOST = 3000


@dataclass
class Bench:
    """What the rows share. `say` shows how far it is."""

    tenant: Tenant
    contestants: Sequence[Contestant]
    folder: Path
    repeat: int
    say: Callable[[str], None]
    results: Results = field(default_factory=Results)
    made: int = 0

    def each(self, doing: str, of: Sequence[Contestant] = ()) -> Iterator[Contestant]:
        """Yield the contestants in turn, as often as everything is measured."""
        for number in range(self.repeat):
            self.say(f"{doing}: {number + 1} of {self.repeat}")
            yield from of or self.contestants

    @property
    def providers(self) -> list[Contestant]:
        """Those contestants that are a provider."""
        return [one for one in self.contestants if one.mirror]

    def fresh(self, contestant: Contestant, names: Sequence[str], *, pairs: bool) -> Folder:
        """Return a folder with nothing applied yet."""
        self.made += 1
        configuration = (
            connections(names, self.tenant.role_arn if pairs else None)
            if contestant.mirror
            else floor(names, pairs=pairs)
        )
        path = self.folder / f"{contestant.name}-{self.made}"
        return Folder(path, contestant, self.tenant.variables, configuration)

    def measure(self, title: str, contestant: Contestant, command: Callable[[], Run], *, memory: bool = False) -> None:
        """Run a command: its time, its requests, and on demand its memory become rows."""
        mark = self.tenant.mark()
        ran = command()
        self.results.add(title, "s", contestant.name, ran.seconds)
        if contestant.mirror and (requests := self.tenant.since(mark)) is not None:
            self.results.add(f"{title}: requests", "requests", contestant.name, requests.all)
            if requests.validations:
                beyond = requests.beyond_validation
                self.results.add(f"{title}: beyond validation", "requests", contestant.name, beyond)
        if memory and contestant.mirror:
            self.results.add(f"{title}: peak memory", "MB", contestant.name, ran.megabytes)


def start(bench: Bench) -> None:
    """From the start of the process to the handshake; the floor is a bare interpreter."""
    title, unit, variables = "start to handshake", "ms", terraform_variables()
    found = {one: bench.fresh(one, [], pairs=False).executable for one in bench.providers}
    for contestant in bench.each(title):
        for _ in range(3):  # it is short: three times as often costs little
            took = to_handshake(found[contestant], variables) if contestant.mirror else run(BARE)
            bench.results.add(title, unit, contestant.name, took * 1000)


def plan_of_one(bench: Bench, latency: int) -> None:
    """A connection that does not exist yet."""
    [name] = bench.tenant.names("one", 1)
    folders = {one: bench.fresh(one, [name], pairs=False) for one in bench.contestants}
    for contestant in bench.each(f"plan of 1, {latency} ms"):
        bench.measure(f"plan of 1, {latency} ms", contestant, folders[contestant].plan)


def pairs(bench: Bench, latency: int) -> None:
    """Connections with role ARNs, from nothing to nothing."""
    names = bench.tenant.names("pair", PAIRS)
    folders = {one: bench.fresh(one, names, pairs=True) for one in bench.contestants}
    for contestant in bench.each(f"{PAIRS} pairs, {latency} ms"):
        folder = folders[contestant]
        for command in (folder.plan, folder.apply, folder.refresh, folder.destroy):
            bench.measure(f"{command.__name__} of {PAIRS} pairs, {latency} ms", contestant, command)


def plan_of_many(bench: Bench) -> None:
    """Connections that do not exist yet; the memory that planning them takes."""
    names = bench.tenant.names("new", MANY)
    folders = {one: bench.fresh(one, names, pairs=False) for one in bench.contestants}
    for contestant in bench.each(f"plan of {MANY}"):
        bench.measure(f"plan of {MANY}", contestant, folders[contestant].plan, memory=True)


def refresh_of_many(bench: Bench) -> None:
    """Connections with role ARNs that exist and are in the state."""
    names = bench.tenant.names("many", MANY)
    bench.say(f"creating {MANY} connections with role ARNs")
    ids = bench.tenant.create(names, bench.tenant.role_arn)
    folders = {one: bench.fresh(one, names, pairs=True) for one in bench.contestants}
    for contestant, folder in folders.items():
        known = state(ids, bench.tenant.role_arn) if contestant.mirror else floor_state(names)
        (folder.path / "terraform.tfstate").write_text(known)
    for latency in LATENCIES:
        bench.tenant.answer_after(latency)
        title = f"refresh of {MANY} pairs, {latency} ms"
        for contestant in bench.each(title):
            bench.measure(title, contestant, folders[contestant].refresh, memory=latency == 0)
    bench.tenant.answer_after(0)


def export(bench: Bench) -> None:
    """The provider's own command, on a tenant full of connections, some of them with role ARNs."""
    bench.say(f"creating connections up to {MOST}")
    bench.tenant.create(bench.tenant.names("most", MOST - len(bench.tenant.ids)))
    folders = {one: bench.fresh(one, [], pairs=False) for one in bench.providers}
    title = f"export of {MOST}"
    for number, contestant in enumerate(bench.each(title, bench.providers)):
        bench.measure(title, contestant, _exporting(folders[contestant], number))


def _exporting(folder: Folder, number: int) -> Callable[[], Run]:
    target = folder.path / f"export-{number}"
    target.mkdir()
    wanted = ["dynatrace_aws_connection", "dynatrace_aws_connection_role_arn"]
    command = [str(folder.executable), "-export", "-ref", "-skip-terraform-init", *wanted]
    variables: Mapping[str, str] = {**folder.variables, "DYNATRACE_TARGET_FOLDER": str(target)}
    return lambda: timed(command, target, variables)


def measure_all(bench: Bench) -> None:
    """Measure every row."""
    start(bench)
    for latency in LATENCIES:
        bench.tenant.answer_after(latency)
        plan_of_one(bench, latency)
        pairs(bench, latency)
    bench.tenant.answer_after(0)
    plan_of_many(bench)
    refresh_of_many(bench)
    export(bench)
