"""Resources -> files: which there are, and what is in them. Pure.

Folders and file names are those of the official provider's export (the fact sheet, "Export command"). Import blocks
stand in a file of their own in the root folder, the only place where Terraform takes them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from terraform_plugin.hcl import Argument, Block, Comment, Expression, Item, configuration, render
from terraform_provider_dynatrace.cli.export.instances import REFERENCES, Instance
from terraform_provider_dynatrace.cli.export.options import TYPES

Resources = Mapping[str, Mapping[str, str]]
"""Type -> object id -> name: the resources that the root module and its import blocks are about."""

IMPORTS = "___imports___.tf"
MAIN = "main.tf"
PROVIDERS = "___providers___.tf"
OUTPUTS = "___resources___.tf"
VARIABLES = "___variables___.tf"
FLAWED = ".flawed"

_TERRAFORM = ">= 1.5"  # the first with import blocks
_CREDENTIALS = Comment(
    "Where to connect and with which credentials: environment variables such as DYNATRACE_ENV_URL and\n"
    'DYNATRACE_API_TOKEN, or a block provider "dynatrace" {} in this file.'
)
_ONCE_IMPORTED = Comment("What is in the state already is not imported again. After the first apply this file may go.")


def short(type_name: str) -> str:
    """Return the type as modules and files have it: without the provider's name."""
    return type_name.removeprefix("dynatrace_")


