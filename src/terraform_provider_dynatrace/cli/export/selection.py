"""What of all that was found is exported, and what stays from earlier exports. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from terraform_plugin import Error
from terraform_provider_dynatrace.cli.export.instances import REFERENCES, Instance
from terraform_provider_dynatrace.cli.export.layout import FLAWED, Layout, short
from terraform_provider_dynatrace.cli.export.manifest import Memory
from terraform_provider_dynatrace.cli.export.names import names
from terraform_provider_dynatrace.cli.export.options import ROLE_ARN, TYPES, Options, Selection


@dataclass(frozen=True)
class Chosen:
    """What an export is about.

    `exported` is written now; `stay` are resources of earlier exports that this one is not about: type -> id -> name.
    `names` has a name for every object id in either.
    """

    selection: Selection
    exported: Sequence[Instance]
    stay: Mapping[str, Mapping[str, str]]
    names: Mapping[str, str]

    @cached_property
    def resources(self) -> dict[str, dict[str, str]]:
        """Everything that the root module is about: what is exported without flaws, and what stays."""
        return {
            type_name: dict(self.stay[type_name])
            | {one.id: self.names[one.id] for one in self.exported if one.type_name == type_name and not one.flaws}
            for type_name in TYPES
        }

    def may_go(self, layout: Layout) -> Callable[[str], bool]:
        """Return the rule for files of earlier exports that this one does not write: which of them may go."""
        staying = {
            path
            for type_name, those in self.stay.items()
            for name in those.values()
            for path in (layout.file(type_name, name), *layout.data_files(type_name, name))
        }
        flawed = tuple(f".{short(type_name)}.tf" for type_name in TYPES if self.selection.takes_all(type_name))
        return lambda path: path.endswith(flawed) if path.startswith(f"{FLAWED}/") else path not in staying


def choose(found: Sequence[Instance], options: Options, memory: Memory) -> Chosen:
    """Return what is asked for and, where references are wanted, what that refers to; never what is excluded.

    An object keeps the name that it was given before. Raises `Error` where what stays in the folder is laid out in
    another way than what is asked for.
    """
    exported = _exported(found, options)
    stay = _stay(memory, exported, options.selection)
    if any(stay.values()) and (options.flat, options.references) != (memory.flat, memory.references):
        raise _another_form(options, memory)
    titles = {one.id: one.title for one in exported}
    others = {object_id: name for those in stay.values() for object_id, name in those.items()}
    taken = [name for object_id, name in others.items() if object_id not in titles]
    return Chosen(options.selection, exported, stay, others | names(titles, memory.names, taken))


def _exported(found: Sequence[Instance], options: Options) -> list[Instance]:
    selection = options.selection
    asked = [one for one in found if selection.takes(one.type_name, one.id)]
    if not options.references or options.data_sources or selection.exclude:
        return asked
    referred = {(target, one.values[name]) for one in asked for name, target in REFERENCES[one.type_name].items()}
    taken = {(one.type_name, one.id) for one in asked}
    return [one for one in found if (one.type_name, one.id) in taken | referred]


def _stay(memory: Memory, exported: Iterable[Instance], selection: Selection) -> dict[str, dict[str, str]]:
    now = {(one.type_name, one.id) for one in exported}
    return {
        type_name: {
            object_id: name
            for object_id, name in memory.resources.get(type_name, {}).items()
            if (type_name, object_id) not in now and not selection.takes(type_name, object_id)
        }
        for type_name in TYPES
    }


def _another_form(options: Options, memory: Memory) -> Error:
    flags = " and ".join(flag for flag, on in (("-flat", memory.flat), ("-ref", memory.references)) if on)
    return Error(
        "The folder holds an export of another form",
        f"{options.folder} was exported {f'with {flags}' if flags else 'without -flat and -ref'}, and this export is "
        "not about everything in it. Use the same flags, export everything, or choose another folder "
        "(DYNATRACE_TARGET_FOLDER).",
    )


def not_found(found: Iterable[Instance], selection: Selection) -> list[str]:
    """Return a sentence about each id that was asked for and is not there."""
    there = {(one.type_name, one.id) for one in found}
    return [
        f"{type_name}={object_id}: {_NO_ROLE if type_name == ROLE_ARN else _NO_OBJECT}"
        for type_name, object_id in selection.named()
        if (type_name, object_id) not in there
    ]


_NO_OBJECT = "there is no such object, or this credential may not read it."
_NO_ROLE = "there is no such connection that this credential may read, or it has no role ARN."
