"""The command line of an export: flags, resources, and the target folder.

Source: docs/design/0008-sources.md#official-export.
"""

from __future__ import annotations

import argparse
import difflib
import textwrap
from collections.abc import Mapping, Sequence
from pathlib import Path

from msgspec import Struct

from terraform_plugin.command_line import Parser, UsageError
from terraform_provider_dynatrace import SOURCE
from terraform_provider_dynatrace.cli.export.resources import TYPES

FLAGS = {
    "ref": "refer to other resources instead of writing their IDs; also exports what is referred to",
    "id": "write the ID of each object as a comment",
    "flat": "write all files into one folder, without modules",
    "exclude": "export everything except the resources that are named",
    "datasources": "like -ref, but looks up what was not asked for with a data source instead of exporting it",
    "preview": "only count what would be exported",
    "import-state": "run Terraform to import what was exported into its state",
    "skip-terraform-init": "do not run terraform init at the end",
    "overwrite": "overwrite files that no export wrote, or that were edited",
    "v": "log every request",
}
"""The flags and their help texts."""

ACCEPTED = {
    "migrate": "the same as -ref, which writes no data sources either",
    "link": "no effect",
    "list-exclusions": "no effect, because nothing is left out unless -exclude names it",
}
"""Flags of the official provider that are accepted with a note."""


class Selection(Struct, frozen=True):
    """Which resources were asked for."""

    ids: Mapping[str, frozenset[str] | None]
    """Object IDs by type; None stands for all of a type."""
    exclude: bool = False
    """Whether everything else is meant instead."""

    def takes(self, type_name: str, object_id: str) -> bool:
        """Return whether the resource of this type for this object is selected."""
        if type_name not in self.ids:
            return self.exclude
        ids = self.ids[type_name]
        return (ids is None or object_id in ids) != self.exclude

    def takes_any(self, type_name: str) -> bool:
        """Return whether some resources of this type can be selected."""
        return self.ids.get(type_name) is not None or (type_name in self.ids) != self.exclude

    def takes_all(self, type_name: str) -> bool:
        """Return whether all resources of this type are selected."""
        return (type_name in self.ids) != self.exclude and (self.exclude or self.ids[type_name] is None)

    def by_id(self) -> list[tuple[str, str]]:
        """Return type and ID of every resource that was selected by its ID."""
        return [] if self.exclude else [(name, one) for name, ids in self.ids.items() for one in sorted(ids or ())]


class Options(Struct, frozen=True):
    """What one export is to do."""

    selection: Selection
    folder: Path
    """The target folder."""
    source: str = SOURCE
    """The provider's source address in the configuration."""
    references: bool = False
    ids: bool = False
    flat: bool = False
    import_state: bool = False
    data_sources: bool = False
    preview: bool = False
    init: bool = True
    """Whether to run `terraform init` at the end."""
    overwrite: bool = False
    verbose: bool = False
    notes: tuple[str, ...] = ()
    """Sentences for the summary about flags without effect."""


def parse(words: Sequence[str], environ: Mapping[str, str]) -> Options:
    """Return the options for the words after `-export`, where long flags have two dashes (see `two_dashes`).

    Raises `UsageError`, and `SystemExit` after the help or for a flag without its value.
    """
    flags, unknown = parser().parse_known_intermixed_args(_without_values(words))
    if unknown:
        raise _unknown_flag(unknown[0])
    return Options(
        selection=selection(flags.resources, exclude=flags.exclude),
        folder=Path(environ.get("DYNATRACE_TARGET_FOLDER") or "configuration").expanduser(),
        source=flags.source,
        references=flags.ref or flags.migrate or flags.datasources,
        ids=flags.id,
        flat=flags.flat,
        import_state=flags.import_state,
        data_sources=flags.datasources,
        preview=flags.preview,
        init=not flags.skip_terraform_init,
        overwrite=flags.overwrite,
        verbose=flags.v,
        notes=tuple(f"-{flag}: {text}." for flag, text in ACCEPTED.items() if getattr(flags, flag.replace("-", "_"))),
    )


