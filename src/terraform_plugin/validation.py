"""A configuration against its schema: everything Terraform itself does not check, all mistakes at once.

Terraform checks names, types, required arguments and block counts before it asks a provider.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from terraform_plugin.diagnostics import Error, Path
from terraform_plugin.schema import Attribute, Block, Body, Check, Nested, Schema
from terraform_plugin.types import Set, Unknown, Value
from terraform_plugin.values import each_element


def validate(schema: Schema, config: Mapping[str, Value], *, write_only_allowed: bool = True) -> list[Error]:
    """Return every mistake in `config`. Unknown values are not looked at.

    `write_only_allowed`: whether this Terraform knows write-only arguments (protocol field
    `write_only_attributes_allowed`).
    """
    return list(_body(schema, config, Path(), write_only_allowed=write_only_allowed))


def _body(body: Body, config: Mapping[str, Value], path: Path, *, write_only_allowed: bool) -> Iterator[Error]:
    for name, attribute in body.attributes.items():
        value = config.get(name)
        if value is None or isinstance(value, Unknown):
            continue
        yield from _attribute(attribute, value, path / name, write_only_allowed=write_only_allowed)
    for name, block in body.blocks.items():
        yield from _elements(block, config.get(name), path / name, write_only_allowed=write_only_allowed)
    if not isinstance(body, Nested):
        yield from _run(body.check, config, path)


def _attribute(attribute: Attribute, value: Value, path: Path, *, write_only_allowed: bool) -> Iterator[Error]:
    if attribute.computed and not attribute.optional:
        yield _not_yours(path)
        return
    if attribute.write_only and not write_only_allowed:
        yield _too_old(path)
    errors = _run(attribute.check, value, path)
    yield from _at_the_set(errors, path) if isinstance(attribute.value_type, Set) else errors
    if isinstance(attribute.type, Nested):
        yield from _elements(attribute.type, value, path, write_only_allowed=write_only_allowed)


def _elements(body: Block | Nested, value: Value, path: Path, *, write_only_allowed: bool) -> Iterator[Error]:
    found: list[Error] = []

    def look(element: Value, where: Path) -> Value:
        found.extend(_body(body, element, where, write_only_allowed=write_only_allowed))
        return element

    each_element(body, value, path, look)
    yield from _at_the_set(found, path) if body.nesting == "set" else found


def _run(checks: Sequence[Check], value: Value, path: Path) -> Iterator[Error]:
    for check in checks:
        yield from check(value, path)


def _at_the_set(errors: Iterable[Error], path: Path) -> Iterator[Error]:
    """End the path of each error at the set: what is inside has no address."""
    for error in errors:
        error.path = path
        yield error


def _not_yours(path: Path) -> Error:
    return Error(
        "Value cannot be set",
        f"{path} is set by the provider and cannot be configured. Remove it from the configuration.",
        path,
    )


def _too_old(path: Path) -> Error:
    return Error(
        "Write-only argument not supported",
        f"{path} is write-only, which this version of Terraform does not know. Use Terraform 1.11 or newer.",
        path,
    )
