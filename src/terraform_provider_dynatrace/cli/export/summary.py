"""What an export came to, as text for a person. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from terraform_provider_dynatrace.cli.export.folder import Changes
from terraform_provider_dynatrace.cli.export.instances import Instance
from terraform_provider_dynatrace.cli.export.options import TYPES, Options

SHOWN = 20
"""How many of a list are named."""


@dataclass(frozen=True)
class Outcome:
    """`left_out` says what is missing and why; `files` is None where nothing was written."""

    options: Options
    environment: str
    exported: Sequence[Instance]
    names: Mapping[str, str]
    left_out: Sequence[str] = ()
    files: Changes | None = None

    def text(self) -> str:
        """Return the summary."""
        return "\n".join(self._lines()) + "\n"

    def _lines(self) -> Iterator[str]:
        to = f"Exported to {self.options.folder}" if self.files else "There would be exported"
        yield f"{to} from {self.environment}:"
        yield from _table(self.exported)
        if self.files:
            yield _counts(self.files)
            yield from _list("Edited since an export wrote them, so left alone (-overwrite)", self.files.kept)
            yield from _list("Edited, and not in Dynatrace any more; Terraform would create it", self.files.orphaned)
        yield from _list("Left out", [*self.left_out, *self._flawed()])
        yield from _list("Noted in the files", self._noted())
        yield from self.options.notes

    def _flawed(self) -> Iterator[str]:
        for one in self.exported:
            if one.flaws:
                yield f"{one.type_name} {one.title!r} (kept in .flawed): {one.flaws[0].splitlines()[0]}"

    def _noted(self) -> list[str]:
        return [f"{one.type_name}.{self.names[one.id]}: {note}" for one in self.exported for note in one.notes]


def _table(exported: Iterable[Instance]) -> Iterator[str]:
    counts = Counter(one.type_name for one in exported if not one.flaws)
    width = max(map(len, TYPES))
    yield from (f"  {type_name:{width}}  {counts[type_name]}" for type_name in TYPES if counts[type_name])
    if not counts:
        yield "  nothing (what the credential may not read is not in Dynatrace's list)"


def _counts(files: Changes) -> str:
    counts = {
        "written": files.written,
        "unchanged": files.unchanged,
        "removed": files.removed,
        "left alone": files.kept,
    }
    said = [f"{len(paths)} {verb}" for verb, paths in counts.items() if paths]
    return f"Files: {', '.join(said) or 'none'}."


def _list(title: str, lines: Sequence[str]) -> Iterator[str]:
    if lines:
        yield f"{title}:"
        yield from (f"  {line}" for line in lines[:SHOWN])
    if len(lines) > SHOWN:
        yield f"  … and {len(lines) - SHOWN} more"
