"""What is measured: the rows of the table, each for every contestant in turn."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from benchmarks.commands import BARE, Folder, Run, start
from benchmarks.configurations import connections, floor, floor_state, state
from benchmarks.contestants import Contestant
from benchmarks.results import Results
from benchmarks.servers import Server

DELAYS = (0, 30)  # milliseconds; the second is what an environment on the same continent takes
EXPORTED = ("dynatrace_aws_connection", "dynatrace_aws_connection_role_arn")

Commands = Mapping[str, Callable[[], Run]]
"""What is run one after the other, by the title of its row."""


@dataclass
class Bench:
    """Measures one row after the other. `say` shows how far it is."""

    server: Server
    contestants: Sequence[Contestant]
    folder: Path
    say: Callable[[str], None]
    repeat: int = 5
    pairs: int = 100
    many: int = 1000
    most: int = 3000
    results: Results = field(default_factory=Results)

    def measure_all(self) -> None:
        """Measure every row."""
        self.starts()
        for delay in DELAYS:
            self.server.delay(delay)
            self.plan_of_one(f", {delay} ms")
            self.life_of_pairs(f", {delay} ms")
        self.server.delay(0)
        self.plan_of_many()
        self.refresh_of_many()
        self.export()

    def starts(self) -> None:
        """From the start of the process to the handshake; the floor is a bare interpreter."""
        commands = {one: [str(folder.executable)] if one.mirror else BARE for one, folder in self._folders("start")}
        for _ in range(3 * self.repeat):  # it is short: three times as often costs little
            for contestant, command in commands.items():
                self.results.add("start to handshake", contestant.name, start(command))

    def plan_of_one(self, delay: str) -> None:
        """A connection that does not exist yet."""
        folders = self._folders(f"one{delay}", self.server.names("one", 1))
        self._measure({one: {f"plan of 1{delay}": folder.plan} for one, folder in folders})

    def life_of_pairs(self, delay: str) -> None:
        """Connections with role ARNs, from nothing to nothing."""
        folders = self._folders(f"pairs{delay}", self.server.names("pair", self.pairs), pairs=True)
        of = f"of {self.pairs} pairs{delay}"
        self._measure(
            {
                one: {
                    f"plan {of}": it.plan,
                    f"apply {of}": it.apply,
                    f"refresh {of}": it.refresh,
                    f"destroy {of}": it.destroy,
                }
                for one, it in folders
            }
        )

    def plan_of_many(self) -> None:
        """Connections that do not exist yet, and the memory that planning them takes."""
        folders = self._folders("new", self.server.names("new", self.many))
        self._measure({one: {f"plan of {self.many}": partial(folder.plan, memory=True)} for one, folder in folders})

    def refresh_of_many(self) -> None:
        """Connections with role ARNs that exist and are in the state."""
        names = self.server.names("many", self.many)
        self.say(f"creating {self.many} connections with role ARNs")
        ids = self.server.create(names, self.server.role_arn)
        folders = self._folders("many", names, pairs=True)
        for contestant, folder in folders:
            known = state(ids, self.server.role_arn) if contestant.mirror else floor_state(names)
            (folder.path / "terraform.tfstate").write_text(known)
        for delay in DELAYS:
            self.server.delay(delay)
            title = f"refresh of {self.many} pairs, {delay} ms"
            self._measure({one: {title: partial(it.refresh, memory=delay == 0)} for one, it in folders})
        self.server.delay(0)

    def export(self) -> None:
        """The provider's own command, with many connections, some of which have role ARNs."""
        self.say(f"creating connections up to {self.most}")
        self.server.create(self.server.names("most", self.most - len(self.server.ids)))
        folders = [(one, folder) for one, folder in self._folders("export") if one.mirror]
        self._measure({one: {f"export of {self.most}": partial(it.export, *EXPORTED)} for one, it in folders})

    def _folders(self, row: str, names: Sequence[str] = (), *, pairs: bool = False) -> list[tuple[Contestant, Folder]]:
        """Return a folder for each contestant with nothing applied yet."""
        role_arn = self.server.role_arn if pairs else None
        return [
            (
                one,
                Folder(
                    self.folder / f"{row}-{one.name}",
                    one,
                    self.server.variables,
                    connections(names, role_arn) if one.mirror else floor(names, pairs=pairs),
                ),
            )
            for one in self.contestants
        ]

    def _measure(self, commands: Mapping[Contestant, Commands]) -> None:
        """Run the commands of one contestant after the other, several times over, and keep what each took."""
        for number in range(self.repeat):
            for contestant, of_one in commands.items():
                for title, command in of_one.items():
                    self.say(f"{title}, {contestant.name}: {number + 1} of {self.repeat}")
                    self.server.requests()
                    ran, requests = command(), self.server.requests()
                    self.results.add(title, contestant.name, ran.seconds)
                    if contestant.mirror and requests:
                        self.results.add_requests(title, contestant.name, requests)
                    if contestant.mirror and ran.peak:
                        self.results.add(f"{title}: peak memory", contestant.name, ran.peak, "byte")
