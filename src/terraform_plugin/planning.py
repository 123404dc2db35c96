"""What a configuration means for a resource: pure, in Terraform's order.

1. what is configured; else the default; else, for computed values, what was before
2. if that changes anything: computed values become unknown, except stable ones
3. which of the changes need another resource

The resource's own `plan` comes after this, in `rpc`. Source: the rules Terraform checks a plan against ("planned value
… does not match config value", block counts, unknown blocks), and the plan order of HashiCorp's own framework.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from terraform_plugin.diagnostics import Key, Path
from terraform_plugin.provider import Change, State
from terraform_plugin.schema import NO_DEFAULT, Attribute, Block, Body, Nested, Schema
from terraform_plugin.set_matching import matching_prior
from terraform_plugin.types import UNKNOWN, Unknown, Value
from terraform_plugin.values import absent, equal

Fill = Callable[[Attribute, Value, bool], Value]
"""What a computed attribute without configuration is planned to be: from its prior value, and whether there was any."""


def plan(schema: Schema, prior: State | None, config: State | None) -> Change:
    """Return what Terraform should do: `config` is None for a destroy, `prior` is None for a create."""
    if config is None:
        return Change(prior, None, {})
    kept = _merge(schema, config, prior, _keep_prior)
    if prior is not None and equal(schema.element_type, kept, prior):
        return Change(prior, State(prior, private=prior.private, config=config), config)
    planned = State(_merge(schema, config, prior, _unknown_unless_stable), config=config)
    if prior is None:
        return Change(None, planned, config)
    replace = tuple(_replacing(schema, prior, planned, Path()))
    return Change(prior, State(planned, private=prior.private, config=config), config, replace)


def _keep_prior(_: Attribute, prior: Value, __: bool) -> Value:  # noqa: FBT001  # a `Fill`
    return prior


def _unknown_unless_stable(attribute: Attribute, prior: Value, existed: bool) -> Value:  # noqa: FBT001  # a `Fill`
    return prior if attribute.stable and existed else UNKNOWN


def _merge(body: Body, config: Mapping[str, Value], prior: Mapping[str, Value] | None, fill: Fill) -> dict[str, Value]:
    before = prior or {}
    existed = prior is not None
    merged = {
        name: _attribute(attribute, config[name], before.get(name), fill, existed=existed)
        for name, attribute in body.attributes.items()
    }
    return merged | {name: _nested(block, config[name], before.get(name), fill) for name, block in body.blocks.items()}


def _attribute(attribute: Attribute, config: Value, prior: Value, fill: Fill, *, existed: bool) -> Value:
    if attribute.write_only:
        return None
    if config is None:
        return _not_configured(attribute, prior, fill, existed=existed)
    return _nested(attribute.type, config, prior, fill) if isinstance(attribute.type, Nested) else config


def _not_configured(attribute: Attribute, prior: Value, fill: Fill, *, existed: bool) -> Value:
    if attribute.default is not NO_DEFAULT:
        return attribute.default
    return fill(attribute, prior, existed) if attribute.computed else None


def _nested(body: Block | Nested, config: Value, prior: Value, fill: Fill) -> Value:
    """Merge what is nested, element by element: lists by index, maps by key, sets by what is configured."""
    if config is None or isinstance(config, Unknown):
        return absent(body) if config is None and isinstance(body, Block) else config

    def one(item: Value, before: Value) -> Value:
        known = isinstance(before, dict)
        return _merge(body, item, before if known else None, fill) if isinstance(item, dict) else item

    match body.nesting:
        case "single" | "group":
            return one(config, prior)
        case "map":
            before = prior if isinstance(prior, dict) else {}
            return {key: one(item, before.get(key)) for key, item in config.items()}
    elements = prior if isinstance(prior, list) else []
    if body.nesting == "set":
        elements = matching_prior(body, config, elements)
    return [one(item, elements[index] if index < len(elements) else None) for index, item in enumerate(config)]


def _replacing(body: Body, prior: Mapping[str, Value], planned: Mapping[str, Value], path: Path) -> Iterator[Path]:
    items: dict[str, Attribute | Block] = {**body.attributes, **body.blocks}
    for name, item in items.items():
        yield from _replacing_one(item, prior.get(name), planned.get(name), path / name)


def _replacing_one(item: Attribute | Block, prior: Value, planned: Value, path: Path) -> Iterator[Path]:
    if equal(item.value_type, prior, planned):
        return
    nested = item if isinstance(item, Block) else item.type if isinstance(item.type, Nested) else None
    if item.replace or (nested and nested.nesting == "set" and _any_replace(nested)):
        yield path
    elif nested and nested.nesting != "set":
        for before, after, where in _pairs(nested, prior, planned, path):
            yield from _replacing(nested, before, after, where)


def _pairs(body: Block | Nested, prior: Value, planned: Value, path: Path) -> Iterator[tuple[Any, Any, Path]]:
    """Yield (before, after, path) of each element; one that is only on one side meets an object of nulls."""
    match body.nesting:
        case "single" | "group":
            yield _object(prior), _object(planned), path
        case "map":
            before, after = _object(prior), _object(planned)
            for key in before.keys() | after.keys():
                yield _object(before.get(key)), _object(after.get(key)), path / Key(key)
        case _:
            first, second = (side if isinstance(side, list) else [] for side in (prior, planned))
            for index in range(max(len(first), len(second))):
                yield _object(_at(first, index)), _object(_at(second, index)), path / index


def _object(value: Value) -> Mapping[str, Value]:
    return value if isinstance(value, dict) else {}


def _at(items: list[Value], index: int) -> Value:
    return items[index] if index < len(items) else None


def _any_replace(body: Body) -> bool:
    for attribute in body.attributes.values():
        if attribute.replace or (isinstance(attribute.type, Nested) and _any_replace(attribute.type)):
            return True
    return any(block.replace or _any_replace(block) for block in body.blocks.values())