@dataclass(frozen=True)
class Layout:
    """`flat`, or one module for each type; the provider's `source`; `ids` as comments.

    `references` in place of literal ids; with `data_sources` also to what is not exported.
    """

    source: str
    flat: bool = False
    references: bool = False
    ids: bool = False
    data_sources: bool = False

    def files(self, exported: Iterable[Instance], names: Mapping[str, str], resources: Resources) -> dict[str, str]:
        """Return text by path for what is exported now.

        `names` has a name for every object id. `resources` are those exported now, without the flawed, and those that
        an earlier export wrote and that stay as they are: modules and import blocks are about all of them.
        """
        files: dict[str, str] = {}
        for one in exported:
            files[self.path(one, names[one.id])] = self._resource(one, names, resources)
            files |= self._looked_up(one, names[one.id], resources)
        types = [type_name for type_name in TYPES if resources.get(type_name)]
        if not types:
            return files
        files[PROVIDERS] = render([_CREDENTIALS, self._requirements(Argument("required_version", _TERRAFORM))])
        files[IMPORTS] = render([_ONCE_IMPORTED, *self._imports(types, resources)])
        if not self.flat:
            files[MAIN] = render([self._module(type_name, resources) for type_name in types])
            for type_name in types:
                files |= self._module_files(type_name, resources)
        return files

    def path(self, one: Instance, name: str) -> str:
        """Return the path of a resource's file; what Terraform could not work with is kept out of its sight."""
        file = self.file(one.type_name, name)
        return f"{FLAWED}/{file.rpartition('/')[2]}" if one.flaws else file

    def file(self, type_name: str, name: str) -> str:
        """Return the path of the file of a resource of this name."""
        return f"{self.folder(type_name)}{name}.{short(type_name)}.tf"

    def data_files(self, type_name: str, name: str) -> list[str]:
        """Return the paths of the data sources that a resource of this name may refer to."""
        return [self._data_file(type_name, name, target) for target in REFERENCES[type_name].values()]

    def _data_file(self, type_name: str, name: str, target: str) -> str:
        return f"{self.folder(type_name)}{name}.{short(target)}.data.tf"

    def folder(self, type_name: str) -> str:
        """Return the folder of a type's files, with a slash at its end; empty for the root."""
        return "" if self.flat else f"modules/{short(type_name)}/"

    def _resource(self, one: Instance, names: Mapping[str, str], resources: Resources) -> str:
        said = [f"ID {one.id}"] if self.ids else []
        said += [f"Terraform cannot work with this: {flaw}" for flaw in one.flaws]
        said += [f"Note: {note}" for note in one.notes]
        items = configuration(one.schema, one.values, self._expressions(one, names[one.id], resources))
        return render([*map(Comment, said), Block("resource", (one.type_name, names[one.id]), items)])

    def _expressions(self, one: Instance, name: str, resources: Resources) -> dict[str, Expression]:
        """Return references in place of the ids of what is exported, too, or looked up."""
        if not self.references or one.flaws:
            return {}
        return {
            attribute: self._reference(target, resources[target][one.values[attribute]])
            for attribute, target in REFERENCES[one.type_name].items()
            if one.values[attribute] in resources.get(target, {})
        } | {attribute: Expression(f"data.{target}.{name}.id") for attribute, target in self._missing(one, resources)}

    def _missing(self, one: Instance, resources: Resources) -> list[tuple[str, str]]:
        """Return attribute and type of what a resource refers to and only a data source can find."""
        if not self.data_sources or one.flaws:
            return []
        referred = REFERENCES[one.type_name].items()
        return [(name, target) for name, target in referred if one.values[name] not in resources.get(target, {})]

    def _looked_up(self, one: Instance, name: str, resources: Resources) -> dict[str, str]:
        """Return the files of the data sources that a resource refers to; its title is that of what it belongs to."""
        return {
            self._data_file(one.type_name, name, target): render(
                [Block("data", (target, name), [Argument("name", one.title)])]
            )
            for _, target in self._missing(one, resources)
        }

    def _reference(self, target: str, name: str) -> Expression:
        return Expression(f"{target}.{name}.id" if self.flat else f'var.{short(target)}_ids["{name}"]')

    def _imports(self, types: Iterable[str], resources: Resources) -> Iterator[Block]:
        for type_name in types:
            module = "" if self.flat else f"module.{short(type_name)}."
            for object_id, name in sorted(resources[type_name].items(), key=lambda item: item[1]):
                to = Expression(f"{module}{type_name}.{name}")
                yield Block("import", (), [Argument("to", to), Argument("id", object_id)])

    def _requirements(self, *arguments: Argument) -> Block:
        provider = Argument("dynatrace", {"source": self.source})
        return Block("terraform", (), [*arguments, Block("required_providers", (), [provider])])

    def _targets(self, type_name: str, resources: Resources) -> list[str]:
        """Return the types that resources of this type refer to."""
        return sorted({one for one in REFERENCES[type_name].values() if self.references and resources.get(one)})

    def _module(self, type_name: str, resources: Resources) -> Block:
        given = [
            Argument(f"{short(target)}_ids", Expression(f"module.{short(target)}.ids"))
            for target in self._targets(type_name, resources)
        ]
        source = Argument("source", f"./{self.folder(type_name)}".rstrip("/"))
        return Block("module", (short(type_name),), [source, *given])

    def _module_files(self, type_name: str, resources: Resources) -> dict[str, str]:
        folder = self.folder(type_name)
        files = {f"{folder}{PROVIDERS}": render([self._requirements()])}
        if variables := [_variable(target) for target in self._targets(type_name, resources)]:
            files[f"{folder}{VARIABLES}"] = render(variables)
        if any(type_name in self._targets(other, resources) for other in TYPES if resources.get(other)):
            files[f"{folder}{OUTPUTS}"] = render([_output(type_name, resources[type_name])])
        return files


def _variable(target: str) -> Block:
    meaning = Argument("description", f"The ids of the {target} resources, by their names here.")
    return Block("variable", (f"{short(target)}_ids",), [meaning, Argument("type", Expression("map(string)"))])


def _output(type_name: str, names: Mapping[str, str]) -> Block:
    ids: dict[str, Expression] = {name: Expression(f"{type_name}.{name}.id") for name in sorted(names.values())}
    items: list[Item] = [
        Argument("description", f"The ids of the {type_name} resources, by their names."),
        Argument("value", ids),
    ]
    return Block("output", ("ids",), items)
