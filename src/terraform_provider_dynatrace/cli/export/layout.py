"""Renders resources as files: which files there are, and what is in them. Pure.

Folders and file names are those of the official provider's export. Source: docs/design/0008-sources.md#official-export.
Import blocks are in a file of their own in the root module, the only place where Terraform accepts them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from msgspec import Struct

from terraform_plugin.hcl import Argument, Block, Comment, Expression, Item, configuration, render
from terraform_provider_dynatrace.cli.export.instances import Instance
from terraform_provider_dynatrace.cli.export.resources import DATA_SOURCES, REFERENCES, TYPES, short

Resources = Mapping[str, Mapping[str, str]]
"""The resources of the root module: names by type and object ID."""

IMPORTS = "___imports___.tf"
MAIN = "main.tf"
PROVIDERS = "___providers___.tf"
OUTPUTS = "___resources___.tf"
VARIABLES = "___variables___.tf"
FLAWED = ".flawed"

_TERRAFORM = ">= 1.5"  # the first version with import blocks
_CREDENTIALS = Comment(
    "The environment and the credentials come from environment variables, such as DYNATRACE_ENV_URL and\n"
    'DYNATRACE_API_TOKEN, or from a block provider "dynatrace" {} in this file.'
)
_ONCE_IMPORTED = Comment(
    "Terraform does not import again what is already in the state. After the first apply, you can delete this file."
)


class Layout(Struct, frozen=True):
    """How the files are laid out."""

    source: str
    """The provider's source address."""
    flat: bool = False
    """Whether all files are in one folder; otherwise each type has a module."""
    references: bool = False
    """Whether resources refer to each other instead of containing literal IDs."""
    ids: bool = False
    """Whether each resource has its ID as a comment."""
    data_sources: bool = False
    """Whether references to resources that are not exported use data sources."""

    def files(self, exported: Iterable[Instance], names: Mapping[str, str], resources: Resources) -> dict[str, str]:
        """Return the text of each file by its path.

        `exported` are the resources to write. `names` has a name for every object ID. `resources` are all resources of
        the root module, also those of earlier exports: modules and import blocks contain all of them.
        """
        files: dict[str, str] = {}
        for one in exported:
            files[self.path(one, names[one.id])] = self._resource(one, names, resources)
            files |= self._data_sources(one, names[one.id], resources)
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
        """Return the path of a resource's file. One with flaws goes into a folder that Terraform does not read."""
        file = self.file(one.type_name, name)
        return f"{FLAWED}/{file.rpartition('/')[2]}" if one.flaws else file

    def file(self, type_name: str, name: str) -> str:
        """Return the path of the file for a resource with this name."""
        return f"{self.folder(type_name)}{name}.{short(type_name)}.tf"

    def data_files(self, type_name: str, name: str) -> list[str]:
        """Return the paths of the data sources that a resource with this name can refer to."""
        return [self._data_file(type_name, name, target) for target in _all_targets(type_name)]

    def _data_file(self, type_name: str, name: str, target: str) -> str:
        return f"{self.folder(type_name)}{name}.{short(target)}.data.tf"

    def folder(self, type_name: str) -> str:
        """Return the folder for a type's files with a trailing slash, empty for the root module."""
        return "" if self.flat else f"modules/{short(type_name)}/"

    def _resource(self, one: Instance, names: Mapping[str, str], resources: Resources) -> str:
        comments = [f"ID {one.id}"] if self.ids else []
        comments += [f"Owner: {one.owner}."] if one.owner else []
        comments += [f"Terraform cannot use this resource: {flaw}" for flaw in one.flaws]
        comments += [f"Note: {note}" for note in one.notes]
        items = configuration(one.schema, one.values, self._expressions(one, names[one.id], resources))
        return render([*map(Comment, comments), Block("resource", (one.type_name, names[one.id]), items)])

    def _expressions(self, one: Instance, name: str, resources: Resources) -> dict[str, Expression]:
        """Return the references that replace literal IDs: to resources that are exported, or to data sources."""
        if not self.references or one.flaws:
            return {}
        expressions = {
            attribute: self._reference(target, resources[target][one.values[attribute]])
            for attribute, target in one.references.items()
            if one.values[attribute] in resources.get(target, {})
        }
        for attribute, target in self._looked_up(one, resources).items():
            expressions[attribute] = Expression(f"data.{target}.{name}.id")
        return expressions

    def _looked_up(self, one: Instance, resources: Resources) -> dict[str, str]:
        """Return the references, type by attribute, that need a data source: the resource is not exported."""
        if not self.data_sources or one.flaws:
            return {}
        return {
            attribute: target
            for attribute, target in one.references.items()
            if target in DATA_SOURCES and one.values[attribute] not in resources.get(target, {})
        }

    def _data_sources(self, one: Instance, name: str, resources: Resources) -> dict[str, str]:
        """Return the files of the data sources for a resource. Its title is the name of the object it refers to."""
        return {
            self._data_file(one.type_name, name, target): render(
                [Block("data", (target, name), [Argument("name", one.names.get(attribute, one.title))])]
            )
            for attribute, target in self._looked_up(one, resources).items()
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
        """Return the types whose IDs the module for this type needs."""
        return [target for target in _all_targets(type_name) if self.references and resources.get(target)]

    def _module(self, type_name: str, resources: Resources) -> Block:
        ids = [
            Argument(f"{short(target)}_ids", Expression(f"module.{short(target)}.ids"))
            for target in self._targets(type_name, resources)
        ]
        source = Argument("source", f"./{self.folder(type_name)}".rstrip("/"))
        return Block("module", (short(type_name),), [source, *ids])

    def _module_files(self, type_name: str, resources: Resources) -> dict[str, str]:
        folder = self.folder(type_name)
        files = {f"{folder}{PROVIDERS}": render([self._requirements()])}
        if variables := [_variable(target) for target in self._targets(type_name, resources)]:
            files[f"{folder}{VARIABLES}"] = render(variables)
        if any(type_name in self._targets(other, resources) for other in TYPES if resources.get(other)):
            files[f"{folder}{OUTPUTS}"] = render([_output(type_name, resources[type_name])])
        return files


def _all_targets(type_name: str) -> list[str]:
    """Return the types that resources of a type can refer to."""
    return sorted({target for targets in REFERENCES[type_name].values() for target in targets if target in TYPES})


def _variable(target: str) -> Block:
    description = Argument("description", f"The IDs of the {target} resources by their names.")
    return Block("variable", (f"{short(target)}_ids",), [description, Argument("type", Expression("map(string)"))])


def _output(type_name: str, names: Mapping[str, str]) -> Block:
    ids: dict[str, Expression] = {name: Expression(f"{type_name}.{name}.id") for name in sorted(names.values())}
    items: list[Item] = [
        Argument("description", f"The IDs of the {type_name} resources by their names."),
        Argument("value", ids),
    ]
    return Block("output", ("ids",), items)
