"""Decides what an export writes, and what stays from earlier exports. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property

from msgspec import Struct

from terraform_plugin import Error
from terraform_provider_dynatrace.cli.export.instances import Instance
from terraform_provider_dynatrace.cli.export.layout import FLAWED, Layout
from terraform_provider_dynatrace.cli.export.manifest import Manifest
from terraform_provider_dynatrace.cli.export.names import names
from terraform_provider_dynatrace.cli.export.options import Options, Selection
from terraform_provider_dynatrace.cli.export.resources import TYPES, short


class Contents(Struct, frozen=True, dict=True):
    """What the folder contains after an export."""

    selection: Selection
    exported: Sequence[Instance]
    """The resources that are written now."""
    kept: Mapping[str, Mapping[str, str]]
    """Resources of earlier exports that were not selected now: names by type and object ID."""
    names: Mapping[str, str]
    """The name for every object ID in either."""

    @cached_property
    def resources(self) -> dict[str, dict[str, str]]:
        """The resources of the root module, by type and object ID: those kept, and those exported without flaws."""
        resources = {type_name: dict(self.kept[type_name]) for type_name in TYPES}
        for one in self.exported:
            if not one.flaws:
                resources[one.type_name][one.id] = self.names[one.id]
        return resources

    def is_obsolete(self, layout: Layout) -> Callable[[str], bool]:
        """Return a function that tells whether a file that this export does not write may be removed."""
        kept = {
            path
            for type_name, names_by_id in self.kept.items()
            for name in names_by_id.values()
            for path in (layout.file(type_name, name), *layout.data_files(type_name, name))
        }
        # The manifest does not list flawed resources. Their files can be removed if all of their type were read.
        flawed = tuple(f".{short(type_name)}.tf" for type_name in TYPES if self.selection.takes_all(type_name))

        def obsolete(path: str) -> bool:
            return path.endswith(flawed) if path.startswith(f"{FLAWED}/") else path not in kept

        return obsolete


def select(instances: Sequence[Instance], options: Options, manifest: Manifest) -> Contents:
    """Return what was asked for and, with references, what it refers to; never what is excluded.

    An object keeps the name that it has in the manifest. Raises `Error` if resources of earlier exports are kept, and
    have another layout.
    """
    exported = _exported(instances, options)
    kept = _kept(manifest, exported, options.selection)
    if any(kept.values()) and (options.flat, options.references) != (manifest.flat, manifest.references):
        raise _other_layout(options, manifest)
    titles = {one.id: one.title for one in exported}
    kept_names = {object_id: name for names_by_id in kept.values() for object_id, name in names_by_id.items()}
    taken = [name for object_id, name in kept_names.items() if object_id not in titles]
    return Contents(options.selection, exported, kept, kept_names | names(titles, manifest.names, taken))


def _exported(instances: Sequence[Instance], options: Options) -> list[Instance]:
    selection = options.selection
    selected = [one for one in instances if selection.takes(one.type_name, one.id)]
    if not options.references or options.data_sources or selection.exclude:
        return selected
    wanted = {(one.type_name, one.id) for one in selected}
    wanted |= {(target, one.values[name]) for one in selected for name, target in one.references.items()}
    return [one for one in instances if (one.type_name, one.id) in wanted]


def _kept(manifest: Manifest, exported: Iterable[Instance], selection: Selection) -> dict[str, dict[str, str]]:
    now = {(one.type_name, one.id) for one in exported}
    kept: dict[str, dict[str, str]] = {type_name: {} for type_name in TYPES}
    for type_name, names_by_id in kept.items():
        for object_id, name in manifest.resources.get(type_name, {}).items():
            if (type_name, object_id) not in now and not selection.takes(type_name, object_id):
                names_by_id[object_id] = name
    return kept


def _other_layout(options: Options, manifest: Manifest) -> Error:
    switches = (("-flat", manifest.flat), ("-ref", manifest.references))
    flags = " and ".join(flag for flag, on in switches if on)
    return Error(
        "The folder contains an export made with different flags",
        f"{options.folder} was exported {f'with {flags}' if flags else 'without -flat and -ref'}, and this export does "
        "not replace everything in it. Pass the same flags, export everything, or choose another folder "
        "(DYNATRACE_TARGET_FOLDER).",
    )


def not_found(instances: Iterable[Instance], selection: Selection) -> list[str]:
    """Return a sentence about each ID that was asked for and does not exist."""
    present = {(one.type_name, one.id) for one in instances}
    return [
        f"{type_name}={object_id}: it does not exist, or this credential may not read it."
        for type_name, object_id in selection.by_id()
        if (type_name, object_id) not in present
    ]
