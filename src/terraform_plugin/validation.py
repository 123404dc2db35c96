"""A configuration against its schema: everything Terraform itself does not check, all mistakes at once.

Terraform checks names, types, required arguments and block counts before it asks a provider.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain

from terraform_plugin.diagnostics import Error, Path
from terraform_plugin.schema import Attribute, Block, Body, Check, Nested, Schema
from terraform_plugin.types import List, Map, Mixed, Object, Set, Tuple, Type, Unknown, Value
from terraform_plugin.validators import shortened
from terraform_plugin.values import each_element, texts

_SHORTEST_SECRET = 8


def validate(schema: Schema, config: Mapping[str, Value], *, write_only_allowed: bool = True) -> list[Error]:
    """Return every mistake in `config`. Unknown values are not looked at.

    `write_only_allowed`: whether this Terraform knows write-only arguments (protocol field
    `write_only_attributes_allowed`).
    """
    errors = list(_body(schema, config, Path(), write_only_allowed=write_only_allowed))
    for error in errors:
        error.path = _addressable(schema.element_type, error.path)
    return errors


def _body(body: Body, config: Mapping[str, Value], path: Path, *, write_only_allowed: bool) -> Iterator[Error]:
    for name, attribute in body.attributes.items():
        value = config.get(name)
        if value is None and attribute.required and attribute.normalize:
            yield _missing(path / name)  # to Terraform it is computed
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
    if isinstance(attribute.type, Nested):
        inner = _elements(attribute.type, value, path, write_only_allowed=write_only_allowed)
        errors = chain(errors, inner)
    yield from _without(value, errors) if attribute.sensitive else errors


def _elements(body: Block | Nested, value: Value, path: Path, *, write_only_allowed: bool) -> Iterator[Error]:
    found: list[Error] = []

    def look(element: Value, where: Path) -> Value:
        found.extend(_body(body, element, where, write_only_allowed=write_only_allowed))
        return element

    each_element(body, value, path, look)
    yield from found


def _run(checks: Sequence[Check], value: Value, path: Path) -> Iterator[Error]:
    for check in checks:
        yield from check(value, path)


def _without(value: Value, errors: Iterator[Error]) -> Iterator[Error]:
    """Take a sensitive value out of what is said about it; a short one only where it is quoted, or is it a word?"""
    forms = {form for text in texts(value) for form in (text, shortened(text))}
    secrets = [f'"{form}"' for form in forms] + [form for form in forms if len(form) >= _SHORTEST_SECRET]
    secrets.sort(key=len, reverse=True)
    for error in errors:
        for secret in secrets:
            error.detail = error.detail.replace(secret, "(sensitive value)")
        yield error


def _addressable(type_: Type, path: Path) -> Path:
    """Return the path up to the first set on it: what is inside has no address."""
    for position, step in enumerate(path):
        match type_:
            case Set():
                return Path(*path[:position])
            case Object() if step in type_.attributes:
                type_ = type_.attributes[str(step)]
            case List() | Map() | Mixed():
                type_ = type_.element
            case Tuple() if isinstance(step, int) and step < len(type_.elements):
                type_ = type_.elements[step]
            case _:
                return path
    return path


def _not_yours(path: Path) -> Error:
    return Error(
        "Value cannot be set",
        f"{path} is set by the provider and cannot be configured. Remove it from the configuration.",
        path,
    )


def _missing(path: Path) -> Error:
    return Error("Missing required argument", f"{path} is required. Add it to the configuration.", path)


def _too_old(path: Path) -> Error:
    return Error(
        "Write-only argument not supported",
        f"{path} is write-only, which this version of Terraform does not know. Use Terraform 1.11 or newer.",
        path,
    )
