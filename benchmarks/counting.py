"""How many requests a command made, from the sandbox's journal. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple


class Requests(NamedTuple):
    """Requests by what they are for: `validations` are writes that only ask, `reads` are GETs of any kind."""

    reads: int = 0
    writes: int = 0
    validations: int = 0

    @property
    def all(self) -> int:
        return sum(self)

    @property
    def beyond_validation(self) -> int:
        return self.reads + self.writes


def counted(entries: Iterable[Mapping[str, Any]]) -> Requests:
    """Return the counts of journal entries. A validation says so in its query (Settings API, `validateOnly`)."""
    kinds = [_kind(entry) for entry in entries]
    return Requests(*map(kinds.count, Requests._fields))


def _kind(entry: Mapping[str, Any]) -> str:
    if entry["method"] == "GET":
        return "reads"
    return "validations" if "validateOnly=true" in entry["query"] else "writes"
