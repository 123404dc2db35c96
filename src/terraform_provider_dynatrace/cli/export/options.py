"""What an export is asked for: its flags, the resources named after them, and the target folder.

Source: the fact sheet on the official provider, "Export command". Flags begin with one dash; two are as good.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from terraform_plugin import Error
from terraform_provider_dynatrace import SOURCE

CONNECTION = "dynatrace_aws_connection"
ROLE_ARN = "dynatrace_aws_connection_role_arn"
PERMISSIONS = "dynatrace_settings_permissions"
TYPES = (CONNECTION, ROLE_ARN, PERMISSIONS)

_ELSEWHERE = {
    "migrate": "the same as -ref here: there are no data sources to leave out",
    "link": "it has no effect here",
    "list-exclusions": "nothing is left out unless -exclude names it",
}


@dataclass(frozen=True)
class Selection:
    """Which resources are meant. `ids` has the object ids by type, None for all of a type."""

    ids: Mapping[str, frozenset[str] | None]
    exclude: bool = False

    def takes(self, type_name: str, object_id: str) -> bool:
        """Return whether the resource of this type for this object is meant."""
        if type_name not in self.ids:
            return self.exclude
        named = self.ids[type_name]
        return (named is None or object_id in named) != self.exclude

    def takes_any(self, type_name: str) -> bool:
        """Return whether any resource of this type can be meant."""
        return self.ids.get(type_name) is not None or (type_name in self.ids) != self.exclude

    def takes_all(self, type_name: str) -> bool:
        """Return whether every resource of this type is meant."""
        return (type_name in self.ids) != self.exclude and (self.exclude or self.ids[type_name] is None)

    def named(self) -> list[tuple[str, str]]:
        """Return type and id of everything that was asked for by its id."""
        return [] if self.exclude else [(name, one) for name, ids in self.ids.items() for one in sorted(ids or ())]


@dataclass(frozen=True)
class Options:
    """One export. `notes` is what to say about flags that do nothing here."""

    selection: Selection
    folder: Path
    source: str = SOURCE
    references: bool = False
    ids: bool = False
    flat: bool = False
    import_state: bool = False
    data_sources: bool = False
    preview: bool = False
    init: bool = True
    overwrite: bool = False
    verbose: bool = False
    notes: tuple[str, ...] = ()


def parse(words: Sequence[str], environment: Mapping[str, str]) -> Options:
    """Return what the words after `-export` ask for. Raises `Error`."""
    on, resources, source = _split(words)
    return Options(
        selection=selection(resources, exclude="exclude" in on),
        folder=Path(environment.get("DYNATRACE_TARGET_FOLDER") or "configuration"),
        source=source,
        references=not on.isdisjoint(("ref", "migrate", "datasources")),
        ids="id" in on,
        flat="flat" in on,
        import_state="import-state" in on,
        data_sources="datasources" in on,
        preview="preview" in on,
        init="skip-terraform-init" not in on,
        overwrite="overwrite" in on,
        verbose="v" in on,
        notes=tuple(f"-{flag}: {why}." for flag, why in _ELSEWHERE.items() if flag in on),
    )


def _split(words: Sequence[str]) -> tuple[set[str], list[str], str]:
    """Return the flags that are on, the resources, and the provider's source."""
    on: set[str] = set()
    resources: list[str] = []
    source = SOURCE
    remaining = iter(words)
    for word in remaining:
        flag, separator, value = word.removeprefix("-").removeprefix("-").partition("=")
        if not word.startswith("-"):
            resources.append(word)
        elif flag == "source":
            source = value if separator else next(remaining, "")
        elif flag in _FLAGS or flag in _ELSEWHERE:
            on |= {flag} if value in ("", "true") else set()
        else:
            raise _unknown_flag(word, flag)
    return on, resources, source


def _unknown_flag(word: str, flag: str) -> Error:
    nearest = difflib.get_close_matches(flag, [*_FLAGS, *_ELSEWHERE], 1)
    guess = f"Did you mean -{nearest[0]}? " if nearest else ""
    return Error("Unknown flag", f'"{word}" is no flag of an export. {guess}-export -help lists all of them.')


def selection(resources: Sequence[str], *, exclude: bool = False) -> Selection:
    """Return what words such as `dynatrace_aws_connection` or `dynatrace_aws_connection=id1,id2` mean; none is all.

    Raises `Error` for a resource that cannot be exported.
    """
    ids: dict[str, frozenset[str] | None] = {}
    for word in resources:
        name, separator, named = word.partition("=")
        if name not in (*TYPES, "*"):
            raise Error(
                "Unknown resource",
                f'"{name}" cannot be exported. These can: {", ".join(TYPES)}; with "=ID,ID" for some of them only.',
            )
        listed = frozenset(filter(None, (one.strip() for one in named.split(","))))
        if separator and not listed:
            raise Error("No ids", f'"{word}" names no object. Write {name}=ID,ID or {name} alone.')
        for one in TYPES if name == "*" else (name,):
            before = ids.get(one, frozenset())
            ids[one] = before | listed if separator and before is not None else None
    if exclude and not ids:
        raise Error("Nothing to exclude", "After -exclude, name the resources to leave out.")
    return Selection(ids or dict.fromkeys(TYPES), exclude)


def usage() -> str:
    """Return the help text."""
    flags = _FLAGS | {flag: f"accepted: {why}" for flag, why in _ELSEWHERE.items()}
    return _USAGE.format(
        types="\n".join(f"  {name}" for name in TYPES),
        flags="\n".join(f"  -{flag:<20} {meaning}" for flag, meaning in flags.items()),
        source=SOURCE,
    )


_USAGE = """\
terraform-provider-dynatrace -export [flags] [resource[=id,...] ...]

Writes what is in a Dynatrace environment as Terraform configuration with import
blocks, into the folder $DYNATRACE_TARGET_FOLDER, or configuration. Where, and with
which credentials: DYNATRACE_ENV_URL, DYNATRACE_API_TOKEN and the provider's other
variables.

Resources (without any: all of them):
{types}

Flags:
{flags}
  -source ADDRESS       the provider's address (default: {source})
"""

_FLAGS = {
    "ref": "refer to other resources instead of writing their ids; what is referred to is exported, too",
    "id": "write the id of each object as a comment",
    "flat": "put all files side by side, without modules",
    "exclude": "export everything but the resources named",
    "datasources": "like -ref, but what is only referred to is looked up by a data source, not exported",
    "preview": "only count what would be exported",
    "import-state": "run Terraform to put what was exported into its state",
    "skip-terraform-init": "do not run terraform init at the end",
    "overwrite": "write over files that an export did not write or somebody has edited",
    "v": "say more",
}
