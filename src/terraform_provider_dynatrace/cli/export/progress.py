"""How far an export is, for a person: a bar on a terminal, plain lines elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol, TextIO

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID


class Step(Protocol):
    """Part of the work; `done` is how many things it has dealt with."""

    done: int

    def advance(self, count: int = 1, total: int | None = None) -> None:
        """Say that `count` more are done, of `total` if it is known only now."""


class Lines:
    """Says in one line what is being done, and in another how many it was."""

    def __init__(self, output: TextIO) -> None:
        self._output = output

    @contextmanager
    def step(self, text: str, total: int | None = None) -> Iterator[Step]:
        """Show a step for as long as the block lasts."""
        self._output.write(f"{text} …\n")
        self._output.flush()
        step = _Counter()
        yield step
        if step.done:
            self._output.write(f"{text}: {step.done}{'' if total is None else f' of {total}'}.\n")


class Bars:
    """Shows a bar for each step. Nothing of it stays on the screen but the last state."""

    def __init__(self, output: TextIO) -> None:
        self._output = output

    @contextmanager
    def step(self, text: str, total: int | None = None) -> Iterator[Step]:
        """Show a step for as long as the block lasts."""
        from rich.console import Console  # noqa: PLC0415  # only on a terminal
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn  # noqa: PLC0415

        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        with Progress(*columns, console=Console(file=self._output, force_terminal=True)) as progress:
            yield _Bar(progress, progress.add_task(text, total=total))


Reporter = Lines | Bars


def reporter(output: TextIO) -> Reporter:
    """Return the reporter for an output."""
    return Bars(output) if output.isatty() else Lines(output)


class _Counter:
    def __init__(self) -> None:
        self.done = 0

    def advance(self, count: int = 1, total: int | None = None) -> None:
        del total
        self.done += count


class _Bar(_Counter):
    def __init__(self, progress: Progress, task: TaskID) -> None:
        super().__init__()
        self._progress = progress
        self._task = task

    def advance(self, count: int = 1, total: int | None = None) -> None:
        super().advance(count)
        if total is not None:
            self._progress.update(self._task, total=total)
        self._progress.advance(self._task, count)
