"""Shows the progress of a command: a bar on a terminal, lines elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

from terraform_plugin.output import Output

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID


class Step(Protocol):
    """One step of a command."""

    done: int
    """How many items it has processed."""

    def advance(self, count: int = 1, total: int | None = None) -> None:
        """Count `count` more items as done. `total` is their number, if it became known only now."""


class Lines:
    """Writes a line at the beginning of each step, and a line with the number of items at its end."""

    def __init__(self, output: Output) -> None:
        self._output = output

    @contextmanager
    def step(self, text: str, total: int | None = None) -> Iterator[Step]:
        """Show a step for as long as the block lasts."""
        self._output.write(f"{text} …\n")
        step = _Counter()
        yield step
        if step.done:
            self._output.write(f"{text}: {step.done}{'' if total is None else f' of {total}'}.\n")


class Bars:
    """Shows a progress bar for each step."""

    def __init__(self, output: Output) -> None:
        self._output = output

    @contextmanager
    def step(self, text: str, total: int | None = None) -> Iterator[Step]:
        """Show a step for as long as the block lasts."""
        from rich.console import Console  # noqa: PLC0415  # only on a terminal
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn  # noqa: PLC0415

        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        console = Console(file=self._output.styled(), force_terminal=True)  # type: ignore[arg-type]  # rich only writes
        with Progress(*columns, console=console) as progress:
            yield _Bar(progress, progress.add_task(text, total=total))


Reporter = Lines | Bars


def reporter(output: Output) -> Reporter:
    """Return what shows progress on an output."""
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
