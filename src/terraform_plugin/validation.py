"""Checks of a configuration against its schema: everything that Terraform does not check itself, all mistakes at once.

Terraform checks names, types, required arguments and the number of blocks before it calls a provider.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain

from terraform_plugin.cty.types import Set, Unknown, Value
from terraform_plugin.diagnostics import Diagnostic, Error, Key, Path, Severity, warn
from terraform_plugin.schema import Attribute, Block, Body, Nested, Schema, Validator
from terraform_plugin.state.objects import elements, texts
from terraform_plugin.validators import shortened

_SHORTEST_SECRET = 8


def validate(schema: Schema, config: Mapping[str, Value], *, write_only_allowed: bool = True) -> list[Error]:
    """Return every mistake in `config`, and warn of deprecated arguments in it. Unknown values are skipped.

    `write_only_allowed`: whether this Terraform supports write-only arguments (protocol field
    `write_only_attributes_allowed`).
    """
    diagnostics = list(_body(schema, config, Path(), write_only_allowed=write_only_allowed))
    if schema.deprecated:
        diagnostics.append(_deprecated(schema.deprecated, Path()))
    errors = []
    for diagnostic in diagnostics:
        path = _showable(schema, diagnostic.path)
        if diagnostic.severity is Severity.WARNING:
            warn(diagnostic.summary, diagnostic.detail, path)
        else:
            errors.append(Error(diagnostic.summary, diagnostic.detail, path))
    return errors


def _body(body: Body, config: Mapping[str, Value], path: Path, *, write_only_allowed: bool) -> Iterator[Diagnostic]:
    for name, attribute in body.attributes.items():
        value = config.get(name)
        if value is None and attribute.required and attribute.normalize:
            yield _missing(path / name)  # Terraform does not check it: to Terraform, the attribute is computed
        if value is not None and attribute.deprecated:
            yield _deprecated(attribute.deprecated, path / name)
        if value is None or isinstance(value, Unknown):
            continue
        yield from _attribute(attribute, value, path / name, write_only_allowed=write_only_allowed)
    for name, block in body.blocks.items():
        if block.deprecated and config.get(name) not in (None, [], {}):
            yield _deprecated(block.deprecated, path / name)
        yield from _elements(block, config.get(name), path / name, write_only_allowed=write_only_allowed)
    if isinstance(body, Schema | Block):
        yield from _run(body.validators, config, path)


def _attribute(attribute: Attribute, value: Value, path: Path, *, write_only_allowed: bool) -> Iterator[Diagnostic]:
    if attribute.computed and not attribute.optional:
        yield _not_configurable(path)
        return
    if attribute.write_only and not write_only_allowed:
        yield _write_only_not_supported(path)
    diagnostics = _run(attribute.validators, value, path)
    if attribute.nested is not None:
        inner = _elements(attribute.nested, value, path, write_only_allowed=write_only_allowed)
        diagnostics = chain(diagnostics, inner)
    yield from _without(value, diagnostics) if attribute.sensitive else diagnostics


def _elements(body: Block | Nested, value: Value, path: Path, *, write_only_allowed: bool) -> Iterator[Diagnostic]:
    for where, element in elements(body, value, path):
        yield from _body(body, element, where, write_only_allowed=write_only_allowed)


def _run(validators: Sequence[Validator], value: Value, path: Path) -> Iterator[Diagnostic]:
    for validator in validators:
        yield from (error.diagnostic() for error in validator(value, path))


def _without(value: Value, diagnostics: Iterator[Diagnostic]) -> Iterator[Diagnostic]:
    """Remove a sensitive value from the details of what is said about it.

    A value of a few characters is only removed where it is quoted: elsewhere it may be part of a word.
    """
    forms = {form for text in texts(value) for form in (text, shortened(text))}
    secrets = [f'"{form}"' for form in forms] + [form for form in forms if len(form) >= _SHORTEST_SECRET]
    secrets.sort(key=len, reverse=True)
    for diagnostic in diagnostics:
        detail = diagnostic.detail
        for secret in secrets:
            detail = detail.replace(secret, "(sensitive value)")
        yield Diagnostic(diagnostic.severity, diagnostic.summary, detail, diagnostic.path)


def _showable(body: Body, path: Path) -> Path:
    """Return the path as far as Terraform can show it: through blocks to an attribute, and one step into its value.

    Nothing inside a set has an address. For a longer path, Terraform would show the whole resource.
    """
    for position, step in enumerate(path):
        if step in body.blocks:
            body = body.blocks[str(step)]
            if isinstance(body, Block) and body.nesting == "set":
                return Path(*path[: position + 1])
        elif step in body.attributes:
            indexed = not isinstance(body.attributes[str(step)].value_type, Set)
            index = [next_ for next_ in path[position + 1 : position + 2] if indexed and isinstance(next_, int | Key)]
            return Path(*path[: position + 1], *index)
    return path


def _deprecated(instead: str, path: Path) -> Diagnostic:
    # Terraform knows from the schema that an argument is deprecated, but leaves the warning to the provider.
    detail = f"{path} is deprecated: {instead}" if path else instead
    return Diagnostic(Severity.WARNING, "Deprecated", detail, path)


def _not_configurable(path: Path) -> Diagnostic:
    return Diagnostic(
        Severity.ERROR,
        "Value cannot be set",
        f"{path} is set by the provider and cannot be configured. Remove it from the configuration.",
        path,
    )


def _missing(path: Path) -> Diagnostic:
    detail = f"{path} is required. Add it to the configuration."
    return Diagnostic(Severity.ERROR, "Missing required argument", detail, path)


def _write_only_not_supported(path: Path) -> Diagnostic:
    return Diagnostic(
        Severity.ERROR,
        "Write-only argument not supported",
        f"{path} is write-only, which this version of Terraform does not support. Use Terraform 1.11 or newer.",
        path,
    )
