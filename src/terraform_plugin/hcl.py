"""Values and a schema -> configuration in Terraform's language, formatted as by `terraform fmt`.

```python
items = configuration(Server.schema, state, {"network_id": Expression("cloud_network.main.id")})
text = render([Block("resource", ("cloud_server", "main"), items)])
```
Source: HCL's native syntax specification, and the columns of Terraform's formatter (docs/design/0008-sources.md#hcl).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby
from typing import Any

from terraform_plugin.cty.numbers import number_text
from terraform_plugin.cty.types import Dynamic, Set, Unknown, Value
from terraform_plugin.schema import NO_DEFAULT, Attribute, Body, Nested

WIDTH = 100  # columns; a longer list gets several lines

_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*\Z")
_KEYWORDS = frozenset({"for", "true", "false", "null"})
_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
_TEMPLATE = re.compile(r"([$%]+)\{")


@dataclass(frozen=True)
class Expression:
    """What is not a literal: a reference or a call. `text` is one line of HCL."""

    text: str


@dataclass(frozen=True)
class Argument:
    """`name = value`; the value is an `Expression` or any known value."""

    name: str
    value: Value | Expression


@dataclass(frozen=True)
class Comment:
    """Lines of explanation, without the `#`."""

    text: str


@dataclass(frozen=True)
class Block:
    """`type "label" { items }`."""

    type: str
    labels: Sequence[str]
    items: Sequence[Item]


Item = Argument | Comment | Block


def render(items: Sequence[Item]) -> str:
    """Return the text of a file, or of a part of it. Raises `ValueError` for an unknown value."""
    return "".join(f"{line}\n" for line in _body(items))


def configuration(body: Body, values: Mapping[str, Value], expressions: Mapping[str, Expression] = {}) -> list[Item]:
    """Return what a user would write to get `values`, an object of the schema or block `body`.

    `expressions` take the place of the values of attributes. Computed values, nulls and defaults are left out. A
    sensitive value is replaced with a comment.
    """
    arguments = [
        item
        for name, attribute in body.attributes.items()
        for item in _argument(name, attribute, values.get(name), expressions.get(name))
    ]
    return arguments + [
        Block(name, labels, configuration(block, element))
        for name, block in body.blocks.items()
        for labels, element in _elements(block, values.get(name))
    ]


def quoted(text: str) -> str:
    """Return the literal of a string, without templates and with every invisible character escaped."""
    plain = text.isprintable() and '"' not in text and "\\" not in text
    return f'"{_TEMPLATE.sub(_no_template, text if plain else "".join(map(_escaped, text)))}"'


def literal(value: Value | Expression, room: int = WIDTH) -> str:
    """Return the expression for a value. A list of more than `room` columns gets several lines."""
    match value:
        case Expression():
            return value.text
        case None | bool():
            return "null" if value is None else str(value).lower()
        case int() | Decimal():
            return number_text(value)
        case str():
            return quoted(value)
        case Dynamic():
            return literal(value.value, room)
        case list() | tuple():
            return _list([literal(item, room - 2) for item in value], room)
        case dict():
            return _object(value, room)
        case Unknown():
            raise ValueError("an unknown value has no literal")
    raise TypeError(f"{type(value).__name__} is not a Terraform value")


def _argument(
    name: str, attribute: Attribute, value: Value, expression: Expression | None
) -> Iterator[Argument | Comment]:
    if not (attribute.required or attribute.optional):
        return
    if expression is not None:
        yield Argument(name, expression)
    elif value is None or attribute.write_only or (attribute.default is not NO_DEFAULT and value == attribute.default):
        return
    elif attribute.sensitive:
        yield Comment(f"{name} is sensitive: its value is not written here.")
    else:
        yield Argument(name, _configured(attribute, value))


def _configured(attribute: Attribute, value: Value) -> Value:
    """Return a value without computed parts, and a set in a fixed order."""
    if isinstance(attribute.type, Nested):
        return _nested(attribute.type, value)
    return sorted(value, key=literal) if isinstance(attribute.type, Set) else value


def _nested(nested: Nested, value: Value) -> Value:
    match nested.nesting:
        case "single":
            return _members(nested, value)
        case "map":
            return {key: _members(nested, element) for key, element in value.items()}
        case "set":
            return sorted((_members(nested, element) for element in value), key=literal)
    return [_members(nested, element) for element in value]


def _members(nested: Nested, element: Value) -> Value:
    if element is None:
        return None
    items = (
        item
        for name, attribute in nested.attributes.items()
        for item in _argument(name, attribute, element.get(name), None)
    )
    return {item.name: item.value for item in items if isinstance(item, Argument)}


def _elements(block: Any, value: Value) -> Iterator[tuple[Sequence[str], Mapping[str, Value]]]:
    """Yield labels and values of each block of a kind; those of a set in a fixed order."""
    match block.nesting, value:
        case _, None:
            return
        case "map", dict():
            yield from (((key,), element) for key, element in value.items())
        case "single", _:
            yield (), value
        case "group", _:
            if any(element is not None for element in value.values()):
                yield (), value
        case "set", _:
            yield from (((), element) for element in sorted(value, key=literal))
        case _:
            yield from (((), element) for element in value)


def _body(items: Sequence[Item]) -> Iterator[str]:
    """Yield the lines of a body: arguments in columns, and a blank line around each block with its comment."""
    before: Item | None = None
    for kind, group in groupby(items, type):
        if kind is Argument:
            arguments = [item for item in group if isinstance(item, Argument)]
            if isinstance(before, Block):
                yield ""
            yield from _columns([(item.name, literal(item.value)) for item in arguments])
            before = arguments[-1]
            continue
        for item in group:
            if isinstance(before, Block) or (isinstance(item, Block) and isinstance(before, Argument)):
                yield ""
            yield from _lines(item)
            before = item


def _lines(item: Item) -> Iterator[str]:
    if isinstance(item, Comment):
        for line in item.text.splitlines():
            yield "".join(char if char.isprintable() else _numbered(char) for char in f"# {line}").rstrip()
    elif isinstance(item, Block):
        yield " ".join([item.type, *map(quoted, item.labels), "{"])
        yield from _indented(_body(item.items))
        yield "}"


def _columns(pairs: Sequence[tuple[str, str]], end: str = "") -> Iterator[str]:
    """Yield lines `name = text` with aligned signs. As in `terraform fmt`, a text of several lines is not aligned."""
    for several, group in groupby(pairs, lambda pair: "\n" in pair[1]):
        neighbours = list(group)
        width = 0 if several else max(len(name) for name, _ in neighbours)
        for name, text in neighbours:
            yield from f"{name:{width}} = {text}{end}".split("\n")


def _indented(lines: Iterator[str]) -> Iterator[str]:
    return (f"  {line}" if line else "" for line in lines)


def _list(items: Sequence[str], room: int) -> str:
    line = f"[{', '.join(items)}]"
    if len(line) <= room and "\n" not in line:
        return line
    lines = [line for item in items for line in f"{item},".split("\n")]
    return "\n".join(["[", *_indented(iter(lines)), "]"])


def _object(value: Mapping[str, Value], room: int) -> str:
    if not value:
        return "{}"
    pairs = [(_key(key), literal(item, room - 2)) for key, item in value.items()]
    return "\n".join(["{", *_indented(_columns(pairs)), "}"])


def _key(key: str) -> str:
    """Return a key in characters that all are one column wide, so that the columns of the signs are right."""
    if _IDENTIFIER.match(key) and key not in _KEYWORDS:
        return key
    return "".join(char if char.isascii() else _numbered(char) for char in quoted(key))


def _escaped(char: str) -> str:
    return _ESCAPES.get(char) or (char if char.isprintable() else _numbered(char))


def _numbered(char: str) -> str:
    return f"\\u{ord(char):04x}" if ord(char) < 0x10000 else f"\\U{ord(char):08x}"


def _no_template(match: re.Match[str]) -> str:
    # HCL reads ${ and %{ as the beginning of a template, and $${ and %%{ as the literal characters ${ and %{. In $$${,
    # HCL's scanner takes the first two signs for text and the rest for a template, so after more than one sign doubling
    # does not help. There the brace is written as its code, which the scanner never takes for a template.
    signs = match[1]
    return f"{signs}{signs}{{" if len(signs) == 1 else f"{signs}\\u007b"
