"""A configuration against its schema: everything Terraform itself does not check, all mistakes at once.

Terraform checks names, types, required arguments and block counts before it asks a provider.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain

from terraform_plugin.cty.types import Set, Unknown, Value
from terraform_plugin.diagnostics import Error, Key, Path, warn
from terraform_plugin.schema import Attribute, Block, Body, Nested, Schema, Validator
from terraform_plugin.state.objects import each_element, texts
from terraform_plugin.validators import shortened

_SHORTEST_SECRET = 8


def validate(schema: Schema, config: Mapping[str, Value], *, write_only_allowed: bool = True) -> list[Error]:
    """Return every mistake in `config`, and warn of what is deprecated in it. Unknown values are not looked at.

    `write_only_allowed`: whether this Terraform knows write-only arguments (protocol field
    `write_only_attributes_allowed`).
    """
    found = list(_body(schema, config, Path(), write_only_allowed=write_only_allowed))
    if schema.deprecated:
        found.append(_Deprecated(schema.deprecated, Path()))
    for error in found:
        error.path = _showable(schema, error.path)
        if isinstance(error, _Deprecated):
            warn(error.summary, error.detail, error.path)
    return [error for error in found if not isinstance(error, _Deprecated)]


class _Deprecated(Error):
    """No error: Terraform leaves it to providers to warn."""

    def __init__(self, instead: str, path: Path) -> None:
        super().__init__("Deprecated", f"{path} is deprecated: {instead}" if path else instead, path)


def _body(body: Body, config: Mapping[str, Value], path: Path, *, write_only_allowed: bool) -> Iterator[Error]:
    for name, attribute in body.attributes.items():
        value = config.get(name)
        if value is None and attribute.required and attribute.normalize:
            yield _missing(path / name)  # to Terraform it is computed
        if value is not None and attribute.deprecated:
            yield _Deprecated(attribute.deprecated, path / name)
        if value is None or isinstance(value, Unknown):
            continue
        yield from _attribute(attribute, value, path / name, write_only_allowed=write_only_allowed)
    for name, block in body.blocks.items():
        if block.deprecated and config.get(name) not in (None, [], {}):
            yield _Deprecated(block.deprecated, path / name)
        yield from _elements(block, config.get(name), path / name, write_only_allowed=write_only_allowed)
    if not isinstance(body, Nested):
        yield from _run(body.validators, config, path)


def _attribute(attribute: Attribute, value: Value, path: Path, *, write_only_allowed: bool) -> Iterator[Error]:
    if attribute.computed and not attribute.optional:
        yield _not_yours(path)
        return
    if attribute.write_only and not write_only_allowed:
        yield _too_old(path)
    errors = _run(attribute.validators, value, path)
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


def _run(checks: Sequence[Validator], value: Value, path: Path) -> Iterator[Error]:
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


def _showable(body: Body, path: Path) -> Path:
    """Return the path as far as Terraform can show it: through blocks to an attribute, and one step into its value.

    In a set nothing has an address. For a longer path Terraform would show the whole resource.
    """
    for position, step in enumerate(path):
        if step in body.blocks:
            body = body.blocks[str(step)]
            if isinstance(body, Block) and body.nesting == "set":
                return Path(*path[: position + 1])
        elif step in body.attributes:
            indexed = not isinstance(body.attributes[str(step)].value_type, Set)
            return Path(*path[: position + 1], *_index(path[position + 1 : position + 2] if indexed else ()))
    return path


def _index(steps: Sequence[str | int]) -> Iterator[str | int]:
    yield from (step for step in steps if isinstance(step, int | Key))


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
