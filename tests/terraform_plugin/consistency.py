"""What Terraform checks in a plan, written a second time, for the tests only.

Source: Terraform's rules for "Provider produced invalid plan" (internal/plans/objchange, versions 1.11 to 1.16), see
docs/design/0008-sources.md#terraform-core. It shares only types and schema with `terraform_plugin.planning.plan`.
"""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from terraform_plugin.cty.types import (
    Dynamic,
    DynamicNested,
    DynamicType,
    List,
    Map,
    Object,
    Set,
    Tuple,
    Type,
    Unknown,
    Value,
    is_wholly_known,
)
from terraform_plugin.schema import Attribute, Block, Nested, Schema

Problems = Iterator[str]
Values = Mapping[str, Value]


def normal(type_: Type, value: Value) -> Any:
    """Return a form in which the same values of a type look the same."""
    if value is None or isinstance(value, Unknown):
        return None if value is None else "unknown"
    match type_:
        case Set(element):
            return ["set", *sorted({repr(normal(element, item)) for item in value})]
        case Tuple(elements):
            return ["tuple", *(normal(item_type, item) for item_type, item in zip(elements, value, strict=True))]
        case Object(attributes):
            return ["object", *((name, normal(attributes[name], value.get(name))) for name in sorted(attributes))]
        case List(element) | Map(element) | DynamicNested(element):
            if isinstance(value, dict):
                return ["map", *((key, normal(element, item)) for key, item in sorted(value.items()))]
            return ["list", *(normal(element, item) for item in value)]
    if type_ is DynamicType and isinstance(value, Dynamic):
        return ["dynamic", value.type.json(), normal(value.type, value.value)]
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        return ["number", str(Decimal(value).normalize()) if value else "0"]
    return [type(value).__name__, value]


def same(type_: Type, left: Value, right: Value) -> bool:
    return bool(normal(type_, left) == normal(type_, right))


def problems(schema: Schema, prior: Values | None, config: Values | None, planned: Values | None) -> list[str]:
    """Return what Terraform would call an invalid plan."""
    return list(_object(schema, prior, config, planned, schema.description))


def _object(body: Schema | Block, prior: Value, config: Value, planned: Value, at: str) -> Problems:
    if (config is None) is not (planned is None):
        yield f"{at}: presence differs from config"
    elif planned is not None:
        yield from _attributes(body.attributes, prior, config, planned, at)
        for name, block in body.blocks.items():
            yield from _block(block, (prior or {}).get(name), config[name], planned[name], f"{at}.{name}")


def _attributes(attributes: Mapping[str, Attribute], prior: Value, config: Value, planned: Value, at: str) -> Problems:
    for name, attribute in attributes.items():
        before, wanted, then = ((side or {}).get(name) for side in (prior, config, planned))
        yield from _attribute(attribute, before, wanted, then, f"{at}.{name}")


def _attribute(attribute: Attribute, prior: Value, config: Value, planned: Value, at: str) -> Problems:
    if attribute.write_only and planned is not None:
        yield f"{at}: a write-only value is planned"
    elif attribute.write_only or _allowed(attribute, prior, config, planned):
        return
    elif config is None:
        yield f"{at}: planned value for a non-computed attribute"
    elif isinstance(attribute.type, Nested):
        yield from _nested(attribute.type, prior, config, planned, at)
    else:
        yield f"{at}: planned {planned!r}, config {config!r}, prior {prior!r}"


def _allowed(attribute: Attribute, prior: Value, config: Value, planned: Value) -> bool:
    """The configured value, the prior one (if both are there), or anything for what is left to the provider."""
    if same(attribute.value_type, planned, config):
        return True
    if prior is not None and config is not None and same(attribute.value_type, planned, prior):
        return True
    return attribute.normalize is not None or (attribute.computed and (config is None or not attribute.optional))


def _nested(nested: Nested, prior: Value, config: Value, planned: Value, at: str) -> Problems:
    if planned is None or isinstance(planned, Unknown):
        yield f"{at}: planned {planned} for a configured value"
    elif isinstance(config, Unknown):
        yield f"{at}: planned a known value for an unknown one"
    elif nested.nesting == "single":
        yield from _attributes(nested.attributes, prior, config, planned, at)
    elif not set(counts(nested, config)) & set(counts(nested, planned)):
        yield f"{at}: count in plan disagrees with count in config"
    elif nested.nesting != "set":
        for step, before, wanted, then in _steps(prior, config, planned):
            yield from _attributes(nested.attributes, before, wanted, then, f"{at}[{step}]")


def counts(body: Nested | Block, value: Sequence[Value] | Values) -> range:
    """Return how many elements there may be: in a set equal ones are one, and unknown ones may turn out equal."""
    if body.nesting != "set":
        return range(len(value), len(value) + 1)
    known = {repr(normal(body.element_type, item)) for item in value if is_wholly_known(item)}
    unknown = sum(not is_wholly_known(item) for item in value)
    return range(max(len(known), bool(value)), len(known) + unknown + 1)


def _steps(prior: Value, config: Value, planned: Value) -> Iterator[tuple[Any, Value, Value, Value]]:
    for step in range(len(config)) if isinstance(config, list) else config:
        yield step, _at(prior, step), config[step], _at(planned, step)


def _at(value: Value, step: Any) -> Value:
    if isinstance(value, list):
        return value[step] if step < len(value) else None
    return value.get(step) if isinstance(value, dict) else None


def _block(block: Block, prior: Value, config: Value, planned: Value, at: str) -> Problems:
    if planned is None and block.nesting != "single":
        yield f"{at}: no blocks are an empty collection, not null"
    elif same(block.value_type, planned, config):
        return
    elif isinstance(config, Unknown) or isinstance(planned, Unknown):
        yield f"{at}: planned {planned!r} for {config!r}"
    elif block.nesting in ("single", "group"):
        yield from _object(block, prior, config, planned, at)
    elif any(isinstance(item, Unknown) for item in (planned.values() if isinstance(planned, dict) else planned)):
        yield f"{at}: an element is unknown itself"
    elif block.nesting == "set":
        return
    elif (set(planned) if isinstance(planned, dict) else len(planned)) != (
        set(config) if isinstance(config, dict) else len(config)
    ):
        yield f"{at}: blocks in plan disagree with blocks in config"
    else:
        for step, before, wanted, then in _steps(prior, config, planned):
            yield from _object(block, before, wanted, then, f"{at}[{step}]")
