"""The summary of an export, as text. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from msgspec import Struct

from terraform_provider_dynatrace.cli.export.folder import Changes
from terraform_provider_dynatrace.cli.export.instances import Instance
from terraform_provider_dynatrace.cli.export.options import Options
from terraform_provider_dynatrace.cli.export.resources import TYPES

SHOWN = 20
"""How many items of a list are shown."""


class Summary(Struct, frozen=True):
    """What an export did."""

    options: Options
    environment: str
    """The URL of the environment."""
    exported: Sequence[Instance]
    names: Mapping[str, str]
    """The names of the resources by object ID."""
    left_out: Sequence[str] = ()
    """Sentences about what was not exported, and why."""
    files: Changes | None = None
    """What was written; None for a preview."""

    def text(self) -> str:
        """Return the summary."""
        return "\n".join(self._lines()) + "\n"

    def _lines(self) -> Iterator[str]:
        title = f"Exported to {self.options.folder}" if self.files else "Would export"
        yield f"{title} from {self.environment}:"
        yield from _table(self.exported)
        if self.files:
            yield _counts(self.files)
            yield from _list("Edited since the last export, so not changed (pass -overwrite)", self.files.kept)
            yield from _list(
                "Edited, and no longer in Dynatrace: Terraform would create these again", self.files.orphaned
            )
            yield from _list(
                "Not written by this export, but in its folders: Terraform would create these", self.files.foreign
            )
        yield from _list("Not exported", [*self.left_out, *self._flawed()])
        yield from _list("Notes in the files", self._noted())
        yield from _list(
            "Warning: these have no owner, so everyone with settings permissions can read and change them",
            [f"{one.type_name}.{self.names[one.id]}" for one in self.exported if one.is_public],
        )
        yield from self.options.notes

    def _flawed(self) -> Iterator[str]:
        for one in self.exported:
            if one.flaws:
                yield f"{one.type_name} {one.title!r} (see .flawed): {one.flaws[0].splitlines()[0]}"

    def _noted(self) -> list[str]:
        return [f"{one.type_name}.{self.names[one.id]}: {note}" for one in self.exported for note in one.notes]


def _table(exported: Iterable[Instance]) -> Iterator[str]:
    counts = Counter(one.type_name for one in exported if not one.flaws)
    width = max(map(len, counts), default=0)
    yield from (f"  {type_name:{width}}  {counts[type_name]}" for type_name in TYPES if counts[type_name])
    if not counts:
        yield "  nothing (objects that this credential may not read are not listed by Dynatrace)"


def _counts(files: Changes) -> str:
    counts = {
        "written": files.written,
        "unchanged": files.unchanged,
        "removed": files.removed,
        "kept": files.kept,
    }
    parts = [f"{len(paths)} {verb}" for verb, paths in counts.items() if paths]
    return f"Files: {', '.join(parts) or 'none'}."


def _list(title: str, lines: Sequence[str]) -> Iterator[str]:
    if lines:
        yield f"{title}:"
        yield from (f"  {line}" for line in lines[:SHOWN])
    if len(lines) > SHOWN:
        yield f"  … and {len(lines) - SHOWN} more"
