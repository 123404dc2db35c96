"""Schemas and functions -> Markdown, in the layout of Terraform's registry.

Source: the pages of published providers (docs/design/0008-sources.md#terraform-registry): sections Required, Optional
and Read-Only, and an anchor for each nested block.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from terraform_plugin.cty.types import DynamicType, List, Map, Object, Set, Tuple, Type
from terraform_plugin.function import Function, Parameter
from terraform_plugin.schema import Attribute, Block, Nested, Schema

Member = Attribute | Block
_SECTIONS = ("Required", "Optional", "Read-Only")
_PRIMITIVE = {"bool": "Boolean"}


@dataclass(frozen=True)
class _Part:
    """A nested block or attribute, which gets a section of its own. `path` are the names that lead to it."""

    path: tuple[str, ...]
    prefix: str
    body: Block | Nested

    @property
    def anchor(self) -> str:
        return f"{self.prefix}--{'--'.join(self.path)}"


def schema_markdown(schema: Schema) -> str:
    """Return the section "Schema": what can be configured or read, and a section for each nested block."""
    sections = _sections(schema.attributes, schema.blocks, (), "### {}\n")
    nested = (_nested_section(part) for part in _parts(schema.attributes, schema.blocks, ()))
    return "\n\n".join(["## Schema", *sections, *nested])


def type_name(type_: Type) -> str:
    """Return a type as pages write it: `String`, `Set of String`, `Object`."""
    if isinstance(type_, List | Set | Map):
        return f"{type(type_).__name__} of {type_name(type_.element)}"
    if isinstance(type_, Object | Tuple):
        return type(type_).__name__
    name = str(type_.json())
    return _PRIMITIVE.get(name, name.capitalize())


def constraint(type_: Type) -> str:
    """Return a type as a configuration writes it: `list(string)`, `object({ id = string })`, `any`."""
    if isinstance(type_, List | Set | Map):
        return f"{type(type_).__name__.lower()}({constraint(type_.element)})"
    if isinstance(type_, Object):
        members = ", ".join(f"{name} = {constraint(item)}" for name, item in type_.attributes.items())
        return f"object({{ {members} }})"
    if isinstance(type_, Tuple):
        return f"tuple([{', '.join(map(constraint, type_.elements))}])"
    return "any" if type_ is DynamicType else str(type_.json())


def signature_markdown(function: type[Function]) -> str:
    """Return the section "Signature"."""
    parameters = [f"{parameter.name} {constraint(parameter.type)}" for parameter in function.parameters]
    if function.variadic:
        parameters.append(f"{function.variadic.name} {constraint(function.variadic.type)}...")
    call = f"{function.name}({', '.join(parameters)}) {constraint(function.returns)}"
    return f"## Signature\n\n```text\n{call}\n```"


def arguments_markdown(function: type[Function]) -> str:
    """Return the section "Arguments"."""
    listed = [_argument(parameter, "") for parameter in function.parameters]
    if function.variadic:
        listed.append(_argument(function.variadic, "Variadic, "))
    numbered = (f"{number}. {line}" for number, line in enumerate(listed, 1))
    return "\n".join(["## Arguments\n", *numbered])


def _argument(parameter: Parameter, kind: str) -> str:
    nullable = ", Nullable" if parameter.allow_null else ""
    return f"`{parameter.name}` ({kind}{type_name(parameter.type)}{nullable}) {parameter.description}"


def _members(attributes: Mapping[str, Attribute], blocks: Mapping[str, Block]) -> list[tuple[str, Member]]:
    return sorted([*attributes.items(), *blocks.items()])


def _section_of(member: Member) -> str:
    if isinstance(member, Block):
        return "Required" if member.min_items else "Optional"
    if member.required:
        return "Required"
    return "Optional" if member.optional else "Read-Only"


def _sections(
    attributes: Mapping[str, Attribute], blocks: Mapping[str, Block], path: tuple[str, ...], heading: str
) -> Iterator[str]:
    members = _members(attributes, blocks)
    for section in _SECTIONS:
        lines = [_line(path, name, member) for name, member in members if _section_of(member) == section]
        if lines:
            yield "\n".join([heading.format(section), *lines])


def _line(path: tuple[str, ...], name: str, member: Member) -> str:
    kind = _block_kind(member) if isinstance(member, Block) else _attribute_kind(member)
    part = _part((*path, name), member)
    below = f" (see [below for nested schema](#{part.anchor}))" if part else ""
    deprecated = f" **Deprecated:** {member.deprecated}" if member.deprecated else ""
    return f"- `{name}` ({kind}) {_linked(member)}{deprecated}{below}"


def _linked(member: Member) -> str:
    """Return the description with links to the pages of the resources that an attribute refers to."""
    text = member.description
    for type_name in member.references if isinstance(member, Attribute) else ():
        link = f"[`{type_name}`](../resources/{type_name.partition('_')[2]}.md)"
        mentioned = f"`{type_name}`" in text
        text = text.replace(f"`{type_name}`", link) if mentioned else f"{text} See {link}."
    return text


def _block_kind(block: Block) -> str:
    nesting = "Block" if block.nesting in ("single", "group") else f"Block {block.nesting.capitalize()}"
    limits = [f"{word}: {limit}" for word, limit in (("Min", block.min_items), ("Max", block.max_items)) if limit]
    if block.nesting in ("single", "group"):
        limits = [_section_of(block)]
    return ", ".join([nesting, *limits])


def _attribute_kind(attribute: Attribute) -> str:
    if isinstance(attribute.type, Nested):
        nesting = attribute.type.nesting
        kind = "Attributes" if nesting == "single" else f"Attributes {nesting.capitalize()}"
    else:
        kind = type_name(attribute.type)
    words = {"Sensitive": attribute.sensitive, "Write-only": attribute.write_only}
    words["Deprecated"] = bool(attribute.deprecated)
    return ", ".join([kind, *(word for word, true in words.items() if true)])


def _part(path: tuple[str, ...], member: Member) -> _Part | None:
    nested = member.nested
    return _Part(path, "nestedblock" if isinstance(member, Block) else "nestedatt", nested) if nested else None


def _parts(attributes: Mapping[str, Attribute], blocks: Mapping[str, Block], path: tuple[str, ...]) -> Iterator[_Part]:
    for name, member in _members(attributes, blocks):
        if part := _part((*path, name), member):
            yield part
            yield from _parts(part.body.attributes, part.body.blocks, part.path)


def _nested_section(part: _Part) -> str:
    heading = f'<a id="{part.anchor}"></a>\n### Nested Schema for `{".".join(part.path)}`'
    sections = _sections(part.body.attributes, part.body.blocks, part.path, "{}:\n")
    return "\n\n".join([heading, *sections])