def parser() -> argparse.ArgumentParser:
    """Return the parser. Its help shows flags with one dash, as the official provider has them."""
    result = Parser(
        prog="terraform-provider-dynatrace -export",
        usage="%(prog)s [FLAGS] [RESOURCE[=ID,...] ...]",
        description=_HELP,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
        add_help=False,
    )
    result.add_argument("resources", nargs="*", help=argparse.SUPPRESS)
    result.add_argument("-h", "--help", action="help", help=argparse.SUPPRESS)
    result.add_argument("--source", default=SOURCE, help=argparse.SUPPRESS)
    for flag in (*FLAGS, *ACCEPTED):
        result.add_argument(f"--{flag}" if len(flag) > 1 else f"-{flag}", action="store_true", help=argparse.SUPPRESS)
    return result


def _flag_help(flag: str, text: str) -> str:
    return textwrap.fill(text, 80, initial_indent=f"  -{flag:<20} ", subsequent_indent=" " * 24)


_HELP = f"""\
Writes the objects of a Dynatrace environment as Terraform configuration with import
blocks, into the folder $DYNATRACE_TARGET_FOLDER (default: configuration). The
environment and the credentials come from the provider's environment variables
(DYNATRACE_ENV_URL, DYNATRACE_API_TOKEN and others). If these name the environment to
apply to, DYNATRACE_SOURCE_ENV_URL, DYNATRACE_SOURCE_API_TOKEN and so on name the one to
export from.

Resources (default: all of them):
{chr(10).join(f"  {type_name}" for type_name in TYPES)}

Flags:
{chr(10).join(_flag_help(flag, text) for flag, text in FLAGS.items())}
{chr(10).join(_flag_help(flag, f"accepted: {text}") for flag, text in ACCEPTED.items())}
{_flag_help("source ADDRESS", f"the provider's source address (default: {SOURCE})")}
{_flag_help("help", "show this help")}
"""


def _without_values(words: Sequence[str]) -> list[str]:
    """Return the words with `--flat=true` as `--flat`, and without `--flat=false`: forms of Go's package `flag`."""
    switches = [f"--{flag}" for flag in (*FLAGS, *ACCEPTED)]
    on = {f"{switch}=true": switch for switch in switches}
    off = {f"{switch}=false" for switch in switches}
    return [on.get(word, word) for word in words if word not in off]


def _unknown_flag(word: str) -> UsageError:
    flag = word.lstrip("-")
    nearest = difflib.get_close_matches(flag[:40], [*FLAGS, *ACCEPTED, "source"], 1)
    suggestion = f" Did you mean -{nearest[0]}?" if nearest else ""
    return UsageError("Unknown flag", f"-export has no flag -{flag}.{suggestion} To list all flags: -export -help.")


def selection(resources: Sequence[str], *, exclude: bool = False) -> Selection:
    """Return the selection for words such as `dynatrace_aws_connection` or `dynatrace_aws_connection=id1,id2`.

    Without words, everything is selected. Raises `UsageError` for a resource that cannot be exported.
    """
    ids: dict[str, frozenset[str] | None] = {}
    for word in resources:
        name, separator, listed = word.partition("=")
        if name not in (*TYPES, "*"):
            raise UsageError(
                "Unknown resource",
                f'"{name}" cannot be exported. The resources are: {", ".join(TYPES)}. To export some objects only, '
                'append their IDs: "=ID,ID".',
            )
        wanted = frozenset(filter(None, (one.strip() for one in listed.split(","))))
        if separator and not wanted:
            raise UsageError("No IDs", f'"{word}" has no ID after the equals sign. Pass {name}=ID,ID or only {name}.')
        for type_name in TYPES if name == "*" else (name,):
            before = ids.get(type_name, frozenset())
            ids[type_name] = before | wanted if separator and before is not None else None
    if exclude and not ids:
        raise UsageError("Nothing to exclude", "Name the resources to leave out after -exclude.")
    return Selection(ids or dict.fromkeys(TYPES), exclude)
